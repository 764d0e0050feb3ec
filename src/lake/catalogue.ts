import { StanceError } from '../core/errors.ts'
import {
  type Catalogue,
  type ColumnShape,
  childBookkeeping,
  derivedGroup,
  type LakeType,
  listGroup,
  resourceBookkeeping,
  sqlColumns,
  type TableShape,
} from '../core/table-shape.ts'
import { projectionVersion, readingVersion } from './declaration-version.ts'
import type { AnyTable } from './define-table.ts'
import { ownViewNames } from './own-views.ts'
import { reservedWords } from './reserved-words.ts'
import { groupsOf } from './table-groups.ts'

/** A column that a fact derives (facts/<provider>/<table>/<column>.yaml). */
export interface FactColumn {
  table: string
  column: string
  type: LakeType
  title: string
}

/** A declared table with all that the lake works out about it once. */
export interface LakeTable {
  declared: AnyTable
  shape: TableShape
  children: readonly TableShape[]
  /** Which projection made a row: the version of what its columns are made of. */
  projection: string
  /** Per group: which way of reading made its content. */
  readings: ReadonlyMap<string, string>
}

/** Every table: its shape for rules, sandbox and docs, and its declaration for the lake. */
export interface LakeCatalogue {
  /** Resource tables and child tables by name. */
  shapes: Catalogue
  tables: ReadonlyMap<string, LakeTable>
}

/**
 * The catalogue of what is declared. `release` is the program's own version: what another release has read is
 * compared by shared fields only.
 */
export function buildCatalogue(
  tables: readonly AnyTable[],
  facts: readonly FactColumn[] = [],
  release = '',
): LakeCatalogue {
  const shapes = new Map<string, TableShape>()
  const lake = new Map<string, LakeTable>()
  for (const declared of tables) {
    const derived = facts.filter((fact) => fact.table === declared.name)
    const table = toLakeTable(declared, derived, release)
    for (const shape of [table.shape, ...table.children]) {
      if (shapes.has(shape.name)) throw wrong(shape.name, 'is declared twice', 'Give each table one name.')
      checkNames(shape)
      shapes.set(shape.name, shape)
    }
    lake.set(declared.name, table)
  }
  for (const fact of facts) {
    if (lake.has(fact.table)) continue
    const what = `has the fact ${fact.column}, but is no resource table`
    throw wrong(fact.table, what, 'Put the fact under a declared table.')
  }
  return { shapes, tables: lake }
}

export function lakeTable(catalogue: LakeCatalogue, name: string): LakeTable {
  const table = catalogue.tables.get(name)
  if (table !== undefined) return table
  throw wrong(name, 'is not declared', 'See `stance tables list` for the tables there are.')
}

function toLakeTable(declared: AnyTable, facts: readonly FactColumn[], release: string): LakeTable {
  const groups = groupsOf(declared)
  const columns: ColumnShape[] = [...groups].flatMap(([group, { columns: own }]) =>
    Object.entries(own).map(([name, { type, title }]) => ({ name, type, group, title })),
  )
  for (const { column: name, type, title } of facts) columns.push({ name, type, group: derivedGroup, title })
  const { provider, parts } = declared
  const shape: TableShape = {
    name: declared.name,
    title: declared.title,
    provider,
    parts,
    groups: facts.length > 0 ? [...groups.keys(), derivedGroup] : [...groups.keys()],
    columns,
    unique: uniqueOf(declared),
  }
  const children = Object.entries(declared.children ?? {}).map(([name, child]): TableShape => {
    const own = Object.entries(child.columns).map(([column, { type, title }]) => {
      return { name: column, type, group: child.group, title }
    })
    return {
      name,
      title: child.title,
      provider,
      parts,
      groups: [child.group],
      columns: own,
      parent: declared.name,
      unique: child.unique ?? [],
    }
  })
  const readings = new Map(
    [...groups.keys()].map((group) => [group, readingVersion(declared, group, release)] as const),
  )
  return { declared, shape, children, projection: projectionVersion(declared), readings }
}

/** Columns of the list that are the key or the native id as they are listed, and those that the table says. */
function uniqueOf({ identity, list }: AnyTable): string[] {
  const { key, native_id, unique = [] } = identity
  const listed = Object.entries(list.columns).flatMap(([name, { from }]) =>
    typeof from === 'string' && (from === native_id || key === `{${from}}`) ? [name] : [],
  )
  return [...new Set([...listed, ...unique])].sort()
}

const taken: ReadonlySet<string> = new Set(
  [...resourceBookkeeping, ...childBookkeeping].map((column) => column.name),
)
function checkNames(shape: TableShape): void {
  if (reservedWords.has(shape.name) || ownViewNames.includes(shape.name))
    throw wrong(shape.name, 'is a reserved name', 'Name it as Terraform does.')
  if (shape.groups.includes(derivedGroup) !== shape.columns.some((column) => column.group === derivedGroup))
    throw wrong(shape.name, `has a group ${derivedGroup}`, 'That name is kept for facts.')
  const seen = new Set<string>()
  for (const { name } of sqlColumns(shape)) {
    if (reservedWords.has(name))
      throw wrong(shape.name, `column ${name} is a reserved word`, 'Name it otherwise.')
    if (seen.has(name)) throw wrong(shape.name, `column ${name} is there twice`, 'Give each column one name.')
    seen.add(name)
  }
  for (const { name } of shape.columns) {
    const isTaken = taken.has(name) || name.startsWith('_')
    if (isTaken) throw wrong(shape.name, `column ${name} is bookkeeping`, 'Name it otherwise.')
  }
  if (shape.parent === undefined && shape.groups[0] !== listGroup)
    throw wrong(shape.name, 'does not begin with the group list', 'Report it.')
}

function wrong(table: string, what: string, next: string): StanceError {
  return new StanceError('LAKE_CATALOGUE', `Table ${table} ${what}.`, { next })
}
