import type { JsonObject } from '../../core/json.ts'
import type { FailedAnswer, Transport, TransportAnswer, TransportRequest } from '../kernel/transport.ts'
import { unseal } from '../transport/seal-secrets.ts'
import { awsAnswers } from './answers.ts'
import { createClients } from './clients.ts'
import type { AwsConnection, Network } from './connection.ts'
import { credentialAnswers } from './credential-problem.ts'
import { type Credentials, createCredentials } from './credentials.ts'
import { toFailedAnswer } from './failed-answer.ts'
import { createSharedHandler, type HandlerLimits, type SharedHandler } from './http-handlers.ts'
import { globalRegionOf } from './partition.ts'
import { toPlainAnswer } from './plain-answer.ts'
import { NoSuchRead } from './services.ts'
import { type Sink, type WireExchange, withSink } from './wire-capture.ts'

export interface AwsTransportOptions {
  connections: readonly AwsConnection[]
  network?: Network
  limits?: HandlerLimits & { clients?: number }
  /** Told of every exchange, with what became of it: a recording's ear. */
  listen?: (
    exchange: WireExchange,
    request: TransportRequest,
    answer: TransportAnswer,
  ) => void | Promise<void>
}

export interface AwsTransport extends Transport {
  /** How many SDK clients are alive. */
  readonly clients: number
}

/**
 * AWS over the SDK: one attempt a call, no state outside this object. What clouds, networks and clocks do comes
 * back as an answer; it throws only for a connection, service or operation that does not exist.
 */
export function createAwsTransport(options: AwsTransportOptions): AwsTransport {
  const connections = new Map(options.connections.map((one) => [one.name, one]))
  const handlers = new Map<string, SharedHandler>()
  const credentials = new Map<string, Credentials>()

  const handlerOf = ({ name }: AwsConnection) =>
    once(handlers, name, () => createSharedHandler(options.network ?? {}, options.limits))
  const credentialsOf = (connection: AwsConnection) =>
    once(credentials, connection.name, () => createCredentials(connection, () => handlerOf(connection)))
  const clients = createClients({
    ...(options.limits?.clients === undefined ? {} : { limit: options.limits.clients }),
    handler: handlerOf,
    keys: (connection, accountId) => () => credentialsOf(connection).keys(accountId),
  })

  const call = async (
    request: TransportRequest,
    connection: AwsConnection,
    signal: AbortSignal,
    sink: Sink,
  ) => {
    const own = credentialsOf(connection)
    // Asked for here, not within the SDK, so that a problem with keys is told as one.
    await own.keys(request.account_id)
    const region =
      request.region === 'global' ? globalRegionOf(request.service, await own.region()) : request.region
    const { client, createCommand } = await clients.get({ ...request, connection, region })
    const command = createCommand(request.operation, request.input)
    return await withSink(sink, async () =>
      toPlainAnswer(await client.send(command, { abortSignal: signal })),
    )
  }

  const send = async (request: TransportRequest): Promise<TransportAnswer> => {
    const connection = connections.get(request.connection)
    if (connection === undefined) throw new Error(`no AWS connection is named "${request.connection}"`)
    const sink: Sink = { service: request.service, operation: request.operation }
    const exchanges: WireExchange[] = []
    if (options.listen !== undefined) sink.keep = (exchange) => exchanges.push(exchange)
    const answer = await withinDeadline(
      request,
      async (signal) => {
        const got = await call(request, connection, signal, sink)
        const body = connection.replay === true ? (unseal(got) as JsonObject) : got
        return { ok: true, body, ...(sink.bytes === undefined ? {} : { bytes: sink.bytes }) }
      },
      sink,
    )
    if (!answer.ok && isExpired(answer)) credentialsOf(connection).forget(request.account_id)
    if (connection.replay === true && sink.recorded_at !== undefined) {
      answer.answered_at = new Date(sink.recorded_at)
    }
    const last = exchanges.at(-1)
    if (last !== undefined) await options.listen?.(belowEndpoint(last, connection), request, answer)
    return answer
  }

  return {
    name: 'aws',
    answers: { ...awsAnswers, declared: [...credentialAnswers, ...awsAnswers.declared] },
    send,
    bucket: bucketOf,
    close: async () => {
      clients.destroy()
      for (const one of handlers.values()) one.destroy()
      handlers.clear()
      credentials.clear()
    },
    get clients() {
      return clients.size
    },
  }
}

/** A gateway's endpoint may have a path of its own, which is no part of what is asked. */
function belowEndpoint(exchange: WireExchange, { endpoint }: AwsConnection): WireExchange {
  const base = endpoint === undefined ? '' : new URL(endpoint).pathname.replace(/\/+$/, '')
  const { path } = exchange.request
  if (base === '' || !path.startsWith(`${base}/`)) return exchange
  return { ...exchange, request: { ...exchange.request, path: path.slice(base.length) } }
}

/** Ends by the deadline whatever the SDK does with its signal: importing, signing or reading keys may ignore it. */
async function withinDeadline(
  request: TransportRequest,
  call: (signal: AbortSignal) => Promise<TransportAnswer>,
  sink: Sink,
): Promise<TransportAnswer> {
  const { signal: given, deadline } = request
  const late = new AbortController()
  const left = deadline - Date.now()
  const timer = setTimeout(() => late.abort(), Math.min(Math.max(left, 0), 2 ** 31 - 1))
  const signal = AbortSignal.any([given, late.signal])
  const ended = () => ({ cancelled: given.aborted, late: late.signal.aborted, host: sink.host })
  let onAbort = () => {}
  try {
    if (given.aborted || left <= 0) return toFailedAnswer(undefined, { ...ended(), late: left <= 0 })
    const givenUp = new Promise<never>((_, reject) => {
      onAbort = () => reject(new Error('given up'))
      signal.addEventListener('abort', onAbort, { once: true })
    })
    return await Promise.race([call(signal), givenUp])
  } catch (error) {
    if (error instanceof NoSuchRead) throw error
    return toFailedAnswer(error, ended())
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

function isExpired(answer: FailedAnswer): boolean {
  return /^(ExpiredToken|ExpiredTokenException|TokenRefreshRequired)$/.test(answer.code)
}

/**
 * What AWS throttles by: account and region, in EC2 kinds of actions apart, IAM and Organizations per account.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
function bucketOf({ account_id, region, service, operation }: TransportRequest): string {
  const scope = `${account_id}/${region}/${service}`
  return service === 'ec2'
    ? `${scope}/${/^[A-Z][a-z]+/.exec(operation)?.[0].toLowerCase() ?? 'other'}`
    : scope
}

function once<T>(made: Map<string, T>, key: string, make: () => T): T {
  const known = made.get(key)
  if (known !== undefined) return known
  const fresh = make()
  made.set(key, fresh)
  return fresh
}
