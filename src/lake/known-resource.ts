import type { State } from '../core/state.ts'
import { listGroup } from '../core/table-shape.ts'
import type { ColumnType, Reader, Row, Value } from '../db/database.ts'
import { loadTarget } from '../db/load-target.ts'
import type { ContentMap, StateMap } from './group-state.ts'

/** A row of `stance.resource`; without its content where only its state was asked for. */
export interface KnownResource {
  account_id: string
  resource_key: string
  table_name: string
  provider: string
  cloud_partition: string
  region: string
  part: string
  owner_account_id: string
  parent_key: string
  native_id: string
  name: string
  incarnation: string
  seen_incarnation: string
  /** JSON text with sorted keys; null where tags were never read. */
  tags: string | null
  tags_read: boolean
  content: ContentMap
  state: StateMap
  list_state: State
  list_read_at: Date
  in_force: boolean
  in_force_since: Date
  hash: string
  row_hash: string
  projection: string
  first_seen: Date
  valid_from: Date
}

const types: Record<keyof KnownResource, ColumnType> = {
  account_id: 'text',
  resource_key: 'text',
  table_name: 'text',
  provider: 'text',
  cloud_partition: 'text',
  region: 'text',
  part: 'text',
  owner_account_id: 'text',
  parent_key: 'text',
  native_id: 'text',
  name: 'text',
  incarnation: 'text',
  seen_incarnation: 'text',
  tags: 'json',
  tags_read: 'boolean',
  content: 'json',
  state: 'json',
  list_state: 'text',
  list_read_at: 'timestamptz',
  in_force: 'boolean',
  in_force_since: 'timestamptz',
  hash: 'text',
  row_hash: 'text',
  projection: 'text',
  first_seen: 'timestamptz',
  valid_from: 'timestamptz',
}

export const resourceTarget = loadTarget('stance.resource', types)
export const resourceColumns = resourceTarget.columns
const light = resourceColumns.filter(({ name }) => name !== 'content').map(({ name }) => name)

/** Rows by their keys, without content. */
export async function knownByKeys(
  db: Reader,
  accountId: string,
  keys: readonly string[],
): Promise<Map<string, KnownResource>> {
  if (keys.length === 0) return new Map()
  const rows = await db.query(
    `select ${light.join(', ')} from stance.resource where account_id = $1 and resource_key in (select unnest($2::text[]))`,
    [accountId, keys],
  )
  return new Map(rows.map((row) => [String(row.resource_key), toKnown(row)]))
}

export async function contentByKeys(
  db: Reader,
  accountId: string,
  keys: readonly string[],
): Promise<Map<string, ContentMap>> {
  if (keys.length === 0) return new Map()
  const rows = await db.query<{ resource_key: string; content: string }>(
    'select resource_key, content from stance.resource where account_id = $1 and resource_key in (select unnest($2::text[]))',
    [accountId, keys],
  )
  return new Map(rows.map(({ resource_key, content }) => [resource_key, JSON.parse(content) as ContentMap]))
}

/** Of the group `list` the columns count: a cell that lapses changes them alone. */
export function toKnown(row: Row): KnownResource {
  const known = { content: '{}', ...row } as unknown as KnownResource & { content: unknown; state: unknown }
  const content = JSON.parse(String(known.content)) as ContentMap
  const state = JSON.parse(String(known.state)) as StateMap
  const list = state[listGroup]
  if (list !== undefined) {
    list.in_force = known.in_force
    list.since = known.in_force_since.toISOString()
  }
  return { ...known, content, state }
}

export function toResourceRow(resource: KnownResource): Value[] {
  return resourceColumns.map(({ name }) => {
    const value = resource[name as keyof KnownResource]
    if (name === 'content' || name === 'state') return JSON.stringify(value)
    return value as Value
  })
}
