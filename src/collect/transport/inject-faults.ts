import type { Json, JsonObject } from '../../core/json.ts'
import {
  type FailedAnswer,
  type Layer,
  overTransport,
  type TransportAnswer,
  type TransportRequest,
} from '../kernel/transport.ts'
import { type Fault, faultFor, type PathStep } from './faults.ts'

export interface FaultAnswers {
  /** Status and code with which this provider's service denies or throttles. */
  usual(service: string, kind: 'denied' | 'throttled'): { status: number; code: string }
}

/** A layer that injects faults, over a live transport or a replay. */
export function injectFaults(faults: readonly Fault[], answers: FaultAnswers): Layer {
  return (inner) => {
    const attempts = new Map<string, number>()
    return overTransport(inner, async (request) => {
      const id = JSON.stringify([
        request.account_id,
        request.region,
        request.service,
        request.operation,
        request.input,
      ])
      const attempt = faults.length === 0 ? 1 : (attempts.get(id) ?? 0) + 1
      attempts.set(id, attempt)
      const fault = faultFor(faults, request, attempt)
      return fault === undefined
        ? inner.send(request)
        : met(fault, request, answers, () => inner.send(request))
    })
  }
}

async function met(
  fault: Fault,
  request: TransportRequest,
  answers: FaultAnswers,
  send: () => Promise<TransportAnswer>,
): Promise<TransportAnswer> {
  switch (fault.kind) {
    case 'denied':
      return failed(answers.usual(request.service, 'denied'), fault)
    case 'throttled':
      return { ...failed(answers.usual(request.service, 'throttled'), fault), throttled: true }
    case 'error':
      return failed(fault, fault)
    case 'slow':
      return (await wait(request, fault.ms)) ?? (await send())
    case 'silent':
      return (await wait(request, Number.POSITIVE_INFINITY)) ?? (await send())
    case 'omitted':
      return fault.what === undefined ? notRecorded(fault) : without(fault.what, await send(), request, fault)
  }
}

function failed({ status, code }: { status: number; code: string }, fault: Fault): FailedAnswer {
  return { ok: false, kind: 'answer', status, code, message: `Injected: ${fault.spec}` }
}

function notRecorded(fault: Fault): FailedAnswer {
  return failed({ status: 501, code: 'NotRecorded' }, fault)
}

/** Undefined when the time has passed; else how the request ended before. */
async function wait(request: TransportRequest, ms: number): Promise<FailedAnswer | undefined> {
  const { signal, deadline } = request
  const left = Math.max(0, deadline - Date.now())
  const cancelled = await new Promise<boolean>((resolve) => {
    const end = (early: boolean) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      resolve(early)
    }
    const onAbort = () => end(true)
    const timer = setTimeout(() => end(false), Math.min(ms, left, 2 ** 31 - 1))
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) end(true)
  })
  if (cancelled)
    return { ok: false, kind: 'cancelled', code: 'CANCELLED', message: 'The request was cancelled.' }
  if (ms < left) return undefined
  return { ok: false, kind: 'timeout', code: 'TIMEOUT', message: 'No answer in time.' }
}

const token = /^(next)?_?(token|marker|continuationtoken|nextcontinuationtoken|nextmarker)$/i

function without(
  what: 'last page' | PathStep[],
  answer: TransportAnswer,
  request: TransportRequest,
  fault: Fault,
): TransportAnswer {
  if (!answer.ok) return answer
  if (what !== 'last page') {
    const body = structuredClone(answer.body)
    leaveOut(body, what)
    return { ...answer, body }
  }
  const isLaterPage = Object.keys(request.input).some((name) => token.test(name))
  const hasNext = Object.entries(answer.body).some(([name, value]) => token.test(name) && value !== '')
  return isLaterPage && !hasNext ? notRecorded(fault) : answer
}

function leaveOut(here: Json | undefined, [step, ...rest]: readonly PathStep[]): void {
  if (here === null || typeof here !== 'object' || step === undefined) return
  if (Array.isArray(here)) {
    for (const item of here) leaveOut(item, [step, ...rest])
    return
  }
  const value = here[step.name]
  const fits = (item: Json) =>
    step.only === undefined || String((item as JsonObject)[step.only.field]) === step.only.value
  if (rest.length > 0) {
    const inner = Array.isArray(value) ? value.filter(fits) : value
    leaveOut(inner, rest)
  } else if (Array.isArray(value) && step.only !== undefined)
    here[step.name] = value.filter((item) => !fits(item))
  else delete here[step.name]
}
