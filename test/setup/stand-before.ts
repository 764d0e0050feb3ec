import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { writtenHeader } from '../../src/collect/aws/record.ts'

/** An answer as it goes over the wire. */
export interface WireAnswer {
  status: number
  headers: Record<string, string>
  body: string
}

/** What stands before an emulator, and its address. */
export interface WireProxy {
  url: string
  stop(): Promise<void>
}

/** Answers every request; a request that it throws on ends in 500. */
export async function standBefore(
  answer: (request: IncomingMessage, body: string) => Promise<WireAnswer & { marks: readonly string[] }>,
): Promise<WireProxy> {
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      console.error(error)
      response.writeHead(500).end()
    })
  })
  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, headers, body, marks } = await answer(request, (await buffer(request)).toString('utf8'))
    response.writeHead(status, {
      ...headers,
      ...(marks.length > 0 ? { [writtenHeader]: marks.join('; ') } : {}),
      'content-length': Buffer.byteLength(body),
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Asks the emulator the same, but for what is said otherwise; of the headers only those that say something stay. */
export function passOn(
  upstream: string,
  request: IncomingMessage,
  body: string,
  path = request.url,
): Promise<WireAnswer> {
  const { hostname, port } = new URL(upstream)
  const { connection: _, 'content-length': __, ...headers } = request.headers
  const sent = { ...headers, 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const call = httpRequest({ hostname, port, path, method: request.method, headers: sent }, (got) => {
      buffer(got).then(
        (bytes) =>
          resolve({ status: got.statusCode ?? 0, headers: telling(got.headers), body: bytes.toString() }),
        reject,
      )
    })
    call.on('error', reject)
    call.end(body)
  })
}

function telling(headers: IncomingMessage['headers']): Record<string, string> {
  const names = Object.entries(headers).filter(([name]) => /^(content-type|etag|x-amz.*)$/.test(name))
  return Object.fromEntries(names.map(([name, value]) => [name, String(value)]))
}
