import type { Reader } from '../db/database.ts'
import type { FindingItem } from './list-findings.ts'

export type UnnamedFinding = Omit<FindingItem, 'title' | 'account_name' | 'resource_name'>

/** A page of findings with the names of what they are about; a resource that has gone is known by its last tombstone. */
export async function nameFindings(db: Reader, rows: readonly UnnamedFinding[]): Promise<FindingItem[]> {
  if (rows.length === 0) return []
  const rules = await titles(db, 'select rule_id as id, title as name from stance.rule')
  const accounts = await titles(db, 'select account_id as id, name from stance.account')
  const resources = await namesIn(db, 'stance.resource', rows)
  const gone = rows.filter((row) => !resources.has(keyOf(row)))
  const tombstones = await namesIn(db, 'stance.tombstone', gone)
  return rows.map((row) => ({
    finding_id: row.finding_id,
    rule_id: row.rule_id,
    title: rules.get(row.rule_id) ?? row.rule_id,
    verdict: row.verdict,
    severity: row.severity,
    severity_max: row.severity_max,
    account_id: row.account_id,
    account_name: accounts.get(row.account_id) ?? row.account_id,
    region: row.region,
    table_name: row.table_name,
    resource_key: row.resource_key,
    resource_name: resources.get(keyOf(row)) ?? tombstones.get(keyOf(row)) ?? row.resource_key,
    since: row.since,
    first_seen: row.first_seen,
  }))
}

async function titles(db: Reader, sql: string): Promise<Map<string, string>> {
  const rows = await db.query<{ id: string; name: string }>(sql)
  return new Map(rows.map(({ id, name }) => [id, name]))
}

interface Key {
  account_id: string
  resource_key: string
}

function keyOf({ account_id, resource_key }: Key): string {
  return `${account_id}\0${resource_key}`
}

async function namesIn(
  db: Reader,
  table: 'stance.resource' | 'stance.tombstone',
  keys: readonly Key[],
): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map()
  const rows = await db.query<Key & { name: string }>(
    `select r.account_id, r.resource_key, max(r.name) as name from ${table} r
     where r.account_id = any($1::text[]) and r.resource_key = any($2::text[])
     group by r.account_id, r.resource_key`,
    distinct(keys),
  )
  return new Map(rows.map((row) => [keyOf(row), row.name]))
}

/** The accounts and the keys of a page, each once: what is read of both together holds a few rows too many. */
export function distinct(keys: readonly Key[]): [accounts: string[], keys: string[]] {
  const each = (of: (key: Key) => string) => [...new Set(keys.map(of))]
  return [each((key) => key.account_id), each((key) => key.resource_key)]
}
