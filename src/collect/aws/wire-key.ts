import type { Json } from '../../core/json.ts'
import type { WireRequest } from './wire-capture.ts'

/** Who signed a request, and for what: the credential scope of Signature Version 4. */
export interface Scope {
  access_key_id: string
  region: string
  /** The signing name: `elasticloadbalancing`, and `s3` for S3 Control too. */
  signing_name: string
}

/** `AWS4-HMAC-SHA256 Credential=AKIA…/20261121/eu-west-1/s3/aws4_request, SignedHeaders=…` */
export function scopeOf(authorization: string | undefined): Scope | undefined {
  const found = /Credential=([^/\s,]+)\/\d{8}\/([^/\s,]+)\/([^/\s,]+)\/aws4_request/.exec(authorization ?? '')
  if (found === null) return undefined
  return { access_key_id: found[1]!, region: found[2]!, signing_name: found[3]! }
}

/**
 * What one request is known by, live and on replay, whatever its signature, time, host and order of parameters.
 * `bucket` is the bucket in front of the host, where the live request had it there.
 */
export function wireKey(request: Omit<WireRequest, 'hostname'>, scope: Scope, bucket?: string): string {
  const path = (bucket === undefined ? '' : `/${bucket}`) + request.path
  const target = headerOf(request.headers, 'x-amz-target')
  const account = headerOf(request.headers, 'x-amz-account-id')
  return JSON.stringify([
    scope.signing_name,
    scope.region,
    request.method,
    path.length > 1 ? path.replace(/\/+$/, '') : path,
    canonicalQuery(request.query),
    target ?? '',
    account ?? '',
    canonicalBody(request.body),
  ])
}

export function headerOf(
  headers: Record<string, string | string[] | undefined>,
  name: string,
): string | undefined {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  return Array.isArray(found) ? found.join(',') : found
}

/** `x-id` only repeats the operation's name. */
function canonicalQuery(query: WireRequest['query']): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one) => [name, one ?? ''] as const),
  )
  return sortedPairs(pairs.filter(([name]) => name !== 'x-id' && !/^x-amz-/i.test(name)))
}

function canonicalBody(body: string): string {
  if (body === '') return ''
  if (/^\s*[{[]/.test(body)) return JSON.stringify(sorted(JSON.parse(body) as Json))
  if (/^[\w.-]+=/.test(body)) return sortedPairs([...new URLSearchParams(body)])
  return body
}

function sortedPairs(pairs: readonly (readonly [string, string])[]): string {
  const encoded = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  return encoded.sort().join('&')
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}
