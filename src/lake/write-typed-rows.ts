import { derivedGroup, listGroup, sqlColumns, type TableShape } from '../core/table-shape.ts'
import type { Transaction, Value } from '../db/database.ts'
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

/** Writes typed and child rows. Facts are not projected: their columns are as they were until they are derived. */
export async function loadTypedRows(
  tx: Transaction,
  table: LakeTable,
  resources: readonly TypedResource[],
  schema = 'lake',
  facts: FactsBefore = new Map(),
): Promise<void> {
  if (resources.length === 0) return
  const columns = sqlColumns(table.shape)
  await tx.load(
    { table: `${schema}.${table.shape.name}`, columns },
    resources.map((resource) => typedRow(table, resource, facts.get(resource.resource_key))),
  )
  for (const child of table.children) {
    const rows = resources.flatMap((resource) => childRows(child, resource))
    if (rows.length > 0) await tx.load({ table: `${schema}.${child.name}`, columns: sqlColumns(child) }, rows)
  }
}

/** Facts of rows that are written anew, by resource key: where a fact cannot be told now, what it was may stand. */
export type FactsBefore = ReadonlyMap<string, Readonly<Record<string, Value>>>

export async function factsBefore(
  tx: Transaction,
  { shape }: LakeTable,
  accountId: string,
  keys: readonly string[],
): Promise<FactsBefore> {
  const facts = shape.columns.filter(({ group }) => group === derivedGroup)
  if (facts.length === 0 || keys.length === 0) return new Map()
  const names = ['resource_key', '_kept_facts', ...facts.map(({ name }) => name)]
  const rows = await tx.query<Record<string, Value>>(
    `select ${names.join(', ')} from lake.${shape.name}
     where account_id = $1 and resource_key in (select unnest($2::text[]))`,
    [accountId, keys],
  )
  return new Map(rows.map(({ resource_key, ...row }) => [String(resource_key), row]))
}

function typedRow(
  table: LakeTable,
  resource: TypedResource,
  facts: Readonly<Record<string, Value>> = {},
): Value[] {
  const { account_id, region, resource_key, owner_account_id, part, in_force, state, projection } = resource
  const listed = in_force ? true : null
  const groups = table.shape.groups.filter((group) => group !== listGroup && group !== derivedGroup)
  const read = groups.map((group) => (in_force && state[group]?.in_force ? true : null))
  const novelty = noveltyOf(resource)
  const values = table.shape.columns.map(
    ({ name, group }) => (group === derivedGroup ? facts[name] : projection.columns[name]) ?? null,
  )
  const bookkeeping = [owner_account_id, part, listed, facts._kept_facts ?? null, ...novelty]
  return [account_id, region, resource_key, ...bookkeeping, ...read, ...values]
}

function noveltyOf({ state }: TypedResource): (Date | string | null)[] {
  const { new_in, new_names, lost_names } = state[listGroup] ?? {}
  const latest = Object.values(new_names ?? {})
    .sort()
    .at(-1)
  return [
    new_in === undefined ? null : new Date(new_in),
    latest === undefined ? null : new Date(latest),
    betweenBars(Object.keys(new_names ?? {})),
    betweenBars(Object.keys(lost_names ?? {})),
    betweenBars(keptGroups(state)),
  ]
}

/** The groups that are kept though their last read failed; the list's is its cell's to say. */
export function keptGroups(state: StateMap): string[] {
  return Object.entries(state).flatMap(([group, { state: last, in_force }]) =>
    group !== listGroup && last === 'error' && in_force ? [group] : [],
  )
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
