import type { Verdict } from '../core/verdict.ts'
import { Conditions } from '../db/conditions.ts'
import type { Reader } from '../db/database.ts'

export interface ClosedFinding {
  finding_id: string
  rule_id: string
  account_id: string
  region: string
  table_name: string
  resource_key: string
  resource_name: string
  /** What it was when it closed. */
  verdict: Verdict
  /** The last that was not unknown; '' if there was none. */
  definite_verdict: string
  closed_as: string
  closed_at: Date
  first_seen: Date
}

export interface ClosedFilter {
  rule?: readonly string[] | undefined
  account?: readonly string[] | undefined
  region?: readonly string[] | undefined
  table?: readonly string[] | undefined
  resource?: string | undefined
  since?: Date | undefined
}

/**
 * Findings that have ended, the last first. Without those that only stood for a cell that could not be read, and went
 * when it was: nothing of anybody's configuration has changed.
 */
export async function closedFindings(
  db: Reader,
  filter: ClosedFilter,
  limit?: number,
): Promise<{ items: ClosedFinding[]; total: number }> {
  const asked = new Conditions()
    .add(`c.closed_as <> 'no_longer_unread'`)
    .among({
      'c.rule_id': filter.rule,
      'c.account_id': filter.account,
      'c.region': filter.region,
      'c.table_name': filter.table,
    })
    .containing(['c.resource_key', 't.name'], filter.resource)
  if (filter.since !== undefined) asked.add(`c.closed_at >= ${asked.param(filter.since)}::timestamptz`)
  const from = `from stance.finding_closed c
     left join (
       select account_id, resource_key, max(name) as name from stance.tombstone group by account_id, resource_key
     ) t on t.account_id = c.account_id and t.resource_key = c.resource_key
     left join stance.resource x on x.account_id = c.account_id and x.resource_key = c.resource_key
     left join stance.finding_history h
       on h.account_id = c.account_id and h.finding_id = c.finding_id and h.valid_to = c.closed_at
     where ${asked.sql}`
  const items = await db.query<ClosedFinding>(
    `select c.finding_id, c.rule_id, c.account_id, c.region, c.table_name, c.resource_key,
       coalesce(x.name, t.name, c.resource_key) as resource_name,
       coalesce(h.verdict, nullif(c.definite_verdict, ''), 'unknown') as verdict, c.definite_verdict, c.closed_as, c.closed_at, c.first_seen
     ${from} order by c.closed_at desc nulls last, c.finding_id nulls last${limit === undefined ? '' : ` limit ${Math.floor(limit)}`}`,
    asked.params,
  )
  const counted = await db.query<{ n: number }>(`select count(*) as n ${from}`, asked.params)
  return { items, total: counted[0]?.n ?? 0 }
}
