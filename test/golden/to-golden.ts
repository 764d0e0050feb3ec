import type { Reader } from '../../src/db/database.ts'
import type { Posture } from '../scan/posture.ts'

/**
 * Findings by rule and verdict, to be read in a diff: what fails and what is unknown by name, with its severity,
 * of what passes the number.
 */
export function toGolden(posture: Posture, names: Names): string {
  const rules = new Map<string, { pass: number; fail: string[]; unknown: string[] }>()
  for (const { rule_id, verdict, severity, severity_max, account_id, region, resource_key } of posture.values()) {
    const rule = rules.get(rule_id) ?? { pass: 0, fail: [], unknown: [] }
    rules.set(rule_id, rule)
    const most = severity_max === severity ? severity : `${severity} to ${severity_max}`
    const line = `${account_id} ${region} ${names.get(`${account_id} ${resource_key}`) ?? resource_key} (${most})`
    if (verdict === 'pass') rule.pass++
    else rule[verdict as 'fail' | 'unknown'].push(line)
  }
  const sorted = [...rules].sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [, rule] of sorted) {
    rule.fail.sort()
    rule.unknown.sort()
  }
  return `${JSON.stringify(Object.fromEntries(sorted), undefined, 2)}\n`
}

type Names = ReadonlyMap<string, string>

/** What resources are called, by account and key. */
export async function namesOf(db: Reader): Promise<Names> {
  const rows = await db.query<{ account_id: string; resource_key: string; name: string }>(
    'select account_id, resource_key, name from stance.resource',
  )
  return new Map(rows.map(({ account_id, resource_key, name }) => [`${account_id} ${resource_key}`, name]))
}
