import type { Database } from '../db/database.ts'
import { takeTurn } from './account-turn.ts'
import type { CellId } from './collected.ts'
import { type Derive, deriveFrom } from './open-cell-write.ts'

/**
 * Marks the cells of an account that a scan is about to read: what is known of them is of before, and goes with nothing that
 * the scan has read, until they are read as well. Of those of which nothing is known there is nothing to mark.
 */
export function awaitCells(
  db: Database,
  accountId: string,
  cells: readonly Pick<CellId, 'table' | 'part'>[],
  since: Date,
): Promise<number> {
  const names = cells.map(({ table, part }) => `${table} ${part}`)
  return db.transaction(
    async (tx) => {
      await takeTurn(tx, accountId)
      return tx.run(
        `update stance.cell set awaited_since = $2::timestamptz
         where account_id = $1::text and (in_force or rows > 0) and table_name || ' ' || part = any($3::text[])`,
        [accountId, since, names],
      )
    },
    { label: `await ${accountId}` },
  )
}

/**
 * What the scan has not read after all, and nobody else is reading, is nothing to wait for: what hangs on it is told with what
 * is known of it.
 */
export function awaitNoMore(
  db: Database,
  accountId: string,
  { since, now, derive }: { since: Date; now: Date; derive: Derive },
): Promise<void> {
  return db.transaction(
    async (tx) => {
      await takeTurn(tx, accountId)
      const cells = await tx.query<{ table_name: string; part: string }>(
        `select c.table_name, c.part from stance.cell c
         left join stance.cell_lease l on l.account_id = c.account_id and l.table_name = c.table_name
           and l.part = c.part and l.until_at > $3::timestamptz
         where c.account_id = $1::text and c.awaited_since = $2::timestamptz and l.part is null`,
        [accountId, since, now],
      )
      if (cells.length === 0) return
      const names = cells.map(({ table_name, part }) => `${table_name} ${part}`)
      await tx.run(
        `update stance.cell set awaited_since = null
         where account_id = $1::text and table_name || ' ' || part = any($2::text[])`,
        [accountId, names],
      )
      const change = { touched: [], gone: [], cell_changed: false, was_awaited: true }
      for (const { table_name, part } of cells)
        await deriveFrom(tx, derive, { account_id: accountId, table: table_name, part }, change)
    },
    { label: `await ${accountId} no more` },
  )
}
