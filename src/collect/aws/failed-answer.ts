import { StanceError } from '../../core/errors.ts'
import type { AnswerMetadata, FailedAnswer } from '../kernel/transport.ts'

/** What the SDK throws: a service's answer, or what the network made of the request. */
interface Thrown {
  name?: string
  message?: string
  code?: unknown
  Code?: unknown
  cause?: unknown
  $metadata?: { httpStatusCode?: number; requestId?: string }
  $response?: { statusCode?: number; headers?: Record<string, string> }
  $retryable?: { throttling?: boolean }
}

export interface Ended {
  /** The request's own signal. */
  cancelled: boolean
  /** Its deadline. */
  late: boolean
  /** Where it went, for messages about the network. */
  host: string | undefined
}

export function toFailedAnswer(error: unknown, ended: Ended): FailedAnswer {
  if (ended.cancelled)
    return { ok: false, kind: 'cancelled', code: 'CANCELLED', message: 'The request was cancelled.' }
  if (ended.late)
    return withHost({ ok: false, kind: 'timeout', code: 'TIMEOUT', message: 'No answer in time.' }, ended)
  if (error instanceof StanceError) return fromStanceError(error)
  const thrown = error as Thrown
  const status = thrown.$metadata?.httpStatusCode ?? thrown.$response?.statusCode
  if (status !== undefined) return fromProvider(thrown, status)
  return fromNetwork(thrown, ended)
}

function fromStanceError(error: StanceError): FailedAnswer {
  const kind = error.code === 'COLLECT_UNREACHABLE' ? 'network' : 'answer'
  return { ok: false, kind, code: error.code, message: error.message, next: error.next }
}

function fromProvider(thrown: Thrown, status: number): FailedAnswer {
  const headers = thrown.$response?.headers ?? {}
  const failed: FailedAnswer = {
    ok: false,
    kind: 'answer',
    status,
    code: codeOf(thrown),
    message: messageOf(thrown),
  }
  if (failed.code === 'ANSWER_TOO_LARGE' || isWordless(thrown))
    failed.next = 'Find what answers in the place of AWS: a proxy, a gateway at `endpoint`; then scan again.'
  if (thrown.name !== undefined && thrown.name !== failed.code && failed.code !== '')
    failed.reason = thrown.name
  if (thrown.$metadata?.requestId !== undefined) failed.request_id = thrown.$metadata.requestId
  if (thrown.$retryable?.throttling === true) failed.throttled = true
  const metadata: AnswerMetadata = {}
  const wait = retryAfter(headers['retry-after'])
  if (wait !== undefined) metadata.retry_after_ms = wait
  const region = headers['x-amz-bucket-region']
  if (region !== undefined) metadata.region = region
  const encoded = /[Ee]ncoded authorization failure message: ([\w-]+)/.exec(failed.message)?.[1]
  if (encoded !== undefined) metadata.encoded_authorization_message = encoded
  if (Object.keys(metadata).length > 0) failed.metadata = metadata
  return failed
}

/**
 * The code on the wire, which is the documented one (`NoSuchEntity`); the SDK's own name for it can differ
 * (`NoSuchEntityException`). HEAD has no body: the SDK then makes a name of the status, which is no
 * code of the provider's.
 */
function codeOf(thrown: Thrown): string {
  if (typeof thrown.Code === 'string' && thrown.Code !== '') return thrown.Code
  const name = thrown.name ?? ''
  if (name === 'AnswerTooLarge') return 'ANSWER_TOO_LARGE'
  // A parser's, of what is built too deep.
  if (/^(UnreadableAnswer|SyntaxError|Error|TypeError|RangeError)$/.test(name)) return 'UNREADABLE_ANSWER'
  return /^(\d{3}|UnknownError|Unknown)$/.test(name) ? '' : name
}

function messageOf(thrown: Thrown): string {
  if (codeOf(thrown) === 'UNREADABLE_ANSWER') {
    const what =
      thrown.name === 'UnreadableAnswer' ? thrown.message : 'The answer is not in the form of this service.'
    return `${what} A proxy or a login page may have answered in its place.`
  }
  // AWS's own answers say what is the matter.
  if (isWordless(thrown))
    return `HTTP ${thrown.$metadata?.httpStatusCode ?? thrown.$response?.statusCode}, and no word of the service: a proxy or gateway may have answered in its place.`
  return thrown.message ?? ''
}

/** In trouble, and not told by a service: where it has no words the SDK says "Unknown". */
function isWordless(thrown: Thrown): boolean {
  const status = thrown.$metadata?.httpStatusCode ?? thrown.$response?.statusCode ?? 0
  return status >= 500 && codeOf(thrown) === '' && /^(Unknown(Error)?|\d{3}|)$/.test(thrown.message ?? '')
}

/** Seconds or a date. */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const milliseconds = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined
}

function fromNetwork(thrown: Thrown, ended: Ended): FailedAnswer {
  const root = innermost(thrown)
  const code = typeof root.code === 'string' ? root.code : (root.name ?? 'Error')
  const failed: FailedAnswer = { ok: false, kind: 'network', code, message: root.message ?? code }
  if (root.name === 'TimeoutError' && typeof root.code !== 'string') failed.code = 'ETIMEDOUT'
  if (isTlsCode(failed.code)) {
    failed.message +=
      ' If a proxy of this network opens TLS, name its certificate in `network.ca_bundle` or AWS_CA_BUNDLE.'
  }
  return withHost(failed, ended)
}

/** Several addresses of one name fail together: the first says why. */
function innermost(error: Thrown): Thrown {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0] as Thrown)
  return error.cause instanceof Error && error.code === undefined ? innermost(error.cause) : error
}

function isTlsCode(code: string): boolean {
  return /CERT|^ERR_TLS|^ERR_SSL|^UNABLE_TO_(VERIFY|GET_ISSUER)/.test(code)
}

function withHost(failed: FailedAnswer, ended: Ended): FailedAnswer {
  return ended.host === undefined ? failed : { ...failed, metadata: { ...failed.metadata, host: ended.host } }
}
