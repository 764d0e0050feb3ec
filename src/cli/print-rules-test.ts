import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { nearest } from '../core/nearest.ts'
import { type LintReport, lintRules, unitDirectories } from '../run/lint-rules.ts'
import { testRules } from '../run/test-rules.ts'
import type { RulesTestContext } from './commands/rules-test.ts'
import { usage } from './options.ts'
import { printProblems } from './print-lint.ts'
import { ink } from './screen/ink.ts'
import { LiveLines } from './screen/live-lines.ts'
import { counted } from './screen/show-value.ts'

const kinds: Record<string, string> = {
  written: 'a written proof does not give its verdict',
  adequate: 'a part of the condition that no proof needs',
  sound: 'an answer changes where something is hidden',
  live: 'unknown although everything was read',
}

export async function testCommand({ args, out, err, json, config, cwd }: RulesTestContext): Promise<number> {
  const settings = config().rules
  const paths = args.filter((arg) => existsSync(resolve(cwd, arg)))
  const ids = args.filter((arg) => !paths.includes(arg))
  const all = await lintRules(
    [...(ids.length > 0 || args.length === 0 ? unitDirectories(settings.directories) : []), ...paths],
    cwd,
  )
  if (all.problems.length > 0) {
    if (json) out.json({ items: all.problems, total: all.problems.length })
    else printProblems(out, all, cwd)
    return 1
  }
  const known = idsOf(all)
  const wrong = ids.find((id) => !known.includes(id))
  if (wrong !== undefined) {
    const near = nearest(wrong, known)
    throw usage(
      `There is no rule, no fact and no file "${wrong}".`,
      near === undefined ? 'See `stance rules list` for the ids.' : `Did you mean ${near}?`,
    )
  }
  const named = new Set([...ids, ...(paths.length === 0 ? [] : idsOf(await lintRules(paths, cwd)))])
  const wanted = (id: string) => args.length === 0 || named.has(id)
  const live = err.isTerminal ? new LiveLines(err) : undefined
  const report = await testRules(
    all.rules.filter(({ rule }) => wanted(rule.id)),
    all.facts.filter(({ fact }) => wanted(`${fact.table}.${fact.column}`)),
    (done, many) => live?.show([ink`${done} of ${counted(many, 'altered condition')} tried`]),
  ).finally(() => live?.end())
  const code = report.failing.length > 0 ? 1 : 0
  if (json) {
    const { units, worlds, mutants, mutants_tried, failing } = report
    out.json({ units, worlds, mutants, mutants_tried, items: failing, total: failing.length })
    return code
  }
  const { palette } = out
  for (const [unit, failing] of Map.groupBy(report.failing, (one) => one.unit)) {
    out.line(palette.red(unit))
    for (const { kind, message } of failing) {
      out.line(ink`  ${palette.dim(kinds[kind] ?? kind)}`)
      out.prose(message, 4)
    }
    out.line()
  }
  const said = `${counted(report.units, 'rule or fact', 'rules and facts')}, ${counted(report.worlds, 'made-up world')}, ${counted(report.mutants, 'altered condition')}`
  if (code === 0) out.line(palette.green(`All proofs hold: ${said}.`))
  else out.line(palette.red(`${counted(report.failing.length, 'proof')} failed: ${said}.`))
  if (report.mutants_tried < report.mutants) {
    const altered = counted(report.mutants, 'altered condition')
    out.prose(`${report.mutants_tried} of ${altered} were tried: a condition is too long for all of them.`)
  }
  return code
}

function idsOf({ rules, facts }: LintReport): string[] {
  return [...rules.map(({ rule }) => rule.id), ...facts.map(({ fact }) => `${fact.table}.${fact.column}`)]
}
