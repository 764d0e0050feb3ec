import { randomUUID } from 'node:crypto'
import { StanceError } from '../core/errors.ts'
import type { Database, Transaction } from '../db/database.ts'
import type { EvidenceOf } from '../findings/apply-finding-changes.ts'
import { type Recorded, recordVerdicts, type TableVerdicts } from '../findings/record-verdicts.ts'
import type { Scope } from '../findings/scope.ts'
import type { RuleSlot } from '../findings/sync-rules.ts'
import { takeTurn } from '../lake/account-turn.ts'
import { type Reach, widest } from './affected.ts'
import { confirmedFor, unconfirmedBehind } from './confirmed-for.ts'
import { findBrokenRules } from './find-broken-rules.ts'
import { everyAccount, markAll } from './mark-pending.ts'
import type { RuleSet } from './rule-set.ts'
import { tableVerdicts } from './table-verdicts.ts'
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

/** A table with the marks that judging it settles, and how many rows it has in the account. */
interface Waiting {
  table: string
  marks: readonly Pending[]
  rows: number
}

/** Tables of so many rows in all are judged in one transaction: each by itself is mostly the cost of statements. */
const rowsTogether = 2_000

/**
 * Judges what waits in one account: small tables together, a large one by itself, each with the marks that it settles
 * in the same transaction. `isReady` leaves tables for later; what a scan is about to read is judged as far as it can be, and goes
 * on waiting: `seen` are such marks.
 */
export async function judgePending(
  db: Database,
  judge: Judge,
  account_id: string,
  isReady: (table: string) => boolean = () => true,
  seen = new Set<string>(),
): Promise<Recorded> {
  const total: Recorded = { resources_changed: 0, findings_changed: 0 }
  for (;;) {
    const waiting = await db.query<Pending>(
      `select p.pending_id, p.table_name, p.region, p.resource_keys from stance.pending_judgement p
       where p.account_id = $1::text order by p.table_name nulls last`,
      [account_id],
    )
    const ready = [...Map.groupBy(waiting, ({ table_name }) => table_name)].filter(
      ([table, marks]) => isReady(table) && marks.some(({ pending_id }) => !seen.has(pending_id)),
    )
    if (ready.length === 0) return total
    const reaching = ready.filter(([, marks]) =>
      marks.some(({ region, pending_id }) => region === everyAccount && !seen.has(pending_id)),
    )
    for (const [, marks] of ready) for (const { pending_id } of marks) seen.add(pending_id)
    if (reaching.length > 0)
      await spreadToAccounts(
        db,
        account_id,
        reaching.map(([table]) => table),
        judge.now(),
      )
    const sizes = await rowsOf(db, account_id)
    const tables = ready.map(([table, marks]) => ({ table, marks, rows: sizes.get(table) ?? 0 }))
    for (const together of groupBySize(tables)) {
      const recorded = await judgeTogether(db, judge, account_id, together)
      total.resources_changed += recorded.resources_changed
      total.findings_changed += recorded.findings_changed
    }
  }
}

async function rowsOf(db: Database, account_id: string): Promise<Map<string, number>> {
  const rows = await db.query<{ table_name: string; rows: number }>(
    `select c.table_name, cast(sum(c.rows) as bigint) as rows from stance.cell c where c.account_id = $1::text
     group by c.table_name`,
    [account_id],
  )
  return new Map(rows.map((row) => [row.table_name, row.rows]))
}

function groupBySize(tables: readonly Waiting[]): Waiting[][] {
  const groups: Waiting[][] = []
  let room = 0
  for (const one of tables) {
    const last = groups.at(-1)
    if (last !== undefined && one.rows <= room) last.push(one)
    else {
      groups.push([one])
      room = rowsTogether
    }
    room -= one.rows
  }
  return groups
}

async function judgeTogether(
  db: Database,
  judge: Judge,
  account_id: string,
  tables: readonly Waiting[],
): Promise<Recorded> {
  const label = `judge ${tables.map(({ table }) => table).join(', ')}`
  const work = () => db.transaction((tx) => settle(tx, judge, account_id, tables), { label })
  try {
    return await work()
  } catch (error) {
    if (error instanceof StanceError) throw error
    const found: string[] = []
    for (const { table } of tables) found.push(...(await findBrokenRules(db, judge, account_id, table)))
    if (found.length === 0) throw error
    for (const id of found) judge.broken.add(id)
    return work()
  }
}

async function settle(
  tx: Transaction,
  judge: Judge,
  account_id: string,
  waiting: readonly Waiting[],
): Promise<Recorded> {
  // A write that deletes what is judged here would commit unseen, and its verdict be put back behind it.
  await takeTurn(tx, account_id)
  const now = judge.now()
  const named = waiting.map(({ table }) => table)
  const unconfirmed = await unconfirmedBehind(tx, judge.set, named, account_id)
  // What a scan is about to read is judged with what it has read when that is done: the marks stay until then.
  const left = new Set<string>()
  const tables = waiting.flatMap(({ table, marks, rows }): TableVerdicts[] => {
    const shape = judge.set.catalogue.get(table)
    if (shape === undefined) return []
    const scope = scopeOf(account_id, marks)
    // Something is gone, and what was said of it has ended with it.
    if (scope.resourceKeys?.length === 0) return []
    const { confirmed, isAwaited } = confirmedFor(judge.set, table, unconfirmed)
    if (isAwaited) left.add(table)
    const { broken } = judge
    const slots = judge.slots.get(table) ?? []
    const judging = { table, scope, now, slots, broken, ...(confirmed && { confirmed }) }
    return [{ ...tableVerdicts(judge.set, judge.scopeTables(shape.provider), judging, tx.engine), rows }]
  })
  const recorded = await recordVerdicts(tx, {
    batch: randomUUID(),
    tables,
    now,
    ...(judge.evidenceOf === undefined ? {} : { evidenceOf: judge.evidenceOf }),
  })
  await tx.run(
    `delete from stance.pending_judgement where account_id = $1::text and pending_id = any($2::text[])`,
    [
      account_id,
      waiting
        .filter(({ table }) => !left.has(table))
        .flatMap(({ marks }) => marks.map(({ pending_id }) => pending_id)),
    ],
  )
  return recorded
}

/** What all of the marks speak of. */
function scopeOf(account_id: string, marks: readonly Pending[]): Scope {
  let reach: Reach | undefined
  for (const mark of marks) {
    const keys = mark.resource_keys === null ? 'all' : (JSON.parse(mark.resource_keys) as string[])
    const region = mark.region === everyAccount ? '*' : mark.region
    reach = widest(reach, { accounts: 'own', region, keys })
  }
  return {
    accountIds: [account_id],
    ...(reach === undefined || reach.region === '*' ? {} : { region: reach.region }),
    ...(reach === undefined || reach.keys === 'all' ? {} : { resourceKeys: reach.keys }),
  }
}

/** Marks that reach into other accounts become marks in each of them, before they are settled in their own. */
async function spreadToAccounts(
  db: Database,
  account_id: string,
  tables: readonly string[],
  now: Date,
): Promise<void> {
  const others = await db.query<{ account_id: string }>(
    `select a.account_id from stance.account a
     where a.account_id <> $1::text and a.kind = 'account' and a.state not in ('off', 'closed') order by a.account_id nulls last`,
    [account_id],
  )
  for (const other of others) await db.transaction((tx) => markAll(tx, other.account_id, tables, now))
}
