import type { Database } from '../db/database.ts'
import type { LakeCatalogue } from './catalogue.ts'
import { type CellRow, readCells } from './cell-row.ts'
import type { Failure } from './collected.ts'
import type { AnyTable } from './define-table.ts'
import type { WriteOptions } from './open-cell-write.ts'
import { type ExpectedCell, planCells } from './plan-cells.ts'

/** Why nothing is known of a table that came with an upgrade. */
export const neverRead: Failure = {
  code: 'NOT_READ_YET',
  message: 'this version of Stance reads it, and no scan has since the upgrade',
  next: 'Run `stance scan`.',
}

const credentials = 'credentials'

/**
 * Writes that nothing was read of tables that are new to a store, wherever an account has others: a table without a cell
 * would pass for one that was read and is empty.
 */
export async function expectTables(
  db: Database,
  catalogue: LakeCatalogue,
  options: Pick<WriteOptions, 'clock' | 'derive'>,
): Promise<void> {
  const accounts = await db.query<{ account_id: string }>(
    'select c.account_id from stance.cell c group by c.account_id order by c.account_id nulls last',
  )
  for (const { account_id } of accounts) {
    const cells = await readCells(db, account_id)
    if (!cells.some((cell) => wasEntered(cell, catalogue))) continue
    const expected = [...catalogue.tables.values()].flatMap(({ declared }) =>
      cells.some(({ table }) => table === declared.name) ? [] : expectedOf(declared, cells, catalogue),
    )
    if (expected.length > 0) await planCells(db, catalogue, account_id, expected, options)
  }
}

/** An account that refuses from the beginning has its own cell alone, which says why nothing else is known. */
function wasEntered({ table, in_force }: CellRow, { tables }: LakeCatalogue): boolean {
  return in_force || tables.get(table)?.declared.planned === undefined
}

/**
 * As the cells of its sisters are: where those are left out, not served, or of an account that is not entered any more, so
 * is the new table.
 */
function expectedOf(table: AnyTable, cells: readonly CellRow[], { tables }: LakeCatalogue): ExpectedCell[] {
  const sisters = cells.filter((cell) => {
    const sister = tables.get(cell.table)?.declared
    return (
      sister?.provider === table.provider &&
      sister.belongs_to === table.belongs_to &&
      sister.parts === table.parts
    )
  })
  return [...Map.groupBy(sisters, ({ part }) => part)].flatMap(([part, all]): ExpectedCell[] => {
    const [first] = all
    if (first === undefined || all.every(({ state }) => state === 'absent')) return []
    const { code, message, next, action } = first
    if (all.every(({ state }) => state === 'excluded'))
      return [{ table: table.name, part, state: 'excluded', failure: { code, message, next } }]
    const isRefused = all.every((one) => one.state === 'not_collected' && one.denied_by === credentials)
    const failure: Failure = isRefused ? { code, message, next, action, denied_by: credentials } : neverRead
    return [{ table: table.name, part, state: 'not_collected', failure }]
  })
}
