import { confirmedWorld, liveWorld, type World } from '../../src/core/world.ts'
import type { Reader, Row } from '../../src/db/database.ts'
import { confirmedForFact } from '../../src/evaluate/confirmed-for.ts'
import { compileFactPass } from '../../src/evaluate/language/compile-fact-pass.ts'
import { compileTablePass } from '../../src/evaluate/language/compile-table-pass.ts'
import { readUnconfirmed, type Unconfirmed } from '../../src/evaluate/read-unconfirmed.ts'
import { readsOfRule } from '../../src/evaluate/rule-reads.ts'
import { aloneAtFirst, passRules } from '../../src/evaluate/table-verdicts.ts'
import { unreadScopesSql } from '../../src/evaluate/unread-scopes.ts'
import type { Stance } from '../../src/run/open-stance.ts'
import { type Document, readDocuments, rowProblems, timeProblems } from './row-problems.ts'
import { apart, spelled, told } from './told-problems.ts'

const working = ['resource_stage', 'resource_change', 'verdict_change', 'finding_change', 'finding_evidence']

/**
 * What in a store does not agree with itself; empty where all does. Typed and child rows are made again from the
 * documents, facts from the rows, verdicts from both. May be asked at any time, also in the midst of a scan that
 * was killed: what waits to be judged is no problem.
 */
export async function lakeProblems(stance: Stance): Promise<string[]> {
  const documents = await readDocuments(stance.db)
  return [
    ...(await workingProblems(stance.db)),
    ...(await cellProblems(stance.db)),
    ...(await timeProblems(stance, documents)),
    ...(await rowProblems(stance, documents)),
    ...(await sideProblems(stance.db, documents)),
    ...(await judgeProblems(stance)),
  ]
}

/** Facts, verdicts and findings that are not what the rows give; `about`: as far as they hang on these tables. */
export async function judgeProblems(stance: Stance, about?: readonly string[]): Promise<string[]> {
  return [
    ...(await factProblems(stance, about)),
    ...(await verdictProblems(stance, about)),
    ...(await findingProblems(stance)),
    ...(await goneProblems(stance)),
  ]
}

async function workingProblems(db: Reader): Promise<string[]> {
  const problems: string[] = []
  for (const table of working) {
    const rows = await db.query(`select account_id from stance.${table} limit 1`)
    if (rows.length > 0) problems.push(`stance.${table} is not empty`)
  }
  return problems
}

async function cellProblems(db: Reader): Promise<string[]> {
  const miscounted = told(
    'a cell that miscounts its rows, or rows without a cell',
    await db.query(
      `select r.account_id, r.table_name, r.part, r.n, c.rows, c.state
       from (select account_id, table_name, part, count(*) as n from stance.resource
         group by account_id, table_name, part) r
       left join stance.cell c
         on c.account_id = r.account_id and c.table_name = r.table_name and c.part = r.part
       where c.state is null or (c.state = 'ok' and c.rows <> r.n)`,
    ),
  )
  // Rules rely on it: in a cell that is in force, a row that is not like what they ask for is known to be so.
  const doubted = told(
    'a row of which nothing is in force, in a cell that is',
    await db.query(
      `select r.account_id, r.table_name, r.resource_key from stance.resource r
       join stance.cell c on c.account_id = r.account_id and c.table_name = r.table_name and c.part = r.part
       where c.in_force and not r.in_force`,
    ),
  )
  return [...miscounted, ...doubted]
}

/** Tags as rows and unread groups, beside the documents that they come from. */
async function sideProblems(db: Reader, documents: readonly Document[]): Promise<string[]> {
  const tags = new Set<string>()
  const groups = new Set<string>()
  for (const { account_id, resource_key, tags: text, state } of documents) {
    for (const [key, value] of Object.entries(JSON.parse(text ?? '{}') as Record<string, string>))
      tags.add([account_id, resource_key, key, value].join(' '))
    for (const [group, known] of Object.entries(state))
      if (!['ok', 'absent', 'unsupported'].includes(known.state))
        groups.add([account_id, resource_key, group, known.state].join(' '))
  }
  const tagRows = await db.query(
    'select account_id, resource_key, tag_key, tag_value from stance.resource_tag',
  )
  const groupRows = await db.query(
    'select account_id, resource_key, group_name, state from stance.unread_group',
  )
  return [
    ...apart('a tag', tags, new Set(tagRows.map(spelled))),
    ...apart('an unread group', groups, new Set(groupRows.map(spelled))),
  ]
}

async function factProblems(
  { db, set, catalogue, clock }: Stance,
  about?: readonly string[],
): Promise<string[]> {
  const problems: string[] = []
  const changed = new Set(about ?? catalogue.tables.keys())
  const awaiting = await db.query<{ account_id: string }>(
    'select c.account_id from stance.cell c where c.awaited_since is not null group by c.account_id',
  )
  const unconfirmed = new Map<string, Unconfirmed>()
  for (const { account_id } of awaiting) unconfirmed.set(account_id, await readUnconfirmed(db, account_id))
  // In the order in which they are derived.
  for (const ready of set.facts) {
    const { fact, when, params } = ready
    const reads = [fact.table, ...when.dependencies.reads.map(({ table }) => table)]
    if (!reads.some((table) => changed.has(catalogue.shapes.get(table)?.parent ?? table))) continue
    changed.add(fact.table)
    const derivedIn = (world: World) =>
      compileFactPass({
        table: fact.table,
        facts: [{ column: fact.column, when, params }],
        world,
        restriction: {},
        now: clock.now(),
        catalogue: catalogue.shapes,
        engine: db.engine,
      })
    // What was read well decides; else it is as it follows from what is kept, and said to be so, or unknown.
    const isKept = `strpos(coalesce(t._kept_facts, ''), '|${fact.column}|') > 0`
    const problemsIn = (world: World, which: string) =>
      db.query(
        `/* pull: a test compares whole tables */
         select d.account_id, d.resource_key from (${derivedIn(liveWorld)}) d
         join (${derivedIn(world)}) c on c.account_id = d.account_id and c.resource_key = d.resource_key
         join lake.${fact.table} t on t.account_id = d.account_id and t.resource_key = d.resource_key
         where ${which} and case
           when c.${fact.column} is not null then ${isKept} or t.${fact.column} is distinct from c.${fact.column}
           when d.${fact.column} is null then ${isKept} or t.${fact.column} is not null
           else not ${isKept} or (t.${fact.column} is not null and t.${fact.column} <> d.${fact.column}) end`,
      )
    const others = [...unconfirmed.keys()].map((id) => `t.account_id <> '${id}'`)
    const rows = await problemsIn(confirmedWorld, others.join(' and ') || 'true')
    // In the midst of a scan, or after one that was cut off, less counts.
    for (const [id, one] of unconfirmed)
      rows.push(
        ...(await problemsIn(confirmedForFact(set, ready, one) ?? confirmedWorld, `t.account_id = '${id}'`)),
      )
    problems.push(...told(`the fact ${fact.table}.${fact.column} is not derived`, rows))
  }
  return problems
}

/** Where nothing waits to be judged, verdicts are what judging gives now. */
async function verdictProblems({ db, judge, set }: Stance, about?: readonly string[]): Promise<string[]> {
  const hangs = [...set.rules.values()].filter(
    (ready) =>
      about === undefined ||
      about.includes(ready.rule.resource) ||
      readsOfRule(set, ready).some(({ table }) => about.includes(table)),
  )
  const judged = new Set(hangs.map(({ rule }) => rule.resource))
  const problems: string[] = []
  const waiting = await db.query('select distinct account_id, table_name from stance.pending_judgement')
  const isWaiting = new Set(waiting.map(spelled))
  for (const [table, slots] of judge.slots) {
    const shape = set.catalogue.get(table)
    if (shape === undefined || slots.length === 0 || !judged.has(table)) continue
    const unread = unreadScopesSql(table, slots, set.catalogue, judge.scopeTables(shape.provider), {})
    const judgedIn = (world: World) => {
      const rules = passRules(set, slots, judge.broken)
      const judging = { table, rules, world, restriction: {}, now: judge.now() }
      const pass = aloneAtFirst(compileTablePass({ ...judging, catalogue: set.catalogue, engine: db.engine }))
      return db.query<Judged>(
        `/* pull: a test judges whole tables */
         select account_id, resource_key, verdicts from (${pass}${unread === undefined ? '' : ` union all ${unread}`}) j`,
      )
    }
    const stored = await db.query<Judged>(
      `select account_id, resource_key, verdicts from stance.verdict where table_name = '${table}'`,
    )
    const now = asMayStand(await judgedIn(liveWorld), await judgedIn(confirmedWorld), stored)
    const kept = (row: Row) => !isWaiting.has(`${row.account_id} ${table}`)
    problems.push(
      ...apart(
        `a verdict of ${table}`,
        new Set(now.filter(kept).map(spelled)),
        new Set(stored.filter(kept).map(spelled)),
      ),
    )
  }
  return problems
}

interface Judged extends Row {
  account_id: string
  resource_key: string
  verdicts: string
}

/** What follows from what was read well stands; else what follows from what is kept may, where it is stored, or unknown. */
function asMayStand(
  all: readonly Judged[],
  confirmed: readonly Judged[],
  stored: readonly Judged[],
): Judged[] {
  const keyOf = ({ account_id, resource_key }: Judged) => `${account_id} ${resource_key}`
  const byKey = (rows: readonly Judged[]) => new Map(rows.map((row) => [keyOf(row), row.verdicts]))
  const [read, before] = [byKey(confirmed), byKey(stored)]
  return all.map((row) => {
    const characters = [...row.verdicts].map((known, at) => {
      const one = read.get(keyOf(row))?.[at] ?? ''
      // Facts are held to it by themselves: what is stored of the exposure follows from them.
      if (at === 0 || one !== 'u') return at === 0 ? known : one
      return before.get(keyOf(row))?.[at] === known ? known : 'u'
    })
    return { ...row, verdicts: characters.join('') }
  })
}

const verdictOf: Record<string, string> = { p: 'pass', f: 'fail', u: 'unknown' }

/** Each finding stands in a verdict string, and each verdict in a finding. */
async function findingProblems({ db, judge }: Stance): Promise<string[]> {
  const wanted = new Set<string>()
  const strings = await db.query<{
    account_id: string
    table_name: string
    resource_key: string
    verdicts: string
  }>('select account_id, table_name, resource_key, verdicts from stance.verdict')
  for (const { account_id, table_name, resource_key, verdicts } of strings)
    for (const { slot, rule_id } of judge.slots.get(table_name) ?? []) {
      const verdict = verdictOf[verdicts[slot] ?? '']
      if (verdict !== undefined) wanted.add([account_id, rule_id, resource_key, verdict].join(' '))
    }
  const found = await db.query('select account_id, rule_id, resource_key, verdict from stance.finding')
  return apart('a finding', wanted, new Set(found.map(spelled)))
}

/**
 * What is gone took along what was said of it, at once. What is said of an unread cell stands on a row of its scope
 * (region, account, organization), and goes when the cell is judged after that.
 */
async function goneProblems({ db, set, judge }: Stance): Promise<string[]> {
  const providers = new Set([...set.catalogue.values()].map(({ provider }) => provider))
  const scopes = [...providers].flatMap((provider) => {
    const { account, region, organization } = judge.scopeTables(provider)
    return [account, region, organization]
  })
  const waiting = await db.query('select distinct account_id, table_name from stance.pending_judgement')
  const isWaiting = new Set(waiting.map(spelled))
  const problems: string[] = []
  for (const said of ['verdict', 'finding']) {
    const rows = await db.query(
      `select s.account_id, s.table_name, s.resource_key, count(t.table_name) as of_scope from stance.${said} s
       left join stance.resource o on o.account_id = s.account_id and o.resource_key = s.resource_key
         and o.table_name = s.table_name
       left join (select r.account_id, r.resource_key from stance.resource r
         where r.table_name = any($1::text[])) p on p.account_id = s.account_id and p.resource_key = s.resource_key
       left join (select d.account_id, d.resource_key, d.table_name from stance.tombstone d
         where d.table_name = any($1::text[])) t on t.account_id = s.account_id and t.resource_key = s.resource_key
       where o.resource_key is null and p.resource_key is null
       group by s.account_id, s.table_name, s.resource_key`,
      [scopes],
    )
    const left = rows.filter(
      ({ account_id, table_name, of_scope }) =>
        of_scope === 0 || !isWaiting.has(spelled({ account_id: account_id!, table_name: table_name! })),
    )
    problems.push(
      ...told(
        `a ${said} of a resource that is not there`,
        left.map(({ of_scope, ...row }) => row),
      ),
    )
  }
  return problems
}
