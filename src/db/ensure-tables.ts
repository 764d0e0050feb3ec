import { StanceError } from '../core/errors.ts'
import type { ColumnType, Database, EngineName, Transaction } from './database.ts'
import { quoteName } from './identifier.ts'
import { placeOnCitus } from './migrate.ts'
import type { Placement } from './migration-files.ts'
import { tableColumns } from './table-columns.ts'

export interface TableShape {
  schema: string
  name: string
  columns: readonly { name: string; type: ColumnType }[]
  /** begins with account_id on distributed tables */
  key: readonly string[]
  placement: Placement
}

export interface TableChange {
  /** schema-qualified */
  table: string
  created: boolean
  /** columns that were not there before: all of them for a new table */
  newColumns: string[]
}

/**
 * Additive migration of generated tables: makes what is missing, never drops, never changes a type. The
 * answer has one entry per table that changed, so that the lake fills its new columns from the documents.
 */
export async function ensureTables(db: Database, tables: readonly TableShape[]): Promise<TableChange[]> {
  for (const table of tables) checkShape(table)
  const pending = await missing(db, tables)
  const changes: TableChange[] = []
  // A transaction per table: a lake has hundreds, and PostgreSQL keeps a lock for each until the end. DuckDB has no
  // such locks, and reading its catalogue anew for each table takes longer than making it.
  const groups = db.engine === 'duckdb' && pending.length > 0 ? [pending] : pending.map((table) => [table])
  for (const group of groups) {
    const label = group.length === 1 ? `ensure ${group[0]?.name}` : 'ensure tables'
    changes.push(...(await db.transaction((tx) => ensureGroup(tx, group), { label })))
  }
  return changes
}

async function missing(db: Database, tables: readonly TableShape[]): Promise<TableShape[]> {
  const found = new Map<string, Map<string, Set<string>>>()
  for (const schema of new Set(tables.map((table) => table.schema))) {
    found.set(schema, await tableColumns(db, schema))
  }
  return tables.filter((table) => {
    const columns = found.get(table.schema)?.get(table.name)
    return !columns || table.columns.some((column) => !columns.has(column.name))
  })
}

async function ensureGroup(tx: Transaction, tables: readonly TableShape[]): Promise<TableChange[]> {
  if (tx.engine !== 'duckdb') await tx.query(`select pg_advisory_xact_lock(hashtext('stance tables'))::text`)
  const changes: TableChange[] = []
  for (const [schema, own] of Map.groupBy(tables, (table) => table.schema)) {
    const there = await tableColumns(tx, schema)
    for (const table of own) {
      const change = await ensureTable(tx, table, there.get(table.name))
      if (change) changes.push(change)
    }
  }
  return changes
}

async function ensureTable(
  tx: Transaction,
  table: TableShape,
  columns: ReadonlySet<string> | undefined,
): Promise<TableChange | undefined> {
  const name = `${table.schema}.${table.name}`
  if (!columns) {
    await tx.run(createTable(tx.engine, table))
    if (tx.engine === 'citus') for (const sql of placeOnCitus(name, table.placement)) await tx.run(sql)
    return { table: name, created: true, newColumns: table.columns.map((column) => column.name) }
  }
  const added = table.columns.filter((column) => !columns.has(column.name))
  for (const column of added) {
    await tx.run(`alter table ${quoteName(name)} add column ${columnSql(column)}`)
  }
  if (added.length === 0) return undefined
  return { table: name, created: false, newColumns: added.map((column) => column.name) }
}

function createTable(engine: EngineName, table: TableShape): string {
  const lines = table.columns.map(columnSql)
  // Big tables in DuckDB carry no indexes: uniqueness is by construction.
  if (engine !== 'duckdb' || table.placement !== 'distributed') {
    lines.push(`primary key (${table.key.map(quoteName).join(', ')})`)
  }
  return `create table ${quoteName(`${table.schema}.${table.name}`)} (\n  ${lines.join(',\n  ')}\n)`
}

const spelling: Record<ColumnType, string> = {
  text: 'text',
  boolean: 'boolean',
  bigint: 'bigint',
  double: 'double precision',
  timestamptz: 'timestamptz',
  json: 'json',
}

function columnSql(column: { name: string; type: ColumnType }): string {
  return `${quoteName(column.name)} ${spelling[column.type]}`
}

function checkShape(table: TableShape): void {
  const names = table.columns.map((column) => column.name)
  const wrong =
    names.find((name, at) => names.indexOf(name) !== at) ??
    table.key.find((column) => !names.includes(column))
  const key = table.placement !== 'distributed' || table.key[0] === 'account_id'
  if (wrong === undefined && key && table.key.length > 0) return
  throw new StanceError('DB_TABLE_INVALID', `Table ${table.schema}.${table.name} has a wrong shape.`, {
    next:
      wrong === undefined
        ? 'The key of a distributed table begins with account_id.'
        : `Column ${wrong} must be there exactly once.`,
  })
}
