import type { State } from '../core/state.ts'
import type { Param, Reader } from '../db/database.ts'

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

function conditions(filter: CoverageFilter): { where: string; params: Param[] } {
  const params: Param[] = []
  const all = ['true']
  const lists = {
    account_id: filter.accounts,
    table_name: filter.tables,
    part: filter.parts,
    state: filter.states,
  }
  for (const [name, values] of Object.entries(lists)) {
    if (values === undefined) continue
    params.push(values)
    all.push(`${name} = any($${params.length}::text[])`)
  }
  return { where: all.join(' and '), params }
}

/** What do we not know, since when, and why: cells first, then groups; chunk by chunk, they may be many. */
export function coverage(db: Reader, filter: CoverageFilter = {}): AsyncIterable<Unknown[]> {
  const { where, params } = conditions(filter)
  return db.stream<Unknown>(
    `select account_id, table_name, part, region, resource_key, group_name, state, in_force, since, ok_at, attempted_at,
       code, message, action, denied_by, next
     from public.coverage where ${where}
     order by account_id nulls last, table_name nulls last, part nulls last, group_name nulls last,
       resource_key nulls last`,
    params,
  )
}

/** How many groups or cells are unread for the same reason. */
export interface UnknownFold {
  table_name: string
  group_name: string
  state: State
  code: string
  action: string
  denied_by: string
  next: string
  in_force: boolean
  accounts: number
  unread: number
  since: Date
}

/** The same folded by reason: one line a denied action. */
export function coverageFolded(db: Reader, filter: CoverageFilter = {}): Promise<UnknownFold[]> {
  const { where, params } = conditions(filter)
  return db.query<UnknownFold>(
    `select table_name, group_name, state, code, action, denied_by, next, in_force, count(*) as unread,
       count(distinct account_id) as accounts, min(since) as since
     from public.coverage where ${where}
     group by table_name, group_name, state, code, action, denied_by, next, in_force
     order by count(*) desc nulls last, table_name nulls last, group_name nulls last, action nulls last`,
    params,
  )
}

export interface Freshness {
  account_id: string
  table_name: string
  cells: number
  unread: number
  rows: number
  /** The cell that was read longest ago; null where one was never read. */
  oldest_ok_at: Date | null
  newest_ok_at: Date | null
}

/** How old what is known is, per account and table. Excluded cells are left out of it. */
export async function freshness(db: Reader, filter: CoverageFilter = {}): Promise<Freshness[]> {
  const { where, params } = conditions(filter)
  const rows = await db.query<Freshness & { never: number }>(
    `select account_id, table_name, count(*) as cells, sum(rows) as rows, min(ok_at) as oldest_ok_at,
       max(ok_at) as newest_ok_at, count(*) filter (where ok_at is null) as never,
       count(*) filter (where state in ('denied', 'error', 'not_collected')) as unread
     from stance.cell where ${where} and state <> 'excluded'
     group by account_id, table_name order by account_id nulls last, table_name nulls last`,
    params,
  )
  return rows.map(({ never, ...row }) => (never > 0 ? { ...row, oldest_ok_at: null } : row))
}
