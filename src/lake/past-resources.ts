import type { State } from '../core/state.ts'
import { listGroup } from '../core/table-shape.ts'
import type { Reader, Row } from '../db/database.ts'
import type { LakeTable } from './catalogue.ts'
import { contentsInForce } from './group-contents.ts'
import type { ContentMap, StateMap } from './group-state.ts'
import { projectResource } from './project-resource.ts'
import type { TypedResource } from './write-typed-rows.ts'

/** A resource as it was at a moment: its document, and which groups were in force then. */
export interface PastResource {
  account_id: string
  resource_key: string
  region: string
  part: string
  owner_account_id: string
  cloud_partition: string
  native_id: string
  name: string
  content: ContentMap
  state: StateMap
  in_force: boolean
}

interface PastRow extends Omit<PastResource, 'content' | 'state'> {
  content: string
  state: string
  list_state: State
  in_force_since: Date
}

interface Interval {
  resource_key: string
  group_name: string
  state: State
  in_force: boolean
}

const columns = `account_id, resource_key, region, part, owner_account_id, cloud_partition, native_id, name, content,
  state, list_state, in_force, in_force_since`
const keysPerPage = 500

/** Resources of one table and account at a moment, in pages by key. */
export async function* resourcesAt(
  db: Reader,
  moment: Date,
  table: string,
  accountId: string,
): AsyncIterable<PastResource[]> {
  const intervals = await intervalsAt(db, moment, table, accountId)
  const params = [accountId, table, moment]
  for (const from of [
    'stance.resource where account_id = $1 and table_name = $2 and valid_from <= $3',
    'stance.resource_version where account_id = $1 and table_name = $2 and valid_from <= $3 and valid_to > $3',
  ]) {
    let last = ''
    for (;;) {
      const rows = await db.query<PastRow & Row>(
        `select ${columns} from ${from} and resource_key > $4 order by resource_key nulls last limit ${keysPerPage}`,
        [...params, last],
      )
      if (rows.length > 0) yield rows.map((row) => toPast(row, intervals, moment))
      if (rows.length < keysPerPage) break
      last = rows.at(-1)!.resource_key
    }
  }
}

/** Intervals of groups that were open at the moment and are closed by now; sparse. */
async function intervalsAt(
  db: Reader,
  moment: Date,
  table: string,
  accountId: string,
): Promise<Map<string, Interval>> {
  const rows = await db.query<Interval>(
    `select resource_key, group_name, state, in_force from stance.coverage_history
     where account_id = $1 and table_name = $2 and valid_from <= $3 and valid_to > $3 and group_name <> ''`,
    [accountId, table, moment],
  )
  return new Map(rows.map((row) => [`${row.resource_key}\0${row.group_name}`, row]))
}

function toPast(row: PastRow, intervals: ReadonlyMap<string, Interval>, moment: Date): PastResource {
  const { content, state: text, list_state, in_force, in_force_since, ...rest } = row
  const state: StateMap = {}
  for (const [group, known] of Object.entries(JSON.parse(text) as StateMap)) {
    const now =
      group === listGroup
        ? { ...known, state: list_state, in_force, since: in_force_since.toISOString() }
        : known
    if (Date.parse(now.since) <= moment.getTime()) {
      state[group] = now
      continue
    }
    const then = intervals.get(`${row.resource_key}\0${group}`)
    // No interval: the group was first read later.
    state[group] = { ...now, state: then?.state ?? 'not_collected', in_force: then?.in_force ?? false }
  }
  const listed = state[listGroup]?.in_force ?? false
  return { ...rest, content: JSON.parse(content) as ContentMap, state, in_force: listed }
}

/** As its typed row and child rows are made. */
export function toTypedThen(table: LakeTable, past: PastResource): TypedResource {
  const { account_id, region, cloud_partition, state, content } = past
  const where = { account_id, region, partition: cloud_partition }
  const projection = projectResource(table.declared, where, contentsInForce(state, content))
  // What today's declaration cannot read out of an old document is not known of that moment.
  const read = Object.entries(state).map(([group, known]) => {
    const failed = projection.failures[group] !== undefined
    return [group, failed ? { ...known, in_force: false } : known] as const
  })
  const in_force = past.in_force && projection.failures[listGroup] === undefined
  return { ...past, in_force, state: Object.fromEntries(read), projection }
}

export interface PastCell {
  account_id: string
  table_name: string
  part: string
  state: State
  in_force: boolean
}

/** Cells of an account as they were at a moment. */
export async function cellsAt(db: Reader, moment: Date, accountId: string): Promise<PastCell[]> {
  const params = [accountId, moment]
  const now = await db.query<PastCell>(
    `select account_id, table_name, part, state, in_force from stance.cell where account_id = $1 and since <= $2`,
    params,
  )
  const then = await db.query<PastCell>(
    `select account_id, table_name, part, state, in_force from stance.coverage_history
     where account_id = $1 and valid_from <= $2 and valid_to > $2 and resource_key = '' and group_name = ''`,
    params,
  )
  return [...now, ...then]
}
