import type { Json } from '../../core/json.ts'
import { replaceSecrets } from '../kernel/replace-secrets.ts'
import { type SecretPaths, secretKey } from '../kernel/secret-paths.ts'
import type { TransportAnswer, TransportRequest } from '../kernel/transport.ts'
import { askedOf, type RecordedExchange, toBody, type Unrecorded } from '../transport/recording.ts'
import { sealText, secretsBetween } from '../transport/seal-secrets.ts'
import { writeRecording } from '../transport/write-recording.ts'
import type { WireExchange } from './wire-capture.ts'
import { headerOf, scopeOf, wireKey } from './wire-key.ts'

/** On answers of an emulator, where something in them was written by hand: what, separated by `; `. */
export const writtenHeader = 'x-stance-written'

export interface Recorder {
  /** For `createAwsTransport({ listen })`. */
  listen(exchange: WireExchange, request: TransportRequest, answer: TransportAnswer): Promise<void>
  /** Writes the files, once; says what could not be recorded, and why. */
  close(): Promise<{ files: string[]; exchanges: number; unrecorded: Unrecorded[] }>
}

export interface RecorderOptions {
  directory: string
  /** The same as the secret gate's. */
  secrets: SecretPaths
  key: string | Buffer
  gzip?: boolean
  now?: () => Date
}

/**
 * Records what goes over the wire, after the secret gate: what the gate takes out of the answer is sealed in its
 * wire form, too. Credentials are in no header that is kept. Throttling and failures of the moment are left
 * out: a replay would repeat them for ever.
 */
export async function recordAws(options: RecorderOptions): Promise<Recorder> {
  const writer = await writeRecording(options.directory, { gzip: options.gzip ?? false })
  const unrecorded: Unrecorded[] = []
  let closing: ReturnType<Recorder['close']> | undefined
  return {
    async listen(exchange, request, answer) {
      if (isOfTheMoment(exchange, answer)) return
      const made = toRecorded(exchange, request, answer, options)
      if ('reason' in made) unrecorded.push(made)
      else await writer.add(made)
    },
    close() {
      closing ??= writer.close().then((written) => ({ ...written, unrecorded }))
      return closing
    },
  }
}

function isOfTheMoment({ response }: WireExchange, answer: TransportAnswer): boolean {
  if (answer.ok) return false
  return (
    answer.kind !== 'answer' || answer.throttled === true || response.status >= 500 || response.status === 429
  )
}

function toRecorded(
  exchange: WireExchange,
  request: TransportRequest,
  answer: TransportAnswer,
  options: RecorderOptions,
): RecordedExchange | Unrecorded {
  const { service, operation } = request
  const scope = scopeOf(headerOf(exchange.request.headers, 'authorization'))
  if (scope === undefined) return { service, operation, reason: 'the request was not signed' }
  const secrets = answer.ok ? takenOut(answer.body, request, options) : []
  const headers = keptHeaders(exchange.response.headers)
  const body = toBody(exchange.response.body)
  if (
    secrets.length > 0 &&
    (typeof body !== 'string' || Object.values(headers).some((h) => holdsAny(h, secrets)))
  ) {
    return { service, operation, reason: 'a secret stands where it cannot be sealed' }
  }
  const sealed = typeof body === 'string' ? sealText(withoutIds(body), secrets) : { text: body }
  if ('refused' in sealed) return { service, operation, reason: sealed.refused }
  const written = headerOf(exchange.response.headers, writtenHeader)
  return {
    account_id: askedOf(request),
    region: scope.region,
    service,
    operation,
    key: wireKey(exchange.request, scope, bucketBefore(exchange, request)),
    status: exchange.response.status,
    headers,
    ...(written === undefined ? {} : { written: written.split('; ') }),
    body: sealed.text,
    at: (options.now?.() ?? new Date()).toISOString(),
  }
}

function takenOut(body: Json, request: TransportRequest, { secrets, key }: RecorderOptions) {
  const declared = secrets.get(secretKey('aws', request.service, request.operation))
  if (declared === undefined) return []
  const gated = structuredClone(body)
  replaceSecrets(gated, declared, key)
  return secretsBetween(body, gated)
}

function holdsAny(text: string, secrets: readonly { value: string }[]): boolean {
  return secrets.some(({ value }) => text.includes(value))
}

/** What a client reads an answer by. Never a cookie, an id of the request, or anything that was signed. */
function keptHeaders(headers: Record<string, string>): Record<string, string> {
  const kept = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => /^(content-type|retry-after|etag|last-modified|x-amz.*)$/.test(name))
    .filter(([name]) => !/request-?id|x-amz-id-2|security-token|signature|date$/.test(name))
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Ids of requests differ from one recording to the next and say nothing. */
function withoutIds(body: string): string {
  return body.replaceAll(/<(RequestId|requestId|RequestID|HostId)>[^<]*</g, '<$1>recorded<')
}

function bucketBefore({ request }: WireExchange, { service, input }: TransportRequest): string | undefined {
  const bucket = input.Bucket
  if (service !== 's3' || typeof bucket !== 'string') return undefined
  return request.hostname.startsWith(`${bucket}.`) ? bucket : undefined
}
