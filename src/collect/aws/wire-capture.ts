import { AsyncLocalStorage } from 'node:async_hooks'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { AwsClient } from './services.ts'
import { UnreadableAnswer, wrongShape } from './wire-shape.ts'

/** One exchange as it went over the wire: what a recording is made of. */
export interface WireExchange {
  request: WireRequest
  response: { status: number; headers: Record<string, string>; body: Buffer }
}

export interface WireRequest {
  method: string
  hostname: string
  path: string
  query: Record<string, string | string[] | null>
  headers: Record<string, string>
  body: string
}

export interface Sink {
  /** What is asked. */
  service: string
  operation: string
  /** Where the request went. */
  host?: string
  /** Bytes of the answer. */
  bytes?: number
  /** What a replay says of the time of its answer. */
  recorded_at?: string
  /** Set where somebody wants the exchange. */
  keep?: (exchange: WireExchange) => void
  /** A redirected request is known by how it first was asked. */
  first?: WireRequest
}

const current = new AsyncLocalStorage<Sink>()

/** Runs a call of the SDK so that what goes over the wire for it comes to `sink`. */
export function withSink<T>(sink: Sink, call: () => Promise<T>): Promise<T> {
  return current.run(sink, call)
}

interface Args {
  request: Omit<WireRequest, 'body'> & { body?: unknown }
}
interface Result {
  response: { statusCode: number; headers: Record<string, string>; body?: unknown }
}

/** Below everything else: the request is signed, the answer untouched. */
export function captureWire(client: AwsClient): void {
  const middleware = (next: (args: Args) => Promise<Result>) => async (args: Args) => {
    const sink = current.getStore()
    if (sink !== undefined) sink.host = args.request.hostname
    const result = await next(args)
    if (sink === undefined) return result
    const { response } = result
    const recordedAt = response.headers['x-stance-recorded-at']
    if (recordedAt !== undefined) sink.recorded_at = recordedAt
    const { method, hostname, path, query, headers, body } = args.request
    const bytes = response.body instanceof Readable ? await buffer(response.body) : Buffer.alloc(0)
    sink.bytes = bytes.length
    refuseWrongShape(sink, method, response, bytes)
    if (sink.keep !== undefined) {
      sink.first ??= {
        method,
        hostname,
        path,
        query: { ...query },
        headers: { ...headers },
        body: textOf(body),
      }
      sink.keep({
        request: sink.first,
        response: { status: response.statusCode, headers: response.headers, body: bytes },
      })
    }
    return {
      ...result,
      response: Object.assign(response, { body: Readable.from([bytes], { objectMode: false }) }),
    }
  }
  client.middlewareStack.add(middleware, { step: 'deserialize', name: 'captureWire', priority: 'low' })
}

function refuseWrongShape(sink: Sink, method: string, response: Result['response'], body: Buffer): void {
  if (response.statusCode < 200 || response.statusCode > 299) return
  const wrong = wrongShape({
    service: sink.service,
    operation: sink.operation,
    method,
    status: response.statusCode,
    body,
  })
  if (wrong !== undefined) throw new UnreadableAnswer(wrong, response)
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : ''
}
