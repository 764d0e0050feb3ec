import type { Reader } from '../db/database.ts'
import type { CellId } from './collected.ts'
import type { Moment } from './merge-group.ts'

/**
 * Resources of a cell with a group that was kept in force through errors and is too old for it now. Asked when a
 * read ends, never by the clock alone: while nothing is read, what was read last stands.
 */
export async function expiredKeys(
  db: Reader,
  { account_id, table, part }: CellId,
  { now, staleAfterMs }: Moment,
): Promise<string[]> {
  const rows = await db.query<{ resource_key: string; group_name: string; ok_at: Date | null }>(
    `select resource_key, group_name, ok_at from stance.unread_group
     where account_id = $1 and table_name = $2 and part = $3 and state = 'error' and in_force`,
    [account_id, table, part],
  )
  const expired = rows.filter(({ group_name, ok_at }) => {
    return ok_at === null || now.getTime() - ok_at.getTime() >= staleAfterMs(group_name)
  })
  return [...new Set(expired.map(({ resource_key }) => resource_key))]
}
