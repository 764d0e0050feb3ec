import { StanceError } from '../core/errors.ts'

/**
 * What a transaction may do when, the same on every engine:
 *
 *   open ──statement──▶ open          one at a time, in the order they were asked for
 *   open ──load──▶ loading ──▶ open   nothing else in between: COPY owns the connection
 *   open ──error──▶ failed            every engine would roll back in silence at commit; we say so
 *   any ──end──▶ over
 */
export class TransactionGate {
  failure: unknown
  #state: 'open' | 'loading' | 'over' = 'open'
  #tail: Promise<unknown> = Promise.resolve()

  statement<T>(work: () => Promise<T>): Promise<T> {
    const refused = this.#refusal()
    if (refused) return Promise.reject(refused)
    const result = this.#tail.then(async () => {
      const late = this.#refusal()
      if (late) throw late
      return this.#guard(work)
    })
    this.#tail = result.catch(() => undefined)
    return result
  }

  load<T>(work: () => Promise<T>): Promise<T> {
    return this.statement(async () => {
      this.#state = 'loading'
      try {
        return await work()
      } finally {
        if (this.#state === 'loading') this.#state = 'open'
      }
    })
  }

  /** Waits for statements that nobody awaited, then shuts the gate. */
  async end(): Promise<void> {
    await this.#tail
    this.#state = 'over'
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      this.failure ??= error
      throw error
    }
  }

  #refusal(): StanceError | undefined {
    if (this.#state === 'over') {
      return new StanceError('DB_TRANSACTION_OVER', 'A statement was sent to a transaction that has ended.', {
        next: 'Await every statement inside the function given to transaction().',
      })
    }
    if (this.#state === 'loading') {
      const busy = new StanceError(
        'DB_TRANSACTION_BUSY',
        'A statement was sent while load() takes its rows.',
        {
          next: 'Await load() first, and feed it from memory or from a stream outside this transaction.',
        },
      )
      this.failure ??= busy
      return busy
    }
    return undefined
  }
}

export function swallowedFailure(failure: unknown, label: string | undefined): StanceError {
  return new StanceError(
    'DB_TRANSACTION_FAILED',
    `A statement of ${label ? `transaction "${label}"` : 'a transaction'} failed, so nothing of it was kept: ${failure instanceof Error ? failure.message : String(failure)}`,
    { next: 'Do not catch errors of statements inside a transaction.', cause: failure },
  )
}
