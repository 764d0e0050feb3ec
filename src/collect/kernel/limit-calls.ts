import type { CallLimiter, CallOutcome } from './call-limiter.ts'
import { isThrottled } from './provider-meaning.ts'
import { type FailedAnswer, type Layer, overTransport, type TransportRequest } from './transport.ts'

/** A call starts when process, scope and throttling bucket have room. */
export function limitCalls(limiter: CallLimiter): Layer {
  return (inner) =>
    overTransport(inner, async (request) => {
      const scope = `${request.connection}/${request.account_id}/${request.region}`
      const release = await limiter.acquire(scope, inner.bucket(request), request.signal, request.deadline)
      if (release === 'cancelled') return cancelled()
      if (release === 'late') return outOfTime()
      let outcome: CallOutcome = 'other'
      try {
        const answer = await inner.send(request)
        outcome = answer.ok ? 'good' : outcomeOf(answer, request)
        return answer
      } finally {
        release(outcome)
      }

      function outcomeOf(failed: FailedAnswer, asked: TransportRequest): CallOutcome {
        if (isThrottled(failed, asked, inner.answers)) return 'throttled'
        return failed.kind === 'answer' ? 'good' : 'other'
      }
    })
}

export function cancelled(): FailedAnswer {
  return { ok: false, kind: 'cancelled', code: 'CANCELLED', message: 'the scan was cancelled' }
}

export function outOfTime(): FailedAnswer {
  return {
    ok: false,
    kind: 'timeout',
    code: 'TIME_BUDGET',
    message: 'the time given to this part of the scan was over before the call could be made',
  }
}
