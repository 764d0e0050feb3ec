import { setImmediate as breathe } from 'node:timers/promises'
import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api'
import { StanceError } from '../../core/errors.ts'
import type { ColumnType, LoadTarget, Value } from '../database.ts'
import { quoteName } from '../identifier.ts'
import { checkRow, toStoredText } from '../store-value.ts'
import { toTimestamp } from './duckdb-values.ts'

const rowsPerChunk = 2048
/** The appender writes in the calling thread; so many rows at once keep the pauses around 20 ms. */
const chunksPerFlush = 8

interface Shape {
  names: string[]
  /** Of each column, where some are not loaded. */
  defaults: DuckDBValue[]
}

/**
 * What tables look like, by name: asking takes longer than a small load. Whoever changes a table, or takes a change
 * back, clears it.
 */
export type KnownShapes = Map<string, Shape>

export async function loadByAppender(
  connection: DuckDBConnection,
  catalog: string,
  shapes: KnownShapes,
  target: LoadTarget,
  rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>,
): Promise<number> {
  const [schema, name] = splitTable(target.table)
  const key = `${target.table} ${target.columns.length}`
  const shape = shapes.get(key) ?? (await tableShape(connection, catalog, schema, name, target))
  shapes.set(key, shape)
  const places = columnPlaces(target, shape)
  const appender = await connection.createAppender(name, schema, catalog)
  const types = shape.names.map((_, at) => appender.columnType(at))
  let count = 0
  let chunks = 0
  let batch: (readonly Value[])[] = []
  const write = async () => {
    appendBatch(appender, types, places, shape, target, batch)
    count += batch.length
    batch = []
    chunks += 1
    if (chunks % chunksPerFlush === 0) {
      appender.flushSync()
      await breathe()
    }
  }
  try {
    if (Symbol.iterator in rows) {
      for (const row of rows) if (batch.push(row) === rowsPerChunk) await write()
    } else {
      for await (const row of rows) if (batch.push(row) === rowsPerChunk) await write()
    }
    if (batch.length > 0) await write()
  } catch (error) {
    appender.clear()
    throw error
  } finally {
    appender.closeSync()
  }
  return count
}

function splitTable(table: string): [schema: string, name: string] {
  const [schema, name, more] = table.split('.')
  if (schema && name && more === undefined) return [schema, name]
  throw new StanceError('DB_LOAD_TARGET', `"${table}" does not name a table with its schema.`, {
    next: 'Name it as schema.table.',
  })
}

/** The appender wants every column of the table in its order; those not loaded get their default, as by COPY. */
async function tableShape(
  connection: DuckDBConnection,
  catalog: string,
  schema: string,
  name: string,
  target: LoadTarget,
): Promise<Shape> {
  // Not from duckdb_columns(): that lists the columns of every table each time.
  const names = await columnNames(connection, quoteName(`${catalog}.${schema}.${name}`), target)
  const loaded = new Set(target.columns.map((column) => column.name))
  if (names.every((column) => loaded.has(column))) return { names, defaults: [] }
  const found = await connection.runAndReadAll(
    `select column_default, data_type from duckdb_columns()
     where database_name = $1 and schema_name = $2 and table_name = $3 order by column_index`,
    [catalog, schema, name],
  )
  const defaults: DuckDBValue[] = []
  for (const [expression, type] of found.getRows() as [string | null, string][]) {
    if (expression === null || expression.toLowerCase() === 'null') defaults.push(null)
    else defaults.push((await connection.runAndReadAll(`select (${expression})::${type}`)).getRows()[0]![0]!)
  }
  return { names, defaults }
}

async function columnNames(
  connection: DuckDBConnection,
  table: string,
  target: LoadTarget,
): Promise<string[]> {
  try {
    const statement = await connection.prepare(`select * from ${table}`)
    const names = Array.from({ length: statement.columnCount }, (_, at) => statement.columnName(at))
    statement.destroySync()
    return names
  } catch (cause) {
    throw new StanceError('DB_LOAD_TARGET', `There is no table ${target.table}.`, {
      next: 'Run the migrations, or create the table first.',
      cause,
    })
  }
}

/** For each column of the table: its place in the rows given, or -1. */
function columnPlaces(target: LoadTarget, shape: Shape): number[] {
  for (const column of target.columns) {
    if (!shape.names.includes(column.name)) {
      throw new StanceError('DB_LOAD_TARGET', `Table ${target.table} has no column ${column.name}.`, {
        next: 'Add the column first, or leave it out.',
      })
    }
  }
  return shape.names.map((name) => target.columns.findIndex((column) => column.name === name))
}

const toStored: Record<ColumnType, (value: NonNullable<Value>) => DuckDBValue> = {
  text: (value) => toStoredText(value as string),
  json: (value) => toStoredText(value as string),
  boolean: (value) => value as boolean,
  bigint: (value) => BigInt(value as number),
  double: (value) => value as number,
  timestamptz: (value) => toTimestamp(value as Date),
}

function appendBatch(
  appender: DuckDBAppender,
  types: DuckDBType[],
  places: number[],
  shape: Shape,
  target: LoadTarget,
  batch: (readonly Value[])[],
): void {
  for (const row of batch) checkRow(target, row)
  const chunk = DuckDBDataChunk.create(types, batch.length)
  places.forEach((place, column) => {
    if (place < 0) {
      chunk.setColumnValues(
        column,
        batch.map(() => shape.defaults[column]!),
      )
      return
    }
    const convert = toStored[target.columns[place]!.type]
    chunk.setColumnValues(
      column,
      batch.map((row) => {
        const value = row[place]
        return value === null || value === undefined ? null : convert(value)
      }),
    )
  })
  appender.appendDataChunk(chunk)
}
