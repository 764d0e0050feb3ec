import type { Catalogue, ColumnShape, LakeType, TableShape } from '../../core/table-shape.ts'
import { novelty, sqlColumns } from '../../core/table-shape.ts'
import type { World } from '../../core/world.ts'
import { schemaWorld } from '../../core/world.ts'
import type { Database } from '../../db/database.ts'
import { loadTarget } from '../../db/load-target.ts'
import type { WorldRow, WorldRows } from './reference-judge.ts'

/** A lake small enough to be made at random: a regional and a global table, child tables, facts, nullable keys. */
function columns(group: string, named: Record<string, LakeType>): ColumnShape[] {
  return Object.entries(named).map(([name, type]) => ({ name, type, group, title: name }))
}

const network: TableShape = {
  name: 'network',
  title: 'Network',
  provider: 'test',
  parts: 'region',
  groups: ['list', 'flow', 'derived'],
  columns: [
    ...columns('list', {
      network_id: 'text',
      size: 'bigint',
      is_default: 'boolean',
      created_at: 'timestamptz',
      peer_account_id: 'text',
    }),
    ...columns('flow', { flow_status: 'text', peer_id: 'text', flow_limit: 'bigint', ratio: 'double' }),
    ...columns('derived', { is_public: 'boolean', is_flowing: 'boolean' }),
  ],
  unique: ['network_id'],
}

const networkRule: TableShape = {
  name: 'network_rule',
  title: 'Rule of a network',
  provider: 'test',
  parts: 'region',
  groups: ['flow'],
  parent: 'network',
  columns: columns('flow', { port: 'bigint', target_id: 'text', is_open: 'boolean' }),
  unique: [],
}

const networkTag: TableShape = {
  name: 'network_tag',
  title: 'Tag of a network',
  provider: 'test',
  parts: 'region',
  groups: ['list'],
  parent: 'network',
  columns: columns('list', { tag: 'text', tag_value: 'text' }),
  unique: ['tag'],
}

const bucket: TableShape = {
  name: 'bucket',
  title: 'Bucket',
  provider: 'test',
  parts: 'global',
  groups: ['list', 'policy', 'cipher', 'derived'],
  columns: [
    ...columns('list', { bucket_id: 'text', size: 'bigint', network_id: 'text', note: 'text' }),
    ...columns('policy', { policy_id: 'text', is_shared: 'boolean' }),
    ...columns('cipher', { key_id: 'text', key_account_id: 'text', key_days: 'bigint' }),
    ...columns('derived', { is_exposed: 'boolean' }),
  ],
  unique: ['bucket_id'],
}

const bucketGrant: TableShape = {
  name: 'bucket_grant',
  title: 'Grant of a bucket',
  provider: 'test',
  parts: 'global',
  groups: ['policy'],
  parent: 'bucket',
  columns: columns('policy', { grantee: 'text', target_id: 'text', weight: 'bigint' }),
  unique: [],
}

export const smallCatalogue: Catalogue = new Map(
  [network, networkRule, networkTag, bucket, bucketGrant].map((table) => [table.name, table]),
)

/** Fills in what a row leaves out: keys and bookkeeping of one that was read whole, plain absence values. */
export function fullRow(table: TableShape, row: WorldRow): WorldRow {
  const plain = {
    text: '',
    boolean: false,
    bigint: 0,
    double: 0,
    timestamptz: new Date('0001-01-01T00:00:00Z'),
  }
  const full: WorldRow = {}
  for (const { name, type } of sqlColumns(table)) full[name] = name.startsWith('_') ? true : plain[type]
  for (const { name } of [{ name: '_kept_facts' }, ...novelty]) if (name in full) full[name] = null
  const known = { account_id: '111122223333', region: 'eu-west-1', _part: 'eu-west-1', _nr: 1, ...row }
  const owner: WorldRow = 'owner_account_id' in full ? { owner_account_id: known.account_id } : {}
  for (const column of table.columns) if (column.group === 'derived') full[column.name] = null
  return {
    ...full,
    ...owner,
    ...Object.fromEntries(Object.entries(known).filter(([name]) => name in full)),
    ...row,
  }
}

const tables = [...smallCatalogue.values()]

/** Makes a schema with the small catalogue's tables and cells, and loads the rows. */
export async function loadWorld(db: Database, schema: string, rows: WorldRows): Promise<World> {
  await db.transaction(async (tx) => {
    await tx.run(`create schema ${schema}`)
    const spelled = {
      text: 'text',
      boolean: 'boolean',
      bigint: 'bigint',
      double: 'double precision',
      timestamptz: 'timestamptz',
    }
    for (const table of tables) {
      const list = sqlColumns(table).map(({ name, type }) => `${name} ${spelled[type]}`)
      await tx.run(`create table ${schema}.${table.name} (${list.join(', ')})`)
    }
    await tx.run(
      `create table ${schema}.cell (account_id text, table_name text, part text, state text, in_force boolean,
         ok_at timestamptz, attempted_at timestamptz, awaited_since timestamptz)`,
    )
    await tx.run(
      `create table ${schema}.resource (account_id text, resource_key text, part text, list_read_at timestamptz)`,
    )
  })
  await db.transaction(async (tx) => {
    for (const table of tables) {
      const shape = sqlColumns(table)
      const values = (rows.tables[table.name] ?? []).map((row) => shape.map(({ name }) => row[name] ?? null))
      await tx.load({ table: `${schema}.${table.name}`, columns: shape }, values)
    }
    const target = loadTarget(`${schema}.cell`, {
      account_id: 'text',
      table_name: 'text',
      part: 'text',
      state: 'text',
      in_force: 'boolean',
      ok_at: 'timestamptz',
      attempted_at: 'timestamptz',
      awaited_since: 'timestamptz',
    })
    const cells = rows.cells.map(({ account_id, table_name, part, state, in_force, ...times }) => {
      const { ok_at = null, attempted_at = null, awaited_since = null } = times
      const said = state ?? (in_force ? 'ok' : 'denied')
      return [account_id, table_name, part, said, in_force, ok_at, attempted_at, awaited_since]
    })
    await tx.load(target, cells)
    const read = loadTarget(`${schema}.resource`, {
      account_id: 'text',
      resource_key: 'text',
      part: 'text',
      list_read_at: 'timestamptz',
    })
    const resources = tables
      .filter(({ parent }) => parent === undefined)
      .flatMap(({ name }) => rows.tables[name] ?? [])
      .map(({ account_id, resource_key, _part, read_at }) => [
        account_id!,
        resource_key!,
        _part!,
        read_at ?? null,
      ])
    await tx.load(read, resources)
  })
  return schemaWorld(schema)
}
