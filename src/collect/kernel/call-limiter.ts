/**
 * Bounded and adaptive concurrency. Three bounds hold at once: per process, per scope (account and part) and
 * per throttling bucket. A bucket's own bound adapts: it halves when the provider throttles and grows by one
 * for each full round of good answers, and while it is throttled new calls also keep a distance in time.
 */
export interface Limits {
  process: number
  scope: number
  bucket: { start: number; least: number; most: number }
}

export const defaultLimits: Limits = { process: 64, scope: 24, bucket: { start: 10, least: 1, most: 40 } }

export type CallOutcome = 'good' | 'throttled' | 'other'

interface Waiter {
  scope: string
  start: () => void
}

interface Bucket {
  limit: number
  running: number
  waiting: Waiter[]
  /** No call starts before this moment (performance.now). */
  not_before: number
  pause_ms: number
  halved_at: number
  timer?: NodeJS.Timeout
}

const firstPause = 100
const longestPause = 5_000
/** Calls that were under way together are throttled together: they halve the bound once. */
const halvingApart = 500

export class CallLimiter {
  readonly #limits: Limits
  readonly #buckets = new Map<string, Bucket>()
  readonly #scopes = new Map<string, number>()
  #running = 0

  constructor(limits: Limits = defaultLimits) {
    this.#limits = limits
  }

  /** Waits for a slot; gives what must be called with the outcome, or why there was none. */
  async acquire(
    scope: string,
    bucketName: string,
    signal: AbortSignal,
    deadline: number,
  ): Promise<((outcome: CallOutcome) => void) | 'cancelled' | 'late'> {
    if (signal.aborted) return 'cancelled'
    const bucket = this.#bucket(bucketName)
    const started = await this.#slot(scope, bucketName, bucket, signal, deadline)
    if (started !== 'started') {
      this.#forget(bucketName, bucket)
      return started
    }
    let isOver = false
    return (outcome) => {
      if (isOver) return
      isOver = true
      this.#release(scope, bucketName, bucket, outcome)
    }
  }

  /** Most calls start at once: only those that wait cost a timer and a listener. */
  #slot(
    scope: string,
    bucketName: string,
    bucket: Bucket,
    signal: AbortSignal,
    deadline: number,
  ): Promise<'started' | 'cancelled' | 'late'> {
    return new Promise((resolve) => {
      let isSettled = false
      let stopWaiting = () => {}
      const settle = (end: 'started' | 'cancelled' | 'late') => {
        isSettled = true
        stopWaiting()
        if (end !== 'started') bucket.waiting = bucket.waiting.filter((one) => one !== waiter)
        resolve(end)
      }
      const waiter: Waiter = { scope, start: () => settle('started') }
      bucket.waiting.push(waiter)
      this.#startWaiting(bucketName, bucket)
      if (isSettled) return
      const onAbort = () => settle('cancelled')
      const patience = Math.max(0, Math.min(deadline - Date.now(), 2 ** 31 - 1))
      const timer = setTimeout(() => settle('late'), patience)
      signal.addEventListener('abort', onAbort, { once: true })
      stopWaiting = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
      }
    })
  }

  /** The present bound of a bucket: for tests and for people who ask. */
  limitOf(bucket: string): number {
    return Math.floor(this.#buckets.get(bucket)?.limit ?? this.#limits.bucket.start)
  }

  #bucket(name: string): Bucket {
    let bucket = this.#buckets.get(name)
    if (bucket === undefined) {
      const limit = this.#limits.bucket.start
      bucket = { limit, running: 0, waiting: [], not_before: 0, pause_ms: 0, halved_at: -halvingApart }
      this.#buckets.set(name, bucket)
    }
    return bucket
  }

  #release(scope: string, name: string, bucket: Bucket, outcome: CallOutcome): void {
    this.#running--
    bucket.running--
    const left = (this.#scopes.get(scope) ?? 1) - 1
    if (left > 0) this.#scopes.set(scope, left)
    else this.#scopes.delete(scope)
    if (outcome === 'throttled') this.#slowDown(bucket)
    if (outcome === 'good') this.#speedUp(bucket)
    this.#startWaiting(name, bucket)
    for (const [otherName, other] of this.#buckets) {
      if (this.#running >= this.#limits.process) break
      if (other !== bucket && other.waiting.length > 0) this.#startWaiting(otherName, other)
    }
    this.#forget(name, bucket)
  }

  #slowDown(bucket: Bucket): void {
    const now = performance.now()
    if (now - bucket.halved_at < halvingApart) return
    bucket.halved_at = now
    bucket.limit = Math.max(this.#limits.bucket.least, bucket.limit / 2)
    bucket.pause_ms = Math.min(longestPause, Math.max(firstPause, bucket.pause_ms * 2))
    bucket.not_before = now + bucket.pause_ms
  }

  #speedUp(bucket: Bucket): void {
    bucket.limit = Math.min(this.#limits.bucket.most, bucket.limit + 1 / bucket.limit)
    bucket.pause_ms = bucket.pause_ms < 10 ? 0 : bucket.pause_ms * 0.8
  }

  #startWaiting(name: string, bucket: Bucket): void {
    while (bucket.waiting.length > 0 && bucket.running < Math.max(1, Math.floor(bucket.limit))) {
      if (this.#running >= this.#limits.process) return
      const early = bucket.not_before - performance.now()
      if (early > 0) {
        this.#later(name, bucket, early)
        return
      }
      const next = bucket.waiting.findIndex(
        ({ scope }) => (this.#scopes.get(scope) ?? 0) < this.#limits.scope,
      )
      if (next < 0) return
      const [waiter] = bucket.waiting.splice(next, 1)
      if (waiter === undefined) return
      this.#running++
      bucket.running++
      this.#scopes.set(waiter.scope, (this.#scopes.get(waiter.scope) ?? 0) + 1)
      waiter.start()
    }
  }

  #later(name: string, bucket: Bucket, ms: number): void {
    if (bucket.timer !== undefined) return
    bucket.timer = setTimeout(() => {
      bucket.timer = undefined
      this.#startWaiting(name, bucket)
    }, Math.ceil(ms))
  }

  /** A scan of many accounts and regions leaves no bucket behind that has nothing to remember. */
  #forget(name: string, bucket: Bucket): void {
    const isIdle = bucket.running === 0 && bucket.waiting.length === 0 && bucket.timer === undefined
    if (isIdle && bucket.pause_ms === 0 && bucket.limit >= this.#limits.bucket.start)
      this.#buckets.delete(name)
  }
}
