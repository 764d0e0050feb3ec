import type { Socket } from 'node:net'
import { StanceError } from '../core/errors.ts'
import type { Param, Row, Value } from './database.ts'

/**
 * The wire between a process that holds the DuckDB file and one that reads through it: one JSON text a line.
 *
 *   client                         server
 *   { hello: 1, token }            { ok: true } or the line is cut
 *   { query, params, timeout? }    { columns, rows }   waits for { next: true } or { stop: true }
 *                                  …                   { end: true } or { error }
 *   { begin, timeout? }            { ok: true }        the queries that follow see one moment
 *   { commit: true }               { ok: true } or { error }
 *   { copy: true }                 { file } or { error }   a whole copy, which is the client's from then on
 */
export const protocol = 1

export interface ClientFrame {
  hello?: number
  token?: string
  query?: string
  params?: WireValue[]
  begin?: true
  timeout?: number
  next?: true
  stop?: true
  commit?: true
  copy?: true
}

export interface ServerFrame {
  ok?: true
  /** Where the copy of the database lies. */
  file?: string
  columns?: string[]
  rows?: WireValue[][]
  end?: true
  error?: { code: string; message: string; next: string; details: Record<string, unknown> }
}

/** JSON has no dates, big integers and NaN; an object stands for them, which no value is by itself. */
type WireValue =
  | string
  | number
  | boolean
  | null
  | { d: number }
  | { b: string }
  | { n: string }
  | { l: string[] }

export function toWire(value: Param): WireValue {
  if (value instanceof Date) return { d: value.getTime() }
  if (typeof value === 'bigint') return { b: String(value) }
  if (typeof value === 'number') return Number.isFinite(value) ? value : { n: String(value) }
  if (Array.isArray(value)) return { l: [...(value as string[])] }
  return value as string | boolean | null
}

export function fromWire(value: WireValue): Param {
  if (value === null || typeof value !== 'object') return value
  if ('d' in value) return new Date(value.d)
  if ('b' in value) return BigInt(value.b)
  if ('n' in value) return Number(value.n)
  return value.l
}

const bytesPerFrame = 1_048_576

/** Cuts a chunk so that no line grows with the length of its texts (a single huge row apart). */
export function* rowFrames(rows: readonly Row[]): Generator<string> {
  if (rows.length === 0) return
  const columns = Object.keys(rows[0]!)
  const head = `{"columns":${JSON.stringify(columns)},"rows":[`
  let parts: string[] = []
  let size = 0
  for (const row of rows) {
    const part = JSON.stringify(columns.map((column) => toWire(row[column]!)))
    parts.push(part)
    size += part.length
    if (size < bytesPerFrame) continue
    yield `${head}${parts.join(',')}]}`
    parts = []
    size = 0
  }
  if (parts.length > 0) yield `${head}${parts.join(',')}]}`
}

export function fromRowFrame(frame: ServerFrame): Row[] {
  const columns = frame.columns ?? []
  return (frame.rows ?? []).map((cells) => {
    const row: Row = {}
    columns.forEach((column, at) => {
      row[column] = fromWire(cells[at]!) as Value
    })
    return row
  })
}

/** Writes one line; waits while the other side is slow. */
export async function send(socket: Socket, line: string): Promise<void> {
  if (socket.destroyed) throw new Error('the other side has left')
  if (socket.write(`${line}\n`)) return
  await new Promise<void>((resolve, reject) => {
    const settle = () => {
      socket.off('drain', settle).off('close', left)
      resolve()
    }
    const left = () => {
      socket.off('drain', settle)
      reject(new Error('the other side has left'))
    }
    socket.once('drain', settle).once('close', left)
  })
}

/** The lines of a socket; `limit()` says how long one may be at the moment. */
export async function* lines<T>(socket: Socket, limit: () => number): AsyncGenerator<T> {
  let parts: Buffer[] = []
  let size = 0
  for await (const data of socket as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, start)) {
      parts.push(data.subarray(start, end))
      yield JSON.parse(Buffer.concat(parts).toString('utf8')) as T
      parts = []
      size = 0
      start = end + 1
    }
    parts.push(data.subarray(start))
    size += data.length - start
    if (size > limit()) throw new Error('a line is too long')
  }
}

export function toErrorFrame(error: unknown): string {
  if (error instanceof StanceError) return JSON.stringify({ error: error.toJSON() })
  const message = error instanceof Error ? error.message : String(error)
  return JSON.stringify({ error: { code: 'DB_STATEMENT', message, next: '', details: {} } })
}

export function fromErrorFrame(error: NonNullable<ServerFrame['error']>): Error {
  if (error.code === 'DB_STATEMENT') return new Error(error.message)
  return new StanceError(error.code, error.message, { next: error.next, details: error.details })
}
