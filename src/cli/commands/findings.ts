import { severities } from '../../core/severity.ts'
import { type Command, type CommandContext, defineCommand } from '../define-command.ts'
import { choice, choices, list, moment, optionalCount, switched, text } from '../options.ts'
import { usualPage } from '../page-size.ts'

const verdicts = ['fail', 'unknown', 'pass', 'any'] as const
const sorts = ['severity', 'since', 'account', 'resource', 'rule'] as const

const options = {
  severity: choices(
    '<severity>',
    [...severities].reverse(),
    'only those that are, or may be, of this severity',
  ),
  verdict: choices('<verdict>', verdicts, 'fail (unless you say otherwise), unknown, pass or any'),
  rule: list('<id>', 'only of this rule'),
  account: list('<id>', 'only in this account'),
  region: list('<region>', 'only in this region, or `global`'),
  table: list('<name>', 'only on resources of this table'),
  service: list('<name>', 'only on resources of this service'),
  resource: text('<text>', 'only on resources whose name or key contains this'),
  since: moment('only those whose verdict is not older: a time, or how long ago (7d)'),
  at: moment('as it was at that time: a time, or how long ago (7d)'),
  closed: switched('those that are closed instead: the resource is gone, or the rule no longer judges it'),
  sort: choice('<by>', sorts, `by ${sorts.join(', ')} (default: severity)`),
  limit: optionalCount('<n>', 'show at most so many', usualPage),
  all: switched('show them all'),
}

export type FindingsContext = CommandContext<typeof options>

export const findings: Command = defineCommand({
  name: 'findings',
  title: 'What fails, worst first',
  about: `A finding is one rule applied to one resource, with its verdict: pass, fail, or unknown where something that the rule needs could not be read.

Severity is computed from how a weakness is attacked, whether the resource is public, and what is at stake. "≥ medium" says that it is at least medium: whether the resource is public could not be read.`,
  options,
  json: true,
  examples: [
    ['stance findings', 'What fails'],
    ['stance findings --severity critical,high --account 111122223333', 'The worst of one account'],
    [
      'stance findings --verdict unknown',
      'What could not be judged; `stance coverage` says which permission would help',
    ],
    ['stance findings --at 2025-11-02', 'As it was then (UTC)'],
    ['stance findings --since 24h --json', 'New in the last day, for a program'],
  ],
  async run(context) {
    const { listFindings } = await import('../print-findings.ts')
    return listFindings(context)
  },
})
