import {
  type FailedAnswer,
  type Layer,
  overTransport,
  type TransportAnswer,
  type TransportRequest,
} from './transport.ts'

export interface BreakerSettings {
  /** Failures to connect in a row, without one answer between them, that open a service's endpoint. */
  endpoint: number
  /** The same over all services of a region. */
  region: number
  /** After so long one call is let through again. */
  retry_ms: number
}

export const defaultBreaker: BreakerSettings = { endpoint: 3, region: 5, retry_ms: 60_000 }

interface Line {
  failures: number
  opened_at?: number
  last?: FailedAnswer
}

/**
 * An endpoint that cannot be reached is not asked again and again: after a few failures the remaining calls to
 * it end at once as UNREACHABLE, so that a dead region costs seconds and not its share of every time budget.
 */
export function breakCircuit(settings: BreakerSettings = defaultBreaker): Layer {
  const lines = new Map<string, Line>()
  const line = (key: string): Line => {
    const known = lines.get(key) ?? { failures: 0 }
    lines.set(key, known)
    return known
  }
  return (inner) =>
    overTransport(inner, async (request) => {
      const watched = linesOf(request).map((name) => ({ name, line: line(name) }))
      for (const { line: one } of watched) {
        if (one.opened_at === undefined) continue
        if (performance.now() - one.opened_at < settings.retry_ms) return unreachable(request, one.last)
        one.opened_at = performance.now()
      }
      const answer = await inner.send(request)
      for (const { name, line: one } of watched) note(one, answer, name.startsWith('endpoint'))
      return answer
    })

  function note(one: Line, answer: TransportAnswer, isEndpoint: boolean): void {
    if (answer.ok || answer.kind === 'answer') {
      one.failures = 0
      one.opened_at = undefined
      return
    }
    if (answer.kind === 'cancelled' || answer.code === 'TIME_BUDGET') return
    // A name that does not exist is a service that the region does not have, and is known at once.
    if (!isEndpoint && answer.code === 'ENOTFOUND') return
    one.failures++
    one.last = answer
    if (one.failures >= (isEndpoint ? settings.endpoint : settings.region))
      one.opened_at ??= performance.now()
  }
}

/** A service's endpoint; and the region as a whole, but not the place of global services. */
function linesOf({ connection, account_id, region, service }: TransportRequest): string[] {
  const place = `${connection}/${account_id}/${region}`
  return region === 'global'
    ? [`endpoint ${place}/${service}`]
    : [`endpoint ${place}/${service}`, `region ${place}`]
}

function unreachable(request: TransportRequest, last: FailedAnswer | undefined): FailedAnswer {
  const because = last === undefined ? '' : `: ${last.message}`
  return {
    ok: false,
    kind: 'network',
    code: 'UNREACHABLE',
    message: `${request.service} in ${request.region} could not be reached several times in a row${because}`,
    ...(last?.metadata === undefined ? {} : { metadata: last.metadata }),
  }
}
