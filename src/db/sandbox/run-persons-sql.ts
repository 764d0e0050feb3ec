import { StanceError } from '../../core/errors.ts'
import type { Database, Row, Transaction, Value } from '../database.ts'
import { dialectOf, emitQuery } from '../sql/emit-sql.ts'
import { boundQuery, rowLength } from './bound-query.ts'
import { checkPersonsSql } from './check-persons-sql.ts'
import { handOver } from './hand-over.ts'
import { toQueryError } from './query-error.ts'
import type { Relation, ResultColumn } from './relation.ts'

export interface RunOptions {
  /** What may be read (`readViews`). */
  relations: readonly Relation[]
  /** The accounts whose rows the reader may see; undefined for all, empty for none. */
  accountLimits?: readonly string[] | undefined
  /** For the engine's own time, waiting for whoever takes the rows apart. Default 30 s. */
  timeoutMs?: number
  /** Default 10,000. */
  maxRows?: number
  /** Of all rows: 8 for a value, and the characters of texts. Default 64 MiB. */
  maxBytes?: number
  /** Characters of one row; a longer one is an error. Default 262,144. */
  maxRowLength?: number
  /** PostgreSQL: logs in as a role that can only read. Asked for once the text has been checked. */
  login?: () => Promise<{ reader: Database; close(): Promise<void> }>
  /** What `now()` is. */
  now?: Date
}

export interface PersonsResult {
  columns: ResultColumn[]
  /** Names of the relations that are read. */
  relations: string[]
  /** What is run. */
  sql: string
  /** Rows in chunks, values in the order of the columns. To be read once; leaving early ends the query. */
  rows: AsyncIterable<Value[][]>
  /** Why there are more rows than were given, once `rows` has been read. */
  truncated(): 'rows' | 'bytes' | undefined
}

/** For this transaction. An empty path: no function or operator that somebody added to the database can be meant. */
const postgresLimits = `select set_config('work_mem', '32MB', true), set_config('jit', 'off', true),
  set_config('search_path', 'pg_catalog', true)`

/**
 * Runs a person's SELECT: checked, printed anew, in a read-only transaction with limits. Errors of the check are
 * thrown at once, those of the run while the rows are read; all of them are `StanceError`.
 */
export function runPersonsSql(db: Database, source: string, options: RunOptions): PersonsResult {
  const dialect = dialectOf(db.engine)
  const { timeoutMs = 30_000, maxRows = 10_000, maxBytes = 67_108_864, maxRowLength = 262_144 } = options
  const checked = checkPersonsSql(source, {
    relations: options.relations,
    engine: dialect === 'duckdb' ? 'duckdb' : 'postgres',
    accountLimits: options.accountLimits,
    ...(options.now === undefined ? {} : { now: options.now }),
  })
  const sql = `/* engine: ${dialect} */ ${emitQuery(boundQuery(checked, { maxRows, maxRowLength }), dialect as 'duckdb')}`
  let truncated: 'rows' | 'bytes' | undefined
  const read = async (tx: Transaction, give: (rows: Value[][]) => Promise<void>) => {
    if (dialect === 'postgres') await tx.query(postgresLimits)
    const chunks = tx.stream<Row>(sql)[Symbol.asyncIterator]()
    const clock = new EngineClock(timeoutMs)
    let rows = 0
    let bytes = 0
    for (;;) {
      const { value: chunk, done } = await clock.time(() => chunks.next())
      if (done) return
      const given: Value[][] = []
      for (const row of chunk) {
        const values = toValues(row, checked.columns.length, maxRowLength)
        rows++
        bytes += values.reduce<number>(
          (sum, value) => sum + 8 + (typeof value === 'string' ? value.length : 0),
          0,
        )
        if (rows > maxRows) truncated = 'rows'
        else if (bytes > maxBytes) truncated = 'bytes'
        if (truncated !== undefined) break
        given.push(values)
      }
      if (given.length > 0) await give(given)
      if (truncated !== undefined) return
    }
  }
  const rows = handOver<Value[][]>(async (give) => {
    let gave = false
    const once = async (values: Value[][]) => {
      gave = true
      await give(values)
    }
    const work = (tx: Transaction) => {
      // A transaction that is tried again would give its first rows twice.
      if (gave)
        throw new StanceError('SQL_FAILED', 'The database broke off this query.', { next: 'Run it again.' })
      return read(tx, once)
    }
    const session = await options.login?.()
    try {
      const reader = session?.reader ?? db
      await reader.transaction(work, {
        readOnly: true,
        statementTimeoutMs: timeoutMs,
        label: "a person's SQL",
      })
    } catch (error) {
      throw toQueryError(error, timeoutMs)
    } finally {
      await session?.close()
    }
  })
  return { columns: checked.columns, relations: checked.relations, sql, rows, truncated: () => truncated }
}

function toValues(row: Row, columns: number, maxRowLength: number): Value[] {
  if (((row[rowLength] as number | undefined) ?? 0) > maxRowLength) {
    throw new StanceError('SQL_ROW_TOO_LONG', `A row has more than ${String(maxRowLength)} characters.`, {
      next: 'Select fewer columns, or cut long ones: left(content, 1000).',
    })
  }
  return Array.from({ length: columns }, (_, index) => {
    const value = row[`c${String(index + 1)}`] ?? null
    // DuckDB forgets the sign of zero when it sorts.
    return value === 0 ? 0 : value
  })
}

/** The limit on a statement holds for each piece of its rows; this one for all of them. */
class EngineClock {
  readonly #limit: number
  #spent = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  async time<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now()
    const result = await work()
    this.#spent += performance.now() - start
    if (this.#spent <= this.#limit) return result
    throw new StanceError('DB_TIMEOUT', 'A statement was ended because it ran too long.', {
      next: 'Narrow the query, or raise its time limit.',
    })
  }
}
