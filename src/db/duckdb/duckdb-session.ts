import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  StatementType,
} from '@duckdb/node-api'
import { StanceError } from '../../core/errors.ts'
import type { Param, Row } from '../database.ts'
import { reportStatement } from '../statement-log.ts'
import { toDuckError } from './duckdb-errors.ts'
import { bindParams, chunkReader } from './duckdb-values.ts'

interface OpenStream {
  result: DuckDBResult
  /** Chunks that had to be taken early, because another statement came in between. */
  early: DuckDBDataChunk[]
  done: boolean
}

/** One connection, one statement at a time. Knows nothing of transactions or queues. */
export class DuckSession {
  readonly connection: DuckDBConnection
  readonly #location: string
  readonly #onSchemaChange: () => void
  #open: OpenStream | undefined

  constructor(connection: DuckDBConnection, location: string, onSchemaChange: () => void = () => {}) {
    this.connection = connection
    this.#location = location
    this.#onSchemaChange = onSchemaChange
  }

  /** Runs one statement; the number of rows it touched. */
  async run(sql: string, params: readonly Param[] = []): Promise<number> {
    return this.#prepared(sql, params, async (statement) => {
      const result = await statement.run()
      const type = statement.statementType
      if (schemaChanges.has(type)) this.#onSchemaChange()
      return type === StatementType.SELECT ? 0 : result.rowsChanged
    })
  }

  async query(sql: string, params: readonly Param[] = [], mayWrite = false): Promise<Row[]> {
    return this.#prepared(sql, params, async (statement) => {
      if (!mayWrite) refuseWrite(statement)
      const result = await statement.stream()
      const read = chunkReader(result)
      const all: Row[] = []
      for (;;) {
        const chunk = await result.fetchChunk()
        if (!chunk || chunk.rowCount === 0) return all
        for (const row of read(chunk)) all.push(row)
      }
    })
  }

  /** Opens a stream; each call of the answer gives the next rows, `undefined` at the end. */
  async open(
    sql: string,
    params: readonly Param[] = [],
    mayWrite = false,
  ): Promise<() => Promise<Row[] | undefined>> {
    return this.#prepared(sql, params, async (statement) => {
      if (!mayWrite) refuseWrite(statement)
      const result = await statement.stream()
      const stream: OpenStream = { result, early: [], done: false }
      const read = chunkReader(result)
      this.#open = stream
      return async () => {
        try {
          const chunk = stream.early.shift() ?? (await this.#nextChunk(stream))
          return chunk && read(chunk)
        } catch (error) {
          throw toDuckError(error, this.#location)
        }
      }
    })
  }

  /**
   * A statement on a connection ends its open stream, which then answers "no more rows" as if it had been read
   * to the end. So what is left of it is taken first.
   */
  async settle(): Promise<void> {
    const stream = this.#open
    if (!stream) return
    for (;;) {
      const chunk = await this.#nextChunk(stream)
      if (!chunk) return
      stream.early.push(chunk)
    }
  }

  /** Forgets an open stream whose reader has left. */
  abandon(): void {
    if (this.#open) this.#open.done = true
    this.#open = undefined
  }

  async #nextChunk(stream: OpenStream): Promise<DuckDBDataChunk | undefined> {
    if (stream.done) return undefined
    const chunk = await stream.result.fetchChunk()
    if (chunk && chunk.rowCount > 0) return chunk
    stream.done = true
    if (this.#open === stream) this.#open = undefined
    return undefined
  }

  async #prepared<T>(
    sql: string,
    params: readonly Param[],
    work: (statement: DuckDBPreparedStatement) => Promise<T>,
  ): Promise<T> {
    let statement: DuckDBPreparedStatement | undefined
    try {
      await this.settle()
      statement = await this.connection.prepare(sql)
      reportStatement(sql)
      bindParams(statement, params)
      return await work(statement)
    } catch (error) {
      throw toDuckError(error, this.#location)
    } finally {
      statement?.destroySync()
    }
  }
}

const schemaChanges = new Set([StatementType.CREATE, StatementType.ALTER, StatementType.DROP])

function refuseWrite(statement: DuckDBPreparedStatement): void {
  const type = statement.statementType
  if (type === StatementType.SELECT || type === StatementType.EXPLAIN) return
  throw new StanceError('DB_READ_ONLY', 'A statement wanted to write where only reading is allowed.', {
    next: 'Write in a transaction of a database that was opened for writing.',
  })
}
