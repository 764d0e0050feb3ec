import { setTimeout as sleep } from 'node:timers/promises'
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

eachEngine('store', (database, engine) => {
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

  it('loads from an async source and streams 200,000 rows in bounded chunks', async () => {
    const { db } = database()
    const many = 200_000
    async function* source(): AsyncGenerator<Value[]> {
      for (let n = 0; n < many; n++) {
        if (n % 50_000 === 0) await sleep(1)
        yield [`a${n % 7}`, n, 'some text that a row has']
      }
    }
    const wide: LoadTarget = {
      table: 'stance.many',
      columns: [
        { name: 'account_id', type: 'text' },
        { name: 'n', type: 'bigint' },
        { name: 'words', type: 'text' },
      ],
    }
    await db.transaction((tx) => tx.run('create table stance.many (account_id text, n bigint, words text)'))
    expect(await db.transaction((tx) => tx.load(wide, source()))).toBe(many)
    let rows = 0
    let sum = 0
    let largest = 0
    for await (const chunk of db.stream<{ n: number }>('select * from stance.many where n >= $1', [0])) {
      rows += chunk.length
      largest = Math.max(largest, chunk.length)
      for (const row of chunk) sum += row.n
    }
    expect([rows, sum]).toEqual([many, (many * (many - 1)) / 2])
    expect(largest).toBeLessThanOrEqual(2_048)

    for await (const chunk of db.stream('select * from stance.many')) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    const inside = await db.transaction(async (tx) => {
      let seen = 0
      for await (const chunk of tx.stream<{ n: number }>('select n from stance.many')) {
        // Another statement in between: DuckDB would end the stream without a word.
        const [row] = await tx.query<{ n: number }>('select count(*) as n from stance.many where n = $1', [
          chunk[0]!.n,
        ])
        seen += chunk.length * row!.n
      }
      return seen
    })
    expect(inside).toBe(many)
    await db.transaction((tx) => tx.run('drop table stance.many'))
  })

  it('passes on the error of a source and keeps nothing', async () => {
    const { db } = database()
    await db.transaction((tx) => tx.run('create table stance.broken (n bigint)'))
    const broken: LoadTarget = { table: 'stance.broken', columns: [{ name: 'n', type: 'bigint' }] }
    async function* source(): AsyncGenerator<Value[]> {
      for (let n = 0; n < 50_000; n++) yield [n]
      throw new Error('the source broke')
    }
    await expect(db.transaction((tx) => tx.load(broken, source()))).rejects.toThrow('the source broke')
    expect(await db.query('select count(*) as n from stance.broken')).toEqual([{ n: 0 }])
    expect(await codeOf(db.transaction((tx) => tx.load({ ...broken, table: 'stance.broken' }, [[1]])))).toBe(
      'no error',
    )
  })

  it('rolls back what threw, and what hid an error', async () => {
    const { db } = database()
    await db.transaction((tx) => tx.run('create table stance.kept (n bigint)'))
    const failed = db.transaction(async (tx) => {
      await tx.run('insert into stance.kept values (1)')
      throw new Error('no')
    })
    await expect(failed).rejects.toThrow('no')
    const hidden = db.transaction(async (tx) => {
      await tx.run('insert into stance.kept values (2)')
      await tx.query('select * from stance.not_there').catch(() => undefined)
      return 'fine?'
    })
    expect(await codeOf(hidden)).toBe('DB_TRANSACTION_FAILED')
    expect(await db.query('select n from stance.kept')).toEqual([])
    expect(await db.transaction((tx) => tx.run('insert into stance.kept values (3), (4)'))).toBe(2)
    expect(await db.transaction((tx) => tx.run('delete from stance.kept where n > $1', [3]))).toBe(1)
    expect(await db.transaction((tx) => tx.query('update stance.kept set n = 5 returning n'))).toEqual([
      { n: 5 },
    ])
  })

  it('says so when a transaction is used wrongly', async () => {
    const { db } = database()
    await db.transaction((tx) => tx.run('create table stance.used (n bigint)'))
    const used: LoadTarget = { table: 'stance.used', columns: [{ name: 'n', type: 'bigint' }] }
    let escaped: unknown
    await db.transaction(async (tx) => {
      escaped = tx
    })
    expect(await codeOf((escaped as typeof db).query('select 1 as one'))).toBe('DB_TRANSACTION_OVER')
    const crossed = db.transaction(async (tx) => {
      async function* source(): AsyncGenerator<Value[]> {
        for await (const chunk of tx.stream<{ n: number }>('select 1 as n')) yield [chunk.length]
      }
      await tx.load(used, source())
    })
    expect(await codeOf(crossed)).toBe('DB_TRANSACTION_BUSY')
    const together = await db.transaction((tx) =>
      Promise.all([1, 2, 3].map((n) => tx.run('insert into stance.used values ($1)', [n]))),
    )
    expect(together).toEqual([1, 1, 1])
    expect(await db.query('select count(*) as n from stance.used')).toEqual([{ n: 3 }])
  })

  it('refuses writes where only reading is meant, and several statements in one', async () => {
    const { db } = database()
    await db.transaction((tx) => tx.run('create table stance.locked (n bigint)'))
    const insert = 'insert into stance.locked values (1)'
    expect(await codeOf(db.query(insert))).toBe('DB_READ_ONLY')
    expect(await codeOf(db.query(`${insert} returning n`))).toBe('DB_READ_ONLY')
    expect(await codeOf(db.transaction((tx) => tx.run(insert), { readOnly: true }))).toBe('DB_READ_ONLY')
    expect(await codeOf(db.transaction((tx) => tx.query(insert), { readOnly: true }))).toBe('DB_READ_ONLY')
    expect(
      await codeOf(db.transaction((tx) => tx.query('drop table stance.locked'), { readOnly: true })),
    ).toBe('DB_READ_ONLY')
    const load = db.transaction(
      (tx) => tx.load({ table: 'stance.locked', columns: [{ name: 'n', type: 'bigint' }] }, [[1]]),
      { readOnly: true },
    )
    expect(await codeOf(load)).toBe('DB_READ_ONLY')
    expect(await db.transaction((tx) => tx.query('select 1 as one'), { readOnly: true })).toEqual([
      { one: 1 },
    ])
    for (const several of [
      `select 1 as one; ${insert}`,
      `commit; ${insert}`,
      `select 1 as one; select 2 as two`,
    ]) {
      await expect(db.query(several)).rejects.toThrow()
      await expect(db.transaction((tx) => tx.query(several), { readOnly: true })).rejects.toThrow()
    }
    expect(await db.query('select count(*) as n from stance.locked')).toEqual([{ n: 0 }])
  })

  it('lets readers read while a writer writes, each its own moment', async () => {
    const { db } = database()
    await db.transaction((tx) => tx.run('create table stance.moment (n bigint)'))
    await db.transaction(async (tx) => {
      await tx.run('insert into stance.moment values (1)')
      expect(await db.query('select count(*) as n from stance.moment')).toEqual([{ n: 0 }])
      expect(await tx.query('select count(*) as n from stance.moment')).toEqual([{ n: 1 }])
    })
    await db.transaction(
      async (tx) => {
        expect(await tx.query('select count(*) as n from stance.moment')).toEqual([{ n: 1 }])
        await db.transaction((writer) => writer.run('insert into stance.moment values (2)'))
        expect(await tx.query('select count(*) as n from stance.moment')).toEqual([{ n: 1 }])
      },
      { readOnly: true },
    )
    expect(await db.query('select count(*) as n from stance.moment')).toEqual([{ n: 2 }])
    const writers = Array.from({ length: 20 }, (_, at) =>
      db.transaction((tx) => tx.run('insert into stance.moment values ($1)', [at])),
    )
    await Promise.all(writers)
    expect(await db.query('select count(*) as n from stance.moment')).toEqual([{ n: 22 }])
  })

  it('ends a statement that runs too long and goes on', async () => {
    const { db } = database()
    const endless =
      'select count(*) as n from generate_series(1, 1000000) a(x) cross join generate_series(1, 1000000) b(y)'
    const limited = db.transaction((tx) => tx.query(endless), { readOnly: true, statementTimeoutMs: 100 })
    expect(await codeOf(limited)).toBe('DB_TIMEOUT')
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
    const quick = await database().open(
      engine === 'duckdb' ? { path: ':memory:', statementTimeoutMs: 100 } : { statementTimeoutMs: 100 },
    )
    expect(await codeOf(quick.query(endless))).toBe('DB_TIMEOUT')
    await quick.close()
    expect(await codeOf(quick.query('select 1 as one'))).toBe('DB_CLOSED')
  })

  it('has the schemas, in UTC', async () => {
    const { db } = database()
    const rows = await db.query<{ name: string }>(
      `select distinct schema_name::text as name from information_schema.schemata where schema_name in ('lake', 'stance', 'public')`,
    )
    expect(rows).toHaveLength(3)
    const [row] = await db.query<{ words: string }>(
      `select cast(timestamptz '2026-01-01 00:00:00+00' as text) as words`,
    )
    expect(row!.words).toBe('2026-01-01 00:00:00+00')
  })
})
