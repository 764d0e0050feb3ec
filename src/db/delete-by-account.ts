import type { Database, Param } from './database.ts'

/**
 * Deletes rows of one of our own tables, an account a transaction. `where` speaks of the table's own columns and of
 * `$1 …`; returns how many went.
 */
export async function deleteByAccount(
  db: Database,
  table: string,
  where: string,
  params: readonly Param[] = [],
): Promise<number> {
  const accounts = await db.query<{ account_id: string }>(
    `select account_id from ${table} where ${where} group by account_id order by account_id nulls last`,
    params,
  )
  let deleted = 0
  for (const { account_id } of accounts) {
    const at = params.length + 1
    deleted += await db.transaction(
      (tx) =>
        tx.run(`delete from ${table} where ${where} and account_id = $${at}::text`, [...params, account_id]),
      { label: `delete from ${table}` },
    )
  }
  return deleted
}
