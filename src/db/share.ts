import { timingSafeEqual } from 'node:crypto'
import { chmodSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { copyToTemp } from './backup.ts'
import type { Database, Reader, TransactionOptions } from './database.ts'
import { DuckDatabase } from './duckdb/duckdb-database.ts'
import { makeAddress, publishAddress } from './share-address.ts'
import { type ClientFrame, fromWire, lines, protocol, rowFrames, send, toErrorFrame } from './share-frames.ts'

const helloLimit = 4_096
const frameLimit = 64 * 1_048_576
/** A reader that stops asking would hold its snapshot, and with it the checkpoints, for ever. */
const patienceMs = 60_000
const goodbyeMs = 5_000

/**
 * Lets other processes of the same user read a DuckDB file while this one holds it: `openDatabase` with
 * `readOnly` finds the socket by itself. Each statement runs in a read-only transaction here.
 */
export async function serveReads(db: Database, path: string): Promise<{ close(): Promise<void> }> {
  const address = makeAddress(path)
  const sessions = new Map<Socket, ShareSession>()
  const server = createServer((socket) => {
    const session = new ShareSession(db, socket, address.token)
    sessions.set(socket, session)
    void session.serve().finally(() => sessions.delete(socket))
  })
  server.maxConnections = 64
  try {
    await listen(server, address.socket)
    if (process.platform !== 'win32') chmodSync(address.socket, 0o600)
    publishAddress(path, address)
  } catch (error) {
    server.close()
    address.remove()
    throw error
  }
  return {
    async close() {
      address.remove()
      const closed = new Promise((resolve) => server.close(resolve))
      const late = setTimeout(() => {
        for (const [socket, session] of sessions) if (session.copying === undefined) socket.destroy()
      }, goodbyeMs)
      const copies = [...sessions.values()].map(({ copying }) => copying)
      for (const session of sessions.values()) session.leaveWhenIdle()
      await closed
      // A copy is taken to its end, also where nobody waits for it: the engine must not be closed below it.
      await Promise.allSettled(copies)
      clearTimeout(late)
    },
  }
}

function listen(server: Server, socket: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(socket, () => {
    server.off('error', reject)
    // Later errors are of single connections that could not be accepted.
    server.on('error', () => undefined)
    server.unref()
    resolve()
  })
  return promise
}

/** One client: one statement at a time. */
class ShareSession {
  readonly #db: Database
  readonly #socket: Socket
  readonly #token: string
  readonly #frames: AsyncGenerator<ClientFrame>
  #known = false
  #working = false
  #waiting = false
  #leaving = false
  /** The backup that is being taken. */
  copying: Promise<string> | undefined

  constructor(db: Database, socket: Socket, token: string) {
    this.#db = db
    this.#socket = socket
    this.#token = token
    this.#frames = lines<ClientFrame>(socket, () => (this.#known ? frameLimit : helloLimit))
    socket.on('error', () => undefined)
    socket.setTimeout(patienceMs, () => {
      if (this.#waiting && (this.#working || !this.#known)) socket.destroy()
    })
  }

  /** Ends when the client has left, or broke the rules. */
  async serve(): Promise<void> {
    try {
      await this.#greet()
      for (;;) {
        if (this.#leaving) break
        const frame = await this.#next()
        if (!frame) break
        this.#working = true
        if (frame.copy) await this.#copy()
        else if (frame.begin) await this.#transaction(frame)
        else await this.#answer(frame)
        this.#working = false
      }
    } catch {
      // The line broke, or what came was not ours: there is nobody to tell.
    } finally {
      this.#socket.destroy()
    }
  }

  leaveWhenIdle(): void {
    this.#leaving = true
    if (!this.#working) this.#socket.destroy()
  }

  async #greet(): Promise<void> {
    const frame = await this.#next()
    const given = Buffer.from(String(frame?.token ?? ''))
    const wanted = Buffer.from(this.#token)
    if (frame?.hello !== protocol || given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
      throw new Error('not for us')
    }
    this.#known = true
    await send(this.#socket, '{"ok":true}')
  }

  async #transaction(begin: ClientFrame): Promise<void> {
    await this.#reported(async () => {
      await this.#db.transaction(async (tx) => {
        await send(this.#socket, '{"ok":true}')
        for (;;) {
          const frame = await this.#next()
          if (!frame) throw new Error('the client has left')
          if (frame.commit) return
          await this.#statement(tx, frame)
        }
      }, toOptions(begin))
      await send(this.#socket, '{"ok":true}')
    })
  }

  async #answer(frame: ClientFrame): Promise<void> {
    await this.#reported(() => this.#db.transaction((tx) => this.#rows(tx, frame), toOptions(frame)))
  }

  /** A backup, taken by the process that holds the file; it lies in the engine's own directory, and nowhere else. */
  async #copy(): Promise<void> {
    await this.#reported(async () => {
      if (!(this.#db instanceof DuckDatabase)) throw new Error('not for us')
      this.copying = copyToTemp(this.#db)
      const file = await this.copying.finally(() => {
        this.copying = undefined
      })
      if (this.#socket.destroyed) await rm(file, { force: true })
      await send(this.#socket, JSON.stringify({ file }))
    })
  }

  /** Inside a transaction: the client hears of an error here, and again when it wants to commit. */
  async #statement(reader: Reader, frame: ClientFrame): Promise<void> {
    await this.#reported(() => this.#rows(reader, frame))
  }

  async #rows(reader: Reader, frame: ClientFrame): Promise<void> {
    if (typeof frame.query !== 'string') throw new Error('not for us')
    for await (const rows of reader.stream(frame.query, (frame.params ?? []).map(fromWire))) {
      for (const line of rowFrames(rows)) {
        await send(this.#socket, line)
        const answer = await this.#next()
        if (!answer) throw new Error('the client has left')
        if (answer.stop) return send(this.#socket, '{"end":true}')
      }
    }
    await send(this.#socket, '{"end":true}')
  }

  async #reported(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      await send(this.#socket, toErrorFrame(error))
    }
  }

  async #next(): Promise<ClientFrame | undefined> {
    this.#waiting = true
    const { value, done } = await this.#frames.next()
    this.#waiting = false
    return done ? undefined : value
  }
}

function toOptions(frame: ClientFrame): TransactionOptions {
  const options: TransactionOptions = { readOnly: true, label: 'shared read' }
  if (typeof frame.timeout === 'number') options.statementTimeoutMs = frame.timeout
  return options
}
