import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { escapes } from '../../src/db/sandbox/escapes.data.ts'
import { openOwnReader } from '../../src/db/sandbox/open-own-reader.ts'
import { defaultGrantSql, readerSql } from '../../src/db/sandbox/reader-sql.ts'
import { freshDatabase, type TestDatabase } from '../setup/test-database.ts'
import { seed } from './seeded-store.fixture.ts'
import { makeWorkplace, stance } from './stance-process.fixture.ts'

const owner = `query_owner_${process.pid}`
const login = `query_login_${process.pid}`
const secret = 'a long%20one, never shown'
const question = 'select count(*) as n from finding'
const names = ['DATABASE_URL', 'STANCE_DATABASE_READER_URL'] as const

/** `stance query` as it is typed, on a real server, as a user who owns the tables and no more. */
describe.each([18, 17] as const)('the login of queries on PostgreSQL %s', (postgres) => {
  const before = names.map((name) => process.env[name])
  let database: TestDatabase
  let admin: Database
  let place: Awaited<ReturnType<typeof makeWorkplace>>

  const urlOf = (user: string, password: string) => {
    const url = new URL(database.options.url ?? '')
    Object.assign(url, { username: user, password: encodeURIComponent(password) })
    return url.href
  }
  const asAdmin = (...statements: string[]) =>
    admin.transaction(async (tx) => {
      for (const sql of statements) await tx.run(sql)
    })
  const query = (sql: string, ...more: string[]) => stance(['query', sql, ...more], place.cwd)
  const lookAtQueries = async () => {
    const { stdout } = await stance(['doctor', '--json'], place.cwd)
    return JSON.parse(stdout).items.find((one: { about: string }) => one.about === 'queries')
  }
  const ownRole = async () => {
    const rows = await admin.query<{ name: string; seconds: number; settings: string }>(
      `select r.rolname::text as name, extract(epoch from r.rolvaliduntil - now())::double precision as seconds,
         array_to_string(r.rolconfig, ' ') as settings
       from pg_roles r where r.rolname like 'stance\\_query\\_%'
         and exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where n.nspname = 'public' and c.relname = 'finding' and has_table_privilege(r.oid, c.oid, 'select'))`,
    )
    return rows[0]
  }

  beforeAll(async () => {
    place = await makeWorkplace('connections: [{ endpoint: "http://127.0.0.1:9", home_region: eu-west-1 }]\n')
    database = await freshDatabase('postgres', { postgres })
    admin = database.db
    await asAdmin(
      `create role ${owner} login createrole password 'of the owner'`,
      ...['lake', 'stance', 'public'].map((schema) => `alter schema ${schema} owner to ${owner}`),
    )
    const db = await openDatabase({ url: urlOf(owner, 'of the owner') })
    await seed(db, place.cwd)
    await db.close()
    process.env.DATABASE_URL = urlOf(owner, 'of the owner')
  })

  afterAll(async () => {
    for (const [at, name] of names.entries()) {
      if (before[at] === undefined) delete process.env[name]
      else process.env[name] = before[at]
    }
    const made = (await ownRole())?.name
    const roles = [login, made, owner].filter((name) => name !== undefined)
    await admin.transaction(async (tx) => {
      for (const role of roles)
        await tx.run(
          `do $$ begin if exists (select 1 from pg_roles where rolname = '${role}') then
             execute 'drop owned by ${role} cascade'; execute 'drop role ${role}'; end if; end $$`,
        )
    })
    await database.drop()
    await place.remove()
  })

  it('is a role that Stance makes where it may, with a password that ends at once', async () => {
    expect(await query(question)).toEqual({ code: 0, stdout: 'n\r\n2\r\n', stderr: '' })
    const role = await ownRole()
    expect(role?.seconds).toBeLessThanOrEqual(60)
    expect(role?.settings).toContain('statement_timeout=30000')
    expect(role?.settings).toContain('work_mem=32MB')
    expect(await lookAtQueries()).toMatchObject({
      state: 'warning',
      message: expect.stringContaining(role?.name ?? ''),
      next: `A superuser has to run: alter role "${role?.name}" set temp_file_limit = '2048MB'`,
    })
    await asAdmin(`alter role "${role?.name}" set temp_file_limit = '2048MB'`)
    expect(await lookAtQueries()).toMatchObject({ state: 'ok' })
  })

  it('is what queries run as: when it may not come in, they do not run', async () => {
    const role = await ownRole()
    await asAdmin(`alter role "${role?.name}" connection limit 0`)
    expect(await query(question)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('DB_CONNECTIONS'),
    })
    await asAdmin(`alter role "${role?.name}" connection limit 20`)
    const together = await Promise.all([query(question), query(question), query(question)])
    expect(together.map(({ code }) => code)).toEqual([0, 0, 0])
  })

  it('may read views that were made anew, and what it was given by hand is refused', async () => {
    const role = await ownRole()
    await asAdmin(`revoke select on public.finding from "${role?.name}"`)
    expect((await query(question)).code).toBe(0)
    await asAdmin(`grant delete on stance.finding to "${role?.name}"`)
    expect((await query(question)).stderr).toContain('QUERY_READER_STRONG')
    await asAdmin(`revoke delete on stance.finding from "${role?.name}"`)
  })

  it.runIf(postgres === 18).each(Object.entries(escapes))('lets nobody out: %s', async (_, statements) => {
    const tried = async (sql: string) => {
      const { code, stdout, stderr } = await query(sql.replaceAll('<file>', '/var/lib/postgresql/base'))
      expect([sql.slice(0, 200), code, stdout]).toEqual([sql.slice(0, 200), 2, ''])
      expect(stderr).toMatch(/\((SQL_(?!FAILED)\w+|CLI_USAGE);/)
    }
    // Each of them is tried where the wall is (src/db/sandbox/escapes.test.ts): here, that the command stands behind it.
    const some = statements.filter((_, nr) => nr % 4 === 0)
    for (let at = 0; at < some.length; at += 8) await Promise.all(some.slice(at, at + 8).map(tried))
  })

  it.runIf(postgres === 18)('is a wall by itself: the same as typed, past every check', async () => {
    const state = async () => [
      await admin.query('select count(*) as findings from stance.finding'),
      await admin.query(
        `select (select count(*) from pg_roles) as roles, (select count(*) from pg_proc) as functions,
           (select count(*) from pg_class c where c.relpersistence <> 't') as relations`,
      ),
    ]
    const unchanged = await state()
    const views = await admin.query<{ name: string }>(
      `select c.relname::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'public' and c.relkind = 'v' order by 1`,
    )
    const url = process.env.DATABASE_URL ?? ''
    const { reader, name } = await openOwnReader(
      url,
      views.map((view) => view.name),
    )
    const reaching = ['files', 'network', 'settings', 'other schemas', 'writes', 'functions that run SQL']
    for (const sql of reaching.flatMap((family) => escapes[family] ?? [])) {
      // What makes gigabytes is a matter of the limits, which are another test's.
      if (/repeat|[lr]pad|generate_series|recursive|\d{7}/i.test(sql)) continue
      await reader.query('set statement_timeout = 200')
      await reader.query(sql).catch(() => undefined)
      await reader.query('rollback')
    }
    await reader.query('set default_transaction_read_only = off').catch(() => undefined)
    for (const sql of [
      'update stance.finding set verdict = null',
      'delete from public.finding',
      'create table public.mine (n bigint)',
      `set role ${owner}`,
      'select content from stance.resource',
      'select * from pg_authid',
    ])
      await expect(reader.query(sql), sql).rejects.toMatchObject({ code: 'DB_PERMISSION' })
    expect(await reader.query('select session_user::text as name')).toEqual([{ name }])
    await reader.close()
    expect(await state()).toEqual(unchanged)
  })

  it('is made by an administrator where Stance may not, with the SQL that is printed', async () => {
    await asAdmin(`alter role ${owner} nocreaterole`, `drop owned by "${(await ownRole())?.name}"`)
    const refused = await query(question)
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain('QUERY_NO_READER')
    for (const sql of [...readerSql(), defaultGrantSql()]) expect(refused.stderr).toContain(`  ${sql}\n`)
    expect(JSON.parse((await query(question, '--json')).stderr).error.next).toContain(readerSql()[0])
    expect(await lookAtQueries()).toMatchObject({
      state: 'warning',
      next: expect.stringContaining('create role'),
    })

    await asAdmin(
      ...readerSql(login).map((sql) => sql.replace('choose a long one', secret).replace(/;$/, '')),
      defaultGrantSql(login).replace(/;$/, ''),
    )
    process.env.STANCE_DATABASE_READER_URL = urlOf(login, secret)
    expect(await query(question)).toEqual({ code: 0, stdout: 'n\r\n2\r\n', stderr: '' })
    expect(await lookAtQueries()).toMatchObject({ state: 'ok', message: expect.stringContaining(login) })
  })

  it('is looked at before it is used, and never printed', async () => {
    await asAdmin(`revoke select on public.finding from ${login}`)
    const blind = await query('select count(*) from account')
    expect(blind.stderr).toContain('QUERY_READER_BLIND')
    expect(blind.stderr).toContain('public.finding')
    process.env.STANCE_DATABASE_READER_URL = urlOf(owner, 'of the owner')
    expect((await query(question)).stderr).toContain('QUERY_READER_STRONG')
    process.env.STANCE_DATABASE_READER_URL = urlOf(login, 'another than that')
    const wrong = await query(question)
    expect(wrong.stderr).toContain('QUERY_READER_LOGIN')
    expect(wrong.stderr).toContain('STANCE_DATABASE_READER_URL')
    for (const { stderr } of [blind, wrong]) {
      expect(stderr).not.toContain(secret)
      expect(stderr).not.toContain('another than that')
    }
  })
})
