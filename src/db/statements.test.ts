import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { eachEngine } from '../../test/setup/test-database.ts'
import { StanceError } from '../core/errors.ts'
import type { LoadTarget, Value } from './database.ts'

function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error) => (error instanceof StanceError ? error.code : `not ours: ${String(error)}`),
  )
}

eachEngine('statements and transactions', (database, engine) => {
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
