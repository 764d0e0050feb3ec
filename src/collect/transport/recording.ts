import type { JsonObject } from '../../core/json.ts'

/** The first line of a recording's file; exchanges follow, one a line, in the order of their keys. */
export interface RecordingHead {
  stance_recording: 1
  account_id: string
  service: string
  /** When the last of its answers was got. */
  recorded_at: string
}

/** One request and its answer as they went over the wire, secrets replaced. */
export interface RecordedExchange {
  account_id: string
  region: string
  service: string
  operation: string
  /** What a replay finds it by; see the provider's own canonical form. */
  key: string
  status: number
  headers: Record<string, string>
  /** What in the answer was written by hand and not given by what was recorded. Only in recordings of an emulator. */
  written?: readonly string[]
  /** As text where it is text. */
  body: string | { base64: string }
  at: string
}

/** A whole recording or a request that cannot be written safely. Nothing of it is on disk. */
export interface Unrecorded {
  service: string
  operation: string
  reason: string
}

export function toBody(bytes: Buffer): RecordedExchange['body'] {
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? text : { base64: bytes.toString('base64') }
}

export function fromBody(body: RecordedExchange['body']): Buffer {
  return typeof body === 'string' ? Buffer.from(body, 'utf8') : Buffer.from(body.base64, 'base64')
}

const self = 'self-'

/**
 * Whom a request asked. A connection that asks for itself (who am I, which accounts are there) names no account:
 * such requests are known by the connection.
 */
export function askedOf(request: { account_id: string; connection: string }): string {
  return request.account_id === '' ? self + request.connection : request.account_id
}

export function connectionOf(asked: string): string | undefined {
  return asked.startsWith(self) ? asked.slice(self.length) : undefined
}

/** `111122223333/ec2.ndjson` */
export function fileOf(exchange: { account_id: string; service: string }): string {
  const account = exchange.account_id
  if (!/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(account) || !/^[a-z0-9-]+$/.test(exchange.service)) {
    throw new Error(`not a name for a file: ${account}/${exchange.service}`)
  }
  return `${account}/${exchange.service}.ndjson`
}

export function isRecordingFile(name: string): boolean {
  return /\.ndjson(\.gz)?$/.test(name)
}

export function isHead(line: JsonObject): boolean {
  return line.stance_recording === 1
}
