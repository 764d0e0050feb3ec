import type { Param, Reader } from '../db/database.ts'

export interface ClosedFinding {
  finding_id: string
  rule_id: string
  account_id: string
  region: string
  table_name: string
  resource_key: string
  resource_name: string
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
  const params: Param[] = []
  const conditions = [`c.closed_as <> 'no_longer_unread'`]
  const lists = {
    rule_id: filter.rule,
    account_id: filter.account,
    region: filter.region,
    table_name: filter.table,
  }
  for (const [name, values] of Object.entries(lists)) {
    if (values === undefined) continue
    params.push(values)
    conditions.push(`c.${name} = any($${params.length}::text[])`)
  }
  if (filter.since !== undefined) {
    params.push(filter.since)
    conditions.push(`c.closed_at >= $${params.length}::timestamptz`)
  }
  if (filter.resource !== undefined) {
    params.push(filter.resource.toLowerCase())
    const text = `$${params.length}::text`
    conditions.push(
      `(strpos(lower(c.resource_key), ${text}) > 0 or strpos(lower(coalesce(t.name, '')), ${text}) > 0)`,
    )
  }
  const from = `from stance.finding_closed c
     left join (
       select account_id, resource_key, max(name) as name from stance.tombstone group by account_id, resource_key
     ) t on t.account_id = c.account_id and t.resource_key = c.resource_key
     left join stance.resource x on x.account_id = c.account_id and x.resource_key = c.resource_key
     where ${conditions.join(' and ')}`
  const items = await db.query<ClosedFinding>(
    `select c.finding_id, c.rule_id, c.account_id, c.region, c.table_name, c.resource_key,
       coalesce(x.name, t.name, c.resource_key) as resource_name, c.definite_verdict, c.closed_as, c.closed_at, c.first_seen
     ${from} order by c.closed_at desc nulls last, c.finding_id nulls last${limit === undefined ? '' : ` limit ${Math.floor(limit)}`}`,
    params,
  )
  const counted = await db.query<{ n: number }>(`select count(*) as n ${from}`, params)
  return { items, total: counted[0]?.n ?? 0 }
}
