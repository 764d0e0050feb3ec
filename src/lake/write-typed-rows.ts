import { derivedGroup, listGroup, sqlColumns, type TableShape } from '../core/table-shape.ts'
import type { ColumnType, LoadTarget, Transaction, Value } from '../db/database.ts'
import type { LakeTable } from './catalogue.ts'
import type { StateMap } from './group-state.ts'
import type { Projection } from './project-resource.ts'

/** One resource as its typed rows are made. */
export interface TypedResource {
  account_id: string
  resource_key: string
  region: string
  owner_account_id: string
  part: string
  in_force: boolean
  state: StateMap
  projection: Projection
}

/** Takes the rows of these resources out of a table and its child tables. */
export async function deleteTypedRows(
  tx: Transaction,
  table: LakeTable,
  accountId: string,
  keys: readonly string[],
  schema = 'lake',
): Promise<void> {
  if (keys.length === 0) return
  for (const { name } of [table.shape, ...table.children]) {
    await tx.run(
      `delete from ${schema}.${name} where account_id = $1 and resource_key in (select unnest($2::text[]))`,
      [accountId, keys],
    )
  }
}

/** Writes typed and child rows. Facts are not projected: their columns stay NULL until they are derived. */
export async function loadTypedRows(
  tx: Transaction,
  table: LakeTable,
  resources: readonly TypedResource[],
  schema = 'lake',
): Promise<void> {
  if (resources.length === 0) return
  const target = typedTarget(table.shape, schema)
  await tx.load(
    target,
    resources.map((resource) => typedRow(table, resource)),
  )
  for (const child of table.children) {
    const rows = resources.flatMap((resource) => childRows(child, resource))
    if (rows.length > 0) await tx.load(typedTarget(child, schema), rows)
  }
}

function typedTarget(shape: TableShape, schema: string): LoadTarget {
  const derived = new Set(shape.columns.filter(({ group }) => group === derivedGroup).map(({ name }) => name))
  const columns: { name: string; type: ColumnType }[] = sqlColumns(shape).filter(
    ({ name }) => !derived.has(name),
  )
  return { table: `${schema}.${shape.name}`, columns }
}

function typedRow(table: LakeTable, resource: TypedResource): Value[] {
  const { account_id, region, resource_key, owner_account_id, part, in_force, state, projection } = resource
  const listed = in_force ? true : null
  const groups = table.shape.groups.filter((group) => group !== listGroup && group !== derivedGroup)
  const read = groups.map((group) => (in_force && state[group]?.in_force ? true : null))
  const novelty = noveltyOf(resource)
  const columns = table.shape.columns.filter(({ group }) => group !== derivedGroup)
  const values = columns.map(({ name }) => projection.columns[name] ?? null)
  return [account_id, region, resource_key, owner_account_id, part, listed, ...novelty, ...read, ...values]
}

function noveltyOf({ state }: TypedResource): (Date | string | null)[] {
  const { new_in, new_names, lost_names, altered_in } = state[listGroup] ?? {}
  const kept = keptOf(state)
  const latest = Object.values(new_names ?? {})
    .sort()
    .at(-1)
  return [
    new_in === undefined ? null : new Date(new_in),
    latest === undefined ? null : new Date(latest),
    betweenBars(Object.keys(new_names ?? {})),
    betweenBars(Object.keys(lost_names ?? {})),
    altered_in === undefined ? null : new Date(altered_in),
    betweenBars(kept.groups),
    kept.oldest === undefined ? null : new Date(kept.oldest),
  ]
}

/** The groups that are kept though their last read failed, and the oldest good read of them; the list's is its cell's to say. */
export function keptOf(state: StateMap): { groups: string[]; oldest: string | undefined } {
  const kept = Object.entries(state).flatMap(([group, { state: last, in_force, ok_at }]) =>
    group !== listGroup && last === 'error' && in_force && ok_at !== undefined ? [{ group, ok_at }] : [],
  )
  const [oldest] = kept.map(({ ok_at }) => ok_at).sort()
  return { groups: kept.map(({ group }) => group).sort(), oldest }
}

/** Names in one text, as compiled conditions look for them. */
export function betweenBars(names: readonly string[]): string | null {
  return names.length === 0 ? null : `|${[...names].sort().join('|')}|`
}

function childRows(child: TableShape, resource: TypedResource): Value[][] {
  const { account_id, region, resource_key, projection } = resource
  const rows = projection.children[child.name] ?? []
  const novelty = noveltyOf(resource)
  return rows.map((row, nr) => {
    return [account_id, region, resource_key, nr, ...novelty, ...child.columns.map(({ name }) => row[name]!)]
  })
}
