import { setTimeout as sleep } from 'node:timers/promises'

/** Between two judgements of one account: cells that end meanwhile are judged together. */
const apart = 1_000
/** Judging shall not take more than a third of the writer's time from the cells. */
const share = 2

/**
 * Judges accounts as soon as something of theirs has ended, one account's judgements one after another. Who asks
 * does not wait; what is asked for while a judgement runs is settled by the next one.
 */
export class JudgeSoon {
  readonly #judge: (account_id: string) => Promise<void>
  readonly #onFailure: (error: unknown) => void
  readonly #wanted = new Set<string>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #over = new AbortController()
  #failed: { error: unknown } | undefined

  /** `onFailure` hears of a judgement that failed at once: nothing more is worth reading then. */
  constructor(judge: (account_id: string) => Promise<void>, onFailure: (error: unknown) => void) {
    this.#judge = judge
    this.#onFailure = onFailure
  }

  ask(account_id: string): void {
    if (this.#failed !== undefined) return
    this.#wanted.add(account_id)
    if (this.#running.has(account_id)) return
    const running = this.#run(account_id).catch((error: unknown) => {
      if (this.#failed === undefined) this.#onFailure(error)
      this.#failed ??= { error }
    })
    this.#running.set(account_id, running)
  }

  /** Nothing more is judged; ends when the judgements under way have. What waits is judged by the next scan. */
  async stop(): Promise<void> {
    this.#wanted.clear()
    this.#over.abort()
    await Promise.all(this.#running.values())
  }

  /** Ends when all that was asked for has been judged; throws what a judgement threw. */
  async finish(): Promise<void> {
    this.#over.abort()
    await Promise.all(this.#running.values())
    if (this.#failed !== undefined) throw this.#failed.error
  }

  async #run(account_id: string): Promise<void> {
    while (this.#wanted.delete(account_id)) {
      const began = performance.now()
      await this.#judge(account_id)
      const took = performance.now() - began
      await sleep(Math.max(apart, took * share), undefined, { signal: this.#over.signal }).catch(() => {})
    }
    this.#running.delete(account_id)
  }
}
