import type { Parent } from '../collect/kernel/list-rows.ts'
import { mapAtOnce } from '../collect/kernel/map-at-once.ts'
import type { PlannedCell } from '../collect/kernel/planned-cell.ts'
import { type OneRead, readOne } from '../collect/kernel/read-one.ts'
import { otherGroups } from '../collect/kernel/table-reads.ts'
import { listGroup } from '../core/table-shape.ts'
import type { Failure } from '../lake/collected.ts'
import type { AnyTable } from '../lake/define-table.ts'
import type { KnownResource } from '../lake/known-resource.ts'
import { getResource } from '../lake/read-resources.ts'
import { type SingleRead, writeSingle } from '../lake/write-single.ts'
import { nameUnknown } from './name-unknown.ts'
import type { Collecting } from './open-collecting.ts'
import type { Stance } from './open-stance.ts'
import type { SharedWrites } from './share-writes.ts'
import type { StaleAfter } from './stale-after.ts'
import type { Touched } from './touched-resources.ts'

/** What became of a touched resource. */
export type ReadOutcome =
  | { outcome: 'changed' | 'same' | 'gone' | 'already_read' | 'parent_unknown' | 'cancelled' }
  /** It could not be read: what is known of it stays as it was. */
  | { outcome: 'denied' | 'error'; failure: Failure }

export interface ReadTouchedOptions {
  collecting: Collecting
  writes: SharedWrites
  signal: AbortSignal
  staleAfterMs: StaleAfter
  /** The groups to read beside the list, by table; all where left out. */
  groupsOf: (table: AnyTable) => readonly string[] | undefined
}

/** A read that began so long after an event has seen what it did: providers take a moment to tell everywhere. */
const settlesWithin = 5_000

/** Reads one touched resource by itself and writes what it says: its facts with it, its findings when it is judged. */
export async function readTouched(
  stance: Stance,
  touched: Touched,
  cell: PlannedCell,
  options: ReadTouchedOptions,
): Promise<ReadOutcome> {
  const table = stance.registry.table(touched.table)
  const groups = options.groupsOf(table)
  const known = await findResource(stance, cell, touched.native_id)
  const readAt =
    known === undefined ? await goneSince(stance, cell, touched.native_id) : leastReadAt(table, known, groups)
  if (readAt !== undefined && readAt.getTime() >= touched.happened_at.getTime() + settlesWithin)
    return { outcome: 'already_read' }
  const parent = await parentOf(stance, table, cell, touched, known)
  if (parent === 'unknown') return { outcome: 'parent_unknown' }
  const planned =
    known === undefined || table.planned === undefined ? {} : { rows: [known.content[listGroup] ?? {}] }
  const scope: PlannedCell = { ...cell, ...planned, ...(groups === undefined ? {} : { groups }) }
  const read = await readOne(table, touched.native_id, scope, options.collecting.deps(options.signal), parent)
  return write(stance, cell, touched.native_id, known, read, options)
}

async function write(
  stance: Stance,
  cell: PlannedCell,
  native_id: string,
  known: KnownResource | undefined,
  read: OneRead,
  { writes, staleAfterMs }: ReadTouchedOptions,
): Promise<ReadOutcome> {
  const { db, catalogue, clock } = stance
  const options = { clock, partition: cell.partition, staleAfterMs, ...writes.options }
  const write = (id: PlannedCell, single: SingleRead) => writeSingle(db, catalogue, id, single, options)
  switch (read.end) {
    case 'cancelled':
      return { outcome: 'cancelled' }
    case 'unread':
      return { outcome: read.state, failure: read.failure }
    case 'found': {
      const table = stance.registry.table(cell.table)
      const resource = await nameUnknown(db, table, cell.account_id, read.resource)
      const { inserted, changed, deleted } = await write(cell, { resource })
      return { outcome: inserted + changed + deleted > 0 ? 'changed' : 'same' }
    }
    case 'gone': {
      const { read_at } = read
      const { deleted } = await write(cell, { gone: { native_id }, read_at })
      if (deleted === 0 || known === undefined) return { outcome: 'same' }
      // What is listed within it went with it.
      const children = await childrenOf(stance, known)
      await mapAtOnce(children, 8, ({ table_name, part, resource_key }) =>
        write({ ...cell, table: table_name, part }, { gone: { resource_key }, read_at }),
      )
      return { outcome: 'gone' }
    }
  }
}

async function findResource(
  { db }: Stance,
  { account_id, table, part }: PlannedCell,
  nativeId: string,
): Promise<KnownResource | undefined> {
  const rows = await db.query<{ resource_key: string }>(
    `select r.resource_key from stance.resource r
     where r.account_id = $1::text and r.table_name = $2::text and r.part = $3::text and r.native_id = $4::text`,
    [account_id, table, part, nativeId],
  )
  return rows[0] === undefined ? undefined : getResource(db, account_id, rows[0].resource_key)
}

/** When it was last known to be gone, of a resource that is not there. */
async function goneSince(
  { db }: Stance,
  { account_id, table, part }: PlannedCell,
  nativeId: string,
): Promise<Date | undefined> {
  const [row] = await db.query<{ read_at: Date | null }>(
    `select max(t.read_at) as read_at from stance.tombstone t
     where t.account_id = $1::text and t.table_name = $2::text and t.part = $3::text and t.native_id = $4::text
       and t.returned_at is null`,
    [account_id, table, part, nativeId],
  )
  return row?.read_at ?? undefined
}

/**
 * The oldest good read among the groups that a single read could renew; undefined where one was never read. An attempt that
 * failed has seen nothing of what the event did.
 */
function leastReadAt(
  table: AnyTable,
  { state }: KnownResource,
  groups: readonly string[] | undefined,
): Date | undefined {
  const own = otherGroups(table).filter(
    ([name, { read }]) => read !== undefined && (groups === undefined || groups.includes(name)),
  )
  const times = [listGroup, ...own.map(([name]) => name)].map((name) => state[name]?.ok_at)
  if (times.includes(undefined)) return undefined
  return new Date(Math.min(...times.map((time) => new Date(time ?? 0).getTime())))
}

/** The row that it was listed within: as the lake knows it, else the one that the same event names. */
async function parentOf(
  stance: Stance,
  table: AnyTable,
  cell: PlannedCell,
  touched: Touched,
  known: KnownResource | undefined,
): Promise<Parent | undefined | 'unknown'> {
  const { within } = table.list
  if (within === undefined) return undefined
  const parent =
    known !== undefined && known.parent_key !== ''
      ? await getResource(stance.db, cell.account_id, known.parent_key)
      : touched.parent_id === undefined
        ? undefined
        : await findResource(stance, { ...cell, table: within }, touched.parent_id)
  if (parent === undefined) return 'unknown'
  const { resource_key, native_id, content } = parent
  const partial = Object.entries(content).find(([name]) => name.startsWith(`${listGroup}#`))?.[1]
  return { resource_key, native_id, item: content[listGroup] ?? partial ?? {} }
}

function childrenOf(
  { db }: Stance,
  { account_id, resource_key }: KnownResource,
): Promise<{ table_name: string; part: string; resource_key: string }[]> {
  return db.query(
    `select r.table_name, r.part, r.resource_key from stance.resource r
     where r.account_id = $1::text and r.parent_key = $2::text order by r.resource_key nulls last`,
    [account_id, resource_key],
  )
}
