import { StanceError } from '../../core/errors.ts'
import {
  type Catalogue,
  derivedGroup,
  type LakeType,
  readColumn,
  sqlColumns,
  type TableShape,
} from '../../core/table-shape.ts'
import type { Value } from '../../db/database.ts'
import type { Proof } from '../rule.ts'

export type WorldRow = Record<string, Value>
export interface WorldCell {
  account_id: string
  table_name: string
  part: string
  in_force: boolean
}

/** A small lake in memory: the rows of some tables and the cells that vouch for them. */
export interface ProofWorld {
  rows: Map<string, WorldRow[]>
  cells: WorldCell[]
  /** Whose verdict is asked for. */
  judged: { account_id: string; resource_key: string }
}

/** The moment at which proofs are judged, unless one says otherwise. */
export const proofNow = new Date('2026-01-01T00:00:00Z')
export const proofRegion = 'eu-west-1'
const proofKeys = new Set(['name', 'with', 'now', 'params'])

/** What a condition needs of the catalogue: its table, those it reads, and the parents of both. */
export function tablesFor(
  catalogue: Catalogue,
  table: string,
  reads: readonly { table: string }[],
): string[] {
  const names = new Set([table])
  for (const read of reads) names.add(read.table)
  for (const name of [...names]) {
    const parent = catalogue.get(name)?.parent
    if (parent !== undefined) names.add(parent)
  }
  return [...names]
}

/**
 * A written proof as a world. Keys, account, region and parent links are filled in; a column that neither the proof
 * names nor the runner fills is NULL, so a condition that reads it is unknown and the proof fails.
 */
export function worldOfProof(
  catalogue: Catalogue,
  table: string,
  tables: readonly string[],
  proof: Proof,
): ProofWorld {
  const { columns, rows: others } = split(proof)
  const shape = shapeOf(catalogue, table)
  const world: ProofWorld = { rows: new Map(), cells: [], judged: { account_id: '', resource_key: '' } }
  const judged = fillRow(shape, columns, { key: `${table}/judged` })
  add(world, table, judged)
  world.judged = { account_id: text(judged.account_id), resource_key: text(judged.resource_key) }
  const children: [TableShape, readonly Record<string, unknown>[]][] = []
  for (const [name, given] of Object.entries(others)) {
    const other = shapeOf(catalogue, name)
    if (!tables.includes(name)) throw wrong(`rows of ${name}, which the condition does not read`)
    if (other.parent !== undefined) children.push([other, given])
    else
      for (const [nr, row] of given.entries())
        add(world, name, fillRow(other, row, { key: `${name}/${nr + 1}`, like: judged }))
  }
  for (const [child, given] of children) addChildren(world, catalogue, child, given, table, judged)
  world.cells = cellsFor(catalogue, tables, world)
  return world
}

/** Rows of a child table hang on the judged row, or on the first row of their parent that the proof has. */
function addChildren(
  world: ProofWorld,
  catalogue: Catalogue,
  child: TableShape,
  given: readonly Record<string, unknown>[],
  judgedTable: string,
  judged: WorldRow,
): void {
  const parent = shapeOf(catalogue, child.parent ?? '')
  if (parent.name !== judgedTable && (world.rows.get(parent.name) ?? []).length === 0)
    add(world, parent.name, fillRow(parent, {}, { key: `${parent.name}/1`, like: judged }))
  for (const [nr, row] of given.entries()) {
    const named = row.resource_key
    const parents = world.rows.get(parent.name) ?? []
    const own = named === undefined ? parents[0] : parents.find((one) => one.resource_key === named)
    if (own === undefined) throw wrong(`a row of ${child.name} under ${String(named)}, which is not there`)
    const { resource_key: _, ...rest } = row
    add(
      world,
      child.name,
      fillRow(
        child,
        { ...rest, resource_key: own.resource_key, account_id: own.account_id, region: own.region },
        { key: '', nr: nr + 1 },
      ),
    )
  }
}

function fillRow(
  shape: TableShape,
  given: Record<string, unknown>,
  defaults: { key: string; like?: WorldRow; nr?: number },
): WorldRow {
  const row: WorldRow = {}
  const types = new Map(sqlColumns(shape).map(({ name, type }) => [name, type]))
  for (const { name } of sqlColumns(shape)) row[name] = null
  row.account_id = defaults.like?.account_id ?? 'own'
  const near = defaults.like?.region
  row.region =
    shape.parts !== 'region' ? 'global' : near === undefined || near === 'global' ? proofRegion : near
  row.resource_key = defaults.key
  for (const [name, value] of Object.entries(given)) {
    const type = types.get(name)
    if (type === undefined) throw wrong(`${name}, which ${shape.name} does not have`)
    row[name] = toValue(name, type, value)
  }
  if (shape.parent !== undefined) {
    row._nr = defaults.nr ?? 1
    return row
  }
  row.owner_account_id = given.owner_account_id === undefined ? row.account_id : text(row.owner_account_id)
  row._part = shape.parts === 'region' ? text(row.region) : 'global'
  for (const group of shape.groups) if (group !== derivedGroup) row[readColumn(group)] = true
  return row
}

export function cellsFor(catalogue: Catalogue, tables: readonly string[], world: ProofWorld): WorldCell[] {
  const cells: WorldCell[] = []
  const accounts = new Set<string>()
  const regions = new Set<string>([proofRegion])
  for (const row of [...world.rows.values()].flat()) {
    accounts.add(text(row.account_id))
    if (row.region !== 'global') regions.add(text(row.region))
  }
  for (const account_id of accounts) {
    for (const table of tables) {
      const shape = shapeOf(catalogue, table)
      if (shape.parent !== undefined) continue
      for (const part of shape.parts === 'region' ? regions : ['global'])
        cells.push({ account_id, table_name: table, part, in_force: true })
    }
  }
  return cells
}

/**
 * The same world under accounts of its own, so that many worlds fit into one store. A text that names one of
 * its accounts names it still.
 */
export function underAccount(world: ProofWorld, prefix: string): ProofWorld {
  const accounts = new Set(world.cells.map(({ account_id }) => account_id))
  accounts.add(world.judged.account_id)
  const moved = (value: Value): Value =>
    typeof value === 'string' && accounts.has(value) ? `${prefix}/${value}` : value
  const rows = new Map(
    [...world.rows].map(([table, all]) => [
      table,
      all.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, moved(value)]))),
    ]),
  )
  return {
    rows,
    cells: world.cells.map((cell) => ({ ...cell, account_id: `${prefix}/${cell.account_id}` })),
    judged: { ...world.judged, account_id: `${prefix}/${world.judged.account_id}` },
  }
}

function split(proof: Proof): {
  columns: Record<string, unknown>
  rows: Record<string, Record<string, unknown>[]>
} {
  const columns = Object.fromEntries(Object.entries(proof).filter(([name]) => !proofKeys.has(name)))
  return { columns, rows: proof.with ?? {} }
}

export function add(world: ProofWorld, table: string, row: WorldRow): void {
  const rows = world.rows.get(table) ?? []
  rows.push(row)
  world.rows.set(table, rows)
}

export function shapeOf(catalogue: Catalogue, name: string): TableShape {
  const shape = catalogue.get(name)
  if (shape === undefined) throw wrong(`the table ${name}, which there is not`)
  return shape
}

function toValue(name: string, type: LakeType, value: unknown): Value {
  if (value === null) return null
  const fits: Record<LakeType, boolean> = {
    text: typeof value === 'string',
    boolean: typeof value === 'boolean',
    bigint: Number.isSafeInteger(value),
    double: typeof value === 'number',
    timestamptz: typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  }
  if (!fits[type]) throw wrong(`${name}: ${JSON.stringify(value)}, which is no ${type}`)
  return type === 'timestamptz' ? new Date(value as string) : (value as Value)
}

function text(value: Value | undefined): string {
  return typeof value === 'string' ? value : ''
}

function wrong(what: string): StanceError {
  return new StanceError('PROOF_INVALID', `A proof names ${what}.`, {
    next: 'Name only columns of the judged table, and rows of the tables that the condition reads.',
  })
}
