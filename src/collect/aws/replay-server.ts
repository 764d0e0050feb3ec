import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { type Fault, type FaultTarget, faultFor } from '../transport/faults.ts'
import type { Recording } from '../transport/read-recording.ts'
import { askedOf, fromBody, type RecordedExchange } from '../transport/recording.ts'
import type { AwsConnection, AwsKeys } from './connection.ts'
import type { WireRequest } from './wire-capture.ts'
import { errorOnTheWire } from './wire-error.ts'
import { headerOf, scopeOf, wireKey } from './wire-key.ts'

export interface ReplayServer {
  url: string
  /** What was asked and is not in the recording, each once. */
  unknown(): readonly FaultTarget[]
  stop(): Promise<void>
}

/** On answers of a replay: when they were got. */
const recordedAtHeader = 'x-stance-recorded-at'
const accountPrefix = 'REPLAY-'
const mostBody = 4 * 2 ** 20

/** A connection that reads a replay: the account is named by its access key. */
export function replayConnection(name: string, server: { url: string }, homeRegion?: string): AwsConnection {
  return {
    name,
    endpoint: server.url,
    home_region: homeRegion,
    keys: (id) => replayKeys(id, name),
    replay: true,
  }
}

function replayKeys(account_id: string, connection: string): AwsKeys {
  return { accessKeyId: accountPrefix + askedOf({ account_id, connection }), secretAccessKey: 'replay' }
}

/**
 * Answers real SDK clients over HTTP with what was recorded. What was not recorded is `501 NotRecorded`: a replay
 * never looks emptier than what it was made from.
 */
export async function replayServer(
  recording: Recording,
  options: {
    faults?: readonly Fault[]
    port?: number
    /** The answers speak of now, as those of a cloud do, and not of when they were got: for scans after each other. */
    isLive?: boolean
  } = {},
): Promise<ReplayServer> {
  const faults = options.faults ?? []
  const unfit = faults.find((fault) => fault.kind === 'omitted' && fault.what !== undefined)
  if (unfit !== undefined)
    throw new Error(`a replay server cannot leave out a part of an answer: ${unfit.spec}`)
  const exchanges = new Map(recording.exchanges.map((one) => [idOf(one.account_id, one.key), one]))
  const unknown = new Map<string, FaultTarget>()
  const attempts = new Map<string, number>()

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const scope = scopeOf(request.headers.authorization)
    const asked = await toWireRequest(request)
    if (scope === undefined || asked === undefined || !scope.access_key_id.startsWith(accountPrefix)) {
      return send(
        response,
        errorOnTheWire('s3', 400, 'NotAReplayRequest', 'The request is not signed for a replay.'),
      )
    }
    const account_id = scope.access_key_id.slice(accountPrefix.length)
    const key = wireKey(asked, scope)
    const found = exchanges.get(idOf(account_id, key))
    const target = found ?? { account_id, region: scope.region, ...guess(asked, scope.signing_name) }
    const id = idOf(account_id, key)
    const attempt = (attempts.get(id) ?? 0) + 1
    attempts.set(id, attempt)
    const fault = faultFor(faults, target, attempt)
    if (fault?.kind === 'silent') return
    if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.ms))
    else if (fault !== undefined) return send(response, injected(target.service, fault))
    const at = options.isLive === true ? undefined : found?.at
    if (found !== undefined) return send(response, { ...found, body: fromBody(found.body) }, at)
    unknown.set(id, target)
    send(
      response,
      errorOnTheWire(
        target.service,
        501,
        'NotRecorded',
        `The recording has no answer to ${target.service}:${target.operation} in ${target.region} of ${account_id}.`,
      ),
    )
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      send(response, errorOnTheWire('s3', 500, 'ReplayFailed', error instanceof Error ? error.message : ''))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the replay server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    unknown: () => [...unknown.values()],
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function idOf(accountId: string, key: string): string {
  return `${accountId}\0${key}`
}

async function toWireRequest(request: IncomingMessage): Promise<Omit<WireRequest, 'hostname'> | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > mostBody) return undefined
  const url = new URL(request.url ?? '/', 'http://replay.invalid')
  const query: WireRequest['query'] = {}
  for (const name of new Set(url.searchParams.keys())) query[name] = url.searchParams.getAll(name)
  const headers: Record<string, string> = {}
  for (const name of ['x-amz-target', 'x-amz-account-id']) {
    const value = headerOf(request.headers, name)
    if (value !== undefined) headers[name] = value
  }
  return { method: request.method ?? 'GET', path: url.pathname, query, headers, body: await text(request) }
}

/** What an unknown request asks for, as far as it says so itself. */
function guess(
  request: Omit<WireRequest, 'hostname'>,
  signingName: string,
): { service: string; operation: string } {
  const action = new URLSearchParams(request.body).get('Action')
  const target = request.headers['x-amz-target']?.split('.').at(-1)
  const operation =
    action ?? target ?? [request.query['x-id']].flat()[0] ?? `${request.method} ${request.path}`
  if (signingName === 'elasticloadbalancing') return { service: 'elasticloadbalancingv2', operation }
  if (request.headers['x-amz-account-id'] !== undefined) return { service: 's3control', operation }
  return { service: signingName, operation }
}

type Wire = Pick<RecordedExchange, 'status' | 'headers'> & { body: Buffer }

function injected(service: string, fault: Exclude<Fault, { kind: 'slow' | 'silent' }>): Wire {
  if (fault.kind === 'omitted')
    return errorOnTheWire(service, 501, 'NotRecorded', 'Left out of the recording.')
  if (fault.kind === 'throttled') return errorOnTheWire(service, 'throttled')
  if (fault.kind === 'denied') return errorOnTheWire(service, 'denied')
  return errorOnTheWire(service, fault.status, fault.code)
}

function send(response: ServerResponse, wire: Wire, recordedAt?: string): void {
  if (response.headersSent) return
  const time = recordedAt === undefined ? {} : { [recordedAtHeader]: recordedAt }
  response.writeHead(wire.status, { ...wire.headers, ...time, 'content-length': wire.body.length })
  response.end(response.req.method === 'HEAD' ? undefined : wire.body)
}
