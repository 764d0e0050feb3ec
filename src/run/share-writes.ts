import type { Database, Transaction } from '../db/database.ts'
import { type CellRows, CellsTogether } from '../lake/cell-rows.ts'
import type { CellChange, Derive, WriteOptions } from '../lake/open-cell-write.ts'
import type { DeriveAll } from './derive-changes.ts'

/** So many cells share a transaction at most: one that fails has all of them written again, one by one. */
const mostTogether = 32

type Work<T> = (tx: Transaction, cells: CellRows) => Promise<T>

interface Waiting {
  work: Work<unknown>
  label: string
  resolve: (result: never) => void
  reject: (error: unknown) => void
}

/**
 * Writes of one account that end while another of it is being committed share the next transaction, and its facts
 * are derived once for all of them: in the first scan of many small cells that is most of our own time. The first
 * one never waits for others. What one of them cannot do undoes none of the others.
 */
export class SharedWrites {
  readonly #db: Database
  readonly #deriveAll: DeriveAll
  readonly #waiting = new Map<string, Waiting[]>()
  readonly #changes = new WeakMap<Transaction, CellChange[]>()

  constructor(db: Database, deriveAll: DeriveAll) {
    this.#db = db
    this.#deriveAll = deriveAll
  }

  /** What the lake wants to know of it. */
  readonly options: Required<Pick<WriteOptions, 'derive' | 'transact'>> = {
    transact: (accountId, work, label) => this.#transact(accountId, work, label),
    derive: ((tx, change) => {
      this.#changes.get(tx)?.push(change)
      return Promise.resolve()
    }) satisfies Derive,
  }

  #transact<T>(accountId: string, work: Work<T>, label: string): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const one: Waiting = { work, label, resolve, reject }
      const waiting = this.#waiting.get(accountId)
      if (waiting !== undefined) {
        waiting.push(one)
        return
      }
      const own = [one]
      this.#waiting.set(accountId, own)
      void this.#writeAll(accountId, own)
    })
  }

  async #writeAll(accountId: string, waiting: Waiting[]): Promise<void> {
    for (;;) {
      const group = waiting.splice(0, mostTogether)
      if (group.length === 0) break
      await this.#write(accountId, group)
    }
    this.#waiting.delete(accountId)
  }

  async #write(accountId: string, group: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#together(accountId, group)
      for (const [at, one] of group.entries()) one.resolve(results[at] as never)
    } catch (error) {
      const [only, ...more] = group
      if (more.length === 0) only?.reject(error)
      else for (const one of group) await this.#write(accountId, [one])
    }
  }

  #together(accountId: string, group: readonly Waiting[]): Promise<unknown[]> {
    const [first] = group
    const label = group.length === 1 ? (first?.label ?? '') : `${group.length} cells of ${accountId}`
    return this.#db.transaction(
      async (tx) => {
        const changes: CellChange[] = []
        this.#changes.set(tx, changes)
        const results: unknown[] = []
        const cells = new CellsTogether(tx, accountId)
        for (const { work } of group) results.push(await work(tx, cells))
        await cells.flush()
        await this.#deriveAll(tx, accountId, changes)
        return results
      },
      { label },
    )
  }
}
