import { randomUUID } from 'node:crypto'
import type { TableShape } from '../src/core/table-shape.ts'
import { sqlColumns } from '../src/core/table-shape.ts'
import { liveWorld } from '../src/core/world.ts'
import type { Database } from '../src/db/database.ts'
import { ensureTables } from '../src/db/ensure-tables.ts'
import { checkCondition } from '../src/evaluate/language/check-condition.ts'
import { compileTablePass, type PassRule } from '../src/evaluate/language/compile-table-pass.ts'
import { recordVerdicts } from '../src/findings/record-verdicts.ts'
import { benchDatabase } from './engines.ts'
import { best, figure, ratio, say, seconds } from './measure.ts'

const accounts = 200
const now = new Date('2026-01-01T00:00:00Z')

const column = (name: string, type: 'text' | 'boolean' | 'bigint', group = 'list') => ({
  name,
  type,
  group,
  title: '',
})
const thing: TableShape = {
  name: 'bench_thing',
  title: '',
  provider: 'bench',
  parts: 'region',
  groups: ['list', 'settings'],
  columns: [
    column('thing_id', 'text'),
    ...Array.from({ length: 7 }, (_, n) => column(`flag_${n}`, 'boolean', 'settings')),
    ...Array.from({ length: 4 }, (_, n) => column(`count_${n}`, 'bigint', 'settings')),
    column('kind', 'text'),
  ],
}
const part: TableShape = {
  name: 'bench_thing_part',
  title: '',
  provider: 'bench',
  parts: 'region',
  groups: ['list'],
  columns: [column('port', 'bigint'), column('is_open', 'boolean'), column('protocol', 'text')],
  parent: 'bench_thing',
}
const catalogue = new Map([
  [thing.name, thing],
  [part.name, part],
])

const overColumns = [
  ...Array.from({ length: 7 }, (_, n) => `flag_${n}`),
  ...Array.from({ length: 4 }, (_, n) => `count_${n} < 90`),
  `kind in ('a', 'b', 'c')`,
  `flag_0 or count_1 > 10`,
  `not (flag_2 and count_3 > 50)`,
]
const overChildren = [22, 80, 443, 3389, 5432, 8080].map(
  (port) => `not exists (select 1 from bench_thing_part p where p.resource_key = bench_thing.resource_key
    and p.is_open and p.port = ${port})`,
)

/** 1,000,000 resources × 20 rules: 14 over columns, 6 over a child table three times as large. */
export async function judging(resources: number, engines: readonly ('duckdb' | 'postgres')[]): Promise<void> {
  say(
    `judging: ${resources.toLocaleString('en')} resources in ${accounts} accounts × 20 rules (14 column, 6 child; ${(resources * 3).toLocaleString('en')} child rows)`,
  )
  for (const name of engines) {
    const { db, close } = await benchDatabase(name)
    try {
      say(` ${name}`)
      await fill(db, resources)
      await measure(db)
    } finally {
      await close()
    }
  }
}

async function fill(db: Database, resources: number): Promise<void> {
  await ensureTables(db, [
    {
      schema: 'lake',
      name: thing.name,
      columns: sqlColumns(thing),
      key: ['account_id', 'resource_key'],
      placement: 'distributed',
    },
    {
      schema: 'lake',
      name: part.name,
      columns: sqlColumns(part),
      key: ['account_id', 'resource_key', '_nr'],
      placement: 'distributed',
    },
  ])
  // Keys, not chance: a multiplier that shares no factor with the modulus spreads the values evenly.
  const flags = Array.from({ length: 7 }, (_, n) => `(n * ${7 + n * 2}) % 10 > 0 as flag_${n}`)
  const counts = Array.from(
    { length: 4 },
    (_, n) => `cast((n * ${13 + n * 4}) % 100 as bigint) as count_${n}`,
  )
  const series =
    db.engine === 'duckdb' ? 'range(0, $1) s(n)' : 'generate_series(0::bigint, $1::bigint - 1) s(n)'
  const names = (shape: TableShape) =>
    sqlColumns(shape)
      .map((one) => one.name)
      .join(', ')
  await db.transaction(async (tx) => {
    await tx.run(
      `insert into lake.bench_thing (${names(thing)})
       select 'a' || lpad(cast(n % ${accounts} as text), 4, '0'), 'eu-west-1', 'thing/' || cast(n as text),
         'a' || lpad(cast(n % ${accounts} as text), 4, '0'), 'eu-west-1', true, true, 'id-' || cast(n as text),
         ${[...flags, ...counts].join(', ')}, substr('abcd', cast(n % 4 as integer) + 1, 1)
       from ${series}`,
      [resources],
    )
    await tx.run(
      `insert into lake.bench_thing_part (${names(part)})
       select 'a' || lpad(cast((n / 3) % ${accounts} as text), 4, '0'), 'eu-west-1', 'thing/' || cast((n / 3) as text), n % 3 + 1,
         (case (n * 11) % 7 when 0 then 22 when 1 then 80 when 2 then 443 when 3 then 3389 when 4 then 5432 when 5 then 8080 else 25 end),
         (n * 17) % 10 < 3, 'tcp'
       from ${series}`.replaceAll('n / 3', db.engine === 'duckdb' ? 'n // 3' : 'n / 3'),
      [resources * 3],
    )
    await tx.run(
      `insert into stance.cell (account_id, table_name, part, state, in_force, since, rows, calls, throttles, duration_ms, code, message, action, denied_by, next)
       select account_id, 'bench_thing', 'eu-west-1', 'ok', true, timestamptz '2026-01-01 00:00:00+00', count(*), 1, 0, 1, '', '', '', '', ''
       from lake.bench_thing group by account_id`,
    )
  })
  if (db.engine === 'postgres') await analyse(db)
}

async function analyse(db: Database): Promise<void> {
  await db.transaction((tx) => tx.run('analyze'))
}

function rules(): PassRule[] {
  return [...overColumns, ...overChildren].map((text, at) => ({
    slot: at + 1,
    id: `bench-${at}`,
    pass: checkCondition(text, { table: thing.name, catalogue }),
  }))
}

async function measure(db: Database): Promise<void> {
  const shared = { table: thing.name, rules: rules(), catalogue, world: liveWorld, engine: db.engine, now }
  const pass = compileTablePass(shared)
  const counted = compileTablePass({ ...shared, columns: true })
  const counts = shared.rules.map(({ slot }) => `count(*) filter (where v_${slot} = 'f') as f_${slot}`)
  const yardstick = await best(2, () => db.query(`select ${counts.join(', ')} from (${counted}) j`))
  const judge = () =>
    db.transaction((tx) =>
      recordVerdicts(tx, {
        batch: randomUUID(),
        table: thing.name,
        judged: pass,
        existing: 'select t.account_id, t.resource_key from lake.bench_thing t',
        scope: {},
        now,
      }),
    )
  const first = await seconds(judge)
  if (db.engine === 'postgres') await analyse(db)
  const unchanged = await best(2, judge)
  ratio('first judgement, no findings written', first, 'counting the verdicts', yardstick, '≤ 3')
  figure('unchanged', `${unchanged.toFixed(2)} s`, `≤ ${(yardstick + 2).toFixed(2)} s: counting + 2 s`)
  const written = await byHand(db)
  ratio(
    'first judgement',
    first,
    'one query a rule, EXISTS, storing key and verdict',
    written,
    db.engine === 'duckdb' ? '≤ 0.50' : '≤ 0.20',
  )
  const account = { accountIds: ['a0017'] }
  const own = compileTablePass({ ...shared, restriction: account })
  const one = await best(5, () => db.query(`select max(verdicts) as m, count(*) as n from (${own}) j`))
  figure('one account of it', `${(one * 1000).toFixed(0)} ms`, '≤ 100 ms')
}

/** As an author would write it: each rule a query of its own. */
async function byHand(db: Database): Promise<number> {
  await db.transaction(async (tx) => {
    await tx.run(
      'create table stance.by_hand (account_id text, resource_key text, rule_id text, verdict text)',
    )
  })
  return seconds(async () => {
    for (const [at, text] of [...overColumns, ...overChildren].entries()) {
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
