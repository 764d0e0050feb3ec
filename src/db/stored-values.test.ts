import { expect, it } from 'vitest'
import { eachEngine } from '../../test/setup/test-database.ts'
import { StanceError } from '../core/errors.ts'
import type { ColumnType, LoadTarget, Value } from './database.ts'

const columns: { name: string; type: ColumnType }[] = [
  { name: 'account_id', type: 'text' },
  { name: 'words', type: 'text' },
  { name: 'flag', type: 'boolean' },
  { name: 'size', type: 'bigint' },
  { name: 'share', type: 'double' },
  { name: 'used_at', type: 'timestamptz' },
  { name: 'document', type: 'json' },
]
const target: LoadTarget = { table: 'stance.edge', columns }
const ddl = `create table stance.edge (account_id text, words text, flag boolean, size bigint,
  share double precision, used_at timestamptz, document json)`

const never = new Date('0001-01-01T00:00:00.000Z')
const always = new Date('9999-12-31T23:59:59.999Z')
/** What has broken stores before: quotes, escapes, line ends, COPY's own marks, other scripts, great length. */
const edges: Value[][] = [
  ['1', '', true, 0, 0, never, '{}'],
  [
    '2',
    'it\'s "quoted" `so` $1 $$ ? :name',
    false,
    Number.MAX_SAFE_INTEGER,
    0.1,
    always,
    '{"b":1,"a":[1, 2]}',
  ],
  [
    '3',
    'line\nfeed\r\nreturn\ttab\\n back\\slash \\. \\N',
    null,
    Number.MIN_SAFE_INTEGER,
    -1.5e300,
    null,
    'null',
  ],
  ['4', 'Zoë 日本語 🎉 \u202e עברית \u0001\u001b[31m', true, -1, 5e-324, new Date(-1), '"text"'],
  ['5', '\\N', false, 1, Number.NaN, new Date('1969-12-31T23:59:59.999Z'), '[]'],
  [
    '6',
    '\\.',
    false,
    1,
    Number.POSITIVE_INFINITY,
    new Date('2026-02-28T12:34:56.789Z'),
    '12345678901234567890',
  ],
  ['7', null, null, null, null, null, null],
  [
    '8',
    'x'.repeat(3_000_000),
    true,
    8,
    Number.NEGATIVE_INFINITY,
    new Date(0),
    `{"a":"${'y'.repeat(2_000_000)}"}`,
  ],
  ['9', 'null', true, 9, 2 ** 60, new Date('1582-10-10T00:00:00.000Z'), '{"\\u0000":"\\u0000"}'],
]

function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error) => (error instanceof StanceError ? error.code : `not ours: ${String(error)}`),
  )
}

eachEngine('stored values', (database) => {
  it('keeps edge values through load and through parameters', async () => {
    const { db } = database()
    await db.transaction((tx) => tx.run(ddl))
    expect(await db.transaction((tx) => tx.load(target, edges))).toBe(edges.length)
    const select = `select ${columns.map((column) => column.name).join(', ')} from stance.edge order by account_id nulls last`
    const loaded = await db.query(select)
    expect(loaded.map((row) => Object.values(row))).toEqual(edges)

    await db.transaction(async (tx) => {
      await tx.run('delete from stance.edge')
      for (const row of edges) {
        const touched = await tx.run('insert into stance.edge values ($1, $2, $3, $4, $5, $6, $7)', row)
        expect(touched).toBe(1)
      }
    })
    const inserted = await db.query(select)
    expect(inserted.map((row) => Object.values(row))).toEqual(edges)
    await db.transaction((tx) => tx.run('drop table stance.edge'))
  })

  it('keeps rows whose text has characters that an engine cannot keep', async () => {
    const { db } = database()
    const hostile = ['a\0b', 'half \ud800 pair', 'half \udc00']
    const kept = ['a\ufffdb', 'half \ufffd pair', 'half \ufffd']
    await db.transaction(async (tx) => {
      await tx.run('create table stance.hostile (words text)')
      await tx.load(
        { table: 'stance.hostile', columns: [{ name: 'words', type: 'text' }] },
        hostile.map((word) => [word]),
      )
      for (const word of hostile) await tx.run('insert into stance.hostile values ($1)', [word])
    })
    const rows = await db.query<{ words: string; n: number }>(
      'select words, count(*) as n from stance.hostile group by words order by words nulls last',
    )
    expect(new Map(rows.map((row) => [row.words, row.n]))).toEqual(new Map(kept.map((word) => [word, 2])))
    const found = await db.query('select 1 as one from stance.hostile where words = $1', ['a\0b'])
    expect(found).toHaveLength(2)
    const listed = await db.query('select 1 as one from stance.hostile where words = any($1::text[])', [
      hostile,
    ])
    expect(listed).toHaveLength(6)
  })

  it('takes every kind of parameter', async () => {
    const { db } = database()
    const [row] = await db.query(
      `select $1::text as words, $2::bigint as big, $3::double precision as number, $4::boolean as flag,
              $5::timestamptz as moment, $6::text as nothing, 'b' = any($7::text[]) as listed,
              'b' = any($8::text[]) as in_empty, coalesce($9::text, 'none') as other, $10::double precision as whole`,
      [
        "'; drop table x; --",
        2n ** 53n - 1n,
        0.5,
        false,
        never,
        null,
        ['a', "b'", 'b', 'c,d', '{e}'],
        [],
        null,
        3,
      ],
    )
    expect(row).toEqual({
      words: "'; drop table x; --",
      big: Number.MAX_SAFE_INTEGER,
      number: 0.5,
      flag: false,
      moment: never,
      nothing: null,
      listed: true,
      in_empty: false,
      other: 'none',
      whole: 3,
    })
    const items = ['', 'null', 'NULL', '"', "'", '\\', '{', '}', ',', ' ', 'é', '\n']
    for (const item of items) {
      expect(await db.query('select 1 as one where $1::text = any($2::text[])', [item, [item]])).toHaveLength(
        1,
      )
      expect(
        await db.query('select 1 as one where $1::text = any($2::text[])', [`${item}x`, [item]]),
      ).toHaveLength(0)
    }
  })

  it('gives counts, sums and what only a person asks for', async () => {
    const { db } = database()
    const [row] = await db.query(
      `select count(*) as n, sum(x) as total, avg(x) as mean, sum(x::numeric(10, 2)) as money,
              cast('2026-02-28' as date) as day, array_agg(x order by x) as list,
              timestamptz '2026-02-28 12:00:00+02' as moment, timestamptz 'infinity' as ever,
              timestamptz '2026-02-28 12:00:00.123999+00' as cut, timestamptz '1960-01-01 00:00:00.000001+00' as old
       from (select cast(g as bigint) as x from generate_series(1, 4) as s(g)) t`,
    )
    expect(row).toEqual({
      n: 4,
      total: 10,
      mean: 2.5,
      money: 10,
      day: '2026-02-28',
      list: '[1,2,3,4]',
      moment: new Date('2026-02-28T10:00:00.000Z'),
      ever: new Date('9999-12-31T00:00:00.000Z'),
      cut: new Date('2026-02-28T12:00:00.123Z'),
      old: new Date('1960-01-01T00:00:00.000Z'),
    })
    expect(await codeOf(db.query('select 9007199254740993::bigint as big'))).toBe('DB_NUMBER')
    expect(
      await codeOf(
        db.query(
          'select sum(x) as big from (select 9007199254740991::bigint as x union all select 9007199254740991::bigint) t',
        ),
      ),
    ).toBe('DB_NUMBER')
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
  })

  it('refuses wrong values instead of bending them', async () => {
    const { db } = database()
    await db.transaction((tx) => tx.run(ddl))
    const wrong: [number, unknown][] = [
      [1, 5],
      [2, 'true'],
      [3, 1.5],
      [3, 2 ** 53],
      [3, '7'],
      [4, '1.5'],
      [5, '2026-01-01'],
      [5, new Date(Number.NaN)],
      [5, new Date('-000001-01-01T00:00:00Z')],
      [6, { a: 1 }],
      [6, undefined],
    ]
    for (const [place, value] of wrong) {
      const row = [...edges[0]!]
      row[place] = value as Value
      const code = await codeOf(db.transaction((tx) => tx.load(target, [edges[1]!, row])))
      expect([place, value, code]).toEqual([
        place,
        value,
        value instanceof Date ? 'DB_DATE' : 'DB_LOAD_VALUE',
      ])
    }
    expect(await codeOf(db.transaction((tx) => tx.load(target, [['too', 'short']])))).toBe('DB_LOAD_VALUE')
    expect(await db.query('select count(*) as n from stance.edge')).toEqual([{ n: 0 }])
    await db.transaction((tx) => tx.run('drop table stance.edge'))
  })

  it('loads some columns in another order, the others get their default', async () => {
    const { db } = database()
    await db.transaction(async (tx) => {
      await tx.run(`create table stance.part (account_id text, n bigint default 7, share double precision default 0,
        words text default 'it''s', last text)`)
      const some: LoadTarget = {
        table: 'stance.part',
        columns: [
          { name: 'last', type: 'text' },
          { name: 'account_id', type: 'text' },
        ],
      }
      await tx.load(some, [['z', 'a']])
    })
    expect(await db.query('select * from stance.part')).toEqual([
      { account_id: 'a', n: 7, share: 0, words: "it's", last: 'z' },
    ])
  })

  it('loads into a table as it is now: changed since, and changed back', async () => {
    const { db } = database()
    const target: LoadTarget = { table: 'stance.grown', columns: [{ name: 'n', type: 'bigint' }] }
    const load = (n: number) => db.transaction((tx) => tx.load(target, [[n]]))
    const rows = () => db.query('select * from stance.grown order by n nulls last')
    await db.transaction((tx) => tx.run('create table stance.grown (n bigint)'))
    await load(1)
    await db.transaction((tx) => tx.run(`alter table stance.grown add column word text default 'new'`))
    await load(2)
    const undone = db.transaction(async (tx) => {
      await tx.run(`alter table stance.grown add column more text`)
      await tx.load(target, [[3]])
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    await load(4)
    expect(await rows()).toEqual([
      { n: 1, word: 'new' },
      { n: 2, word: 'new' },
      { n: 4, word: 'new' },
    ])
    await db.transaction(async (tx) => {
      await tx.run('drop table stance.grown')
      await tx.run(`create table stance.grown (word text default 'first', n bigint)`)
    })
    await load(5)
    expect(await rows()).toEqual([{ word: 'first', n: 5 }])
  })
})
