import type { Rule, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Stored } from '../../../lake/stored.ts'
import { actionColumns, actionTitles, toActions } from './listener-actions.ts'

export const ruleColumns = {
  rule_arn: 'text',
  priority: 'bigint',
  is_default: 'boolean',
  condition_fields: 'text',
  hosts: 'text',
  paths: 'text',
  source_ips: 'text',
  ...actionColumns,
} as const

export const ruleTitles = {
  ...actionTitles,
  priority: 'The smallest comes first; of the default rule, which comes last, 1000000',
  is_default: 'It is what the listener does when no other rule fits',
  condition_fields:
    'What it asks of a request, with commas between: host-header, path-pattern, http-header, http-request-method, query-string, source-ip',
  hosts: 'Names of hosts that it is for, with commas between; empty: it does not ask',
  paths: 'Paths that it is for, with commas between; empty: it does not ask',
  source_ips: 'Ranges of addresses that it is for, with commas between; empty: it does not ask',
}

/** Far behind all that can be given (1 to 50000). */
const last = 1_000_000

export function toRule(rule: Stored<Rule>, protocol: string) {
  const conditions = rule.Conditions ?? []
  const priority = Number(rule.Priority)
  return {
    rule_arn: rule.RuleArn ?? '',
    priority: Number.isInteger(priority) ? priority : last,
    is_default: rule.IsDefault ?? rule.Priority === 'default',
    condition_fields: [...new Set(conditions.map(({ Field }) => Field ?? ''))].join(', '),
    hosts: valuesOf(conditions, 'host-header', (one) => one.HostHeaderConfig),
    paths: valuesOf(conditions, 'path-pattern', (one) => one.PathPatternConfig),
    source_ips: valuesOf(conditions, 'source-ip', (one) => one.SourceIpConfig),
    ...toActions(rule.Actions, protocol),
  }
}

type Condition = Stored<RuleCondition>
type Values = { Values?: string[] | undefined; RegexValues?: string[] | undefined } | undefined

/** The older form of an answer has the values beside the field. */
function valuesOf(conditions: readonly Condition[], field: string, configOf: (one: Condition) => Values) {
  return conditions
    .filter(({ Field }) => Field === field)
    .flatMap((one) => {
      const config = configOf(one)
      const all = [...(config?.Values ?? []), ...(config?.RegexValues ?? [])]
      const found = all.length > 0 ? all : (one.Values ?? [])
      if (found.length === 0) throw new TypeError(`a condition on ${field} says no value`)
      return found
    })
    .join(', ')
}
