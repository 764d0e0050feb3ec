import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../../test/setup/test-database.ts'
import type { Database } from '../database.ts'
import { openDatabase } from '../open-database.ts'
import { createReaderRole, tablesBeneath } from './create-reader-role.ts'
import { honestQueries } from './honest-queries.data.ts'
import { openReader } from './open-reader.ts'
import { ask, makeEstate, relationsOf, viewNames } from './sandbox.fixture.ts'
import { scramVerifier } from './scram-verifier.ts'

let database: TestDatabase
const name = `reader_${process.pid}`
const owner = `owner_${process.pid}`
const password = `it's $1 "secret" %41`

beforeAll(async () => {
  database = await freshDatabase('postgres')
  await makeEstate(database)
})

afterAll(async () => {
  await database.db.transaction(async (tx) => {
    for (const role of [name, owner, `${name}_2`]) {
      await tx.run(
        `do $$ begin if exists (select 1 from pg_roles where rolname = '${role}') then
           execute 'reassign owned by ${role} to postgres'; execute 'drop owned by ${role}'; execute 'drop role ${role}';
         end if; end $$`,
      )
    }
  })
  await database.drop()
})

function urlOf(user: string, secret: string): string {
  const url = new URL(database.options.url!)
  url.username = user
  url.password = encodeURIComponent(secret)
  return url.href
}

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error) => error.code ?? error.cause?.code ?? String(error),
  )

describe('the reader role', () => {
  it('is made, and made again with another password', async () => {
    const { db } = database
    const made = await createReaderRole(db, { name, password: 'another password', views: viewNames })
    expect(made).toEqual({ name, missing: [] })
    await createReaderRole(db, {
      name,
      password,
      views: viewNames,
      statementTimeoutMs: 4_000,
      workMemMb: 16,
      tempFileLimitMb: 100,
    })
    expect(await code(openReader(urlOf(name, 'another password')))).toBe('DB_LOGIN')
    const reader = await openReader(urlOf(name, password))
    const settings = await reader.query(
      `select current_user::text as me, current_setting('temp_file_limit') as temp_files, current_setting('work_mem') as memory,
         current_setting('statement_timeout') as time, current_setting('transaction_read_only') as read_only`,
    )
    expect(settings).toEqual([{ me: name, temp_files: '100MB', memory: '16MB', time: '4s', read_only: 'on' }])
    await reader.close()
  })

  it('runs a person’s SQL', async () => {
    const { db } = database
    const relations = await relationsOf(db)
    const reader = await openReader(urlOf(name, password))
    for (const title of ['a join', 'with queries', 'from a document', 'aggregates with filters']) {
      const sql = honestQueries[title]!
      expect(await ask(reader, sql, { relations })).toEqual(await ask(db, sql, { relations }))
    }
    await reader.close()
    expect(await code(openReader(urlOf(name, 'wrong password')))).toBe('DB_LOGIN')
  })

  it('may read the views and nothing else, whatever it says', async () => {
    const reader = await openReader(urlOf(name, password))
    expect(await reader.query('select count(*) as n from aws_s3_bucket')).toEqual([{ n: 120 }])
    // It can take its own settings back, so they are no wall.
    await reader.query('set default_transaction_read_only = off')
    const tries = [
      'select * from stance.hidden',
      'select * from lake.aws_s3_bucket',
      'select * from pg_authid',
      "select pg_read_file('/etc/passwd')",
      "select lo_import('/etc/passwd')",
      "copy (select 1) to '/tmp/stance-should-not-be'",
      "copy (select 1) to program 'true'",
      'set role postgres',
      'set session authorization postgres',
      "set temp_file_limit = '-1'",
      'create table public.x (n bigint)',
      'delete from public.aws_s3_bucket',
      'alter role current_user superuser',
      "select query_to_xml('select * from stance.hidden', true, false, '')",
      'create extension dblink',
    ]
    for (const sql of tries) expect([sql, await code(reader.query(sql))]).toEqual([sql, 'DB_PERMISSION'])
    await reader.close()
  })

  it('may read a view that is made anew', async () => {
    const { db } = database
    await db.transaction(async (tx) => {
      await tx.run('drop view public.framework')
      await tx.run(
        'create view public.framework as select framework_id, title, 1 as version from stance.framework',
      )
    })
    const reader = await openReader(urlOf(name, password))
    expect(await reader.query('select version from framework')).toEqual([{ version: 1 }])
    await reader.close()
  })

  it('is refused where it could be more than that, or could be guessed', async () => {
    const { db } = database
    const duckdb = await openDatabase({ path: ':memory:' })
    const make = (more: object, to: Database = db) =>
      code(createReaderRole(to, { name, password, views: [], ...more }))
    expect([
      await make({ name: 'postgres' }),
      await make({ name: 'x"; drop role postgres; --' }),
      await make({ name: 'pg_reader' }),
      await make({ password: 'short' }),
      await make({ password: 'not only ASCII: é' }),
      await make({}, duckdb),
    ]).toEqual(Array(6).fill('DB_READER_ROLE'))
    await duckdb.close()
    await db.transaction((tx) => tx.run(`create role ${name}_2 login in role pg_read_all_data`))
    expect(await make({ name: `${name}_2` })).toBe('DB_READER_ROLE')
  })

  it('says what only a superuser can do', async () => {
    const { db } = database
    const ownerUrl = urlOf(owner, 'owner password')
    await db.transaction(async (tx) => {
      await tx.run(`create role ${owner} login createrole password 'owner password'`)
      await tx.run(`grant create on schema public to ${owner}`)
      await tx.run(`alter view public.resource owner to ${owner}`)
    })
    const asOwner = await openDatabase({ url: ownerUrl, readOnly: false })
    await db.transaction((tx) => tx.run(`drop role ${name}_2`))
    const { missing } = await createReaderRole(asOwner, { name: `${name}_2`, password, views: ['resource'] })
    expect(missing).toEqual([`A superuser has to run: alter role "${name}_2" set temp_file_limit = '2048MB'`])
    await asOwner.close()
  })

  it('knows the tables beneath the views, which Citus asks for', async () => {
    const names = await database.db.transaction((tx) => tablesBeneath(tx, viewNames), { readOnly: true })
    expect(names).toEqual([
      'lake.aws_s3_bucket',
      'lake.aws_s3_bucket_grant',
      'stance.framework',
      'stance.thing',
    ])
  })
})

it('a verifier is what PostgreSQL makes of the same password and salt', async () => {
  const role = `verified_${process.pid}`
  const { db } = database
  await db.transaction((tx) => tx.run(`create role ${role} password 'pencil pencil'`))
  const [row] = await db.query<{ kept: string }>(
    'select rolpassword as kept from pg_authid where rolname = $1',
    [role],
  )
  await db.transaction((tx) => tx.run(`drop role ${role}`))
  const [, iterations, salt] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$/.exec(row!.kept)!
  expect(scramVerifier('pencil pencil', Buffer.from(salt!, 'base64'), Number(iterations))).toBe(row!.kept)
})
