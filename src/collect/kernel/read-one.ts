import type { Json } from '../../core/json.ts'
import type { Read } from '../../core/read.ts'
import type { CollectedResource, Failure } from '../../lake/collected.ts'
import type { AnyTable } from '../../lake/define-table.ts'
import type { Caller } from './call-read.ts'
import type { Unanswered } from './classify-answer.ts'
import { type CollectDeps, callerFor, ownerOf } from './collect-deps.ts'
import { completeRows } from './complete-rows.ts'
import { valuesOf } from './identify-resource.ts'
import { foundAt, type ListedRow, type Parent, toRow } from './list-rows.ts'
import type { PlannedCell } from './planned-cell.ts'
import { readGroups } from './read-groups.ts'
import { readPages } from './read-pages.ts'
import { readWay } from './read-way.ts'
import { isReadSet, listOf } from './table-reads.ts'

export type OneRead =
  | { end: 'found'; resource: CollectedResource }
  /** Asked at `read_at`, the provider said that it does not exist. */
  | { end: 'gone'; read_at: Date }
  | { end: 'unread'; state: 'denied' | 'error'; failure: Failure }
  | { end: 'cancelled' }

/**
 * One resource by its native id, its groups by their own reads: for events, and to settle a contradiction. A
 * group that only a source can fill is not named in the result and stays as it was.
 */
export async function readOne(
  table: AnyTable,
  nativeId: string,
  scope: PlannedCell,
  deps: Omit<CollectDeps, 'openWriter'>,
  parent?: Parent,
): Promise<OneRead> {
  const asker = scope.askers?.[0] ?? { connection: scope.connection, account_id: scope.account_id }
  const caller: Caller = {
    ...callerFor(deps, scope),
    connection: asker.connection,
    asked_account_id: asker.account_id,
  }
  const read_at = caller.clock.now()
  const listed =
    table.planned === undefined
      ? await readListed(table, nativeId, caller, parent)
      : fromPlanner(table, nativeId, caller, scope.rows ?? [])
  if (listed.end === 'gone') return { end: 'gone', read_at }
  if (listed.end !== 'found') return listed
  const { row, carries } = listed
  const resource = await readGroups(table, row, {
    caller,
    secret_key: deps.secret_key,
    ...(scope.groups === undefined ? {} : { groups: scope.groups }),
    ...(carries === undefined ? {} : { list_carries: carries }),
  })
  if (resource === 'gone') return { end: 'gone', read_at }
  if (resource === 'cancelled') return { end: 'cancelled' }
  return { end: 'found', resource }
}

export type ListedOne = { end: 'found'; row: ListedRow; carries?: readonly string[] } | NotFound

type NotFound = { end: 'gone' } | Exclude<OneRead, { end: 'found' } | { end: 'gone' }>

/** Its list group only: does it exist? */
export async function readListed(
  table: AnyTable,
  nativeId: string,
  caller: Caller,
  parent?: Parent,
): Promise<ListedOne> {
  const { read, within } = listOf(table)
  // The list of one parent's rows is short enough to look through.
  const one = listOf(table).one ?? (within === undefined || parent === undefined ? undefined : read)
  if (one === undefined) return unread(noSingleRead(table))
  if (!isReadSet(one) && one.items !== undefined)
    return amongRows(table, nativeId, caller, parent, { ...one, items: one.items })
  const values = valuesOf(foundAt(caller, parent), caller.part, parent?.item, nativeId)
  const place = {
    account_id: caller.account_id,
    region: caller.part,
    partition: caller.partition,
    item: undefined,
  }
  const way = await readWay(caller, ownerOf(table), one, values, place)
  if (way.end !== 'ok') return unanswered(way)
  const row = toRow(table, caller, way.content, way.read_at, parent, isReadSet(one) ? 'content' : 'list')
  if (row === undefined) return { end: 'gone' }
  if ('failure' in row) return unread(row.failure)
  if (row.value.identity.native_id !== nativeId) return unread(anotherOne(nativeId))
  return { end: 'found', row: row.value, ...(way.carries === undefined ? {} : { carries: way.carries }) }
}

/** A listing narrowed to one id, or to what hangs on the one resource: all its pages are looked through, and not finding it is an answer. */
async function amongRows(
  table: AnyTable,
  nativeId: string,
  caller: Caller,
  parent: Parent | undefined,
  one: Read & { items: string },
): Promise<ListedOne> {
  const values = valuesOf(foundAt(caller, parent), caller.part, parent?.item, nativeId)
  const input = Object.entries(one.named_by ?? {}).find(([begin]) => nativeId.startsWith(begin))?.[1]
  const read = input === undefined ? one : { ...one, input }
  const pages = readPages(caller, ownerOf(table), read, values, { rows: one.items })
  for (;;) {
    const step = await pages.next()
    if (step.done) return step.value === undefined ? { end: 'gone' } : unanswered(step.value)
    for (const item of step.value.rows) {
      const row = toRow(table, caller, item as Json, step.value.read_at, parent)
      if (row === undefined) continue
      if ('failure' in row) return unread(row.failure)
      if (input === undefined && row.value.identity.native_id !== nativeId) continue
      const full = await completeRows(table, caller, [item as Json], foundAt(caller, parent))
      if (full.unread !== undefined) return unanswered(full.unread)
      const [whole] = full.rows
      if (whole === undefined) return { end: 'gone' }
      if (whole === item) return { end: 'found', row: row.value }
      const named = toRow(table, caller, whole, step.value.read_at, parent)
      if (named === undefined) return { end: 'gone' }
      return 'failure' in named ? unread(named.failure) : { end: 'found', row: named.value }
    }
  }
}

/** What the planner makes exists as long as the account tree says so; its groups are read all the same. */
function fromPlanner(table: AnyTable, nativeId: string, caller: Caller, rows: readonly Json[]): ListedOne {
  for (const item of rows) {
    const row = toRow(table, caller, item, caller.clock.now(), undefined, 'content')
    if (row === undefined) continue
    if ('failure' in row) return unread(row.failure)
    if (row.value.identity.native_id === nativeId) return { end: 'found', row: row.value }
  }
  return unread(noSingleRead(table))
}

/** "Not configured" and "does not apply" say of a single resource that it is not there only if declared as `gone`. */
function unanswered(ended: Unanswered): NotFound {
  if (ended.end === 'gone' || ended.end === 'cancelled') return { end: ended.end }
  if (ended.end === 'denied' || ended.end === 'error')
    return { end: 'unread', state: ended.end, failure: ended.failure }
  return unread({
    code: 'CONTRADICTION',
    message: ended.failure?.message ?? 'the provider says that there can be no such resource',
    next: 'Nothing to do: the next scan tells.',
  })
}

function unread(failure: Failure): NotFound {
  return { end: 'unread', state: 'error', failure }
}

function noSingleRead(table: AnyTable): Failure {
  const message = `${table.name} has no read of a single resource`
  return { code: 'NO_SINGLE_READ', message, next: 'Nothing to do: the next scan of its table reads it.' }
}

function anotherOne(nativeId: string): Failure {
  const message = `asked for ${nativeId}, the provider gave another resource`
  return {
    code: 'ROW_UNUSABLE',
    message,
    next: 'Report it: the single read of this table is not as declared.',
  }
}
