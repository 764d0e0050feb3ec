import type { Json } from '../core/json.ts'
import type { State } from '../core/state.ts'
import type { Failure } from './collected.ts'

/**
 * How one group of one resource was read, as it lies in `stance.resource.state`.
 *
 *   read (ok, absent, unsupported) ──▶ in force
 *   in force ──error──▶ in force while ok_at is younger than stale_after, then not
 *   in force ──denied, excluded, not_collected──▶ not in force
 *
 * The content of the last good read stays in the document in every case.
 */
export interface GroupState {
  /** Of the last attempt. */
  state: State
  /** Since when state and in_force are these. */
  since: string
  /** The time that the last attempt speaks of. */
  read_at: string
  /** The time that the content speaks of; missing where it was never read well. */
  ok_at?: string
  in_force: boolean
  /** Of the content without volatile fields, and with them where that differs. Missing where there is none. */
  hash?: string
  full?: string
  /** Which way of reading made the content. */
  reading?: string
  failure?: Failure
  /** Of the list: since when the typed row may name what an older list cannot have (src/core/table-shape.ts). */
  new_in?: string
  /** Names that came later, each with the beginning of the scan that first saw it. */
  new_names?: Record<string, string>
  /** Names that a list has lost since they were read here: the groups that have each, and when the scan began that told. */
  lost_names?: Record<string, { groups: string[]; since: string }>
  /** Partial ways read after the content, by the columns they carry. */
  overlays?: Record<string, Overlay>
}

export interface Overlay {
  read_at: string
  hash: string
  full: string
}

/** The declaration that a content was read by, and which of its ways. */
export function readingOf(declared: string, way: string | undefined): string {
  return way === undefined ? declared : `${declared}:${way}`
}

export function isSameDeclaration(a: string | undefined, b: string | undefined): boolean {
  return a?.split(':')[0] === b?.split(':')[0]
}

export type StateMap = Record<string, GroupState>
/** `stance.resource.content`: a group's content, or null for "not configured"; partial ways as `group#columns`. */
export type ContentMap = Record<string, Json>

export function overlayKey(group: string, carries: readonly string[]): string {
  return `${group}#${[...carries].sort().join(',')}`
}

export function carriedBy(key: string): string[] {
  return key.slice(key.indexOf('#') + 1).split(',')
}
