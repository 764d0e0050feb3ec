import { StanceError } from '../core/errors.ts'
import { type Verdict, verdictCharacters } from '../core/verdict.ts'
import { confirmedWorld, settledWorld, type World } from '../core/world.ts'
import type { Database, Reader } from '../db/database.ts'
import { factsAwaiting } from '../evaluate/confirmed-for.ts'
import { deriveFacts } from '../evaluate/derive-facts.ts'
import { checkCondition } from '../evaluate/language/check-condition.ts'
import { compileTablePass, type PassRule } from '../evaluate/language/compile-table-pass.ts'
import type { Unread } from '../evaluate/language/find-unread.ts'
import { evidenceKey, readEvidence } from '../evaluate/language/read-evidence.ts'
import { readUnconfirmed } from '../evaluate/read-unconfirmed.ts'
import type { ReadyRule, RuleSet } from '../evaluate/rule-set.ts'
import { materializeWorld } from '../lake/materialize-world.ts'
import { lastScan } from './last-scan.ts'
import { loadDeclared } from './open-stance.ts'
import type { RunSettings } from './run-settings.ts'

/** A condition, or a whole rule, that is judged without being kept. */
export type Draft = { kind: 'rule'; ready: ReadyRule } | { kind: 'condition'; text: string; table: string }

export interface TriedRow {
  account_id: string
  region: string
  resource_key: string
  resource_name: string
  verdict: Verdict
  /** Of one that is unknown: what it hangs on and was not read. Only of the first so many. */
  unread?: TriedUnread[]
}

/** The list of a part (group_name '') or a group of a resource. */
export interface TriedUnread {
  account_id: string
  table_name: string
  part: string
  resource_key: string
  group_name: string
}

export interface Tried {
  table_name: string
  /** When the lake was as it is judged here. */
  judged_at: Date
  counts: Record<Verdict | 'not_applicable', number>
  /** The first so many, fail before unknown before pass. */
  rows: TriedRow[]
  /** Lists of the table that are not read: there may be resources that nobody knows of. */
  unread_cells: number
}

export interface TryOptions {
  settings: RunSettings['rules']
  at?: Date | undefined
  accounts?: readonly string[] | undefined
  limit: number
}

/** Judges a draft over the lake as it is, or as it was; nothing of it is kept. A past moment needs a store that can be written. */
export async function tryRule(db: Database, draft: Draft, options: TryOptions): Promise<Tried> {
  const { set, catalogue } = await loadDeclared(options.settings)
  const { rule, table, tables } = toPassRule(draft, set)
  const { at } = options
  if (at === undefined) {
    // Conditions on time are judged as findings were.
    const now = (await lastScan(db))?.started_at ?? new Date()
    return judge(db, set, {
      rule,
      table,
      world: await worldNow(db, set),
      now,
      options,
    })
  }
  const needed = withFacts(set, tables)
  const scratch = await materializeWorld(db, catalogue, at, {
    tables: needed.filter((name) => catalogue.tables.has(name)),
    ...(options.accounts === undefined ? {} : { accounts: options.accounts }),
  })
  try {
    await deriveThen(db, set, scratch.world, needed, at)
    return await judge(db, set, { rule, table, world: scratch.world, now: at, options })
  } finally {
    await scratch.drop()
  }
}

/** Only what was read well counts, and nothing that a scan is about to read. */
async function worldNow(db: Reader, set: RuleSet): Promise<World> {
  const { awaited } = await readUnconfirmed(db)
  return awaited.size === 0 ? confirmedWorld : settledWorld(factsAwaiting(set, awaited))
}

function toPassRule(draft: Draft, set: RuleSet): { rule: PassRule; table: string; tables: string[] } {
  if (draft.kind === 'condition') {
    const pass = checkCondition(draft.text, { table: draft.table, catalogue: set.catalogue })
    const tables = [draft.table, ...pass.dependencies.reads.map(({ table }) => table)]
    return { rule: { slot: 1, id: 'draft', pass }, table: draft.table, tables }
  }
  const { rule, pass, applies, params } = draft.ready
  const reads = [pass, ...(applies === undefined ? [] : [applies])].flatMap((one) => one.dependencies.reads)
  return {
    rule: {
      slot: 1,
      id: rule.id,
      pass,
      params,
      foreign: rule.foreign,
      ...(applies === undefined ? {} : { applies }),
    },
    table: rule.resource,
    tables: [rule.resource, ...reads.map(({ table }) => table)],
  }
}

/** Resource tables of these, and those that their facts read. */
function withFacts(set: RuleSet, tables: readonly string[]): string[] {
  const all = new Set<string>()
  const pending = [...tables]
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const table = set.catalogue.get(name)?.parent ?? name
    if (all.has(table)) continue
    all.add(table)
    for (const { fact, when } of set.facts)
      if (fact.table === table) pending.push(...when.dependencies.reads.map((read) => read.table))
  }
  return [...all]
}

/** Facts are not kept for the past: they are derived in its world again. */
async function deriveThen(
  db: Database,
  set: RuleSet,
  world: World,
  tables: readonly string[],
  at: Date,
): Promise<void> {
  const facts = set.facts.filter(({ fact }) => tables.includes(fact.table))
  if (facts.length === 0) return
  const accounts = new Set<string>()
  for (const table of tables) {
    const rows = await db.query<{ account_id: string }>(
      `select t.account_id from ${world.relation(table)} t group by t.account_id order by t.account_id nulls last`,
    )
    for (const { account_id } of rows) accounts.add(account_id)
  }
  const changed = tables.map((table) => ({ table, region: '*', keys: 'all' as const }))
  for (const account_id of [...accounts].sort())
    await db.transaction((tx) => deriveFacts(tx, { ...set, facts }, { world, account_id, changed, now: at }))
}

interface Judging {
  rule: PassRule
  table: string
  world: World
  now: Date
  options: TryOptions
}

async function judge(db: Reader, set: RuleSet, judging: Judging): Promise<Tried> {
  const { rule, table, world, now, options } = judging
  const { accounts, limit } = options
  const pass = compileTablePass({
    table,
    rules: [rule],
    world,
    now,
    catalogue: set.catalogue,
    engine: db.engine,
    ...(accounts === undefined ? {} : { restriction: { accountIds: accounts } }),
  })
  const tried: Tried = {
    table_name: table,
    judged_at: now,
    counts: { fail: 0, unknown: 0, pass: 0, not_applicable: 0 },
    rows: [],
    unread_cells: await unreadCells(db, world, table),
  }
  // The first character is the exposure.
  const counts = await run(
    db.query<{ verdict: string; n: number }>(
      `select substr(j.verdicts, 2, 1) as verdict, count(*) as n from (${pass}) j group by 1`,
    ),
  )
  for (const { verdict, n } of counts) tried.counts[wordOf(verdict)] += n
  const rows = await run(
    db.query<Omit<TriedRow, 'verdict'> & { verdict: string }>(
      `select j.account_id, j.region, j.resource_key, coalesce(x.name, t.name, j.resource_key) as resource_name,
         substr(j.verdicts, 2, 1) as verdict
       from (${pass}) j
       left join stance.resource x on x.account_id = j.account_id and x.resource_key = j.resource_key
       left join (
         select account_id, resource_key, max(name) as name from stance.tombstone group by account_id, resource_key
       ) t on t.account_id = j.account_id and t.resource_key = j.resource_key
       where substr(j.verdicts, 2, 1) in ('f', 'u', 'p')
       order by case substr(j.verdicts, 2, 1) when 'f' then 0 when 'u' then 1 else 2 end nulls last,
         j.account_id nulls last, j.resource_key collate "C" nulls last limit ${Math.floor(limit)}`,
    ),
  )
  tried.rows = rows.map((row) => ({ ...row, verdict: wordOf(row.verdict) as Verdict }))
  const unknown = tried.rows.filter(({ verdict }) => verdict === 'unknown').slice(0, mostExplained)
  if (unknown.length === 0) return tried
  const facts = new Map(
    set.facts.map(({ fact, when, params }) => [`${fact.table}.${fact.column}`, { when, params }]),
  )
  const evidence = await run(
    readEvidence({ reader: db, catalogue: set.catalogue, world, now, facts }, rule, unknown),
  )
  for (const row of unknown) row.unread = evidence.get(evidenceKey(row))?.unread.map(toTriedUnread) ?? []
  return tried
}

/** What is said of one is said of most. */
const mostExplained = 50

function toTriedUnread(unread: Unread): TriedUnread {
  const { account_id, table, group } = unread
  const shared = { account_id, table_name: table, group_name: group === 'list' ? '' : group }
  return 'part' in unread
    ? { ...shared, part: unread.part, resource_key: '' }
    : { ...shared, part: '', resource_key: unread.resource_key }
}

function wordOf(character: string): Verdict | 'not_applicable' {
  const { pass, fail, unknown } = verdictCharacters
  if (character === pass) return 'pass'
  if (character === fail) return 'fail'
  return character === unknown ? 'unknown' : 'not_applicable'
}

async function unreadCells(db: Reader, world: World, table: string): Promise<number> {
  const rows = await db.query<{ n: number }>(
    `select count(*) as n from ${world.cells} c
     where c.table_name = $1::text and not c.in_force and c.state not in ('excluded', 'absent')`,
    [table],
  )
  return rows[0]?.n ?? 0
}

/** A condition that compiles can still stop the engine: a division by zero, a number out of range. */
async function run<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof StanceError) throw error
    const said = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw new StanceError('RULE_STOPS', `The condition stops the database: ${said}`, {
      next: 'Look for a division by zero or a number that is too large; `case when` can guard it.',
      cause: error,
    })
  }
}
