import { tables } from '../collect/tables.generated.ts'
import type { RuleSet } from '../evaluate/rule-set.ts'

/** How people call what the SDK has under another name: one word for both, wherever a service is named. */
const wordOf: Readonly<Record<string, string>> = { s3control: 's3', elasticloadbalancingv2: 'elbv2' }

/** Whether something of a service is meant: `s3` means what is of s3control, too. */
export function isOfService(service: string, asked: readonly string[]): boolean {
  return asked.includes(service) || asked.includes(wordOf[service] ?? service)
}

/** Every word that a service may be asked for by, in every command alike: of the tables, and of rules (their folders). */
export function serviceWords(ofRules: Iterable<string>): string[] {
  const all = [...tables.map(({ service }) => service), ...ofRules]
  return [...new Set(all.flatMap((service) => [service, wordOf[service] ?? service]))].sort()
}

/** Of the rules that are loaded, beside those of the tables. */
export function servicesOf({ rules }: RuleSet): string[] {
  return serviceWords([...rules.values()].map(({ rule }) => rule.service))
}

/**
 * The tables of services. One that only rules have means the tables that those judge: `account` is `aws_account`, which
 * is read through IAM.
 */
export function tablesOfServices(asked: readonly string[], { rules }: RuleSet): ReadonlySet<string> {
  const own = tables.filter(({ service }) => isOfService(service, asked))
  const without = asked.filter((word) => !tables.some(({ service }) => isOfService(service, [word])))
  const judged = [...rules.values()].filter(({ rule }) => isOfService(rule.service, without))
  return new Set([...own.map(({ name }) => name), ...judged.map(({ rule }) => rule.resource)])
}
