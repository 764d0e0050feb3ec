import type { Placement, TableName } from '../placement.ts'

/** One SELECT (or the body of an UPDATE, DELETE, MERGE) as far as placement matters. */
export interface Level {
  id: number
  /** The level around it; undefined for the statement itself. */
  parent: Level | undefined
  ctes: NamedQuery[]
  items: Item[]
  joins: JoinTree[]
  /** Subqueries inside expressions. */
  sublinks: Sublink[]
  /** Items that WHERE makes sure of: an outer join cannot leave them out. */
  strict: Set<Item>
  /** Columns that WHERE wants to be NULL, and whose they are. */
  nulls: Map<string, Item>
  /** UNION, INTERSECT, EXCEPT: all leaves of the tree, in order. */
  set: { operators: Set<string>; arms: Level[]; samePlace: boolean } | undefined
  outputs: Output[]
  /** Columns merged by USING or NATURAL. */
  merged: Map<string, string>
  /** Items of levels around it that it names: it is correlated if there is one. */
  outerItems: Set<Item>
  groups: (string | undefined)[] | undefined
  groupingSets: boolean
  aggregates: boolean
  having: boolean
  distinct: (string | undefined)[] | undefined
  /** It has a WHERE. */
  filtered: boolean
  windows: (string | undefined)[][]
  limit: boolean
  locks: boolean
  volatile: boolean
  clock: boolean
  /** `case x when y`, other than `case when x = y`. */
  simpleCase: boolean
  naturalJoin: boolean
  stableOverColumn: boolean
  /** Its result is computed first and shipped: for the rest of the statement it is the same on every shard. */
  pulled: boolean
  location: number | undefined
}

/** A name in FROM. */
export interface Item {
  id: number
  alias: string
  kind: 'table' | 'query' | 'function' | 'values' | 'result'
  table?: TableName
  placement?: Placement | undefined
  query?: Level
  /** Column names given by the alias, or known otherwise. */
  columns?: string[] | undefined
  lateral: boolean
  /** A function that gives the same rows whenever it is asked. */
  immutable: boolean
  pulled: boolean
  /** Something of it is wanted by SELECT, WHERE or HAVING. */
  isAsked?: boolean
  /** Of the side of an outer join that may be missing: does nothing after it make sure of it? */
  isOptional?: () => boolean
  location?: number | undefined
}

export interface Output {
  name: string | undefined
  column: string | undefined
  /** `*` or `item.*`: the items whose columns it stands for. */
  star?: Item[]
}

export interface Sublink {
  query: Level
  place: 'where' | 'having' | 'select' | 'elsewhere'
}

export type JoinKind = 'inner' | 'left' | 'right' | 'full'

export type JoinTree =
  | { item: Item }
  | { kind: JoinKind; left: JoinTree; right: JoinTree; equals: [string, string][]; strict: Set<Item> }

export interface NamedQuery {
  name: string
  query: Level
  columns: string[] | undefined
  inlined: boolean
  recursive: boolean
  modifies: boolean
}

export function newLevel(id: number, parent: Level | undefined): Level {
  return {
    id,
    parent,
    ctes: [],
    items: [],
    joins: [],
    sublinks: [],
    strict: new Set(),
    nulls: new Map(),
    set: undefined,
    outputs: [],
    merged: new Map(),
    outerItems: new Set(),
    groups: undefined,
    groupingSets: false,
    aggregates: false,
    having: false,
    distinct: undefined,
    filtered: false,
    windows: [],
    limit: false,
    locks: false,
    volatile: false,
    clock: false,
    simpleCase: false,
    naturalJoin: false,
    stableOverColumn: false,
    pulled: false,
    location: undefined,
  }
}

export const isCorrelated = (level: Level): boolean => level.outerItems.size > 0

/** All tables that a level still reads by itself: what is pulled no longer counts. */
export function* tablesOf(level: Level): Generator<Item> {
  yield* fromTablesOf(level)
  for (const { query } of level.sublinks) if (!query.pulled) yield* tablesOf(query)
  for (const { query, inlined } of level.ctes) if (!inlined && !query.pulled) yield* tablesOf(query)
}

/** The tables of FROM and of the branches of a set, not those of its expressions. */
export function* fromTablesOf(level: Level): Generator<Item> {
  for (const item of level.items) {
    if (item.pulled) continue
    if (item.kind === 'table') yield item
    else if (item.query !== undefined && !item.query.pulled) yield* tablesOf(item.query)
  }
  for (const arm of level.set?.arms ?? []) if (!arm.pulled) yield* tablesOf(arm)
}

export const distributedOf = (tables: Iterable<Item>): Item[] =>
  [...tables].filter((item) => item.placement === 'distributed')

export const localOf = (tables: Iterable<Item>): Item[] =>
  [...tables].filter((item) => item.placement === 'local')

export const accountOf = (item: Item): string => `${item.id}.account_id`

/** The subqueries directly below a level: of FROM, of its set and of its expressions. */
export function* subqueriesOf(level: Level): Generator<Level> {
  for (const item of level.items) if (item.query !== undefined) yield item.query
  for (const arm of level.set?.arms ?? []) yield arm
  for (const { query } of level.sublinks) yield query
}

export function* leavesOf(tree: JoinTree): Generator<Item> {
  if ('item' in tree) yield tree.item
  else {
    yield* leavesOf(tree.left)
    yield* leavesOf(tree.right)
  }
}
