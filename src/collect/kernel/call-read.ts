import type { Clock } from '../../core/clock.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Read } from '../../core/read.ts'
import { classifyAnswer, type RegionStatus, type Unanswered } from './classify-answer.ts'
import { fillTemplate, fillText, TemplateHole, type TemplateValues } from './fill-template.ts'
import { providerMeaning } from './provider-meaning.ts'
import type { CallMeter, Transport, TransportAnswer, TransportRequest } from './transport.ts'

/** On whose behalf calls are made, and for how long. One per cell, source run or single read. */
export interface Caller {
  transports: ReadonlyMap<string, Transport>
  clock: Clock
  connection: string
  /** The account that the cell belongs to. */
  account_id: string
  /** Whose credentials ask: the account itself, but for what belongs to an organization. */
  asked_account_id: string
  partition: string
  /** The cell's part: a region, or `global`. */
  part: string
  region_status: RegionStatus
  signal: AbortSignal
  /** Of reads that other cells wait for too; `signal` where left out. */
  shared_signal?: AbortSignal
  deadline: number
  meter: CallMeter
  /** Calls that may be made on this account of calls, retries too. */
  most_calls?: number
}

export interface Owner {
  via: string
  service: string
}

export type Called = { end: 'ok'; body: JsonObject; read_at: Date } | (Unanswered & { read_at: Date })

export interface CallOptions {
  is_list?: boolean
  /** Laid over the declared input: page tokens. */
  input?: JsonObject
}

/** One call, as declared: templates filled, sent to its region, the answer classified. */
export async function callRead(
  caller: Caller,
  owner: Owner,
  read: Read,
  values: TemplateValues,
  options: CallOptions = {},
): Promise<Called> {
  const began = caller.clock.now()
  const via = read.via ?? owner.via
  const transport = caller.transports.get(via)
  if (transport === undefined) throw new Error(`no transport is called ${via}`)
  let request: TransportRequest
  try {
    request = requestFor(caller, owner, read, values, options.input ?? {})
  } catch (error) {
    if (!(error instanceof TemplateHole)) throw error
    return { end: 'error', failure: holeFailure(read, error), read_at: began }
  }
  if (caller.most_calls !== undefined && caller.meter.calls >= caller.most_calls)
    return { end: 'error', failure: overBudget(caller.most_calls), read_at: began }
  const answer = await sendToItsRegion(transport, request)
  const read_at = answer.answered_at ?? began
  if (answer.ok) return { end: 'ok', body: answer.body, read_at }
  const ended = classifyAnswer(answer, {
    read,
    service: request.service,
    operation: request.operation,
    region: request.region,
    region_status: request.region === caller.part ? caller.region_status : 'unknown',
    is_list: options.is_list ?? false,
    answers: transport.answers,
  })
  return { ...ended, read_at }
}

function requestFor(
  caller: Caller,
  owner: Owner,
  read: Read,
  values: TemplateValues,
  more: JsonObject,
): TransportRequest {
  return {
    connection: caller.connection,
    account_id: caller.asked_account_id,
    region: regionOf(caller, read, values),
    service: read.service ?? owner.service,
    operation: read.operation,
    input: { ...(fillTemplate(read.input ?? {}, values) as JsonObject), ...more },
    signal: caller.signal,
    deadline: caller.deadline,
    meter: caller.meter,
  }
}

/** Where the row does not say its region, its resource's own is taken. */
function regionOf(caller: Caller, read: Read, values: TemplateValues): string {
  if (read.region === undefined) return caller.part
  try {
    return fillText(read.region, values)
  } catch (error) {
    if (error instanceof TemplateHole) return values.region
    throw error
  }
}

/** Answers that point to another region are followed once. */
async function sendToItsRegion(transport: Transport, request: TransportRequest): Promise<TransportAnswer> {
  const answer = await transport.send(request)
  if (answer.ok) return answer
  const region = answer.metadata?.region
  if (region === undefined || region === request.region || !/^[a-z0-9-]{1,40}$/.test(region)) return answer
  if (providerMeaning(answer, request, transport.answers)?.means !== 'wrong region') return answer
  return transport.send({ ...request, region })
}

function overBudget(calls: number) {
  return {
    code: 'CALL_BUDGET',
    message: `reading this cell took more than ${calls} calls`,
    next: 'Raise `collect.call_budget`, or read less of what no rule needs: `collect.inventory`.',
  }
}

function holeFailure(read: Read, hole: TemplateHole) {
  return {
    code: 'FIELD_MISSING',
    message: `${read.operation} needs {${hole.placeholder}}, which the listed row has not`,
    next: 'Report it: the row is not as the table declares it.',
  }
}
