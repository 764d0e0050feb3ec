import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type RuleShown, showRule as readRule } from '../run/list-rules.ts'
import type { RuleContext } from './commands/rules-show.ts'
import { printFix } from './print-fix.ts'
import { ink } from './screen/ink.ts'
import type { Screen } from './screen/screen.ts'
import { showValue } from './screen/show-value.ts'
import type { Cell } from './screen/table.ts'
import { shellWord } from './shell-word.ts'

export async function showRule({ args, out, json, config, cwd }: RuleContext): Promise<number> {
  const { rules, database } = config()
  const id = args[0] ?? ''
  const file = resolve(cwd, id)
  const path = /\.ya?ml$/.test(id) || existsSync(file) ? file : undefined
  const found = await readRule(rules, database, { id, path })
  // Of a file in no folder of rules nothing is known but where it lies.
  const rule = found.loaded ? found : { ...found, file: id }
  if (json) out.json(rule)
  else print(out, rule)
  return 0
}

function print(out: Screen, rule: RuleShown): void {
  const { palette } = out
  out.heading(rule.title)
  out.line()
  const both = rule.severity_private === rule.severity_public
  const { attack_vector, impact } = rule.severity_of
  out.pairs([
    ['id', rule.rule_id],
    ['table', rule.table_name],
    [
      'severity',
      both
        ? rule.severity_private
        : `${rule.severity_private}; ${rule.severity_public} where the resource is public`,
    ],
    ['because', `attack vector ${attack_vector}, impact ${impact}`],
    ['topics', rule.topics.join(', ')],
    ['NIST 800-53', rule.nist_800_53.length === 0 ? 'none' : rule.nist_800_53.join(', ')],
    [
      'state',
      !rule.loaded
        ? 'not in use: its folder is not in `rules.directories`'
        : rule.enabled
          ? 'on'
          : rule.deprecated
            ? `deprecated: ${rule.deprecated_because}`
            : 'off (`rules.disabled`)',
    ],
    ['findings', counts(rule)],
    ['file', rule.file],
  ])
  const conditions: [string, string | null][] = [
    ['Passes where', rule.pass_condition],
    ['Applies where', rule.applies],
    ['Only on (your settings)', rule.only_on],
    ['Never on (your settings)', rule.never_on],
  ]
  for (const [title, condition] of conditions) {
    if (condition === null) continue
    out.line()
    out.heading(title)
    for (const line of condition.trimEnd().split('\n')) out.line(ink`  ${palette.cyan(line)}`)
  }
  if (rule.params.length > 0) {
    out.line()
    out.heading('Parameters')
    out.table(
      [
        { title: 'name', whole: true },
        { title: 'value' },
        { title: 'default' },
        { title: 'may be', whole: true },
        { title: 'meaning' },
      ],
      rule.params.map((param): Cell[] => [
        param.name,
        showValue(param.value),
        showValue(param.default),
        sayBounds(param),
        param.title,
      ]),
      2,
    )
  }
  out.line()
  out.heading('Reads')
  for (const { table_name, columns } of rule.reads)
    out.prose(`${table_name}: ${columns.length === 0 ? 'whether there is a row' : columns.join(', ')}`, 2)
  out.line()
  out.heading('Why')
  out.prose(rule.why.trim().replaceAll('\n', ' '), 2)
  out.line()
  out.heading('Fix')
  printFix(out, rule.fix)
  out.line()
  for (const reference of rule.references) out.line(palette.dim(reference))
  out.line()
  if (rule.loaded) out.hint('Its findings', `stance findings --rule ${rule.rule_id} --verdict any`)
  else out.hint('What it would find', `stance rules try ${shellWord(rule.file)}`)
}

function counts({ fail, unknown, pass, judged, loaded, enabled }: RuleShown): string {
  if (fail === null) return 'nothing has been scanned yet'
  if (!judged && !loaded) return 'none: no scan uses it'
  if (!judged && loaded && enabled)
    return 'none: it has not judged anything yet, or applies to nothing; the next scan judges'
  return `${fail} fail, ${unknown} unknown, ${pass} pass`
}

function sayBounds({ min, max }: RuleShown['params'][number]): string {
  if (min === null && max === null) return 'anything of its kind'
  if (min === null) return `up to ${max}`
  return max === null ? `from ${min}` : `${min} to ${max}`
}
