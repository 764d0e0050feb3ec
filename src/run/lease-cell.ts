import type { Clock } from '../core/clock.ts'
import type { Database, Transaction } from '../db/database.ts'
import type { CellId } from '../lake/collected.ts'
import { storeTime } from './store-time.ts'

/** How long a lease holds without a sign of life; renewed at a third of it. */
export const leaseMs = 60_000

export interface Lease {
  /** Comes when another holder is known to have the cell: nothing more of it is worth reading. */
  readonly lost: AbortSignal
  /**
   * In the transaction that writes the cell: throws `LeaseLost` where somebody else took it since, else nobody can
   * take it before that transaction ends.
   */
  fence(tx: Transaction): Promise<void>
  /** Stops renewing and lets go. */
  release(): Promise<void>
}

/** The cell is another holder's: what was read of it is given up. */
export class LeaseLost extends Error {
  constructor({ account_id, table, part }: CellId) {
    super(`the lease on ${table} of ${account_id} (${part}) is lost`)
    this.name = 'LeaseLost'
  }
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
const never = new AbortController().signal

/**
 * The embedded database belongs to this process alone: who else might read the cell is here, and dies with it. Such a
 * lease does not run out, so it cannot be lost.
 */
async function leaseHere(db: Database, cell: CellId): Promise<Lease | undefined> {
  const held = heldHere.get(db) ?? new Set()
  heldHere.set(db, held)
  const key = [cell.account_id, cell.table, cell.part].join(' ')
  if (held.has(key)) return undefined
  held.add(key)
  return {
    lost: never,
    fence: () => Promise.resolve(),
    release: async () => {
      held.delete(key)
    },
  }
}

async function leaseInStore(
  db: Database,
  cell: CellId,
  holder: string,
  clock: Clock,
): Promise<Lease | undefined> {
  const key = [cell.account_id, cell.table, cell.part]
  if (!(await take(db, key, holder, clock))) return undefined
  const losing = new AbortController()
  const isLost = () => {
    const error = new LeaseLost(cell)
    losing.abort(error)
    return error
  }
  const renew = async () => {
    const renewed = await db.transaction(async (tx) => {
      const until = new Date((await storeTime(tx, clock)).getTime() + leaseMs)
      return tx.run(
        `update stance.cell_lease set until_at = $5::timestamptz
         where account_id = $1::text and table_name = $2::text and part = $3::text and holder = $4::text`,
        [...key, holder, until],
      )
    })
    if (renewed === 0) isLost()
  }
  let renewing: Promise<void> | undefined
  const beat = setInterval(() => {
    // A missed beat costs nothing: the next one comes long before the lease runs out, and none waits behind another
    // while a write of this cell holds the row.
    renewing ??= renew()
      .catch(() => {})
      .finally(() => {
        renewing = undefined
      })
  }, leaseMs / 3)
  beat.unref()
  return {
    lost: losing.signal,
    async fence(tx) {
      const held = await tx.query(
        `select l.holder from stance.cell_lease l
         where l.account_id = $1::text and l.table_name = $2::text and l.part = $3::text and l.holder = $4::text
         for update`,
        [...key, holder],
      )
      if (held.length === 0) throw isLost()
    },
    async release() {
      clearInterval(beat)
      await renewing
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

/**
 * One statement that deletes what ran out and one that inserts where nothing is, in one transaction: of two that try,
 * the second finds the row, or fails and tries again.
 */
function take(db: Database, key: readonly string[], holder: string, clock: Clock): Promise<boolean> {
  return db.transaction(
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
        [...key],
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
}
