import type { Database } from '../db/database.ts'
import { deleteByAccount } from '../db/delete-by-account.ts'

const ends = { resource_version: 'valid_to', coverage_history: 'valid_to', tombstone: 'deleted_at' } as const

/** How long history is kept: 15 months. */
export function historyLimit(now: Date): Date {
  const limit = new Date(now)
  limit.setUTCMonth(limit.getUTCMonth() - 15)
  return limit
}

/** Drops closed versions, closed intervals and tombstones that ended before the limit, account by account. */
export async function dropOlderThan(db: Database, limit: Date): Promise<number> {
  let dropped = 0
  for (const [name, column] of Object.entries(ends))
    dropped += await deleteByAccount(db, `stance.${name}`, `${column} < $1::timestamptz`, [limit])
  return dropped
}
