import type { Json } from '../core/json.ts'
import type { State } from '../core/state.ts'

/**
 * What collect hands to the lake. The lake alone decides what is stored, what is in force, what is a version
 * and what is deleted.
 */
export interface CellId {
  account_id: string
  table: string
  part: string
}

/** Why a read is not `ok`: for a person, with the next step. */
export interface Failure {
  /** The provider's error code, or one of ours (`TIMEOUT`, `UNREACHABLE`, `PAGE_MISSING`). */
  code: string
  message: string
  /** The denied permission, e.g. `s3:GetBucketPolicy`. */
  action?: string
  /** Who or what stands in the way, where the answer says so. */
  denied_by?:
    | 'identity policy'
    | 'resource policy'
    | 'service control policy'
    | 'resource control policy'
    | 'permissions boundary'
    | 'session policy'
    | 'vpc endpoint policy'
    | 'licence'
    | 'network'
    | 'disabled api'
    | 'consent'
    | 'credentials'
    | 'region not opted in'
  next: string
}

export interface GroupRead {
  state: State
  /** Only with `ok`. Secret fields are already replaced. */
  content?: Json
  /** The time that the content speaks of. */
  read_at: Date
  /** When it was asked, where the content speaks of an earlier time (a report that was made before). */
  asked_at?: Date
  failure?: Failure
  /** Set where this way of reading fills some columns only; the others keep what they had. */
  carries?: readonly string[]
  /**
   * Names the way of reading where a group has several that fill all columns, but word the rest differently (a
   * source, the reads of one resource): between two ways only fields that both have make a version.
   */
  way?: string
}

export interface CollectedResource {
  resource_key: string
  native_id: string
  name: string
  region: string
  owner_account_id: string
  /** Creation time or unique id, else ''. */
  incarnation: string
  tags: Record<string, string>
  /** The key of the row it was listed within, for tables that are. */
  parent_key?: string
  /** Always has `list`. A group that is not named was not tried: it stays as it was. */
  groups: Record<string, GroupRead>
}

/** How the read of a cell ended. */
export interface CellEnd {
  state: State
  failure?: Failure
  /** When the listing began (for a lagging source: the time that its data speaks of). */
  listed_at: Date
  /**
   * Of a table listed within another, where the cell as a whole is unread: the parents whose rows were listed
   * whole all the same, so that what is missing there may be deleted.
   */
  whole_parents?: readonly string[]
  /** The groups beside the list that were tried for every row that was listed; none where there was no row. */
  tried?: readonly string[]
  calls: number
  throttles: number
  duration_ms: number
}

/** A resource that a read did not list any more. */
export interface Missing {
  resource_key: string
  native_id: string
  region: string
}

/** How a big deletion is confirmed another way before it happens. */
export type ConfirmGone = (sample: readonly Missing[]) => Promise<'gone' | 'still there' | 'could not tell'>
