import { listGroup } from '../core/table-shape.ts'
import type { Reader } from '../db/database.ts'
import type { ChangedFinding } from '../findings/apply-finding-changes.ts'
import type { Unread } from './language/find-unread.ts'

/** Why something is unread, beside what it is: as the cell or group tells it. */
export interface Reason {
  state: string
  since: string
  code: string
  message: string
  action: string
  denied_by: string
  next: string
}

export type ReasonOf = (unread: Unread) => Promise<Reason | undefined>

export type Told = Unread & Partial<Reason>

/**
 * What an unknown verdict follows from, where all lists were read: lists that are older than the row, or the row itself,
 * which was last read before a list lost what it names.
 */
export async function orItself(
  reader: Reader,
  { account_id, table_name: table, resource_key, verdict }: ChangedFinding,
  unread: readonly Told[],
  reasonOf: ReasonOf,
): Promise<readonly Told[]> {
  if (verdict !== 'unknown' || !unread.some(isUntold)) return unread
  const [row] = await reader.query<{ state: string; part: string; list_read_at: Date }>(
    `select r.state, r.part, r.list_read_at from stance.resource r
     where r.account_id = $1::text and r.resource_key = $2::text`,
    [account_id, resource_key],
  )
  if (row === undefined) return unread
  const state = JSON.parse(row.state) as Record<
    string,
    { read_at: string; lost_names?: Record<string, { groups: string[] }> }
  >
  const [group] = Object.values(state[listGroup]?.lost_names ?? {}).flatMap((one) => one.groups)
  if (group === undefined) return unread
  const itself: Unread = { table, account_id, resource_key, group }
  const read =
    group === listGroup
      ? await reasonOf({ table, account_id, part: row.part, group: listGroup })
      : await reasonOf(itself)
  // Its reads fail: that is the cause.
  const why: Reason =
    read?.state === 'error'
      ? read
      : {
          state: 'not_collected',
          since: group === listGroup ? row.list_read_at.toISOString() : (state[group]?.read_at ?? ''),
          code: 'ROW_OLDER',
          message: 'This was last read before a list lost what it names, and may name something else by now.',
          action: '',
          denied_by: '',
          next: 'Scan again, so that it is read as well.',
        }
  return [...unread.filter((one) => !isUntold(one)), { ...itself, ...why }]
}

/** A list that was read well, but earlier; or nothing that says why by itself. */
function isUntold({ code }: Told): boolean {
  return code === undefined || code === 'LIST_OLDER'
}
