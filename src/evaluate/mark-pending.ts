import { randomUUID } from 'node:crypto'
import type { Transaction } from '../db/database.ts'
import { loadTarget } from '../db/load-target.ts'
import { type Reach, reachOf, type TableChanged, widest } from './affected.ts'
import { conditionsOf, type RuleSet } from './rule-set.ts'

/** `pending_judgement.region` of a change that reaches into other accounts. */
export const everyAccount = '**'

/**
 * Writes down what must be judged again because tables changed, in the transaction that changes them: a program that
 * dies before it judges finds it at the next start.
 */
export async function markPending(
  tx: Transaction,
  set: RuleSet,
  account_id: string,
  changed: readonly TableChanged[],
  now: Date,
): Promise<void> {
  const reaches = new Map<string, Reach>()
  for (const ready of set.rules.values()) {
    if (!ready.enabled) continue
    const { resource } = ready.rule
    for (const condition of conditionsOf(ready)) {
      for (const one of changed) {
        const reach = reachOf(condition, one)
        if (reach !== undefined) reaches.set(resource, widest(reaches.get(resource), reach))
      }
    }
  }
  // Severity follows exposure, whether or not a rule reads it; and an unread cell is said of by every rule.
  for (const one of changed) {
    const own = reaches.get(one.table)
    if (own === undefined && hasRules(set, one.table))
      reaches.set(one.table, { accounts: 'own', region: one.region, keys: one.keys })
  }
  if (reaches.size === 0) return
  await tx.load(
    target,
    [...reaches].map(([table, reach]) => [
      account_id,
      randomUUID(),
      table,
      reach.accounts === 'all' ? everyAccount : reach.region,
      reach.keys === 'all' ? null : JSON.stringify(reach.keys),
      now,
    ]),
  )
}

function hasRules(set: RuleSet, table: string): boolean {
  for (const ready of set.rules.values()) if (ready.enabled && ready.rule.resource === table) return true
  return false
}

/** All of a table, or of all tables with rules, in one account: a rule changed, or time passed. */
export async function markAll(
  tx: Transaction,
  account_id: string,
  tables: readonly string[],
  now: Date,
): Promise<void> {
  await tx.load(
    target,
    tables.map((table) => [account_id, randomUUID(), table, '*', null, now]),
  )
}

/** Tables within a region of an account, or in all of it (`*`): time passed for rules that read now(). */
export async function markTables(
  tx: Transaction,
  account_id: string,
  tables: readonly { table: string; region: string }[],
  now: Date,
): Promise<void> {
  await tx.load(
    target,
    tables.map(({ table, region }) => [account_id, randomUUID(), table, region, null, now]),
  )
}

const target = loadTarget('stance.pending_judgement', {
  account_id: 'text',
  pending_id: 'text',
  table_name: 'text',
  region: 'text',
  resource_keys: 'json',
  asked_at: 'timestamptz',
})
