import type { Database } from '../../src/db/database.ts'

/** Transactions that write what cells were read to be: one of them, or several of an account together. */
export const cellWrites = /^(cell |\d+ cells of )/

/** The store, in which something comes before each transaction whose label fits; what it throws, the transaction does. */
export function beforeTransactions(db: Database, labels: RegExp, before: () => Promise<unknown>): Database {
  const transaction: Database['transaction'] = async (work, options = {}) => {
    if (labels.test(options.label ?? '')) await before()
    return db.transaction(work, options)
  }
  return new Proxy(db, {
    get(target, name) {
      if (name === 'transaction') return transaction
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
