import type { Database } from '../db/database.ts'

const kept = ['resource_version', 'coverage_history'] as const

/** How long history is kept: 15 months. */
export function historyLimit(now: Date): Date {
  const limit = new Date(now)
  limit.setUTCMonth(limit.getUTCMonth() - 15)
  return limit
}

/** Drops closed versions, closed intervals and tombstones that ended before the limit, account by account. */
export async function dropOlderThan(db: Database, limit: Date): Promise<number> {
  let dropped = 0
  const ends = [...kept.map((name) => [name, 'valid_to'] as const), ['tombstone', 'deleted_at'] as const]
  for (const [name, column] of ends) {
    const accounts = await db.query<{ account_id: string }>(
      `select account_id from stance.${name} where ${column} < $1 group by account_id order by account_id nulls last`,
      [limit],
    )
    for (const { account_id } of accounts) {
      dropped += await db.transaction(
        (tx) =>
          tx.run(`delete from stance.${name} where account_id = $1 and ${column} < $2`, [account_id, limit]),
        { label: `retention ${name}` },
      )
    }
  }
  return dropped
}
