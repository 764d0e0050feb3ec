import type { Database } from '../db/database.ts'
import { deleteByAccount } from '../db/delete-by-account.ts'

const ends = {
  finding_history: 'valid_to',
  finding_event: 'happened_at',
  finding_closed: 'closed_at',
} as const

/**
 * Drops closed intervals, events and closed findings that ended before the limit, account by account. One that
 * returns later is new. Open findings keep all that they are, however old.
 */
export async function dropOlderThan(db: Database, limit: Date): Promise<number> {
  let dropped = 0
  for (const [name, column] of Object.entries(ends))
    dropped += await deleteByAccount(db, `stance.${name}`, `${column} < $1::timestamptz`, [limit])
  return dropped
}
