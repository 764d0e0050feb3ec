import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { StanceError } from '../core/errors.ts'
import type { Database, Param, Row, Transaction, TransactionOptions } from './database.ts'
import { isLockHeld } from './duckdb/duckdb-errors.ts'
import { toRealPath } from './duckdb/duckdb-files.ts'
import { openDuckDb } from './duckdb/open-duckdb.ts'
import type { OpenOptions } from './open-database.ts'
import { findAddress } from './share-address.ts'
import {
  type ClientFrame,
  fromErrorFrame,
  fromRowFrame,
  lines,
  protocol,
  type ServerFrame,
  send,
  toWire,
} from './share-frames.ts'

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
class SharedDatabase implements Database {
  readonly engine = 'duckdb'
  readonly location: string
  readonly readOnly = true
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
      return await line.transaction(work, timed.statementTimeoutMs)
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

/** One connection: one statement, stream or transaction at a time. */
class ShareLine {
  readonly #socket: Socket
  readonly #frames: AsyncGenerator<ServerFrame>
  /** in the middle of rows that nobody asks for any more */
  #unclear = false

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#frames = lines<ServerFrame>(socket, () => Number.POSITIVE_INFINITY)
    socket.on('error', () => undefined)
    // An idle line keeps no command from ending.
    socket.unref()
  }

  static async open(path: string): Promise<ShareLine | undefined> {
    const address = findAddress(path)
    if (!address) return undefined
    const socket = await dial(address.socket)
    if (!socket) return undefined
    const line = new ShareLine(socket)
    try {
      await line.#ask({ hello: protocol, token: address.token })
      return line
    } catch {
      line.close()
      return undefined
    }
  }

  get usable(): boolean {
    return !this.#socket.destroyed && !this.#socket.readableEnded && !this.#unclear
  }

  close(): void {
    this.#socket.destroy()
  }

  async *rows(sql: string, params: readonly Param[] = [], timeout?: number): AsyncGenerator<Row[]> {
    this.#unclear = true
    let frame = await this.#ask({
      query: sql,
      params: params.map(toWire),
      ...(timeout === undefined ? {} : { timeout }),
    })
    let stopped = true
    try {
      while (frame.rows) {
        yield fromRowFrame(frame)
        frame = await this.#ask({ next: true })
      }
      stopped = false
    } finally {
      if (stopped && frame.rows) await this.#ask({ stop: true }).catch(() => this.close())
    }
    this.#unclear = false
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>, timeout: number | undefined): Promise<T> {
    await this.#ask({ begin: true, ...(timeout === undefined ? {} : { timeout }) })
    const tx = new SharedTransaction(this)
    try {
      const result = await work(tx)
      await tx.settle()
      await this.#ask({ commit: true })
      return result
    } catch (error) {
      // The other side rolls back when the line is cut.
      this.close()
      throw error
    }
  }

  async #ask(frame: ClientFrame): Promise<ServerFrame> {
    const answer = await this.#exchange(frame)
    if (!answer.error) return answer
    this.#unclear = false
    throw fromErrorFrame(answer.error)
  }

  async #exchange(frame: ClientFrame): Promise<ServerFrame> {
    this.#socket.ref()
    try {
      await send(this.#socket, JSON.stringify(frame))
      const { value, done } = await this.#frames.next()
      if (!done) return value
    } catch (cause) {
      this.close()
      throw leftError(cause)
    } finally {
      this.#socket.unref()
    }
    throw leftError()
  }
}

interface OpenStream {
  chunks: AsyncIterator<Row[]>
  early: Row[][]
}

/**
 * Statements of one transaction share its line, so they run one after another; what is left of an open stream
 * is taken before another statement, as on DuckDB itself.
 */
class SharedTransaction implements Transaction {
  readonly engine = 'duckdb'
  readonly #line: ShareLine
  #tail: Promise<unknown> = Promise.resolve()
  #open: OpenStream | undefined

  constructor(line: ShareLine) {
    this.#line = line
  }

  query<T extends object = Row>(sql: string, params?: readonly Param[]): Promise<T[]> {
    return this.#queued(async () => {
      await this.#drain()
      return collect<T>(this.#line.rows(sql, params))
    })
  }

  async *stream<T extends object = Row>(sql: string, params?: readonly Param[]): AsyncIterable<T[]> {
    const stream = await this.#queued(async () => {
      await this.#drain()
      this.#open = { chunks: this.#line.rows(sql, params), early: [] }
      return this.#open
    })
    try {
      for (;;) {
        const rows = await this.#queued(async () => stream.early.shift() ?? (await this.#next(stream)))
        if (!rows) return
        yield rows as T[]
      }
    } finally {
      await this.#queued(() => this.#abandon(stream))
    }
  }

  run(): Promise<number> {
    return Promise.reject(readOnlyError())
  }

  load(): Promise<number> {
    return Promise.reject(readOnlyError())
  }

  async settle(): Promise<void> {
    await this.#queued(async () => this.#open && this.#abandon(this.#open))
  }

  #queued<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work)
    this.#tail = result.catch(() => undefined)
    return result
  }

  async #next(stream: OpenStream): Promise<Row[] | undefined> {
    if (this.#open !== stream) return undefined
    const { value, done } = await stream.chunks.next()
    if (!done) return value
    this.#open = undefined
    return undefined
  }

  async #drain(): Promise<void> {
    const stream = this.#open
    if (!stream) return
    for (let rows = await this.#next(stream); rows; rows = await this.#next(stream)) stream.early.push(rows)
  }

  async #abandon(stream: OpenStream): Promise<void> {
    if (this.#open !== stream) return
    this.#open = undefined
    await stream.chunks.return?.()
  }
}

async function collect<T>(chunks: AsyncIterable<Row[]>): Promise<T[]> {
  const all: Row[] = []
  for await (const rows of chunks) for (const row of rows) all.push(row)
  return all as T[]
}

function dial(address: string): Promise<Socket | undefined> {
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>()
  const socket = connect(address)
  socket.once('connect', () => resolve(socket))
  socket.once('error', () => resolve(undefined))
  return promise
}

function readOnlyError(): StanceError {
  return new StanceError(
    'DB_READ_ONLY',
    'The database is held by another process and can only be read from here.',
    {
      next: 'Wait until that process (a scan, perhaps) has ended, then run this again.',
    },
  )
}

function leftError(cause?: unknown): StanceError {
  return new StanceError(
    'DB_CONNECTION_LOST',
    'The process that held the database ended while it was being read.',
    {
      next: 'Run this again.',
      cause,
    },
  )
}
