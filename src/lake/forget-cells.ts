import type { Database, Transaction } from '../db/database.ts'
import { takeTurn } from './account-turn.ts'
import { type CellRow, closeCellInterval, readCells } from './cell-row.ts'
import type { CellId } from './collected.ts'
import { laterThan } from './merge-resource.ts'
import { deriveFrom, type WriteOptions } from './open-cell-write.ts'
import type { Decided } from './read-since.ts'

type Options = Pick<WriteOptions, 'clock' | 'derive'>

/** Cells that stood for what nobody could name, and have no rows: what they stood for has cells of its own, or is not asked for. */
export async function forgetCells(
  db: Database,
  accountId: string,
  tables: ReadonlySet<string>,
  options: Options,
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
      await forget(tx, accountId, cells, options)
    },
    { label: `forget cells of ${accountId}` },
  )
}

/** Cells of regions that the account does not have: where nothing is known in them, they are none. */
export async function forgetEmptyCells(
  db: Database,
  accountId: string,
  gone: readonly CellId[],
  { decided_at, ...options }: Options & Decided,
): Promise<void> {
  if (gone.length === 0) return
  const names = new Set(gone.map(({ table, part }) => `${table}\0${part}`))
  await db.transaction(
    async (tx) => {
      await takeTurn(tx, accountId)
      const held = await tx.query<{ table_name: string; part: string }>(
        `select r.table_name, r.part from stance.resource r
         where r.account_id = $1::text and r.part = any($2::text[]) group by r.table_name, r.part`,
        [accountId, [...new Set(gone.map(({ part }) => part))]],
      )
      for (const { table_name, part } of held) names.delete(`${table_name}\0${part}`)
      const cells = (await readCells(tx, accountId)).filter(
        ({ table, part, attempted_at }) =>
          names.has(`${table}\0${part}`) &&
          (decided_at === undefined || attempted_at === null || attempted_at <= decided_at),
      )
      await forget(tx, accountId, cells, options)
    },
    { label: `forget regions of ${accountId}` },
  )
}

async function forget(
  tx: Transaction,
  accountId: string,
  cells: readonly CellRow[],
  { clock, derive }: Options,
): Promise<void> {
  for (const cell of cells) {
    await closeCellInterval(tx, cell, laterThan(cell.since, clock.now()))
    await tx.run(
      'delete from stance.cell where account_id = $1::text and table_name = $2::text and part = $3::text',
      [accountId, cell.table, cell.part],
    )
    const { table, part } = cell
    const change = { touched: [], gone: [], cell_changed: true }
    await deriveFrom(tx, derive, { account_id: accountId, table, part }, change)
  }
}
