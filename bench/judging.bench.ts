import { randomUUID } from 'node:crypto'
import { liveWorld } from '../src/core/world.ts'
import type { Database } from '../src/db/database.ts'
import { checkCondition } from '../src/evaluate/language/check-condition.ts'
import { compileFactPass } from '../src/evaluate/language/compile-fact-pass.ts'
import { compileTablePass, type PassRule } from '../src/evaluate/language/compile-table-pass.ts'
import { recordVerdicts } from '../src/findings/record-verdicts.ts'
import { type BenchEngine, benchDatabase, settle } from './engines.ts'
import { accounts, catalogue, conditions, fillThings, thing } from './judged-things.ts'
import { about, atMost, best, figure, ratio, seconds } from './measure.ts'

const now = new Date('2026-01-01T00:00:00Z')

/** 1,000,000 resources × 20 rules: 14 over columns, 6 over a child table three times as large. */
export async function judging(engine: BenchEngine, scale: number): Promise<void> {
  const resources = Math.max(accounts, Math.round(1_000_000 * scale))
  const size = `${resources.toLocaleString('en')} resources in ${accounts} accounts, ${(resources * 3).toLocaleString('en')} child rows`
  about(`judging, ${engine}: ${size}, 20 rules (14 over columns, 6 over the child table)`)
  const { db, close } = await benchDatabase(engine, 'grown')
  try {
    await fillThings(db, resources)
    await settle(db)
    await measure(db)
  } finally {
    await close()
  }
}

function rules(): PassRule[] {
  return conditions.map((text, at) => ({
    slot: at + 1,
    id: `bench-${at}`,
    pass: checkCondition(text, { table: thing.name, catalogue }),
  }))
}

async function measure(db: Database): Promise<void> {
  const shared = { table: thing.name, catalogue, world: liveWorld, engine: db.engine, now }
  const counting = await best(3, () => db.query(countingSql(db)))
  const pass = compileTablePass({ ...shared, rules: rules() })
  const judge = () =>
    db.transaction((tx) =>
      recordVerdicts(tx, {
        batch: randomUUID(),
        tables: [
          {
            table: thing.name,
            judged: pass,
            existing: 'select t.account_id, t.resource_key from lake.bench_thing t',
            scope: {},
          },
        ],
        now,
      }),
    )
  const first = await bestFirst(db, judge)
  await settle(db)
  const unchanged = await best(3, judge)
  ratio('first judgement, no findings written', first, 'counting the verdicts', counting, 3)
  atMost('judged again, unchanged', unchanged, 's', counting + 2, 'counting + 2 s')
  await compareWithHand(db, first)
  const account = { accountIds: ['a0017'] }
  const own = compileTablePass({ ...shared, rules: rules(), restriction: account })
  const one = await best(9, () => db.query(`select max(verdicts) as m, count(*) as n from (${own}) j`))
  atMost('one account of it, judged', one * 1000, 'ms', 100)
}

/** As the yardstick is, the best of three: each begins with no verdict known. */
async function bestFirst(db: Database, judge: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < 3; round++) {
    await db.transaction((tx) => tx.run('delete from stance.verdict'))
    await settle(db)
    times.push(await seconds(judge))
  }
  return Math.min(...times)
}

/** The yardstick of the pass: the same conditions over the same grouped joins, failures counted rule by rule. */
function countingSql(db: Database): string {
  const facts = rules().map(({ pass }, at) => ({ column: `v_${at}`, when: pass }))
  const rows = compileFactPass({
    table: thing.name,
    facts,
    catalogue,
    world: liveWorld,
    engine: db.engine,
    now,
  })
  const counts = facts.map(({ column }) => `count(*) filter (where not ${column}) as ${column}`)
  return `select ${counts.join(', ')} from (${rows}) j`
}

/**
 * What an author would write without a compiler: for each rule a statement of its own that gives every resource its
 * verdict, `insert into … select account, key, rule, case when <condition> then 'pass' else 'fail' end`, the condition
 * as in the rule: two-valued (what was not read fails), EXISTS correlated by account and key, which PostgreSQL is free
 * to hash. The lake's tables have their keys; the verdicts' table has one too, as Stance's own has on PostgreSQL
 * (none on DuckDB); without it, which makes a table to count from and not to look up or compare with, is told beside.
 */
async function compareWithHand(db: Database, first: number): Promise<void> {
  const most = db.engine === 'duckdb' ? 0.5 : 0.2
  const keyed = db.engine !== 'duckdb'
  const bare = await byHand(db, '')
  if (!keyed) return ratio('first judgement', first, 'one query a rule, EXISTS, stored', bare, most)
  const stored = await byHand(db, ', primary key (account_id, resource_key, rule_id)')
  ratio('first judgement', first, 'one query a rule, EXISTS, stored by key', stored, most)
  figure('the same into a table without a key', `${bare.toFixed(2)} s; ratio ${(first / bare).toFixed(2)}`)
}

async function byHand(db: Database, key: string): Promise<number> {
  const columns = 'account_id text, resource_key text, rule_id text, verdict text'
  await db.transaction(async (tx) => {
    await tx.run('drop table if exists stance.by_hand')
    await tx.run(`create table stance.by_hand (${columns}${key})`)
  })
  return seconds(async () => {
    for (const [at, text] of conditions.entries()) {
      const sql = text.replaceAll(
        'from bench_thing_part p where',
        'from lake.bench_thing_part p where p.account_id = bench_thing.account_id and',
      )
      await db.transaction((tx) =>
        tx.run(
          `insert into stance.by_hand (account_id, resource_key, rule_id, verdict)
           select bench_thing.account_id, bench_thing.resource_key, 'bench-${at}', case when ${sql} then 'pass' else 'fail' end
           from lake.bench_thing bench_thing`,
        ),
      )
    }
  })
}
