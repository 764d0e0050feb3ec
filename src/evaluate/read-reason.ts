import type { Reader } from '../db/database.ts'
import type { Unread } from './language/find-unread.ts'
import type { Reason, ReasonOf, Told } from './older-row.ts'

/** Many rules wait for the same list: its reason is looked up once. */
export function reasonsOf(reader: Reader): ReasonOf {
  const reasons = new Map<string, Promise<Reason | undefined>>()
  const lists = new Map<string, Promise<CellReason[]>>()
  const cellsOf: CellsOf = (account_id, table) => {
    const key = `${account_id} ${table}`
    const known = lists.get(key) ?? readCells(reader, account_id, table)
    lists.set(key, known)
    return known
  }
  return (unread) => {
    const key = JSON.stringify(unread)
    const known = reasons.get(key) ?? readReason(reader, unread, cellsOf)
    reasons.set(key, known)
    return known
  }
}

export async function reasonsFor(unread: readonly Unread[], reasonOf: ReasonOf): Promise<Told[]> {
  const told: Told[] = []
  for (const one of unread) told.push({ ...one, ...(await reasonOf(one)) })
  return told
}

/** Of a group of one resource, else of the cell that vouches for it. */
async function readReason(reader: Reader, unread: Unread, cellsOf: CellsOf): Promise<Reason | undefined> {
  const { account_id, table, group } = unread
  if ('resource_key' in unread) {
    const [own] = await reader.query<Reason & { since: Date }>(
      `select ${said} from stance.unread_group u
       where u.account_id = $1::text and u.resource_key = $2::text and u.group_name = $3::text`,
      [account_id, unread.resource_key, group],
    )
    if (own !== undefined) return toReason(own)
    const other = (await readTurned(reader, unread)) ?? (await readListOf(reader, unread))
    if (other !== undefined) return other
  }
  const cells = await cellsOf(account_id, table)
  const isOfPart = 'part' in unread && unread.part !== ''
  const cell = isOfPart ? cells.find(({ part }) => part === unread.part) : cells[0]
  if (cell === undefined) return isOfPart ? readOlder(reader, unread) : undefined
  const { part: _, ...reason } = cell
  return toReason(reason)
}

/** The list that has the row was tried since the row was read. */
async function readListOf(
  reader: Reader,
  { account_id, resource_key }: Extract<Unread, { resource_key: string }>,
): Promise<Reason | undefined> {
  const [list] = await reader.query<Reason & { since: Date; awaited_since: Date | null }>(
    `select ${said}, u.awaited_since from stance.cell u
     join stance.resource r on r.account_id = u.account_id and r.table_name = u.table_name and r.part = u.part
     where u.account_id = $1::text and r.resource_key = $2::text
       and ((u.state = 'error' and r.list_read_at < u.attempted_at) or r.list_read_at < u.awaited_since)`,
    [account_id, resource_key],
  )
  if (list === undefined) return undefined
  const { awaited_since, ...reason } = list
  return awaited_since === null || reason.state === 'error' ? toReason(reason) : awaited(awaited_since)
}

/** The scan tells what it has read when it has read all of it. */
function awaited(since: Date): Reason {
  return {
    state: 'not_collected',
    since: since.toISOString(),
    code: 'AWAITED',
    message: 'A scan that has read what is newer has not read this yet, or was cut off before it did.',
    action: '',
    denied_by: '',
    next: 'Wait for the scan that runs, or scan again.',
  }
}

/** A list in force that was last read before the row that asks it was as it is. */
async function readOlder(
  reader: Reader,
  { account_id, table, part }: Extract<Unread, { part: string }>,
): Promise<Reason | undefined> {
  const [list] = await reader.query<Reason & { since: Date; ok_at: Date | null; awaited_since: Date | null }>(
    `select ${said}, u.ok_at, u.awaited_since from stance.cell u
     where u.account_id = $1::text and u.table_name = $2::text and u.part = $3::text and u.in_force`,
    [account_id, table, part],
  )
  if (list === undefined) return undefined
  const { ok_at, awaited_since, ...reason } = list
  // Its reads fail: that is the cause.
  if (list.state === 'error') return toReason(reason)
  if (awaited_since !== null) return awaited(awaited_since)
  return {
    state: 'not_collected',
    since: (ok_at ?? list.since).toISOString(),
    code: 'LIST_OLDER',
    message:
      'This list was last read before the resource was seen as it is now, and lacks what it is asked for.',
    action: '',
    denied_by: '',
    next: 'Scan again, so that this list is read as well.',
  }
}

/** A group in force, of which a read of the one resource gave a part, and that part turned (`of` of a column). */
async function readTurned(
  reader: Reader,
  { account_id, resource_key, group }: Extract<Unread, { resource_key: string }>,
): Promise<Reason | undefined> {
  const [row] = await reader.query<{ state: string }>(
    'select r.state from stance.resource r where r.account_id = $1::text and r.resource_key = $2::text',
    [account_id, resource_key],
  )
  const known = row === undefined ? undefined : (JSON.parse(row.state) as Record<string, PartlyRead>)[group]
  const reads = Object.values(known?.overlays ?? {}).map(({ read_at }) => read_at)
  if (known?.in_force !== true || reads.length === 0) return undefined
  return {
    state: 'not_collected',
    since: reads.sort()[0]!,
    code: 'PARTLY_READ',
    message: 'A read of this resource alone gave another value of this group, and not what hangs on it.',
    action: '',
    denied_by: '',
    next: 'Wait for the next scan, which reads the whole group.',
  }
}

interface PartlyRead {
  in_force: boolean
  overlays?: Record<string, { read_at: string }>
}

type CellReason = Reason & { since: Date; part: string }
type CellsOf = (account_id: string, table: string) => Promise<CellReason[]>

const said = 'u.state, u.since, u.code, u.message, u.action, u.denied_by, u.next'

/** The lists of a table in an account that may not be relied on. */
function readCells(reader: Reader, account_id: string, table: string): Promise<CellReason[]> {
  return reader.query<CellReason>(
    `select u.part, ${said} from stance.cell u
     where u.account_id = $1::text and u.table_name = $2::text and not u.in_force
     order by u.part nulls last`,
    [account_id, table],
  )
}

function toReason(row: Reason & { since: Date }): Reason {
  return { ...row, since: row.since.toISOString() }
}
