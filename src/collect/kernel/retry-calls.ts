import { setTimeout as sleep } from 'node:timers/promises'
import { isPassing, isThrottled } from './provider-meaning.ts'
import { type FailedAnswer, type Layer, overTransport, type TransportRequest } from './transport.ts'

export interface RetrySettings {
  /** Attempts in all; calls that got no answer at all, or none that can be read, are tried twice at most. */
  attempts: number
  /** The first wait is at most this long, each further one twice as long, never longer than `longest_ms`. */
  first_ms: number
  longest_ms: number
  /** Retries that a scope may spend beyond those its good answers earn: a storm is not answered with a storm. */
  budget: number
  random?: () => number
}

export const defaultRetry: RetrySettings = { attempts: 6, first_ms: 200, longest_ms: 20_000, budget: 200 }

/** Who answers so in the place of a service says the same each time; a gateway in trouble does not. */
function saysTheSame({ code, status }: FailedAnswer): boolean {
  return code === 'UNREADABLE_ANSWER' && (status ?? 0) < 500
}

/** What each good answer adds to the retries that may be spent. */
const earned = 0.5
/** Throttling wants longer waits than a passing trouble. */
const throttledFactor = 3

/** Tries again what goes away by itself, with growing waits of random length, as long as there is time. */
export function retryCalls(settings: RetrySettings = defaultRetry): Layer {
  const budgets = new Map<string, number>()
  const random = settings.random ?? Math.random
  return (inner) => {
    return overTransport(inner, async (request) => {
      const payer = `${request.connection}/${request.account_id}/${request.region}`
      for (let attempt = 1; ; attempt++) {
        const answer = await inner.send(request)
        const left = budgets.get(payer) ?? settings.budget
        if (answer.ok) {
          if (left < settings.budget) budgets.set(payer, left + earned)
          return answer
        }
        const wait = waitBeforeNext(attempt, answer, request)
        if (wait === undefined || left < 1) return answer
        budgets.set(payer, left - 1)
        if (!(await slept(wait, request.signal))) return answer
      }
    })

    function waitBeforeNext(tried: number, failed: FailedAnswer, request: TransportRequest) {
      const isOfService = failed.kind === 'answer' && !saysTheSame(failed)
      const mostAttempts = isOfService ? settings.attempts : Math.min(2, settings.attempts)
      if (tried >= mostAttempts || request.signal.aborted) return undefined
      if (failed.code === 'UNREACHABLE' || failed.code === 'TIME_BUDGET') return undefined
      if (!isPassing(failed, request, inner.answers)) return undefined
      const factor = isThrottled(failed, request, inner.answers) ? throttledFactor : 1
      const most = Math.min(settings.longest_ms, settings.first_ms * factor * 2 ** (tried - 1))
      // At least a quarter: with "full" jitter some retries follow at once.
      const jittered = most * (0.25 + 0.75 * random())
      const wait = Math.max(jittered, Math.min(failed.metadata?.retry_after_ms ?? 0, settings.longest_ms * 3))
      return Date.now() + wait < request.deadline ? wait : undefined
    }
  }
}

async function slept(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal })
    return true
  } catch {
    return false
  }
}
