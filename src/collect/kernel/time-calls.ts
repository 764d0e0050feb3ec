import { cancelled, outOfTime } from './limit-calls.ts'
import { type FailedAnswer, type Layer, overTransport, type TransportAnswer } from './transport.ts'

/**
 * Nobody waits for one attempt longer than `callMs`, nor past the request's deadline, nor after its signal;
 * also where the transport below does not keep to them.
 */
export function timeCalls(callMs: number): Layer {
  return (inner) =>
    overTransport(inner, async (request) => {
      const left = request.deadline - Date.now()
      if (request.signal.aborted) return cancelled()
      if (left <= 0) return outOfTime()
      const isBudget = left < callMs
      const ms = Math.min(left, callMs)
      const attempt = new AbortController()
      const signal = AbortSignal.any([request.signal, attempt.signal])
      let timer: NodeJS.Timeout | undefined
      let onAbort: (() => void) | undefined
      const early = new Promise<TransportAnswer>((resolve) => {
        onAbort = () => resolve(cancelled())
        request.signal.addEventListener('abort', onAbort, { once: true })
        timer = setTimeout(() => resolve(isBudget ? outOfTime() : tooSlow(ms)), ms)
      })
      try {
        const answer = inner.send({ ...request, signal, deadline: Date.now() + ms })
        return await Promise.race([answer, early])
      } finally {
        clearTimeout(timer)
        if (onAbort !== undefined) request.signal.removeEventListener('abort', onAbort)
        attempt.abort()
      }
    })
}

function tooSlow(ms: number): FailedAnswer {
  return { ok: false, kind: 'timeout', code: 'TIMEOUT', message: `no answer within ${ms / 1000} s` }
}
