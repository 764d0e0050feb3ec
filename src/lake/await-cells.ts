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

/** What the scan has not read after all is nothing to wait for: what hangs on it is told with what is known of it. */
export function awaitNoMore(db: Database, accountId: string, since: Date, derive: Derive): Promise<void> {
  return db.transaction(
    async (tx) => {
      await takeTurn(tx, accountId)
      const which = 'account_id = $1::text and awaited_since = $2::timestamptz'
      const cells = await tx.query<{ table_name: string; part: string }>(
        `select table_name, part from stance.cell where ${which}`,
        [accountId, since],
      )
      if (cells.length === 0) return
      await tx.run(`update stance.cell set awaited_since = null where ${which}`, [accountId, since])
      const change = { touched: [], gone: [], cell_changed: false, was_awaited: true }
      for (const { table_name, part } of cells)
        await deriveFrom(tx, derive, { account_id: accountId, table: table_name, part }, change)
    },
    { label: `await ${accountId} no more` },
  )
}
