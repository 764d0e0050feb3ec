import type { Transaction } from '../db/database.ts'

/** What a transaction holds already: several writes of one account may share it. */
const turns = new WeakMap<Transaction, Set<string>>()

/**
 * Writers of one account's lake, and who judges it, follow each other: the first statement of each takes the account's
 * row, and the next one waits for its commit. So a listing sees what an event wrote, facts see all that is committed,
 * and nothing is judged that is being deleted. Before any other lock, and of one account; what puts rows of other accounts
 * in doubt takes theirs in order, and where two such wait for each other, PostgreSQL ends one, which is run again.
 */
export async function takeTurn(tx: Transaction, accountId: string): Promise<void> {
  // Its writing transactions follow each other anyway.
  if (tx.engine === 'duckdb') return
  const own = turns.get(tx) ?? new Set()
  turns.set(tx, own)
  if (own.has(accountId)) return
  own.add(accountId)
  const taken = await tx.run('update stance.account_turn set turns = turns + 1 where account_id = $1', [
    accountId,
  ])
  if (taken > 0) return
  await tx.run('insert into stance.account_turn (account_id, turns) values ($1, 1)', [accountId])
}
