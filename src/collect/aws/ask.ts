import type { JsonObject } from '../../core/json.ts'
import type { FailedAnswer, Transport, TransportAnswer } from '../kernel/transport.ts'
import { ownAccount } from './connection.ts'

/** Who asks before there is a plan: a connection for itself, or for one account. */
export interface Caller {
  transport: Transport
  connection: string
  /** Left out: the account that the connection's own credentials belong to. */
  account_id?: string
  signal?: AbortSignal
  /** For each call. */
  timeout_ms?: number
}

const timeout = 30_000

export async function ask(
  caller: Caller,
  service: string,
  operation: string,
  input: JsonObject = {},
): Promise<TransportAnswer> {
  return await caller.transport.send({
    connection: caller.connection,
    account_id: caller.account_id ?? ownAccount,
    region: 'global',
    service,
    operation,
    input,
    signal: caller.signal ?? new AbortController().signal,
    deadline: Date.now() + (caller.timeout_ms ?? timeout),
  })
}

/** A list over all its pages, or why it is not whole. */
export async function askForAll(
  caller: Caller,
  service: string,
  operation: string,
  items: string,
  input: JsonObject = {},
): Promise<{ rows: JsonObject[] } | { failed: FailedAnswer }> {
  const rows: JsonObject[] = []
  const seen = new Set<string>()
  let page: JsonObject = input
  for (;;) {
    const answer = await ask(caller, service, operation, page)
    if (!answer.ok) return { failed: answer }
    rows.push(...((answer.body[items] ?? []) as JsonObject[]))
    const token = answer.body.NextToken
    if (typeof token !== 'string' || token === '') return { rows }
    if (seen.has(token)) return { failed: inCircles(operation) }
    seen.add(token)
    page = { ...input, NextToken: token }
  }
}

function inCircles(operation: string): FailedAnswer {
  return {
    ok: false,
    kind: 'answer',
    code: 'PAGES_REPEAT',
    message: `${operation} gave the same page token twice.`,
  }
}
