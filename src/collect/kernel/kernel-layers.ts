import type { Logger } from '../../core/log.ts'
import { type BreakerSettings, breakCircuit, defaultBreaker } from './break-circuit.ts'
import { CallLimiter, defaultLimits, type Limits } from './call-limiter.ts'
import { type CallCounter, countCalls } from './count-calls.ts'
import { limitCalls } from './limit-calls.ts'
import { logCalls } from './log-calls.ts'
import { defaultRetry, type RetrySettings, retryCalls } from './retry-calls.ts'
import { secretGate } from './secret-gate.ts'
import type { SecretPaths } from './secret-paths.ts'
import { type CallTimes, defaultTimes, timeCalls } from './time-calls.ts'
import { type Layer, type Transport, withLayers } from './transport.ts'

export interface KernelLayers {
  counter: CallCounter
  secrets: { paths: SecretPaths; key: string | Buffer }
  /** One for all transports of a process, so that its bounds hold over all scans. */
  limiter?: CallLimiter
  limits?: Limits
  retry?: RetrySettings
  breaker?: BreakerSettings
  times?: CallTimes
  /** Outermost: sees each call's last answer, secrets replaced. */
  record?: Layer
  /** Hears of every attempt. */
  logger?: Logger
  /** Innermost: faults are counted, retried and limited as the provider's own are. */
  faults?: Layer
}

/** A wire as the kernel wants it: see the order in transport.ts. */
export function withKernelLayers(wire: Transport, options: KernelLayers): Transport {
  const limiter = options.limiter ?? new CallLimiter(options.limits ?? defaultLimits)
  const layers: (Layer | undefined)[] = [
    options.record,
    secretGate(options.secrets.paths, options.secrets.key),
    retryCalls(options.retry ?? defaultRetry),
    breakCircuit(options.breaker ?? defaultBreaker),
    limitCalls(limiter),
    options.logger && logCalls(options.logger),
    timeCalls(options.times ?? defaultTimes),
    countCalls(options.counter),
    options.faults,
  ]
  return withLayers(
    wire,
    layers.filter((layer) => layer !== undefined),
  )
}
