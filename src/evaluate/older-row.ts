import { listGroup } from '../core/table-shape.ts'
import type { Reader } from '../db/database.ts'
import type { ChangedFinding } from '../findings/apply-finding-changes.ts'

interface Told {
  code?: string
}

/**
 * What an unknown verdict follows from, where all lists were read: lists that are older than the row, or the row itself,
 * which was last read before a list lost what it names.
 */
export async function orItself<T extends Told>(
  reader: Reader,
  { account_id, table_name, resource_key, verdict }: ChangedFinding,
  unread: readonly T[],
): Promise<(T | object)[]> {
  if (verdict !== 'unknown' || unread.every(({ code }) => code !== 'LIST_OLDER')) return [...unread]
  const [row] = await reader.query<{ state: string; part: string; list_read_at: Date }>(
    `select r.state, r.part, r.list_read_at from stance.resource r
     where r.account_id = $1::text and r.resource_key = $2::text`,
    [account_id, resource_key],
  )
  if (row === undefined) return [...unread]
  const state = JSON.parse(row.state) as Record<
    string,
    { read_at: string; lost_names?: Record<string, { groups: string[] }> }
  >
  const [group] = Object.values(state[listGroup]?.lost_names ?? {}).flatMap((one) => one.groups)
  if (group === undefined) return [...unread]
  const itself = { table: table_name, account_id, resource_key, group }
  const why = (await failureOf(reader, itself, row.part)) ?? {
    state: 'not_collected',
    since: (group === listGroup
      ? row.list_read_at
      : new Date(state[group]?.read_at ?? row.list_read_at)
    ).toISOString(),
    code: 'ROW_OLDER',
    message: 'This was last read before a list lost what it names, and may name something else by now.',
    action: '',
    denied_by: '',
    next: 'Scan again, so that it is read as well.',
  }
  return [...unread.filter(({ code }) => code !== 'LIST_OLDER'), { ...itself, ...why }]
}

interface Reason {
  state: string
  since: Date
}

const said = 'u.state, u.since, u.code, u.message, u.action, u.denied_by, u.next'

/** Its reads fail: that is the cause. */
async function failureOf(
  reader: Reader,
  {
    account_id,
    table,
    resource_key,
    group,
  }: { account_id: string; table: string; resource_key: string; group: string },
  part: string,
): Promise<object | undefined> {
  const rows =
    group === listGroup
      ? await reader.query<Reason>(
          `select ${said} from stance.cell u
           where u.account_id = $1::text and u.table_name = $2::text and u.part = $3::text and u.state = 'error'`,
          [account_id, table, part],
        )
      : await reader.query<Reason>(
          `select ${said} from stance.unread_group u
           where u.account_id = $1::text and u.resource_key = $2::text and u.group_name = $3::text`,
          [account_id, resource_key, group],
        )
  const [own] = rows
  return own === undefined ? undefined : { ...own, since: own.since.toISOString() }
}
