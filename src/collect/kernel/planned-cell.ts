import type { Json } from '../../core/json.ts'
import type { CellId } from '../../lake/collected.ts'
import type { RegionStatus } from './classify-answer.ts'

/** A cell that is to be read now, and how. */
export interface PlannedCell extends CellId {
  connection: string
  /** Of the account's cloud: `aws`, `aws-cn`. */
  partition: string
  region_status: RegionStatus
  /** The groups to read now beside the list, by demand; all where left out. */
  groups?: readonly string[]
  /** Groups beside those that are read of resources of which they never were. */
  first_reads?: FirstReads
  /** Tables that the planner itself lists: their rows. */
  rows?: readonly Json[]
  /**
   * Who else may be asked, in this order, when the first is denied: an organization belongs to nobody's
   * account alone.
   */
  askers?: readonly Asker[]
}

export interface FirstReads {
  groups: readonly string[]
  /** So many calls may be made for them. */
  calls: number
}

export interface Asker {
  connection: string
  account_id: string
}
