import { randomUUID } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import { liveWorld } from '../core/world.ts'
import type { Transaction } from '../db/database.ts'
import type { TableChanged } from '../evaluate/affected.ts'
import { changedTables } from '../evaluate/changed-tables.ts'
import { factsWaiting } from '../evaluate/confirmed-for.ts'
import { deriveFacts } from '../evaluate/derive-facts.ts'
import { doubtLost, lookedAgain, lookupsByTable } from '../evaluate/looked-again.ts'
import { markPending, markTables } from '../evaluate/mark-pending.ts'
import { type ReadyFact, type RuleSet, tablesOfTime } from '../evaluate/rule-set.ts'
import { type ClosedAs, closeResources } from '../findings/record-verdicts.ts'
import { neverRead } from '../lake/accounts.ts'
import type { CellChange } from '../lake/open-cell-write.ts'

/** Changes of one account, all written in the transaction. */
export type DeriveAll = (tx: Transaction, account_id: string, changes: readonly CellChange[]) => Promise<void>

/** What follows every write of the lake, in its transaction: facts, marks for the judge, findings of what is gone. */
export function deriveChanges(set: RuleSet, clock: Clock): DeriveAll {
  const time = tablesOfTime(set)
  const lookups = lookupsByTable(set)
  return async (tx, account_id, changes) => {
    if (changes.length === 0) return
    const now = clock.now()
    const changed: TableChanged[] = []
    const aged = new Map<string, { table: string; region: string }>()
    for (const change of changes) {
      const { table, deleted, part } = change
      if (deleted === 'all' || deleted.length > 0) await closeDeleted(tx, change, now)
      const region = set.catalogue.get(table)?.parts === 'region' ? part : '*'
      if (time.rules.has(table)) aged.set(`${table} ${region}`, { table, region })
      changed.push(...changedTables(set.catalogue, change))
      // Too many to name: the judge compares all of the table with what is left.
      if (deleted === 'all') changed.push({ table, region, keys: 'all' })
      if (time.facts.has(table)) changed.push({ table, region, keys: 'all' })
    }
    const again = changes.flatMap(({ table, read_before, since = now }) =>
      read_before === undefined ? [] : [{ table, read_before, since }],
    )
    if (again.length > 0) changed.push(...(await lookedAgain(tx, set, lookups, account_id, again)))
    const lists = changes.flatMap(({ table, lost }) => (lost === undefined ? [] : [{ table, lost }]))
    if (lists.length > 0) changed.push(...(await doubtLost(tx, set, lookups, account_id, lists)))
    const awaited = changes.filter(({ was_awaited }) => was_awaited === true)
    const facts =
      awaited.length === 0
        ? new Set<ReadyFact>()
        : await factsWaiting(tx, set, account_id, new Set(awaited.map(({ table }) => table)))
    if (aged.size > 0) await markTables(tx, account_id, [...aged.values()], now)
    if (changed.length === 0 && facts.size === 0) return
    const all = await deriveFacts(tx, set, {
      world: liveWorld,
      account_id,
      changed,
      now,
      again: facts,
    })
    await markPending(tx, set, account_id, all, now)
  }
}

/** Accounts whose resources all leave, and why their findings end. */
const emptiedAs: ReadonlyMap<string, ClosedAs> = new Map([
  ['off', 'account_off'],
  ['closed', 'account_closed'],
  [neverRead, 'no_longer_unread'],
])

/** Ends the findings of what is gone, so that a resource that comes again under the same key begins anew. */
async function closeDeleted(tx: Transaction, change: CellChange, now: Date): Promise<void> {
  const { account_id, table, deleted } = change
  const [account] = await tx.query<{ state: string }>(
    'select a.state from stance.account a where a.account_id = $1::text',
    [account_id],
  )
  const emptied = account === undefined ? undefined : emptiedAs.get(account.state)
  if (deleted === 'all' && emptied === undefined) return
  await closeResources(tx, {
    batch: randomUUID(),
    table,
    scope: { accountIds: [account_id], ...(deleted === 'all' ? {} : { resourceKeys: deleted }) },
    now,
    closedAs: emptied ?? 'gone',
  })
}
