import type { Read } from '../core/read.ts'
import type { LakeType } from '../core/table-shape.ts'
import { checkTable } from './check-table.ts'
import type { Column, Place, ValueOf } from './columns.ts'
import type { PathOf, Stored } from './stored.ts'

/**
 * A table of the lake, declared: list → pages → groups → columns → children, each with its permission and the
 * answers that mean "not configured". From it come the DDL, the projection, the least-privilege policy, the
 * docs page, the demand plan and the event map. Why it looks like this: docs/adr/0006.
 *
 * `Groups` maps each group to the type of its content (the provider SDK's own, imported as a type).
 */
export interface TableDefinition<Groups extends { list: unknown } = { list: unknown }> {
  name: string
  title: string
  /** The provider's page on the resource or its API. */
  docs: string
  provider: string
  /** The transport and service of every read that does not say otherwise. */
  via: string
  service: string
  /** Listed once per account, or once per region. */
  parts: 'global' | 'region'
  /** Of an organization as a whole: planned once for its own account (`o-…`), not for each member. */
  belongs_to?: 'organization'
  /** Raised when what it computes changes: stored documents are then projected again. */
  version?: number
  identity: Identity<Groups['list']>
  list: ListGroup<Groups['list']>
  groups: { [Name in Exclude<keyof Groups, 'list'> & string]: Group<Groups[Name], Groups['list']> }
  children?: Record<string, Child<Groups>>
  /**
   * The audit log's event names, each with the path to the native id within the event; a list where several
   * places may hold it; `each` where several ids are touched, and only if each place holds one.
   */
  events?: Record<string, string | readonly string[] | { each: readonly string[] }>
  /** Made by the planner for each organization, account or region, not read: `aws_account`, `aws_region`. */
  planned?: 'organization' | 'account' | 'region'
}

/** Templates over the list group's content: `{Path}`, `{$account}`, `{$region}`, `{$partition}`. */
export interface Identity<Item> {
  /** The provider's global id, or one made in the same shape. */
  key: string | ((item: Stored<Item>, place: Place) => string)
  /** What single reads and events name it by; unique within account, part and table. */
  native_id: PathOf<Item> | ((item: Stored<Item>, place: Place) => string)
  /**
   * Columns that name the resource by themselves, where they do not hold the key or native id as it is listed: who looks for
   * one finds one row, or none.
   */
  unique?: readonly string[]
  /** The word for which a fix's commands want its native id: `BUCKET`. */
  in_commands?: string
  name: PathOf<Item> | ((item: Stored<Item>, place: Place) => string | undefined)
  /** Home region of what is listed globally; the cell's region where left out. */
  region?: (item: Stored<Item>, place: Place) => string
  /** The account that owns it where that can be another than the one asked. */
  owner?: (item: Stored<Item>, place: Place) => string | undefined
  /** Creation time or unique id: another one under the same key is a new resource. */
  incarnation?: PathOf<Item>
  /**
   * What the audit log names a resource by → its native id, where they differ or where an event names things of
   * several kinds. Undefined: none of this table's.
   */
  from_event?: (found: string, event: EventPlace) => string | undefined
  /** Group and path (or function) of the tags: a list of Key/Value, or an object. */
  tags?: { group: string; from: string }
}

/** Where an event of the audit log happened; the whole entry is its `body`. */
export interface EventPlace {
  account_id: string
  region: string
  body: unknown
}

/** Fields of the content with a manner of their own; paths may go through lists (`Rules.LastUsed`). */
export interface Manners {
  /** Kept, but outside hash and history: last used, delivery times, counters. */
  volatile?: readonly string[]
  /** Lists whose order says nothing: sorted before hashing. */
  set?: readonly string[]
  /** Replaced before the document leaves the collector by what rules may know. */
  secret?: readonly string[]
  /**
   * What the provider sends in every answer, an empty list or `false` too (where the thing that has it is there): a content
   * without it was not read right, and the group is `error`. What may be left out has an absence value instead.
   */
  sent?: readonly string[]
}

/** Several reads that make one content; as good as the worst of them. */
export interface ReadSet<T> {
  reads: Record<string, Read>
  /** Puts the answers together; those of absent reads are undefined. */
  shape: (answers: never, place: Place) => Stored<T>
  /** The columns that this way fills, where it cannot fill them all; the others wait for the other way. */
  carries?: readonly string[]
}

/** Rows of a source that fill this group. */
export interface SourceUse<T> {
  source: string
  /** Path to the rows in the source's answer. */
  items: string
  /** Which resource a row belongs to: a template over the row that gives its key (list groups: left out). */
  match?: string
  /** Many rows belong to one resource: `shape` gets them all, as a list. Else a second row is an error. */
  all?: true
  /**
   * Rows of the same answer that this one names: `at`, a path into it and into the content, holds what the template
   * `match` gives of rows in `items`, which is the native id of the rows of `table`. Where one is not there the answer
   * contradicts itself; where one is read by itself, the lake must hold it. Else the group counts as not collected.
   */
  names?: { at: string; items: string; match: string; table: string }
  shape?: (row: never, place: Place) => Stored<T>
  carries?: readonly string[]
}

/** A read of one row, made only where the listing left something out of it. */
export interface Completion<T> {
  misses: (row: Stored<T>) => boolean
  read: Read
  /** The row with what the read's answer says. */
  shape: (row: Stored<T>, answer: never) => Stored<T>
}

export interface ListGroup<T> extends Manners {
  /** The listing; `items` is the path to its rows. Left out for planned tables. */
  read?: Read & { items: string }
  /** Listed within each row of another table: its rows are vouched for and deleted per parent. */
  within?: string
  source?: SourceUse<T>
  /** The listed row → content, where they differ. */
  shape?: (row: never, place: Place) => Stored<T> | undefined
  /** What an answer may leave out of a row. */
  completion?: Completion<T>
  /** One resource by its native id: `{$id}`. */
  one?: (Read & { items?: string }) | ReadSet<T>
  columns: Record<string, Column<T>>
}

export interface Group<T, Item = never> extends Manners {
  title?: string
  /** Another group of the table that is read before this one, and with it, because `applies` needs its content. */
  after?: string
  /**
   * FALSE: the group does not apply to this resource (`unsupported`), and no call is spent on it. `earlier` is the
   * content of the group named in `after`; undefined where that could not be read.
   */
  applies?: (item: Stored<Item>, place: Place, earlier: never) => boolean
  /** Reads of one resource. Without a `source`, every scan uses them, too. */
  read?: Read | ReadSet<T>
  source?: SourceUse<T>
  columns: Record<string, Column<T>>
}

/** A list within a resource, as rows of a table of its own. */
export interface Child<Groups extends { list: unknown }> {
  title: string
  group: keyof Groups & string
  columns: Record<string, { type: LakeType; title: string }>
  /** Columns each of whose values one row has at most, in an account and region. */
  unique?: readonly string[]
  rows: (content: never, place: Place) => Record<string, string | number | boolean>[]
}

/** Ties a child's rows to its columns and to the content of its group. */
export function child<T, C extends Record<string, LakeType>>(declared: {
  title: string
  group: string
  columns: C
  titles?: { [Name in keyof C]?: string }
  unique?: readonly (keyof C & string)[]
  rows: (content: Stored<T>, place: Place) => { [Name in keyof C]: ValueOf<C[Name]> }[]
}): Child<{ list: unknown }> {
  const columns = Object.entries(declared.columns).map(
    ([name, type]) => [name, { type, title: declared.titles?.[name] ?? '' }] as const,
  )
  return {
    title: declared.title,
    group: declared.group as 'list',
    columns: Object.fromEntries(columns),
    ...(declared.unique === undefined ? {} : { unique: declared.unique }),
    rows: declared.rows as Child<{ list: unknown }>['rows'],
  }
}

/** A table whatever its content: what the kernel works with. */
export type AnyTable = TableDefinition<{ list: never } & Record<string, never>>

export function defineTable<Groups extends { list: unknown }>(table: TableDefinition<Groups>): AnyTable {
  const any = table as unknown as AnyTable
  checkTable(any)
  return Object.freeze(any)
}

/**
 * A read that serves groups of several tables or many resources at once.
 * Tables name it in `source:`; which cells are expected comes from the account tree, never from its rows.
 */
export interface SourceDefinition {
  name: string
  title: string
  provider: string
  via: string
  service: string
  parts: 'global' | 'region'
  /** Asked first and repeated until `until` (path = value) holds: reports that are made on demand. */
  prepare?: Read & { until: { path: string; equals: string }; wait_ms: number }
  read: Read
  /** The answer → an object whose lists the tables' `items` name, where the answer is not that already. */
  shape?: (answer: never) => Record<string, unknown[]>
  /** The time that the data speaks of: a path in the answer; the call's own time where left out. */
  read_at?: string
  /** How far behind the truth it may be, at most. */
  lag_ms?: number
  /** Set where the answer itself vouches for being whole (last page reached); else the read that does. */
  whole: 'last page' | { witness: Read; because: string }
}

export function defineSource(source: SourceDefinition): SourceDefinition {
  return Object.freeze(source)
}
