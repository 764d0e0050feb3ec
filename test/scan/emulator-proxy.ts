import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { writtenHeader } from '../../src/collect/aws/record.ts'
import { scopeOf } from '../../src/collect/aws/wire-key.ts'
import { type Asked, cutPages, rewrite } from './emulator-gaps.ts'

/** A name that the emulator drew, and what the estate calls it; only organizations speak of it. */
export interface Rename {
  from: string
  to: string
}

export interface Upstream {
  url: string
  accountId: string
}

/** Stands before one emulator for each account: by access key it knows which, and it fills what they leave open. */
export async function emulatorProxy(
  upstreams: ReadonlyMap<string, Upstream>,
  renames: readonly Rename[],
  signingKeys: ReadonlySet<string>,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request, response, upstreams, renames, signingKeys).catch((error: unknown) => {
      console.error(error)
      response.writeHead(500).end()
    })
  })
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

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  upstreams: ReadonlyMap<string, Upstream>,
  renames: readonly Rename[],
  signingKeys: ReadonlySet<string>,
): Promise<void> {
  const body = (await buffer(request)).toString('utf8')
  const scope = scopeOf(request.headers.authorization)
  const upstream = upstreams.get(scope?.access_key_id ?? '')
  if (scope === undefined || upstream === undefined) throw new Error(`nobody's request: ${request.url}`)
  const asked: Asked = {
    accountId: upstream.accountId,
    region: scope.region,
    operation: operationOf(request, body),
    body,
    signingKeys,
  }
  const names = scope.signing_name === 'organizations' ? renames : []
  const back = names.reduce((done, { from, to }) => done.replaceAll(to, from), body)
  const { sent, cut } = cutPages(asked, back)
  const got = await forward(upstream.url, request, sent)
  const drawn = got.body
  got.body = names.reduce((done, { from, to }) => done.replaceAll(from, to), drawn)
  const written = rewrite(asked, got)
  const paged = cut(written?.body ?? got.body)
  const marks = [
    ...(written === undefined ? [] : [written.mark]),
    ...(paged === undefined ? [] : ['pages']),
    ...(drawn === got.body ? [] : ['account id']),
  ]
  const final = paged ?? written?.body ?? got.body
  const headers = { ...got.headers, ...written?.headers }
  if (marks.length > 0) headers[writtenHeader] = marks.join('; ')
  response.writeHead(written?.status ?? got.status, {
    ...headers,
    'content-length': Buffer.byteLength(final),
  })
  response.end(request.method === 'HEAD' ? undefined : final)
}

function operationOf(request: IncomingMessage, body: string): string {
  const target = String(request.headers['x-amz-target'] ?? '').split('.')
  const named = new URLSearchParams(body).get('Action') ?? target.at(-1)
  return named === undefined || named === '' ? `${request.method} ${request.url}` : named
}

function forward(upstream: string, request: IncomingMessage, body: string) {
  const { hostname, port } = new URL(upstream)
  const { connection: _, 'content-length': __, ...headers } = request.headers
  const sent = { ...headers, 'content-length': Buffer.byteLength(body) }
  return new Promise<{ status: number; headers: Record<string, string>; body: string }>((resolve, reject) => {
    const call = httpRequest(
      { hostname, port, path: request.url, method: request.method, headers: sent },
      (got) => {
        const kept = Object.entries(got.headers).filter(([name]) =>
          /^(content-type|etag|x-amz.*)$/.test(name),
        )
        const all = Object.fromEntries(kept.map(([name, value]) => [name, String(value)]))
        buffer(got).then(
          (bytes) => resolve({ status: got.statusCode ?? 0, headers: all, body: bytes.toString() }),
          reject,
        )
      },
    )
    call.on('error', reject)
    call.end(body)
  })
}
