import { isRead } from '../../core/state.ts'
import { listGroup } from '../../core/table-shape.ts'
import type { CellEnd, CollectedResource, Failure } from '../../lake/collected.ts'
import type { AnyTable } from '../../lake/define-table.ts'
import type { Caller } from './call-read.ts'
import { type CollectDeps, callerFor, type UnreadGroups } from './collect-deps.ts'
import { confirmGone } from './confirm-gone.ts'
import { type ListEnd, type ListedRow, listRows } from './list-rows.ts'
import { mapAtOnce } from './map-at-once.ts'
import type { PlannedCell } from './planned-cell.ts'
import { noteLeft, ReadFirst } from './read-first.ts'
import { type GroupsWanted, readGroups } from './read-groups.ts'
import { otherGroups } from './table-reads.ts'

export type CellSummary =
  | {
      outcome: 'written'
      end: CellEnd
      /** Resources handed to the lake. */
      rows: number
      unread_groups: UnreadGroups
      /** What the lake made of it. */
      written: unknown
    }
  | { outcome: 'cancelled' }

const resourcesAtOnce = 16
const batchOf = 200

/**
 * Reads one cell and writes it: list → pages → groups of each resource → batches to the lake. Never throws for
 * what a cloud does. When the scan's signal or the cell's comes, or the program is wrong, the cell stays as it was.
 */
export async function collectCell(cell: PlannedCell, deps: CollectDeps): Promise<CellSummary> {
  const { account_id, table, part } = cell
  const id = { account_id, table, part }
  deps.report?.({ kind: 'cell_started', cell: id })
  const askers = cell.askers ?? [{ connection: cell.connection, account_id }]
  for (const [nr, asker] of askers.entries()) {
    const summary = await collectAs({ ...cell, connection: asker.connection }, asker.account_id, deps, {
      giveUpIfDenied: nr < askers.length - 1,
    })
    if (summary !== 'denied') return summary
  }
  throw new Error('a cell needs somebody who is asked')
}

interface Progress {
  rows: number
  unread: UnreadGroups
  first: ReadFirst
}

async function collectAs(
  cell: PlannedCell,
  askedAccount: string,
  deps: CollectDeps,
  { giveUpIfDenied }: { giveUpIfDenied: boolean },
): Promise<CellSummary | 'denied'> {
  const began = performance.now()
  const table = deps.registry.table(cell.table)
  const caller: Caller = { ...callerFor(deps, cell), asked_account_id: askedAccount }
  const id = { account_id: cell.account_id, table: cell.table, part: cell.part }
  const writer = await deps.openWriter(cell)
  const progress: Progress = { rows: 0, unread: {}, first: new ReadFirst(table, cell, deps) }
  let isOver = false
  try {
    const listing = {
      caller,
      shared: deps.shared,
      ...(cell.rows === undefined ? {} : { planned: cell.rows }),
    }
    const pages = deps.registry.isParent(cell.table)
      ? fromShared(cell.table, listing)
      : listRows(table, listing)
    let listed: ListEnd
    for (;;) {
      const step = await pages.next()
      if (step.done) {
        listed = step.value
        break
      }
      for (const rows of batches(step.value)) {
        const batch = await readBatch(table, rows, cell, caller, deps, progress)
        if (batch === 'cancelled') return await cancel()
        if (batch.length > 0) await writer.add(batch)
        progress.rows += batch.length
        deps.report?.({ kind: 'cell_rows', cell: id, rows: progress.rows })
      }
    }
    if (caller.signal.aborted || listed.unread?.end === 'cancelled') return await cancel()
    if (giveUpIfDenied && listed.unread?.end === 'denied') {
      await writer.abandon()
      isOver = true
      return 'denied'
    }
    const tried = progress.rows === 0 ? [] : (cell.groups ?? otherGroups(table).map(([name]) => name))
    const end = { ...cellEnd(listed, progress, caller, performance.now() - began), tried }
    const written = await writer.finish(end, (sample) => confirmGone(table, sample, cell, caller, deps))
    isOver = true
    deps.report?.({ kind: 'cell_ended', cell: id, end, rows: progress.rows, unread_groups: progress.unread })
    return { outcome: 'written', end, rows: progress.rows, unread_groups: progress.unread, written }
  } finally {
    if (!isOver) await writer.abandon()
  }

  async function cancel(): Promise<CellSummary> {
    await writer.abandon()
    isOver = true
    deps.report?.({ kind: 'cell_cancelled', cell: id })
    return { outcome: 'cancelled' }
  }

  async function* fromShared(name: string, listing: Parameters<typeof listRows>[1]) {
    const shared = await deps.shared.listing(name, listing)
    let rows: ListedRow[] = []
    for await (const row of shared.rows()) {
      rows.push(row)
      if (rows.length < batchOf) continue
      yield rows
      rows = []
    }
    yield rows
    return shared as ListEnd
  }
}

async function readBatch(
  table: AnyTable,
  rows: readonly ListedRow[],
  cell: PlannedCell,
  caller: Caller,
  deps: CollectDeps,
  progress: Progress,
): Promise<CollectedResource[] | 'cancelled'> {
  const wanted: GroupsWanted = {
    caller,
    secret_key: deps.secret_key,
    shared: deps.shared,
    ...(cell.groups === undefined ? {} : { groups: cell.groups }),
  }
  const first = await progress.first.of(rows)
  const read = await mapAtOnce(rows, deps.resources_at_once ?? resourcesAtOnce, (row) => {
    if (caller.signal.aborted) return Promise.resolve('cancelled' as const)
    const more = first.get(row.identity.resource_key)?.groups ?? []
    return readGroups(table, row, more.length === 0 ? wanted : withMore(wanted, more))
  })
  if (caller.signal.aborted) return 'cancelled'
  const batch: CollectedResource[] = []
  for (const resource of read) {
    if (resource === 'cancelled') return 'cancelled'
    // Listed, and gone when its groups were read: it is being deleted.
    if (resource === 'gone') continue
    noteUnread(resource, progress.unread)
    const left = first.get(resource.resource_key)?.left ?? []
    batch.push(noteLeft(resource, left, caller.clock.now()))
  }
  return batch
}

function withMore(wanted: GroupsWanted, more: readonly string[]): GroupsWanted {
  return { ...wanted, groups: [...(wanted.groups ?? []), ...more] }
}

function noteUnread(resource: CollectedResource, unread: UnreadGroups): void {
  for (const [group, { state }] of Object.entries(resource.groups)) {
    if (group === listGroup || isRead(state)) continue
    if (state !== 'denied' && state !== 'error') continue
    unread[group] ??= {}
    unread[group][state] = (unread[group][state] ?? 0) + 1
  }
}

function cellEnd(listed: ListEnd, progress: Progress, caller: Caller, ms: number): CellEnd {
  const unread = listed.unread
  const cost = { ...caller.meter, duration_ms: Math.round(ms) }
  const shared = { listed_at: listed.listed_at, ...cost }
  if (unread === undefined) return { state: 'ok', ...shared }
  const whole = listed.whole_parents === undefined ? {} : { whole_parents: listed.whole_parents }
  switch (unread.end) {
    case 'absent':
    case 'unsupported':
      // Rows before it would contradict it.
      return progress.rows > 0
        ? { state: 'error', failure: contradictory, ...whole, ...shared }
        : { ...emptyEnd(unread), ...shared }
    case 'gone':
      return { state: 'error', failure: unread.failure, ...whole, ...shared }
    case 'cancelled':
      throw new Error('a cancelled cell does not end')
    default:
      return { state: unread.end, failure: unread.failure, ...whole, ...shared }
  }
}

/** A list that says "nothing is configured" was read whole, and is empty; where the service is not there, nothing was asked. */
function emptyEnd({ failure }: { failure?: Failure }): Pick<CellEnd, 'state' | 'failure'> {
  return failure === undefined ? { state: 'ok' } : { state: 'absent', failure }
}

const contradictory = {
  code: 'CONTRADICTION',
  message: 'the list gave rows and then said that there can be none',
  next: 'Nothing to do: the next scan tries again.',
}

function batches(rows: readonly ListedRow[]): ListedRow[][] {
  const all: ListedRow[][] = []
  for (let from = 0; from < rows.length; from += batchOf) all.push(rows.slice(from, from + batchOf))
  return all
}
