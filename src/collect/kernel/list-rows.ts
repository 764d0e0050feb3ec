import type { Json } from '../../core/json.ts'
import type { Failure } from '../../lake/collected.ts'
import type { Place } from '../../lake/columns.ts'
import type { AnyTable } from '../../lake/define-table.ts'
import type { Caller } from './call-read.ts'
import type { Unanswered } from './classify-answer.ts'
import { ownerOf } from './collect-deps.ts'
import { completeRows } from './complete-rows.ts'
import type { TemplateValues } from './fill-template.ts'
import { type FoundAt, identifyResource, type ResourceIdentity, valuesOf } from './identify-resource.ts'
import { readPages } from './read-pages.ts'
import { shaped } from './read-way.ts'
import type { SharedReads } from './shared-reads.ts'
import { listOf } from './table-reads.ts'

/** One row of a listing, known by name. */
export interface ListedRow {
  item: Json
  identity: ResourceIdentity
  read_at: Date
  parent?: Parent
}

export interface Parent {
  resource_key: string
  native_id: string
  item: Json
}

export interface ListEnd {
  /** Undefined: the listing is whole. */
  unread: Unanswered | undefined
  /** When the oldest of the lists that it stands on was begun: rows written since are newer than it. */
  listed_at: Date
  /** Of a table listed within another: the parents whose rows are all there. */
  whole_parents?: string[]
}

/** All that a listing needs to know. */
export interface Listing {
  caller: Caller
  shared: SharedReads
  /** Rows that the planner made. */
  planned?: readonly Json[]
}

/** The rows of a table in one cell, from whatever lists it: a read, a source, its parents, the planner. */
export async function* listRows(table: AnyTable, listing: Listing): AsyncGenerator<ListedRow[], ListEnd> {
  const list = listOf(table)
  if (table.planned !== undefined && list.read === undefined) return yield* listPlanned(table, listing)
  if (list.within !== undefined) return yield* listWithin(table, list.within, listing)
  if (list.source !== undefined) return yield* listFromSource(table, listing)
  const listed_at = listing.caller.clock.now()
  const unread = yield* listPages(table, listing, undefined)
  return { unread, listed_at }
}

async function* listPlanned(
  table: AnyTable,
  { caller, planned }: Listing,
): AsyncGenerator<ListedRow[], ListEnd> {
  const listed_at = caller.clock.now()
  if (planned === undefined) throw new Error(`the planner gave no rows for ${table.name}`)
  const known = toRows(table, caller, planned, listed_at, undefined)
  yield known.rows
  return { unread: known.unread, listed_at }
}

async function* listPages(
  table: AnyTable,
  { caller }: Listing,
  parent: Parent | undefined,
): AsyncGenerator<ListedRow[], Unanswered | undefined> {
  const { read } = listOf(table)
  if (read === undefined) throw new Error(`${table.name} has nothing that lists it`)
  const found = foundAt(caller, parent)
  const values: TemplateValues = valuesOf(found, caller.part, parent?.item, parent?.native_id)
  const pages = readPages(caller, ownerOf(table), read, values, { rows: read.items, is_list: true })
  let unusable: Unanswered | undefined
  for (;;) {
    const step = await pages.next()
    if (step.done) return step.value ?? unusable
    const full = await completeRows(table, caller, step.value.rows, found)
    const known = toRows(table, caller, full.rows, step.value.read_at, parent)
    unusable ??= full.unread ?? known.unread
    yield known.rows
  }
}

async function* listFromSource(table: AnyTable, listing: Listing): AsyncGenerator<ListedRow[], ListEnd> {
  const { caller, shared } = listing
  const use = listOf(table).source
  if (use === undefined) throw new Error(`${table.name} has no source`)
  const run = await shared.source(use.source, caller)
  const end = (unread: Unanswered | undefined): ListEnd => ({ unread, listed_at: run.read_at })
  let unusable: Unanswered | undefined
  for await (const chunk of run.items.get(use.items)?.chunks() ?? []) {
    const known = toRows(table, caller, chunk, run.read_at, undefined, 'source')
    unusable ??= known.unread
    yield known.rows
  }
  if (run.unread !== undefined) return end(run.unread)
  if (run.broken.has(use.items)) return end(rowsMissing(use.source, use.items))
  return end(unusable)
}

/** As whole as the parents' own listing and each parent's rows; what is whole is vouched for parent by parent. */
async function* listWithin(
  table: AnyTable,
  parentName: string,
  listing: Listing,
): AsyncGenerator<ListedRow[], ListEnd> {
  const { caller, shared } = listing
  const began = caller.clock.now()
  const parents = await shared.listing(parentName, listing)
  // Of parents made since theirs was taken it knows nothing: what an event or another scan wrote within them is newer.
  const listed_at = parents.listed_at < began ? parents.listed_at : began
  const whole: string[] = []
  let worst = parents.unread
  for await (const parentRow of parents.rows()) {
    const parent: Parent = {
      resource_key: parentRow.identity.resource_key,
      native_id: parentRow.identity.native_id,
      item: parentRow.item,
    }
    const unread = yield* listPages(table, listing, parent)
    if (unread?.end === 'cancelled') return { unread, listed_at }
    // A parent that went while it was read, or to which the call does not apply, has no rows.
    if (
      unread === undefined ||
      unread.end === 'absent' ||
      unread.end === 'unsupported' ||
      unread.end === 'gone'
    )
      whole.push(parent.resource_key)
    else worst = worse(worst, unread)
  }
  return { unread: worst, listed_at, whole_parents: whole }
}

function worse(one: Unanswered | undefined, other: Unanswered): Unanswered {
  if (one === undefined || one.end === 'absent' || one.end === 'unsupported') return other
  return one.end === 'denied' || other.end !== 'denied' ? one : other
}

/** Rows that are resources of the table. One that cannot be named makes the listing less than whole. */
function toRows(
  table: AnyTable,
  caller: Caller,
  rows: readonly Json[],
  read_at: Date,
  parent: Parent | undefined,
  via: 'source' | 'list' = 'list',
): { rows: ListedRow[]; unread: Unanswered | undefined } {
  const listed: ListedRow[] = []
  let unread: Unanswered | undefined
  for (const row of rows) {
    const known = toRow(table, caller, row, read_at, parent, via)
    if (known === undefined) continue
    if ('failure' in known) unread ??= { end: 'error', failure: known.failure }
    else listed.push(known.value)
  }
  return { rows: listed, unread }
}

/** Undefined: the shape says that this row is none of the table's resources. */
export function toRow(
  table: AnyTable,
  caller: Caller,
  row: Json,
  read_at: Date,
  parent: Parent | undefined,
  /** Which shape stands between the row and the content: a source's, the list's, or none. */
  via: 'source' | 'list' | 'content' = 'list',
): { value: ListedRow } | { failure: Failure } | undefined {
  const found = foundAt(caller, parent)
  const list = listOf(table)
  const shape =
    via === 'content' ? undefined : via === 'source' ? (list.source?.shape ?? list.shape) : list.shape
  const made = shaped((): ListedRow | undefined => {
    const place: Place = {
      account_id: found.account_id,
      region: found.part,
      partition: found.partition,
      item: row,
    }
    const item = shape === undefined ? row : (shape(row as never, place) as Json | undefined)
    if (item === undefined) return undefined
    const identity = identifyResource(table, item, found)
    return { item, identity, read_at, ...(parent === undefined ? {} : { parent }) }
  })
  if ('failure' in made) return { failure: { ...made.failure, code: 'ROW_UNUSABLE' } }
  return made.value === undefined ? undefined : { value: made.value }
}

export function foundAt(caller: Caller, parent: Parent | undefined): FoundAt {
  const { account_id, part, partition } = caller
  return { account_id, part, partition, ...(parent === undefined ? {} : { parent }) }
}

export function rowsMissing(source: string, items: string): Unanswered {
  const message = `an answer of ${source} has no ${items}`
  return {
    end: 'error',
    failure: { code: 'ROWS_MISSING', message, next: 'Nothing to do: the next scan tries again.' },
  }
}
