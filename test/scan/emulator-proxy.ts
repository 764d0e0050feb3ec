import type { IncomingMessage } from 'node:http'
import { scopeOf } from '../../src/collect/aws/wire-key.ts'
import { passOn, standBefore, type WireAnswer, type WireProxy } from '../setup/stand-before.ts'
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
export function emulatorProxy(
  upstreams: ReadonlyMap<string, Upstream>,
  renames: readonly Rename[],
  signingKeys: ReadonlySet<string>,
): Promise<WireProxy> {
  return standBefore((request, body) => answer(request, body, upstreams, renames, signingKeys))
}

async function answer(
  request: IncomingMessage,
  body: string,
  upstreams: ReadonlyMap<string, Upstream>,
  renames: readonly Rename[],
  signingKeys: ReadonlySet<string>,
): Promise<WireAnswer & { marks: string[] }> {
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
  const got = await passOn(upstream.url, request, sent)
  const drawn = got.body
  got.body = names.reduce((done, { from, to }) => done.replaceAll(from, to), drawn)
  const written = rewrite(asked, got)
  const paged = cut(written?.body ?? got.body)
  const marks = [
    ...(written === undefined ? [] : [written.mark]),
    ...(paged === undefined ? [] : ['pages']),
    ...(drawn === got.body ? [] : ['account id']),
  ]
  return {
    status: written?.status ?? got.status,
    headers: { ...got.headers, ...written?.headers },
    body: paged ?? written?.body ?? got.body,
    marks,
  }
}

function operationOf(request: IncomingMessage, body: string): string {
  const target = String(request.headers['x-amz-target'] ?? '').split('.')
  const named = new URLSearchParams(body).get('Action') ?? target.at(-1)
  return named === undefined || named === '' ? `${request.method} ${request.url}` : named
}
