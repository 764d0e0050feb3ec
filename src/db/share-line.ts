import { connect, type Socket } from 'node:net'
import { StanceError } from '../core/errors.ts'
import type { Param, Row } from './database.ts'
import { isLockHeld } from './duckdb/duckdb-errors.ts'
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

/** A process that runs greets at once; a statement may take its time, but not without a greeting to another line. */
const greetingMs = 5_000

/** One connection: one statement, stream or transaction at a time. */
export class ShareLine {
  readonly #socket: Socket
  readonly #frames: AsyncGenerator<ServerFrame>
  readonly #path: string
  readonly #pid: number
  #greeted = false
  /** in the middle of rows that nobody asks for any more */
  #unclear = false

  private constructor(socket: Socket, path: string, pid: number) {
    this.#socket = socket
    this.#path = path
    this.#pid = pid
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
    const line = new ShareLine(socket, path, address.pid)
    try {
      await line.#ask({ hello: protocol, token: address.token })
      line.#greeted = true
      return line
    } catch (error) {
      line.close()
      if (isLockHeld(error)) throw error
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

  async begin(timeout: number | undefined): Promise<void> {
    await this.#ask({ begin: true, ...(timeout === undefined ? {} : { timeout }) })
  }

  async commit(): Promise<void> {
    await this.#ask({ commit: true })
  }

  /** Where the process that holds the database has put a copy of it. */
  async copy(): Promise<string> {
    const { file } = await this.#ask({ copy: true })
    if (file === undefined) throw leftError()
    return file
  }

  async #ask(frame: ClientFrame): Promise<ServerFrame> {
    const answer = await this.#exchange(frame)
    if (!answer.error) return answer
    this.#unclear = false
    throw fromErrorFrame(answer.error)
  }

  /** The next frame. A process that was stopped would let us wait for ever. */
  async #next(): Promise<IteratorResult<ServerFrame>> {
    const next = this.#frames.next()
    next.catch(() => undefined)
    for (;;) {
      const first = await within(greetingMs, next)
      if (first !== undefined) return first
      if (!this.#greeted) throw silentError(this.#path, this.#pid)
      const other = await ShareLine.open(this.#path)
      other?.close()
    }
  }

  async #exchange(frame: ClientFrame): Promise<ServerFrame> {
    this.#socket.ref()
    try {
      await send(this.#socket, JSON.stringify(frame))
      const { value, done } = await this.#next()
      if (!done) return value
    } catch (cause) {
      this.close()
      throw isLockHeld(cause) ? cause : leftError(cause)
    } finally {
      this.#socket.unref()
    }
    throw leftError()
  }
}

function silentError(path: string, pid: number): StanceError {
  return new StanceError(
    'DB_FILE_HELD',
    `The database file ${path} is held by another process (pid ${pid}), which does not answer: it was stopped (Ctrl-Z), perhaps.`,
    { next: 'Let that process go on (`fg` where it was started), or end it, then run this again.' },
  )
}

function dial(address: string): Promise<Socket | undefined> {
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>()
  const socket = connect(address)
  socket.once('connect', () => resolve(socket))
  socket.once('error', () => resolve(undefined))
  return promise
}

async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), ms)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
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
