import type { Database } from '../db/database.ts'
import { takeTurn } from './account-turn.ts'
import { closeCellInterval, readCells } from './cell-row.ts'
import { deriveFrom, type WriteOptions } from './open-cell-write.ts'

/** Cells that stood for what nobody could name, and have no rows: what they stood for has cells of its own, or is not asked for. */
export async function forgetCells(
  db: Database,
  accountId: string,
  tables: ReadonlySet<string>,
  { clock, derive }: Pick<WriteOptions, 'clock' | 'derive'>,
): Promise<void> {
  const some = await db.query(
    'select c.part from stance.cell c where c.account_id = $1::text and c.table_name = any($2::text[]) limit 1',
    [accountId, [...tables]],
  )
  if (some.length === 0) return
  await db.transaction(
    async (tx) => {
      await takeTurn(tx, accountId)
      const cells = (await readCells(tx, accountId)).filter(
        ({ table, rows, in_force }) => tables.has(table) && rows === 0 && !in_force,
      )
      for (const cell of cells) {
        await closeCellInterval(tx, cell, clock.now())
        await tx.run(
          'delete from stance.cell where account_id = $1::text and table_name = $2::text and part = $3::text',
          [accountId, cell.table, cell.part],
        )
        const { table, part } = cell
        const change = { touched: [], gone: [], cell_changed: true }
        await deriveFrom(tx, derive, { account_id: accountId, table, part }, change)
      }
    },
    { label: `forget cells of ${accountId}` },
  )
}
