import type { LakeType } from '../core/table-shape.ts'
import type { PathOf, Stored } from './stored.ts'

/** What every projection may know beside the document: where the resource was found. */
export interface Place {
  account_id: string
  region: string
  partition: string
  /** The list group's content of the same resource. */
  item: unknown
}

export type ValueOf<T extends LakeType> = T extends 'text'
  ? string
  : T extends 'boolean'
    ? boolean
    : T extends 'timestamptz'
      ? string
      : number

/**
 * One column: where its value stands in the group's content (a path that TypeScript checks, or a pure
 * function), and what it has where the provider leaves the field out. A column without an absence value
 * must be there, else the group is `error`: NULL means "not read" and nothing else.
 */
export interface Column<T> {
  readonly type: LakeType
  readonly from: PathOf<T> | ((content: Stored<T>, place: Place) => unknown)
  readonly absent?: string | number | boolean
  readonly title: string
  /**
   * The column of the same group that this one tells more of. Where a partial way says that it turned, this one is NULL
   * until all is read again: what is known of it speaks of the time before.
   */
  readonly of?: string
}

type From<T, V> = PathOf<T> | ((content: Stored<T>, place: Place) => V | undefined)

/** A column that tells more of another one in its group: since when, how often. */
export function tellsOf<T>(of: string, column: Column<T>): Column<T> {
  return { ...column, of }
}

/** Never happened: earlier than every time, so that "older than" is right without a second column. */
export const never = '0001-01-01T00:00:00Z'
/** Never ends: later than every time. */
export const forever = '9999-12-31T00:00:00Z'
/** No limit. */
export const unlimited = Number.MAX_SAFE_INTEGER

export function text<T>(from: From<T, string>, absent?: string, title = ''): Column<T> {
  return { type: 'text', from, absent, title }
}

export function flag<T>(from: From<T, boolean>, absent?: boolean, title = ''): Column<T> {
  return { type: 'boolean', from, absent, title }
}

export function count<T>(from: From<T, number>, absent?: number, title = ''): Column<T> {
  return { type: 'bigint', from, absent, title }
}

export function double<T>(from: From<T, number>, absent?: number, title = ''): Column<T> {
  return { type: 'double', from, absent, title }
}

/** Times are ISO 8601 strings in documents. */
export function time<T>(from: From<T, string>, absent?: string, title = ''): Column<T> {
  return { type: 'timestamptz', from, absent, title }
}
