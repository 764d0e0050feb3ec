import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { eachEngine } from '../../../test/setup/test-database.ts'
import { readViews } from './read-views.ts'
import { runPersonsSql } from './run-persons-sql.ts'
import { accounts, ask, bucketCount, makeEstate, relationsOf } from './sandbox.fixture.ts'

eachEngine('running a person’s SQL', (database) => {
  let made: Promise<void> | undefined
  const estate = async () => {
    made ??= makeEstate(database())
    await made
    const { db } = database()
    return { db, relations: await relationsOf(db) }
  }
  const everything =
    'select a.resource_key, b.resource_key from aws_s3_bucket a, aws_s3_bucket b order by 1, 2'

  it('names and types the columns before anything runs, also twice the same', async () => {
    const { db, relations } = await estate()
    const {
      columns,
      relations: used,
      sql,
    } = runPersonsSql(
      db,
      `select b.region, b.region, count(*), avg(b.size_gb) as mean, max(b.created_at) as "Last one", bool_or(b.is_public),
         cast(max(b.created_at) as date) as day, null as nothing
       from aws_s3_bucket b join framework f on true group by 1`,
      { relations },
    )
    expect(columns.map(({ name, type }) => `${name}: ${type}`)).toEqual([
      'region: text',
      'region: text',
      'count: bigint',
      'mean: double',
      'Last one: timestamptz',
      'bool_or: boolean',
      'day: date',
      'nothing: text',
    ])
    expect(used).toEqual(['public.aws_s3_bucket', 'public.framework'])
    expect(sql).not.toContain('Last one')
    const { rows } = await ask(
      db,
      'select region, region, 1, 1 from aws_s3_bucket order by resource_key limit 1',
      { relations },
    )
    expect(rows).toEqual([['eu-west-1', 'eu-west-1', 1, 1]])
  })

  it('gives no more rows and bytes than asked for, and says so', async () => {
    const { db, relations } = await estate()
    const few = await ask(db, everything, { relations, maxRows: 7 })
    expect([few.rows.length, few.truncated]).toEqual([7, 'rows'])
    const exactly = await ask(db, `${everything} limit 7`, { relations, maxRows: 7 })
    expect([exactly.rows.length, exactly.truncated]).toEqual([7, undefined])
    const all = await ask(db, everything, { relations, maxRows: 100_000 })
    expect([all.rows.length, all.truncated]).toEqual([bucketCount ** 2, undefined])
    const light = await ask(db, everything, { relations, maxBytes: 10_000 })
    expect(light.truncated).toBe('bytes')
    expect(light.rows.length).toBeGreaterThan(100)
    expect(light.rows.length).toBeLessThan(200)
    expect(few.rows).toEqual(all.rows.slice(0, 7))
  })

  it('means the functions of the engine, whatever else somebody put into the database', async () => {
    const { db, relations } = await estate()
    if (db.engine === 'duckdb') return
    await db.transaction(async (tx) => {
      await tx.run('create schema evil')
      await tx.run(`create function evil.lower(text) returns text language sql as 'select ''evil''::text'`)
      await tx.run(
        `do $$ begin execute format('alter database %I set search_path = evil, pg_catalog', current_database()); end $$`,
      )
    })
    const other = await database().open()
    expect(await other.query(`select lower('A') as said`)).toEqual([{ said: 'evil' }])
    const { rows } = await ask(other, `select lower('A') as said, 'a\\' as text`, { relations })
    expect(rows).toEqual([['a', 'a\\']])
    await db.transaction(async (tx) => {
      await tx.run(`do $$ begin execute format('alter database %I reset all', current_database()); end $$`)
      await tx.run('drop schema evil cascade')
    })
  })

  it('refuses rows that are too long, without reading them', async () => {
    const { db, relations } = await estate()
    const long = `select ${Array.from({ length: 10 }, (_, at) => `lpad(bucket_name, 1000) as c${at}`).join(', ')} from aws_s3_bucket`
    await expect(ask(db, long, { relations, maxRowLength: 9_999 })).rejects.toMatchObject({
      code: 'SQL_ROW_TOO_LONG',
    })
    expect((await ask(db, long, { relations, maxRowLength: 10_000 })).rows.length).toBe(bucketCount)
    await expect(
      ask(db, 'select content, tags from resource', { relations, maxRowLength: 20 }),
    ).rejects.toMatchObject({
      code: 'SQL_ROW_TOO_LONG',
    })
  })

  it('ends when its time is over, and goes on afterwards', async () => {
    const { db, relations } = await estate()
    const tables = Array.from({ length: 6 }, (_, at) => `aws_s3_bucket t${at}`).join(', ')
    const begin = performance.now()
    const slow = ask(db, `select count(*) from ${tables}`, { relations, timeoutMs: 200 })
    await expect(slow).rejects.toMatchObject({ code: 'DB_TIMEOUT' })
    expect(performance.now() - begin).toBeLessThan(5_000)
    expect((await ask(db, 'select count(*) from framework', { relations })).rows).toEqual([[1]])
  })

  it('does not count the time that the reader takes, and ends when the reader leaves', async () => {
    const { db, relations } = await estate()
    const result = runPersonsSql(db, everything, { relations, timeoutMs: 3_000, maxRows: 100_000 })
    let chunks = 0
    for await (const rows of result.rows) {
      expect(rows.length).toBeGreaterThan(0)
      if (chunks === 0) await sleep(3_100)
      if (++chunks === 3) break
    }
    expect(chunks).toBe(3)
    const others = await Promise.all(
      Array.from({ length: 8 }, () => ask(db, 'select count(*) from framework', { relations })),
    )
    expect(others.map(({ rows }) => rows[0]![0])).toEqual(Array(8).fill(1))
  })

  it('reads nothing for who sees no account, and refuses what cannot be limited', async () => {
    const { db } = await estate()
    const relations = await readViews(db, ['aws_s3_bucket', 'framework'])
    const read = (sql: string) => ask(db, sql, { relations, accountLimits: [accounts[0]] })
    await expect(read('select * from framework')).rejects.toMatchObject({ code: 'SQL_ACCOUNT_LIMITS' })
    await expect(read('select 1 where exists (select 1 from framework)')).rejects.toMatchObject({
      code: 'SQL_ACCOUNT_LIMITS',
    })
    expect((await read('select distinct account_id from aws_s3_bucket')).rows).toEqual([[accounts[0]]])
    const sneaky = ["x' or true --", accounts[0].replace('1', "1'"), '']
    const nothing = await ask(db, 'select count(*) from aws_s3_bucket', { relations, accountLimits: sneaky })
    expect(nothing.rows).toEqual([[0]])
    const outer = `select b.account_id from (select '${accounts[1]}' as account_id) x left join aws_s3_bucket b on b.account_id = x.account_id`
    expect((await read(outer)).rows).toEqual([[null]])
  })

  it('offers only what was named, with the types it knows', async () => {
    const { db } = await estate()
    const [thing] = await readViews(db, ['resource', 'no_such_view', 'hidden'])
    expect(thing).toEqual({
      name: 'public.resource',
      columns: [
        { name: 'account_id', type: 'text' },
        { name: 'resource_key', type: 'text' },
        { name: 'table_name', type: 'text' },
        { name: 'content', type: 'json' },
        { name: 'tags', type: 'json' },
      ],
    })
  })
})
