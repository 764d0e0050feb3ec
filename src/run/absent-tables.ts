import type { Json } from '../core/json.ts'
import type { Reader } from '../db/database.ts'
import { quoteName } from '../db/identifier.ts'
import type { RuleSet } from '../evaluate/rule-set.ts'

interface Subquery {
  table: string
  rows: { subqueries?: Subquery[] }[]
}

/** Where no row fits: whether there is one at all that could. A password policy that is not there is not too weak. */
export async function absentTables(
  db: Reader,
  accountId: string,
  evidence: Json,
  set: RuleSet,
): Promise<string[]> {
  const { subqueries = [] } = (evidence ?? {}) as unknown as { subqueries?: Subquery[] }
  const absent: string[] = []
  for (const table of new Set(namedIn(subqueries))) {
    if (!set.catalogue.has(table)) continue
    const rows = await db.query(
      `select t.account_id from ${quoteName(`lake.${table}`)} t where t.account_id = $1::text limit 1`,
      [accountId],
    )
    if (rows.length === 0) absent.push(table)
  }
  return absent
}

function namedIn(subqueries: readonly Subquery[]): string[] {
  return subqueries.flatMap(({ table, rows }) =>
    rows.length === 0 ? [table] : rows.flatMap((row) => namedIn(row.subqueries ?? [])),
  )
}
