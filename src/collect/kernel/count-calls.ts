import { isThrottled } from './provider-meaning.ts'
import { type Layer, overTransport } from './transport.ts'

/** What calls cost, by service and operation. */
export interface OperationCost {
  service: string
  operation: string
  calls: number
  throttles: number
  /** Answers other than success, throttling left out; also "not configured". */
  failures: number
  bytes: number
  /** Time between asking and answer, summed over calls that may have run side by side. */
  waited_ms: number
}

export interface ScanCost {
  calls: number
  throttles: number
  failures: number
  bytes: number
  waited_ms: number
  /** The dearest first. */
  operations: OperationCost[]
}

export class CallCounter {
  readonly #operations = new Map<string, OperationCost>()

  at(service: string, operation: string): OperationCost {
    const key = `${service}\0${operation}`
    let cost = this.#operations.get(key)
    if (cost === undefined) {
      cost = { service, operation, calls: 0, throttles: 0, failures: 0, bytes: 0, waited_ms: 0 }
      this.#operations.set(key, cost)
    }
    return cost
  }

  summary(): ScanCost {
    const operations = [...this.#operations.values()].map((one) => ({ ...one }))
    operations.sort(
      (a, b) => b.calls - a.calls || (a.service + a.operation < b.service + b.operation ? -1 : 1),
    )
    const sum = (of: (one: OperationCost) => number) => operations.reduce((all, one) => all + of(one), 0)
    return {
      calls: sum((one) => one.calls),
      throttles: sum((one) => one.throttles),
      failures: sum((one) => one.failures),
      bytes: sum((one) => one.bytes),
      waited_ms: Math.round(sum((one) => one.waited_ms)),
      operations,
    }
  }
}

/** Counts every attempt, retries too: a scan states its own cost. */
export function countCalls(counter: CallCounter): Layer {
  return (inner) =>
    overTransport(inner, async (request) => {
      const cost = counter.at(request.service, request.operation)
      cost.calls++
      if (request.meter !== undefined) request.meter.calls++
      const start = performance.now()
      const answer = await inner.send(request)
      cost.waited_ms += performance.now() - start
      if (answer.ok) cost.bytes += answer.bytes ?? 0
      else if (isThrottled(answer, request, inner.answers)) {
        cost.throttles++
        if (request.meter !== undefined) request.meter.throttles++
      } else cost.failures++
      return answer
    })
}
