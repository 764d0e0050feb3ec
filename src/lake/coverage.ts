import type { State } from '../core/state.ts'
import { Conditions } from '../db/conditions.ts'
import type { Reader } from '../db/database.ts'

export interface CoverageFilter {
  accounts?: readonly string[]
  tables?: readonly string[]
  parts?: readonly string[]
  states?: readonly State[]
}

/** Something that is not known: a cell (resource_key and group_name ''), or a group of a resource. */
export interface Unknown {
  account_id: string
  table_name: string
  part: string
  region: string
  resource_key: string
  group_name: string
  state: State
  /** Its last good content still counts. */
  in_force: boolean
  since: Date
  ok_at: Date | null
  attempted_at: Date | null
  code: string
  message: string
  action: string
  denied_by: string
  next: string
}

/** What do we not know, since when, and why: cells first, then groups; chunk by chunk, they may be many. */
export function coverage(db: Reader, filter: CoverageFilter = {}): AsyncIterable<Unknown[]> {
  const asked = new Conditions().among({
    account_id: filter.accounts,
    table_name: filter.tables,
    part: filter.parts,
    state: filter.states,
  })
  return db.stream<Unknown>(
    `select account_id, table_name, part, region, resource_key, group_name, state, in_force, since, ok_at, attempted_at,
       code, message, action, denied_by, next
     from public.coverage where ${asked.sql}
     order by account_id nulls last, table_name nulls last, part nulls last, group_name nulls last,
       resource_key nulls last`,
    asked.params,
  )
}
