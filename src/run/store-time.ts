import type { Clock } from '../core/clock.ts'
import type { Transaction } from '../db/database.ts'

/** Our time, put right by the store's: clocks of workers differ, and what one leases all must date alike. */
export async function storeTime(tx: Transaction, clock: Clock): Promise<Date> {
  const [row] = await tx.query<{ moment: Date }>('select current_timestamp as moment')
  const ahead = row === undefined ? 0 : row.moment.getTime() - Date.now()
  return new Date(clock.now().getTime() + ahead)
}
