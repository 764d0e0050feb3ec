import { type RuleItem, listRules as readRules } from '../run/list-rules.ts'
import { isOfService, serviceWords } from '../run/service-words.ts'
import type { RulesListContext } from './commands/rules-list.ts'
import { refuseUnknownNames } from './refuse-unknown-names.ts'
import { paintSeverity } from './screen/palette.ts'
import { counted } from './screen/show-value.ts'
import { asChunks, writeJsonList } from './write-json-list.ts'

export async function listRules({ options, out, err, json, config }: RulesListContext): Promise<number> {
  const loaded = config()
  const broken: string[] = []
  const all = await readRules(loaded.rules, loaded.database, ({ message }) => broken.push(message))
  const what = counted(broken.length, 'rule or setting of rules', 'rules or settings of rules')
  if (broken.length > 0) err.prose(err.carry(`${what} cannot be used: \`stance doctor\` says why.`))
  const names = (of: (rule: RuleItem) => readonly string[]) => [...new Set(all.flatMap(of))].sort()
  const { service, table, topic, search } = options
  const services = serviceWords(names((rule) => [rule.service]))
  refuseUnknownNames('--service', service, services, 'See `stance rules list`.')
  refuseUnknownNames(
    '--table',
    table,
    names((rule) => [rule.table_name]),
    'No rule judges it; see `stance tables list`.',
  )
  const topics = names((rule) => rule.topics)
  refuseUnknownNames('--topic', topic, topics, `There are: ${topics.join(', ')}.`)
  const words = search?.toLowerCase()
  const items = all.filter(
    (rule) =>
      (service === undefined || isOfService(rule.service, service)) &&
      (table === undefined || table.includes(rule.table_name)) &&
      (topic === undefined || rule.topics.some((one) => topic.includes(one))) &&
      (words === undefined || `${rule.rule_id} ${rule.title}`.toLowerCase().includes(words)),
  )
  if (json) {
    await writeJsonList(out, asChunks(items), { total: items.length })
    return 0
  }
  if (items.length === 0) {
    out.hint('No rule is like that. See them all', 'stance rules list', out.palette.plain)
    return 0
  }
  const { palette } = out
  const whole = true as const
  const judged = items.some(({ fail }) => fail !== null)
  // Ids read like titles; where there is room the titles stand beside them.
  const titled = out.width >= 150
  out.table(
    [
      { title: 'severity', whole },
      ...(judged
        ? (['fail', 'unknown', 'pass'] as const).map((title) => ({ title, align: 'right' as const, whole }))
        : []),
      { title: 'rule', whole },
      ...(titled ? [{ title: 'title' }] : []),
      { title: '', whole },
    ],
    items.map((rule) => [
      { text: severityText(rule), paint: paintSeverity(palette, rule.severity_public) },
      ...(judged
        ? [
            { text: rule.fail || '', paint: palette.red },
            { text: rule.unknown || '', paint: palette.yellow },
            { text: rule.pass || '', paint: palette.green },
          ]
        : []),
      { text: rule.rule_id, paint: palette.cyan },
      ...(titled ? [rule.title] : []),
      { text: rule.enabled ? '' : rule.deprecated ? 'deprecated' : 'off', paint: palette.dim },
    ]),
  )
  out.line()
  if (items.some(({ severity_private, severity_public }) => severity_private !== severity_public))
    out.prose('Severity low/medium: low where the resource is private, medium where it is public.')
  out.line(palette.bold(counted(items.length, 'rule')))
  out.hint('More of one', 'stance rules show <id>')
  return 0
}

function severityText({ severity_private, severity_public }: RuleItem): string {
  return severity_private === severity_public ? severity_private : `${severity_private}/${severity_public}`
}
