import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { freshDatabase, type TestDatabase } from '../setup/test-database.ts'
import { seed } from './seeded-store.fixture.ts'
import { type Ended, makeWorkplace, stance } from './stance-process.fixture.ts'

/** A store that another version of Stance has made, as whoever types commands meets it. */
describe.each(['duckdb', 'postgres'] as const)('the store of another version on %s', (engine) => {
  const before = process.env.DATABASE_URL
  let place: Awaited<ReturnType<typeof makeWorkplace>>
  let database: TestDatabase | undefined
  const run = (...args: string[]): Promise<Ended> => stance(args, place.cwd)
  const change = async (...statements: string[]) => {
    const options = database?.options ?? { path: `${place.cwd}/.stance/stance.duckdb` }
    const db = await openDatabase(options)
    try {
      await db.transaction(async (tx) => {
        for (const sql of statements) await tx.run(sql)
      })
    } finally {
      await db.close()
    }
  }
  const reading = [
    ['query', 'select count(*) as n from aws_s3_bucket'],
    ['findings'],
    ['coverage'],
    ['resources'],
    ['rules', 'try', 'bucket_policy_count > 0', '--table', 'aws_s3_bucket'],
  ]

  beforeAll(async () => {
    place = await makeWorkplace('connections: [{ endpoint: "http://127.0.0.1:9", home_region: eu-west-1 }]\n')
    database = engine === 'postgres' ? await freshDatabase(engine) : undefined
    const db: Database = database?.db ?? (await openDatabase({ path: `${place.cwd}/.stance/stance.duckdb` }))
    await seed(db, place.cwd)
    if (database === undefined) await db.close()
    else process.env.DATABASE_URL = database.options.url ?? ''
  })
  afterAll(async () => {
    if (before === undefined) delete process.env.DATABASE_URL
    else process.env.DATABASE_URL = before
    await database?.drop()
    await place.remove()
  })

  it.each([
    [
      'a column of a typed table',
      ['drop view public.aws_s3_bucket', 'alter table lake.aws_s3_bucket drop column is_public'],
    ],
    ['a typed table', ['drop view public.aws_kms_key', 'drop table lake.aws_kms_key']],
    ['a view', ['drop view public.coverage']],
    [
      'a column of a view',
      [
        'drop view public.rule',
        'create view public.rule as select rule_id, table_name, title from stance.rule',
      ],
    ],
  ])('is told as older where it lacks %s, and brought up to date', async (_, statements) => {
    expect(await run('findings')).toMatchObject({ code: 0 })
    await change(...statements)
    for (const args of reading) {
      const { code, stdout, stderr } = await run(...args)
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' })
      expect(stderr).toContain('STORE_OLDER')
      expect(stderr).toContain('stance migrate')
    }
    expect(await run('migrate')).toMatchObject({ code: 0 })
    expect(await run('findings')).toMatchObject({ code: 0 })
    expect(await run(...reading[0]!)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^n\r\n\d+\r\n$/),
    })
  })

  it('is read where only its rows were made by another projection', async () => {
    await change(`update stance.resource set projection = 'of another version'`)
    expect(await run('findings')).toMatchObject({ code: 0 })
    expect(await run('query', 'select count(*) as n from aws_s3_bucket')).toMatchObject({ code: 0 })
  })

  it('is read where a newer version added to what is generated', async () => {
    await change(
      'alter table lake.aws_s3_bucket add column is_new boolean',
      'create table lake.aws_new (account_id text not null)',
      'create view public.aws_new as select account_id from lake.aws_new',
    )
    expect(await run('findings')).toMatchObject({ code: 0 })
    expect(await run('query', 'select count(*) as n from aws_s3_bucket')).toMatchObject({ code: 0 })
  })

  it('is not touched where a newer version has migrated it', async () => {
    await change(
      `insert into stance.migration (name, ran_at) values ('9000-of-a-newer-one', timestamptz '2030-01-01 00:00:00+00')`,
    )
    for (const args of [...reading, ['scan'], ['migrate'], ['rules', 'list']]) {
      const { code, stdout, stderr } = await run(...args)
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' })
      expect(stderr).toContain('DB_SCHEMA_NEWER')
      expect(stderr).toContain('9000-of-a-newer-one')
    }
  })
})
