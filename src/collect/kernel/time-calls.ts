import { cancelled, outOfTime } from './limit-calls.ts'
import { type FailedAnswer, type Layer, overTransport, type TransportAnswer } from './transport.ts'

export interface CallTimes {
  /** The longest wait for one attempt. */
  call_ms: number
  /** The same for a region that has not answered yet: a dead one shall cost seconds. */
  first_ms: number
}

export const defaultTimes: CallTimes = { call_ms: 20_000, first_ms: 8_000 }

/**
 * Nobody waits for one attempt longer than that, nor past the request's deadline, nor after its signal; also where
 * the transport below does not keep to them.
 */
export function timeCalls({ call_ms, first_ms }: CallTimes = defaultTimes): Layer {
  const answered = new Set<string>()
  return (inner) =>
    overTransport(inner, async (request) => {
      const left = request.deadline - Date.now()
      if (request.signal.aborted) return cancelled()
      if (left <= 0) return outOfTime()
      const place = `${request.connection}/${request.account_id}/${request.region}`
      const most = answered.has(place) ? call_ms : Math.min(call_ms, first_ms)
      const ms = Math.min(left, most)
      const attempt = new AbortController()
      let stopWaiting = () => {}
      const early = new Promise<TransportAnswer>((resolve) => {
        const timer = setTimeout(() => {
          resolve(left < most ? outOfTime() : tooSlow(ms))
          attempt.abort()
        }, ms)
        const onAbort = () => {
          attempt.abort()
          resolve(cancelled())
        }
        request.signal.addEventListener('abort', onAbort, { once: true })
        stopWaiting = () => {
          clearTimeout(timer)
          request.signal.removeEventListener('abort', onAbort)
        }
      })
      try {
        // A little later, so that it is told here whose time was over.
        const sent = inner.send({ ...request, signal: attempt.signal, deadline: Date.now() + ms + 50 })
        const answer = await Promise.race([sent, early])
        if (answer.ok || answer.kind === 'answer') answered.add(place)
        return answer
      } finally {
        // Not aborted: what has been answered is over, and clients would tear down its connection.
        stopWaiting()
      }
    })
}

function tooSlow(ms: number): FailedAnswer {
  return { ok: false, kind: 'timeout', code: 'TIMEOUT', message: `no answer within ${ms / 1000} s` }
}
