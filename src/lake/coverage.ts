import type { State } from '../core/state.ts'
import { Conditions } from '../db/conditions.ts'
import type { Reader } from '../db/database.ts'

export interface CoverageFilter {
  accounts?: readonly string[]
  tables?: readonly string[]
  within?: Within
  states?: readonly State[]
}

/** Regions, and the tables that list resources of these regions elsewhere: S3 buckets are listed under `global`. */
export interface Within {
  regions: readonly string[]
  lists: readonly string[]
}

export async function withinRegions(db: Reader, regions: readonly string[]): Promise<Within> {
  const rows = await db.query<{ table_name: string }>(
    `select r.table_name from stance.resource r where r.region = any($1::text[]) and r.part <> r.region
     group by r.table_name`,
    [regions],
  )
  return { regions, lists: rows.map(({ table_name }) => table_name) }
}

/** Cells of the regions, groups of the resources that are there, and the lists that tell of these. */
export function addWithin(asked: Conditions, within: Within | undefined, of: string): Conditions {
  if (within === undefined) return asked
  const regions = `any(${asked.param(within.regions)}::text[])`
  const lists = `any(${asked.param(within.lists)}::text[])`
  return asked.add(
    `(${of}.part = ${regions} or ${of}.region = ${regions}
       or (${of}.group_name = '' and ${of}.part = 'global' and ${of}.table_name = ${lists}))`,
  )
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
    'u.account_id': filter.accounts,
    'u.table_name': filter.tables,
    'u.state': filter.states,
  })
  addWithin(asked, filter.within, 'u')
  return db.stream<Unknown>(
    `select account_id, table_name, part, region, resource_key, group_name, state, in_force, since, ok_at, attempted_at,
       code, message, action, denied_by, next
     from public.coverage u where ${asked.sql}
     order by account_id nulls last, table_name nulls last, part nulls last, group_name nulls last,
       resource_key nulls last`,
    asked.params,
  )
}
