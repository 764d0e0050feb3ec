import type { Database } from '../db/database.ts'
import { takeTurn } from './account-turn.ts'
import type { LakeCatalogue } from './catalogue.ts'
import { type CellRow, cellTarget, cellValues, failureColumns, readCells } from './cell-row.ts'
import type { Failure } from './collected.ts'
import { deriveFrom, type WriteOptions } from './open-cell-write.ts'
import type { Decided } from './read-since.ts'
import { KeyList } from './tally.ts'
import { unreadCells } from './unread-cells.ts'

/** A cell that a scan expects of an account. */
export interface ExpectedCell {
  table: string
  part: string
  /** `not_collected`: to be read. `excluded`: configuration leaves it out; `failure` names the setting. */
  state: 'not_collected' | 'excluded'
  failure?: Failure
}

/**
 * Writes the cells of an account that a scan needs before it starts, so that what was never tried is known to be
 * unread. A known cell keeps its state until its read ends; one that is excluded is so at once, and one that no
 * longer is, too.
 */
export function planCells(
  db: Database,
  catalogue: LakeCatalogue,
  accountId: string,
  expected: readonly ExpectedCell[],
  { clock, derive, decided_at }: Pick<WriteOptions, 'clock' | 'derive'> & Decided,
): Promise<{ added: number; excluded: number }> {
  return db.transaction(
    async (tx) => {
      await takeTurn(tx, accountId)
      const now = clock.now()
      const cells = await readCells(tx, accountId)
      const known = new Map(cells.map((cell) => [idOf(cell), cell]))
      const fresh = expected.filter((cell) => !known.has(idOf(cell)))
      if (fresh.length > 0) {
        const rows = fresh.map((cell) => cellValues(newCell(accountId, cell, now)))
        await tx.load(cellTarget, rows)
      }
      const turned = expected.filter((cell) => {
        const before = known.get(idOf(cell))
        if (before === undefined || (cell.state === 'excluded') === (before.state === 'excluded'))
          return false
        return decided_at === undefined || before.attempted_at === null || before.attempted_at <= decided_at
      })
      const changed = [...fresh, ...turned]
      for (const [table, cells] of Map.groupBy(changed, (cell) => cell.table)) {
        const touched = new KeyList()
        const alike = Map.groupBy(
          cells.filter((cell) => turned.includes(cell)),
          ({ state, failure }) => JSON.stringify([state, failure]),
        )
        for (const [first, ...others] of alike.values()) {
          if (first === undefined) continue
          const { state, failure } = first
          const why = failure === undefined ? {} : { failure }
          const parts = [first, ...others].map(({ part }) => part)
          await unreadCells(
            tx,
            catalogue,
            { account_id: accountId, table, parts, state, ...why, now },
            touched,
          )
        }
        const part = cells.length === 1 ? cells[0]!.part : '*'
        const change = { touched: touched.list(), gone: [], cell_changed: true }
        await deriveFrom(tx, derive, { account_id: accountId, table, part }, change)
      }
      const excluded = turned.filter(({ state }) => state === 'excluded')
      return { added: fresh.length, excluded: excluded.length }
    },
    { label: `plan ${accountId}` },
  )
}

const idOf = ({ table, part }: { table: string; part: string }) => `${table}\0${part}`

function newCell(accountId: string, { table, part, state, failure }: ExpectedCell, now: Date): CellRow {
  return {
    account_id: accountId,
    table,
    part,
    state,
    in_force: false,
    since: now,
    ok_at: null,
    attempted_at: null,
    stale_before: now,
    changed_in: null,
    awaited_since: null,
    rows: 0,
    calls: 0,
    throttles: 0,
    duration_ms: 0,
    group_attempts: {},
    ...failureColumns(failure),
  }
}
