import type { DuckDBConnection } from '@duckdb/node-api'
import { StanceError } from '../../core/errors.ts'
import type { Database, Param, Row, Transaction, TransactionOptions } from '../database.ts'
import { retryConflicts } from '../retry.ts'
import { isDuckConflict, toDuckError } from './duckdb-errors.ts'
import type { DuckInstance } from './duckdb-instance.ts'
import type { KnownShapes } from './duckdb-load.ts'
import { DuckSession } from './duckdb-session.ts'
import { runDuckTransaction, type TakeThread } from './duckdb-transaction.ts'
import { endInTime } from './end-in-time.ts'
import { Slots } from './slots.ts'

export interface DuckDatabaseOptions {
  instance: DuckInstance
  /** real path, or `:memory:` */
  path: string
  readOnly: boolean
  /** Reading statements that run at once; one writing statement comes on top. */
  readers: number
  statementTimeoutMs: number | undefined
  release: () => void
}

const idleConnections = 8

/**
 * Every running statement holds a thread of libuv's pool (4 unless `UV_THREADPOOL_SIZE` says more), which file
 * reads and name look-ups need too: hence the slots for readers. Writing transactions run one after another,
 * so they need no slot and cannot starve behind readers.
 */
export class DuckDatabase implements Database {
  readonly engine = 'duckdb'
  readonly location: string
  readonly path: string
  readonly readOnly: boolean
  readonly instance: DuckInstance
  readonly #options: DuckDatabaseOptions
  readonly #readers: Slots
  readonly #writer = new Slots(1)
  readonly #idle: DuckDBConnection[] = []
  readonly #busy = new Set<DuckDBConnection>()
  readonly #shapes: KnownShapes = new Map()
  #closed = false

  constructor(options: DuckDatabaseOptions) {
    this.location = options.path === ':memory:' ? 'memory' : options.path
    this.path = options.path
    this.readOnly = options.readOnly
    this.instance = options.instance
    this.#options = options
    this.#readers = new Slots(options.readers)
  }

  query<T extends object = Row>(sql: string, params?: readonly Param[]): Promise<T[]> {
    return this.#readers.run(() =>
      this.#connected((connection) => {
        const session = new DuckSession(connection, this.location)
        const rows = () => session.query(sql, params) as Promise<T[]>
        return endInTime(connection, this.#options.statementTimeoutMs, rows)
      }),
    )
  }

  async *stream<T extends object = Row>(sql: string, params?: readonly Param[]): AsyncIterable<T[]> {
    const connection = await this.#acquire()
    const session = new DuckSession(connection, this.location)
    let whole = false
    try {
      const next = await this.#readers.run(() => session.open(sql, params))
      for (;;) {
        const rows = await this.#readers.run(next)
        whole = !rows
        if (!rows) return
        yield rows as T[]
      }
    } finally {
      // A stream that was left early keeps its snapshot, and so the checkpoints, until another statement ends it.
      if (!whole) await connection.run('select 1').catch(() => undefined)
      this.#release(connection)
    }
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    if (this.readOnly && !options.readOnly) {
      throw new StanceError('DB_READ_ONLY', `The database ${this.location} was opened for reading only.`, {
        next: 'Open it for writing, or ask for a read-only transaction.',
      })
    }
    const timed = { statementTimeoutMs: this.#options.statementTimeoutMs, ...options }
    const once = (take: TakeThread) =>
      this.#connected((connection) =>
        runDuckTransaction(connection, this.location, this.#shapes, take, work, timed),
      )
    if (options.readOnly) return once((statement) => this.#readers.run(statement))
    return this.#writer.run(() => retryConflicts(() => once((statement) => statement()), isDuckConflict))
  }

  /** Runs `work` while nothing else uses the file: no writer, no reader, no open connection. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#writer.run(async () => {
      if (this.#busy.size > 0) {
        throw new StanceError('DB_BUSY', `The database ${this.location} is being read.`, {
          next: 'Wait until nothing else uses it, then run this again.',
        })
      }
      this.#closed = true
      try {
        this.#dropIdle()
        this.#shapes.clear()
        return await work()
      } finally {
        this.#closed = false
      }
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    await this.#writer.run(async () => {
      if (this.#closed) return
      this.#closed = true
      for (const connection of this.#busy) connection.interrupt()
      this.#dropIdle()
      try {
        await this.instance.close()
      } catch (error) {
        // The file could not be tidied (a full disk): what was committed is in its log.
        throw toDuckError(error, this.location)
      } finally {
        this.#options.release()
      }
    })
  }

  async #connected<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.#acquire()
    try {
      return await work(connection)
    } finally {
      this.#release(connection)
    }
  }

  async #acquire(): Promise<DuckDBConnection> {
    this.#refuseClosed()
    const connection = this.#idle.pop() ?? (await this.instance.connect())
    this.#busy.add(connection)
    return connection
  }

  #release(connection: DuckDBConnection): void {
    this.#busy.delete(connection)
    if (this.#closed || this.#idle.length >= idleConnections) connection.closeSync()
    else this.#idle.push(connection)
  }

  #dropIdle(): void {
    for (const connection of this.#idle.splice(0)) connection.closeSync()
  }

  #refuseClosed(): void {
    if (!this.#closed) return
    throw new StanceError('DB_CLOSED', `The database ${this.location} has been closed.`, {
      next: 'Open it again.',
    })
  }
}
