import type { Clock } from '../core/clock.ts'
import type { Database } from '../db/database.ts'
import type { CellId } from '../lake/collected.ts'
import { storeTime } from './store-time.ts'

/** How long a lease holds without a sign of life; renewed at a third of it. */
export const leaseMs = 60_000

export interface Lease {
  /** Stops renewing and lets go. */
  release(): Promise<void>
}

/** Takes the lease on a cell, or says that somebody has it (undefined). */
export function leaseCell(
  db: Database,
  cell: CellId,
  holder: string,
  clock: Clock,
): Promise<Lease | undefined> {
  return db.engine === 'duckdb' ? leaseHere(db, cell) : leaseInStore(db, cell, holder, clock)
}

/** By store: the cells that are being read in this process. */
const heldHere = new WeakMap<Database, Set<string>>()

/** The embedded database belongs to this process alone: who else might read the cell is here, and dies with it. */
async function leaseHere(db: Database, cell: CellId): Promise<Lease | undefined> {
  const held = heldHere.get(db) ?? new Set()
  heldHere.set(db, held)
  const key = [cell.account_id, cell.table, cell.part].join(' ')
  if (held.has(key)) return undefined
  held.add(key)
  return {
    release: async () => {
      held.delete(key)
    },
  }
}

/**
 * One statement that deletes what ran out and one that inserts where nothing is, in one transaction: of two that try,
 * the second finds the row, or fails and tries again.
 */
async function leaseInStore(
  db: Database,
  cell: CellId,
  holder: string,
  clock: Clock,
): Promise<Lease | undefined> {
  const key = [cell.account_id, cell.table, cell.part]
  const taken = await db.transaction(
    async (tx) => {
      const moment = await storeTime(tx, clock)
      await tx.run(
        `delete from stance.cell_lease
         where account_id = $1::text and table_name = $2::text and part = $3::text and until_at < $4::timestamptz`,
        [...key, moment],
      )
      const held = await tx.query(
        `select holder from stance.cell_lease
         where account_id = $1::text and table_name = $2::text and part = $3::text`,
        key,
      )
      if (held.length > 0) return false
      await tx.run(
        `insert into stance.cell_lease (account_id, table_name, part, holder, until_at)
         values ($1::text, $2::text, $3::text, $4::text, $5::timestamptz)`,
        [...key, holder, new Date(moment.getTime() + leaseMs)],
      )
      return true
    },
    { label: 'lease a cell' },
  )
  if (!taken) return undefined
  const beat = setInterval(() => {
    const renewed = db.transaction(async (tx) => {
      const until = new Date((await storeTime(tx, clock)).getTime() + leaseMs)
      await tx.run(
        `update stance.cell_lease set until_at = $5::timestamptz
         where account_id = $1::text and table_name = $2::text and part = $3::text and holder = $4::text`,
        [...key, holder, until],
      )
    })
    // A missed beat costs nothing: the next one comes long before the lease runs out.
    renewed.catch(() => {})
  }, leaseMs / 3)
  beat.unref()
  return {
    release: async () => {
      clearInterval(beat)
      await db.transaction((tx) =>
        tx.run(
          `delete from stance.cell_lease
           where account_id = $1::text and table_name = $2::text and part = $3::text and holder = $4::text`,
          [...key, holder],
        ),
      )
    },
  }
}
