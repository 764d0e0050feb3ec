import { beforeAll, expect, test } from 'vitest'
import { eachEngine } from '../../../test/setup/test-database.ts'
import { type Catalogue, type LakeType, sqlColumns, type TableShape } from '../../core/table-shape.ts'
import { schemaWorld } from '../../core/world.ts'
import type { Database } from '../../db/database.ts'
import { checkCondition } from './check-condition.ts'
import { compileTablePass } from './compile-table-pass.ts'
import { conditionFunctions } from './functions.ts'
import { referenceJudge, type WorldRow } from './reference-judge.ts'

/** Every construct and function × edge values: each engine gives what the definition in TypeScript gives. */
const texts = [
  ...[
    '',
    'a',
    'A',
    'ab',
    'AB',
    'Ä',
    'ä',
    'ß',
    'ẞ',
    'İ',
    'ı',
    'ſ',
    'é',
    'e\u0301',
    '😀',
    '😀a',
    '👨‍👩‍👧',
    'Ω',
    'Å',
    'Å',
  ],
  ...[
    '%',
    '_',
    'a%',
    'a_b',
    'a\\b',
    '\\',
    "it's",
    '\n',
    'a\nb',
    ' ',
    '  ',
    'z',
    'Z',
    '~',
    '\uffff',
    '\t',
    'x-y-z',
    '--',
    '/*',
  ],
]
const bigints = [
  0,
  1,
  -1,
  2,
  3,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
]
const doubles = [
  0,
  -0,
  1,
  -1,
  0.1 + 0.2,
  0.3,
  1e308,
  -1e308,
  5e-324,
  2 ** 53,
  2 ** 53 + 2,
  8.112963841460666e31,
  1.5,
]
const moments = [
  '0001-01-01T00:00:00Z',
  '9999-12-31T00:00:00Z',
  '1969-12-31T23:59:59.999Z',
  '2026-06-01T00:00:00Z',
  '2026-05-31T23:59:59.999Z',
]

const shape = (name: string, columns: Record<string, LakeType>): TableShape => ({
  name,
  title: name,
  provider: 'test',
  unique: [],
  parts: 'global',
  groups: ['list'],
  columns: Object.entries(columns).map(([column, type]) => ({
    name: column,
    type,
    group: 'list',
    title: column,
  })),
})
const tables: [TableShape, WorldRow[]][] = [
  [
    shape('words', { t: 'text', u: 'text' }),
    texts.flatMap((t) => texts.filter((_, at) => at % 3 === 1).map((u) => ({ t, u }))),
  ],
  [
    shape('counts', { b: 'bigint', c: 'bigint', f: 'boolean' }),
    bigints.flatMap((b) => bigints.map((c) => ({ b, c, f: b > c }))),
  ],
  [
    shape('shares', { d: 'double', b: 'bigint', e: 'double' }),
    doubles.flatMap((d, at) => bigints.map((b) => ({ d, b, e: doubles[(at + 5) % doubles.length]! }))),
  ],
  [
    shape('times', { s: 'timestamptz', v: 'timestamptz' }),
    moments.flatMap((s) => moments.map((v) => ({ s: new Date(s), v: new Date(v) }))),
  ],
]
const catalogue: Catalogue = new Map(tables.map(([table]) => [table.name, table]))
const rowsOf = (rows: WorldRow[]) =>
  rows.map((row, at) => ({
    account_id: 'a',
    region: 'global',
    resource_key: String(at),
    owner_account_id: 'a',
    _part: 'global',
    _listed: true,
    ...row,
  }))
const world = {
  tables: Object.fromEntries(tables.map(([table, rows]) => [table.name, rowsOf(rows)])),
  cells: tables.map(([table]) => ({
    account_id: 'a',
    table_name: table.name,
    part: 'global',
    in_force: true,
  })),
}
const now = new Date('2026-06-01T00:00:00.000Z')

const comparisons = ['=', '<>', '<', '<=', '>', '>=']
const patterns = [
  '',
  '%',
  '_',
  'a%',
  '%b',
  '_\n_',
  '%a%',
  '%%',
  '__',
  'A%',
  'a_b',
  '%😀%',
  "it's",
  '%-%',
  '[a]',
  'a.',
  '^a',
]
const conditions: Record<string, string[]> = {
  words: [
    ...comparisons.flatMap((op) => [`t ${op} u`, `t ${op} 'a'`, `t ${op} ''`, `t ${op} 'é'`]),
    ...patterns.flatMap((pattern) => [
      `t like '${pattern.replaceAll("'", "''")}'`,
      `u not like '${pattern.replaceAll("'", "''")}'`,
    ]),
    ...[
      'lower(t) = u',
      'upper(t) = u',
      'lower(t) = lower(u)',
      'upper(lower(t)) = upper(t)',
      'length(lower(t)) = length(t)',
    ],
    ...['length(t) = 0', 'length(t) = 1', 'length(t) < length(u)', 'length(t) * 2 > length(u) + 1'],
    ...[
      'starts_with(t, u)',
      "starts_with(t, '')",
      "starts_with('', t)",
      'ends_with(t, u)',
      "ends_with(t, '')",
      "ends_with('', t)",
    ],
    ...[
      "split_part(t, '-', 1) = u",
      "split_part(t, '-', 3) = 'z'",
      "split_part(t, '-', 9) = ''",
      "split_part(t, 'a', 2) = u",
      "split_part(t, '😀', 2) = u",
      "split_part(t, '--', 2) = ''",
    ],
    ...[
      "replace(t, 'a', 'b') = u",
      "replace(t, 'a', '') = ''",
      "replace(t, '\\', '/') = u",
      "replace(t, '.', 'x') = t",
      "replace(t, '$', '$&') = t",
    ],
    ...["t in ('a', 'Ä', '')", "t not in ('a', u)", "t between 'A' and 'a'", 't not between u and t'],
    ...[
      "case when t < u then lower(t) else u end = 'a'",
      "case when t = 'a' then 1 when u = 'a' then 2 else 3 end > length(u)",
    ],
    ...[
      "coalesce((select max(w.t) from words w where w.u = words.u and w.t < 'Ä'), '') = 'z'",
      "coalesce((select min(w.t) from words w where w.u = words.u and w.t > 'Z'), t) = t",
    ],
    ...[
      "t in (select w.u from words w where w.t = '😀')",
      'exists (select 1 from words w where w.t = lower(words.u) and w.u = words.t)',
    ],
  ],
  counts: [
    ...comparisons.flatMap((op) => [
      `b ${op} c`,
      `b ${op} 9223372036854775807`,
      `b ${op} -9223372036854775808`,
      `b + c ${op} b * c`,
    ]),
    ...[
      'b * c > 0',
      'b * c - 4611686018427387904 * c < b',
      'b * b = c * c',
      '0 - b = c',
      'abs(b) = abs(c)',
      'abs(0 - 9223372036854775807 - 1) > b',
    ],
    ...[
      'b + c = c + b',
      'b - c - b = 0 - c',
      'b * 2 > 9223372036854775807',
      'f',
      'not f',
      'f = true',
      'f <> false',
      'f = (b > c)',
    ],
    ...[
      'b in (0, -1, 9007199254740991)',
      'b between c and 3',
      'b not in (c, 1)',
      'case when f then b else c end >= c',
      'b > 0.5',
      'b = 2.0',
      'b in (1.0, 2)',
      'b * c = 8.112963841460666e31',
      'b * c > 1e19',
    ],
    ...[
      '(select count(*) from counts o where o.b = counts.c) = 10',
      '(select count(*) from counts o where o.b > 5 and o.c = counts.b) * 9223372036854775807 > b',
    ],
    ...[
      'coalesce((select sum(o.b) from counts o where o.c = counts.b), 0) = 1',
      'coalesce((select sum(o.b * 1024 * 1024) from counts o where o.c = counts.b), 0) > 9223372036854775807',
      'coalesce((select max(o.b * o.c) from counts o where o.c = counts.c), 0) > 9223372036854775807',
      'coalesce((select min(o.b) from counts o where o.c = counts.b and o.b > 3), -1) > c',
      'coalesce((select max(case when o.f then 1.5 else 0.5 end) from counts o where o.c = counts.b), 2) > 1',
    ],
    ...[
      'exists (select 1 from counts o where o.b = counts.b * 2)',
      'exists (select 1 from counts o where o.b + o.c = counts.b and o.f = counts.f)',
    ],
  ],
  shares: comparisons
    .flatMap((op) => [
      `d ${op} e`,
      `d ${op} b`,
      `b ${op} d`,
      `d ${op} 0.30000000000000004`,
      `d ${op} 1`,
      `d ${op} -0.0`,
      `d ${op} 1e308`,
      `b * b ${op} d`,
      `d ${op} 9007199254740993`,
    ])
    .concat([
      'd in (0, 0.3, 5e-324)',
      'd between -0.5 and e',
      'coalesce((select max(o.d) from shares o where o.b = shares.b), 0) = d',
      'coalesce((select min(o.d) from shares o where o.b = shares.b and o.d > 0), -1) = d',
    ]),
  times: [
    ...comparisons.flatMap((op) => [
      `s ${op} v`,
      `s ${op} now()`,
      `s ${op} now() - interval '1 minute'`,
      `s ${op} timestamptz '0001-01-01 00:00:00+00'`,
      `s ${op} timestamptz '9999-12-31 01:00:00+01:00'`,
    ]),
    ...[
      "s < now() - 20000 * interval '1 day'",
      "s between now() - interval '1 day 12 hours' and now()",
      "coalesce((select max(o.s) from times o where o.v = times.v and o.s < now()), timestamptz '0001-01-01 00:00:00+00') = s",
      "s in (timestamptz '1969-12-31T23:59:59.999Z', now())",
    ],
  ],
}

eachEngine('conformance', (database) => {
  let db: Database
  beforeAll(async () => {
    db = database().db
    await db.transaction(async (tx) => {
      await tx.run('create schema edge')
      await tx.run(`create table edge.cell (account_id text, table_name text, part text, state text, in_force boolean,
         ok_at timestamptz)`)
      for (const [table] of tables) {
        await tx.run(`insert into edge.cell values ('a', '${table.name}', 'global', 'ok', true, null)`)
        const columns = sqlColumns(table).map(
          ({ name, type }) => `${name} ${type === 'double' ? 'double precision' : type}`,
        )
        await tx.run(`create table edge.${table.name} (${columns.join(', ')})`)
      }
    })
    await db.transaction(async (tx) => {
      for (const [table] of tables) {
        const columns = sqlColumns(table)
        const rows = world.tables[table.name]!.map((row) =>
          columns.map(({ name }) => (row as WorldRow)[name] ?? null),
        )
        await tx.load({ table: `edge.${table.name}`, columns }, rows)
      }
    })
  })

  test.each(Object.keys(conditions))('%s', async (table) => {
    const rules = conditions[table]!.map((text, at) => ({
      slot: at + 1,
      id: text,
      pass: checkCondition(text, { table, catalogue }),
    }))
    const wanted = new Map(
      referenceJudge(catalogue, world, now, rules).map(({ row, verdicts }) => [row.resource_key, verdicts]),
    )
    const sql = compileTablePass({
      table,
      rules,
      catalogue,
      world: schemaWorld('edge'),
      engine: db.engine,
      now,
    })
    const problems: string[] = []
    const found = await db.query<{ resource_key: string; verdicts: string }>(sql)
    for (const row of found) {
      const expected = wanted.get(row.resource_key)!
      for (let at = 0; at < expected.length; at++) {
        const got = row.verdicts[at + 1]
        if (got === expected[at]) continue
        const values = JSON.stringify(
          tables.find(([one]) => one.name === table)![1][Number(row.resource_key)],
        )
        problems.push(`${rules[at]!.id} for ${values}: ${String(got)} instead of ${expected[at]!}`)
      }
    }
    expect(problems.slice(0, 20)).toEqual([])
    expect(found).toHaveLength(wanted.size)
    // A construct that always says the same would hide a difference; few may.
    const constant = rules.filter(
      (_, at) => new Set([...wanted.values()].map((verdicts) => verdicts[at])).size === 1,
    )
    expect(constant.length).toBeLessThan(rules.length / 2)
  })
})

test('every function is in it', () => {
  const all = Object.values(conditions).flat().join('\n')
  expect(Object.keys(conditionFunctions).filter((name) => !all.includes(`${name}(`))).toEqual([])
})
