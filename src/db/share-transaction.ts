import { StanceError } from '../core/errors.ts'
import type { Param, Row, Transaction } from './database.ts'
import type { ShareLine } from './share-line.ts'

export async function runSharedTransaction<T>(
  line: ShareLine,
  work: (tx: Transaction) => Promise<T>,
  timeout: number | undefined,
): Promise<T> {
  await line.begin(timeout)
  const tx = new SharedTransaction(line)
  try {
    const result = await work(tx)
    await tx.settle()
    await line.commit()
    return result
  } catch (error) {
    // The other side rolls back when the line is cut.
    line.close()
    throw error
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

export async function collect<T>(chunks: AsyncIterable<Row[]>): Promise<T[]> {
  const all: Row[] = []
  for await (const rows of chunks) for (const row of rows) all.push(row)
  return all as T[]
}

export function readOnlyError(): StanceError {
  return new StanceError(
    'DB_READ_ONLY',
    'The database is held by another process and can only be read from here.',
    {
      next: 'Wait until that process (a scan, perhaps) has ended, then run this again.',
    },
  )
}
