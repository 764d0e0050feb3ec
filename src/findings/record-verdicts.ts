import type { Param, Transaction } from '../db/database.ts'
import { quoteText } from '../db/identifier.ts'
import { applyFindingChanges, type EvidenceOf } from './apply-finding-changes.ts'
import { accountsOf, inScope, printScope, type Scope } from './scope.ts'
import { unfoldChanges } from './unfold-changes.ts'

/** What one judgement did, in numbers of resources and findings. */
export interface Recorded {
  resources_changed: number
  findings_changed: number
}

/** A table's verdicts within a scope. */
export interface TableVerdicts {
  table: string
  /** SELECT of account_id, region, resource_key, verdicts for every judged row (compiled, no parameters). */
  judged: string
  /** SELECT of account_id, resource_key for every row that still exists in the scope (no parameters). */
  existing: string
  scope: Scope
  /** At most so many, about; not given: any number. Where they are few, nothing is counted before it is done. */
  rows?: number
}

export interface Judgement {
  /** Unique for this judgement. */
  batch: string
  /** Of the same accounts: what follows from their verdicts is written for all of them at once. */
  tables: readonly TableVerdicts[]
  now: Date
  evidenceOf?: EvidenceOf
}

const few = 2_000

/**
 * Compares the verdict strings of tables with the stored ones and unfolds what changed into findings, their
 * history and events, in the caller's transaction. Cost follows change: an untouched estate costs the pass and
 * one join.
 */
export async function recordVerdicts(tx: Transaction, judgement: Judgement): Promise<Recorded> {
  const { batch, tables, now, evidenceOf } = judgement
  const total: Recorded = { resources_changed: 0, findings_changed: 0 }
  const following = {
    batch,
    now,
    closedAs: 'gone' as const,
    ...(evidenceOf === undefined ? {} : { evidenceOf }),
  }
  const add = (recorded: Recorded) => {
    total.resources_changed += recorded.resources_changed
    total.findings_changed += recorded.findings_changed
  }
  if (tables.length === 0) return total
  for (const one of tables) {
    if (!isFew(one) && (await isFirst(tx, one))) add(await recordFirst(tx, one, following))
    else await compare(tx, batch, one)
  }
  const scope = accountsOf(tables[0]?.scope ?? {})
  add(await applyVerdictChanges(tx, { ...following, scope }))
  return total
}

function isFew({ rows = Number.POSITIVE_INFINITY }: TableVerdicts): boolean {
  return rows <= few
}

/** Writes down which verdicts are not as they were. */
async function compare(tx: Transaction, batch: string, one: TableVerdicts): Promise<void> {
  const { table, judged, existing, scope } = one
  const [batchText, tableText] = [quoteText(batch), quoteText(table)]
  await tx.run(
    `insert into stance.verdict_change
       (account_id, batch, table_name, resource_key, region, old_verdicts, new_verdicts)
     select j.account_id, ${batchText}, ${tableText}, j.resource_key, j.region, coalesce(v.verdicts, ''), j.verdicts
     from (${judged}) j
     left join stance.verdict v
       on v.account_id = j.account_id and v.table_name = ${tableText} and v.resource_key = j.resource_key
         ${printScope('v', accountsOf(scope))}
     where v.verdicts is null or v.verdicts <> j.verdicts`,
  )
  if (!(await mayBeGone(tx, batch, one))) return
  await tx.run(
    `insert into stance.verdict_change
       (account_id, batch, table_name, resource_key, region, old_verdicts, new_verdicts)
     select v.account_id, ${batchText}, v.table_name, v.resource_key, v.region, v.verdicts, ''
     from stance.verdict v
     left join (${existing}) e on e.account_id = v.account_id and e.resource_key = v.resource_key
     where v.table_name = ${tableText} and e.resource_key is null${printScope('v', scope)}`,
  )
}

/**
 * Whether the scope may hold a verdict of a resource that is no more. Counting is ten times cheaper than joining: keys
 * are unique, so where as many rows exist as verdicts are known and new, each verdict has its row. Only of whole
 * accounts: a resource that moved to another region would make the counts of two regions agree by chance.
 */
async function mayBeGone(tx: Transaction, batch: string, one: TableVerdicts): Promise<boolean> {
  const { table, existing, scope } = one
  if (isFew(one) || scope.region !== undefined || scope.resourceKeys !== undefined) return true
  const params: Param[] = [table]
  const known = await count(
    tx,
    `stance.verdict v where v.table_name = $1::text${inScope('v', scope, params)}`,
    params,
  )
  const changes: Param[] = [batch, table]
  const fresh = await count(
    tx,
    `stance.verdict_change c where c.batch = $1::text and c.table_name = $2::text and c.old_verdicts = ''${inScope('c', scope, changes)}`,
    changes,
  )
  return (await count(tx, `(${existing}) e`, [])) !== known + fresh
}

async function count(tx: Transaction, from: string, params: Param[]): Promise<number> {
  const rows = await tx.query<{ n: number }>(`select count(*) as n from ${from}`, params)
  return rows[0]?.n ?? 0
}

async function isFirst(tx: Transaction, { table, scope }: TableVerdicts): Promise<boolean> {
  const params: Param[] = [table]
  const some = await tx.query(
    `select v.resource_key from stance.verdict v
     where v.table_name = $1::text${inScope('v', scope, params)} limit 1`,
    params,
  )
  return some.length === 0
}

/** Nothing is known of the scope yet: there is nothing to compare with, so the verdicts are written at once. */
async function recordFirst(
  tx: Transaction,
  { table, judged, scope }: TableVerdicts,
  following: Omit<Applying, 'scope'>,
): Promise<Recorded> {
  const written = await tx.run(
    `insert into stance.verdict (account_id, table_name, resource_key, region, verdicts)
     select j.account_id, $1::text, j.resource_key, j.region, j.verdicts
     from (${judged}) j`,
    [table],
  )
  if (written === 0) return { resources_changed: 0, findings_changed: 0 }
  const accounts = accountsOf(scope)
  await unfoldChanges(tx, { ...following, accounts, first: { table, scope } })
  const findings = await applyFindingChanges(tx, { ...following, accounts })
  return { resources_changed: written, findings_changed: findings }
}

/** Why the findings of a resource that is there no more ended. */
export type ClosedAs = 'gone' | 'account_off' | 'account_closed' | 'no_longer_unread'

/** Ends everything known about resources of a table: they were deleted, or their account was closed or switched off. */
export async function closeResources(
  tx: Transaction,
  closing: { batch: string; table?: string; scope: Scope; now: Date; closedAs: ClosedAs },
): Promise<Recorded> {
  const params: Param[] = [closing.batch]
  let only = ''
  if (closing.table !== undefined) {
    params.push(closing.table)
    only = ` and v.table_name = $${params.length}::text`
  }
  await tx.run(
    `insert into stance.verdict_change
       (account_id, batch, table_name, resource_key, region, old_verdicts, new_verdicts)
     select v.account_id, $1::text, v.table_name, v.resource_key, v.region, v.verdicts, ''
     from stance.verdict v
     where true${only}${inScope('v', closing.scope, params)}`,
    params,
  )
  return applyVerdictChanges(tx, closing)
}

interface Applying {
  batch: string
  scope: Scope
  now: Date
  closedAs: ClosedAs
  evidenceOf?: EvidenceOf
}

async function applyVerdictChanges(tx: Transaction, applying: Applying): Promise<Recorded> {
  const accounts = accountsOf(applying.scope)
  const { changed, known } = await changesOf(tx, applying.batch, accounts)
  if (changed === 0) return { resources_changed: 0, findings_changed: 0 }
  await unfoldChanges(tx, { ...applying, accounts })
  const findings = await applyFindingChanges(tx, { ...applying, accounts })
  await replaceVerdicts(tx, applying.batch, accounts, known > 0)
  return { resources_changed: changed, findings_changed: findings }
}

/** How many verdicts change, and how many of them were there before. */
async function changesOf(
  tx: Transaction,
  batch: string,
  accounts: Scope,
): Promise<{ changed: number; known: number }> {
  const params: Param[] = [batch]
  const [counted] = await tx.query<{ changed: number; known: number }>(
    `select count(*) as changed, count(*) filter (where c.old_verdicts <> '') as known
     from stance.verdict_change c where c.batch = $1::text${inScope('c', accounts, params)}`,
    params,
  )
  return counted!
}

async function replaceVerdicts(
  tx: Transaction,
  batch: string,
  accounts: Scope,
  someKnown: boolean,
): Promise<void> {
  const statements = [
    `insert into stance.verdict (account_id, table_name, resource_key, region, verdicts)
     select c.account_id, c.table_name, c.resource_key, c.region, c.new_verdicts
     from stance.verdict_change c
     where c.new_verdicts <> '' and c.batch = $1::text`,
    `delete from stance.verdict_change c where c.batch = $1::text`,
  ]
  if (someKnown)
    statements.unshift(
      `delete from stance.verdict using stance.verdict_change c
       where stance.verdict.account_id = c.account_id and stance.verdict.table_name = c.table_name
         and stance.verdict.resource_key = c.resource_key and c.batch = $1::text`,
    )
  for (const statement of statements) {
    const params: Param[] = [batch]
    await tx.run(statement + inScope('c', accounts, params), params)
  }
}
