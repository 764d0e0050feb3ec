import { setTimeout as sleep } from 'node:timers/promises'

/** Between two judgements of one account: cells that end meanwhile are judged together. */
const apart = 500
/** Judging shall not take more than a third of the writer's time from the cells. */
const share = 2

/**
 * Judges accounts as soon as something of theirs has ended, one account's judgements one after another. Who asks
 * does not wait; what is asked for while a judgement runs is settled by the next one.
 */
export class JudgeSoon {
  readonly #judge: (account_id: string) => Promise<void>
  readonly #wanted = new Set<string>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #over = new AbortController()
  #failed: { error: unknown } | undefined

  constructor(judge: (account_id: string) => Promise<void>) {
    this.#judge = judge
  }

  /** Throws what an earlier judgement threw: nothing more is worth reading then. */
  ask(account_id: string): void {
    if (this.#failed !== undefined) throw this.#failed.error
    this.#wanted.add(account_id)
    if (this.#running.has(account_id)) return
    const running = this.#run(account_id).catch((error: unknown) => {
      this.#failed ??= { error }
    })
    this.#running.set(account_id, running)
  }

  /** Ends when all that was asked for has been judged. */
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
