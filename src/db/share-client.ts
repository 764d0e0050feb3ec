import { setTimeout as sleep } from 'node:timers/promises'
import { StanceError } from '../core/errors.ts'
import type { Database, Param, Row, Transaction, TransactionOptions } from './database.ts'
import { isLockHeld } from './duckdb/duckdb-errors.ts'
import { toRealPath } from './duckdb/duckdb-files.ts'
import { openDuckDb } from './duckdb/open-duckdb.ts'
import type { OpenOptions } from './open-database.ts'
import { ShareLine } from './share-line.ts'
import { collect, readOnlyError, runSharedTransaction } from './share-transaction.ts'

const idleLines = 4

/** Opens a DuckDB file for reading: the file itself or, where another process holds it, through that process. */
export async function openShared(options: OpenOptions & { path: string }): Promise<Database> {
  const until = performance.now() + (options.lockWaitMs ?? 2_000)
  for (;;) {
    try {
      return await openDuckDb({ ...options, lockWaitMs: 0 })
    } catch (error) {
      if (!isLockHeld(error)) throw error
      const shared = await SharedDatabase.connect(options)
      if (shared) return shared
      // Whoever holds the file may be about to listen, or to leave.
      if (performance.now() >= until) throw error
      await sleep(100)
    }
  }
}

/** Reads through the process that holds the file; through the file itself once that process has left. */
export class SharedDatabase implements Database {
  readonly engine = 'duckdb'
  readonly location: string
  readonly readOnly = true
  readonly throughHolder = true
  readonly #options: OpenOptions & { path: string }
  readonly #idle: ShareLine[] = []
  #direct: Promise<Database> | undefined
  #closed = false

  static async connect(options: OpenOptions & { path: string }): Promise<SharedDatabase | undefined> {
    const line = await ShareLine.open(options.path)
    if (!line) return undefined
    const db = new SharedDatabase(options)
    db.#release(line)
    return db
  }

  private constructor(options: OpenOptions & { path: string }) {
    this.#options = options
    this.location = toRealPath(options.path)
  }

  async query<T extends object = Row>(sql: string, params?: readonly Param[]): Promise<T[]> {
    const line = await this.#acquire()
    if (!line) return (await this.#opened()).query<T>(sql, params)
    try {
      return await collect<T>(line.rows(sql, params, this.#options.statementTimeoutMs))
    } finally {
      this.#release(line)
    }
  }

  async *stream<T extends object = Row>(sql: string, params?: readonly Param[]): AsyncIterable<T[]> {
    const line = await this.#acquire()
    if (!line) return yield* (await this.#opened()).stream<T>(sql, params)
    try {
      yield* line.rows(sql, params, this.#options.statementTimeoutMs) as AsyncIterable<T[]>
    } finally {
      this.#release(line)
    }
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    if (!options.readOnly) throw readOnlyError()
    const line = await this.#acquire()
    if (!line) return (await this.#opened()).transaction(work, options)
    const timed = { statementTimeoutMs: this.#options.statementTimeoutMs, ...options }
    try {
      return await runSharedTransaction(line, work, timed.statementTimeoutMs)
    } finally {
      this.#release(line)
    }
  }

  /** A copy by the process that holds the file; undefined where none does any more. */
  async copyToTemp(): Promise<string | undefined> {
    const line = await this.#acquire()
    if (!line) return undefined
    try {
      return await line.copy()
    } finally {
      this.#release(line)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const line of this.#idle.splice(0)) line.close()
    await (await this.#direct)?.close()
  }

  /** A line to the process that holds the file; none when there is no such process any more. */
  async #acquire(): Promise<ShareLine | undefined> {
    if (this.#closed) {
      throw new StanceError('DB_CLOSED', `The database ${this.location} has been closed.`, {
        next: 'Open it again.',
      })
    }
    if (this.#direct) return undefined
    for (let line = this.#idle.pop(); line; line = this.#idle.pop()) if (line.usable) return line
    return ShareLine.open(this.#options.path)
  }

  #opened(): Promise<Database> {
    this.#direct ??= openDuckDb(this.#options).catch((error) => {
      this.#direct = undefined
      throw error
    })
    return this.#direct
  }

  #release(line: ShareLine): void {
    if (line.usable && !this.#closed && this.#idle.length < idleLines) this.#idle.push(line)
    else line.close()
  }
}
