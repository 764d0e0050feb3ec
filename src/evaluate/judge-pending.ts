import { randomUUID } from 'node:crypto'
import { StanceError } from '../core/errors.ts'
import type { Database, Transaction } from '../db/database.ts'
import type { EvidenceOf } from '../findings/apply-finding-changes.ts'
import type { Recorded } from '../findings/record-verdicts.ts'
import type { Scope } from '../findings/scope.ts'
import type { RuleSlot } from '../findings/sync-rules.ts'
import { type Reach, widest } from './affected.ts'
import { findBrokenRules } from './find-broken-rules.ts'
import { judgeTable } from './judge-table.ts'
import { everyAccount, markAll } from './mark-pending.ts'
import type { RuleSet } from './rule-set.ts'
import type { ScopeTables } from './unread-scopes.ts'

/** What judging needs for as long as the rules stay as they are. */
export interface Judge {
  set: RuleSet
  /** Slots of the enabled rules, by table. */
  slots: ReadonlyMap<string, readonly RuleSlot[]>
  scopeTables: (provider: string) => ScopeTables
  evidenceOf?: EvidenceOf
  /** Rules that made the engine stop once: not tried again until the program starts anew. */
  broken: Set<string>
  now: () => Date
}

interface Pending {
  pending_id: string
  table_name: string
  region: string
  resource_keys: string | null
}

/**
 * Judges what waits in one account; a table at a time, each with the marks that it settles, in one transaction.
 * `isReady` leaves tables for later.
 */
export async function judgePending(
  db: Database,
  judge: Judge,
  account_id: string,
  isReady: (table: string) => boolean = () => true,
): Promise<Recorded> {
  const total: Recorded = { resources_changed: 0, findings_changed: 0 }
  for (;;) {
    const waiting = await db.query<Pending>(
      `select p.pending_id, p.table_name, p.region, p.resource_keys from stance.pending_judgement p
       where p.account_id = $1::text order by p.table_name nulls last`,
      [account_id],
    )
    const ready = [...Map.groupBy(waiting, ({ table_name }) => table_name)].filter(([table]) =>
      isReady(table),
    )
    if (ready.length === 0) return total
    for (const [table, marks] of ready) {
      if (marks.some(({ region }) => region === everyAccount))
        await spreadToAccounts(db, account_id, table, judge.now())
      const recorded = await judgeOne(db, judge, account_id, table, marks)
      total.resources_changed += recorded.resources_changed
      total.findings_changed += recorded.findings_changed
    }
  }
}

async function judgeOne(
  db: Database,
  judge: Judge,
  account_id: string,
  table: string,
  marks: readonly Pending[],
): Promise<Recorded> {
  const settling = (tx: Transaction) => settle(tx, judge, account_id, table, marks)
  const work = () => db.transaction(settling, { label: `judge ${table}` })
  try {
    return await work()
  } catch (error) {
    if (error instanceof StanceError) throw error
    const found = await findBrokenRules(db, judge, account_id, table)
    if (found.length === 0) throw error
    for (const id of found) judge.broken.add(id)
    return work()
  }
}

async function settle(
  tx: Transaction,
  judge: Judge,
  account_id: string,
  table: string,
  marks: readonly Pending[],
): Promise<Recorded> {
  let reach: Reach | undefined
  for (const mark of marks) {
    const keys = mark.resource_keys === null ? 'all' : (JSON.parse(mark.resource_keys) as string[])
    const region = mark.region === everyAccount ? '*' : mark.region
    reach = widest(reach, { accounts: 'own', region, keys })
  }
  if (reach === undefined) return { resources_changed: 0, findings_changed: 0 }
  const scope: Scope = {
    accountIds: [account_id],
    ...(reach.region === '*' ? {} : { region: reach.region }),
    ...(reach.keys === 'all' ? {} : { resourceKeys: reach.keys }),
  }
  const shape = judge.set.catalogue.get(table)
  const slots = judge.slots.get(table) ?? []
  const recorded =
    shape === undefined
      ? { resources_changed: 0, findings_changed: 0 }
      : await judgeTable(tx, judge.set, judge.scopeTables(shape.provider), {
          batch: randomUUID(),
          table,
          scope,
          now: judge.now(),
          slots,
          broken: judge.broken,
          ...(judge.evidenceOf === undefined ? {} : { evidenceOf: judge.evidenceOf }),
        })
  await tx.run(
    `delete from stance.pending_judgement where account_id = $1::text and pending_id = any($2::text[])`,
    [account_id, marks.map(({ pending_id }) => pending_id)],
  )
  return recorded
}

/** A mark that reaches into other accounts becomes a mark in each of them, before it is settled in its own. */
async function spreadToAccounts(db: Database, account_id: string, table: string, now: Date): Promise<void> {
  const others = await db.query<{ account_id: string }>(
    `select a.account_id from stance.account a
     where a.account_id <> $1::text and a.kind = 'account' and a.state not in ('off', 'closed') order by a.account_id nulls last`,
    [account_id],
  )
  for (const other of others) await db.transaction((tx) => markAll(tx, other.account_id, [table], now))
}
