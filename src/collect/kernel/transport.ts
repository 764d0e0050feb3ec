import type { JsonObject } from '../../core/json.ts'
import type { Answer } from '../../core/read.ts'
import type { Failure } from '../../lake/collected.ts'

/**
 * The seam below which providers differ. A transport turns a request into an answer and never throws for
 * what a cloud, a network or a clock does; it throws only where the program is wrong.
 *
 * Layers are transports over a transport. From the kernel down to the wire:
 *
 *     record → secret gate → retry → breaker → limit → log → time → count → faults → wire (SDK, or replay)
 *
 * so a recording holds the last answer of each call with its secrets replaced, a backoff holds no slot, and
 * every attempt is counted, injected faults too. A replay is gated again: the gate leaves what it has already
 * replaced.
 */
export interface Transport {
  /** What `via` in a declaration names: `aws`. */
  readonly name: string
  /** What the provider's answers mean; looked at after the answers that a read itself declares. */
  readonly answers: ProviderAnswers
  send(request: TransportRequest): Promise<TransportAnswer>
  /** The throttling bucket that a request draws on: `111122223333/eu-west-1/ec2/describe`. */
  bucket(request: TransportRequest): string
  close(): Promise<void>
}

export type Layer = (inner: Transport) => Transport

export interface TransportRequest {
  /** Name of the connection whose credentials, endpoints and partition are used. */
  connection: string
  /** The account that is asked. */
  account_id: string
  /** Where the call goes. `global`: the service's own place in the connection's partition. */
  region: string
  service: string
  operation: string
  input: JsonObject
  signal: AbortSignal
  /** Milliseconds since 1970. Past it nobody waits for the answer: end as `timeout`. */
  deadline: number
  /** What whoever asks has cost so far; the counting layer adds to it. No part of what is asked. */
  meter?: CallMeter
}

export interface CallMeter {
  calls: number
  throttles: number
}

export type TransportAnswer = GoodAnswer | FailedAnswer

export interface GoodAnswer {
  ok: true
  /** As it lies in a document: times ISO 8601, bytes base64, undefined left out, no transport metadata. */
  body: JsonObject
  request_id?: string
  /** Bytes of the answer on the wire, where known. */
  bytes?: number
  /** Set by a replay or an agent's report: when the answer was got. Else the call's own time counts. */
  answered_at?: Date
}

export interface FailedAnswer {
  ok: false
  /**
   * `answer`: the provider answered, and not with success. `network`: no connection, name, TLS or proxy.
   * `timeout`: no answer in time. `cancelled`: the request's signal.
   */
  kind: 'answer' | 'network' | 'timeout' | 'cancelled'
  /** HTTP status, where there was one. */
  status?: number
  /** The provider's code (`AccessDenied`), else the system's (`ECONNREFUSED`), else `''` (HEAD without a body). */
  code: string
  message: string
  /** What to do, where the transport itself knows: a problem with credentials. */
  next?: string
  /** A second, finer code, where the provider has one (Google's `reason`, EC2's inner code). */
  reason?: string
  metadata?: AnswerMetadata
  /** The transport itself knows (SDK's own sign); else the declared answers decide. */
  throttled?: boolean
  request_id?: string
  answered_at?: Date
}

export interface AnswerMetadata {
  /** What `Retry-After` says, in milliseconds. */
  retry_after_ms?: number
  /** What `sts:DecodeAuthorizationMessage` would decode. */
  encoded_authorization_message?: string
  /** Where a redirect or a wrong-region answer points to. */
  region?: string
  /** The endpoint's host, for messages about the network. */
  host?: string
}

/** What a provider's answer means, whatever was asked. */
export type Meaning =
  /** The caller is not allowed. */
  | 'denied'
  | 'throttled'
  /** Goes away by itself: try again. */
  | 'transient'
  /** The credentials worked and have run out. */
  | 'expired'
  /** The credentials do not work. */
  | 'credentials'
  /** As `credentials`, or the region is not opted in: what is known of the region decides. */
  | 'credentials or region'
  | 'region not opted in'
  /** The resource is in another region; `metadata.region` says which, where known. */
  | 'wrong region'
  /** The provider has no such service in that region. */
  | 'no service'

export interface DeclaredAnswer {
  match: Answer | readonly Answer[]
  means: Meaning
  /** Only answers to this service, or to operations with this beginning. */
  service?: string
  operation?: string
  denied_by?: Failure['denied_by']
  /** The next step, in the imperative; `{action}` stands for the permission, `{region}` for the region. */
  next?: string
}

/** The words of one provider, declared in its own folder: the kernel only matches. First match decides. */
export interface ProviderAnswers {
  declared: readonly DeclaredAnswer[]
  /** Who stands in the way of a denied call: parts of the message, upper and lower case alike. */
  in_the_way: readonly { message: string; denied_by: NonNullable<Failure['denied_by']>; next: string }[]
  /** The permission that the answer itself names; the declared one where it names none. */
  deniedPermission?: (answer: FailedAnswer) => string | undefined
  /** The next step where nothing more particular is declared; `{action}` stands for the permission. */
  denied_next: string
}

/** Puts layers over a wire; the first named is the outermost. */
export function withLayers(wire: Transport, layers: readonly Layer[]): Transport {
  return layers.reduceRight((inner, layer) => layer(inner), wire)
}

/** A transport that sends otherwise and is like its inner one in everything else. */
export function overTransport(inner: Transport, send: Transport['send']): Transport {
  return {
    name: inner.name,
    answers: inner.answers,
    send,
    bucket: (request) => inner.bucket(request),
    close: () => inner.close(),
  }
}
