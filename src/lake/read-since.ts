import type { Transaction } from '../db/database.ts'

/** What is written without a read of its own, on what was known of an account at some moment. */
export interface Decided {
  /** What was read of a cell since then is newer, and stays. */
  decided_at?: Date
}

/** Whether somebody began to read a cell of a table, or one part of it, after the moment. In the turn of the account. */
export async function isReadSince(
  tx: Transaction,
  { account_id, table, part }: { account_id: string; table: string; part?: string },
  { decided_at }: Decided,
): Promise<boolean> {
  if (decided_at === undefined) return false
  const rows = await tx.query(
    `select c.part from stance.cell c
     where c.account_id = $1::text and c.table_name = $2::text and c.attempted_at > $3::timestamptz
       and ($4::text is null or c.part = $4::text) limit 1`,
    [account_id, table, decided_at, part ?? null],
  )
  return rows.length > 0
}
