import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../../test/setup/test-database.ts'
import { backup } from '../backup.ts'
import { startChild } from '../child.fixture.ts'
import { compact } from '../compact.ts'
import type { Transaction } from '../database.ts'
import { openDatabase } from '../open-database.ts'
import { toPostgresError } from './postgres-errors.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await freshDatabase('postgres')
})

afterAll(async () => {
  await database.drop()
})

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error) => error.code ?? String(error),
  )

function changed(
  parts: Partial<Record<'hostname' | 'port' | 'username' | 'password' | 'pathname' | 'search', string>>,
): string {
  return Object.assign(new URL(database.options.url!), parts).href
}

describe('a wrong DATABASE_URL', () => {
  it('is told apart by what is wrong with it', async () => {
    const wrong: [string, string][] = [
      ['not a url', 'DB_URL'],
      ['mysql://localhost/x', 'DB_URL'],
      [changed({ port: '1' }), 'DB_UNREACHABLE'],
      [changed({ hostname: 'nowhere.invalid' }), 'DB_UNREACHABLE'],
      [changed({ password: 'wrong' }), 'DB_LOGIN'],
      [changed({ username: 'nobody' }), 'DB_LOGIN'],
      [changed({ pathname: '/missing' }), 'DB_MISSING'],
      [changed({ search: '?sslmode=verify-full' }), 'DB_TLS'],
      [changed({ search: '?sslmode=verify-full&sslrootcert=/nope.pem' }), 'DB_TLS'],
      [changed({ search: `?sslmode=verify-full&sslrootcert=${import.meta.dirname}` }), 'DB_TLS'],
    ]
    for (const [url, expected] of wrong)
      expect([url, await code(openDatabase({ url }))]).toEqual([url, expected])
    await expect(openDatabase({ url: changed({ search: '?sslrootcert=/nope.pem' }) })).rejects.toThrow(
      '/nope.pem',
    )
    const refused = openDatabase({ url: changed({ password: 's3cret-wrong' }) })
    await expect(refused).rejects.toSatisfy(
      (error: Error) => !JSON.stringify([error, error.message]).includes('s3cret'),
    )
    expect(database.db.location).not.toMatch(/postgres:|test@|\?/)
  })

  it('is opened with less than a superuser, and says what that user may not do', async () => {
    await database.db.transaction(async (tx) => {
      await tx.run(`create role stance_reader login password 'reader'`)
      await tx.run('create table stance.hidden (n bigint)')
    })
    const url = changed({ username: 'stance_reader', password: 'reader' })
    const reader = await openDatabase({ url, readOnly: true })
    expect(await code(reader.query('select * from stance.hidden'))).toBe('DB_PERMISSION')
    expect(await code(reader.transaction((tx) => tx.run('select 1')))).toBe('DB_READ_ONLY')
    await reader.close()
    await database.db.transaction((tx) => tx.run('drop role stance_reader'))
  })
})

describe('two transactions that meet', () => {
  it('both end well: a deadlock is run again', async () => {
    const { db } = database
    await db.transaction(async (tx) => {
      await tx.run('create table stance.lock (account_id text, n bigint)')
      await tx.run(`insert into stance.lock values ('a', 0), ('b', 0)`)
    })
    let runs = 0
    const bothHere = Promise.withResolvers<void>()
    const cross = (first: string, second: string) => async (tx: Transaction) => {
      runs += 1
      await tx.run('update stance.lock set n = n + 1 where account_id = $1', [first])
      if (runs >= 2) bothHere.resolve()
      await bothHere.promise
      await tx.run('update stance.lock set n = n + 1 where account_id = $1', [second])
    }
    await Promise.all([db.transaction(cross('a', 'b')), db.transaction(cross('b', 'a'))])
    expect(runs).toBe(3)
    expect(await db.query('select sum(n) as n from stance.lock')).toEqual([{ n: 4 }])
  })
})

describe('a session that dies', () => {
  it('is an error for who used it and no end for the others', async () => {
    const { db } = database
    const dying = db.transaction(async (tx) => {
      const [me] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
      await db.query('select pg_terminate_backend($1)::text as ended', [me!.pid])
      await tx.query('select 1 as one')
    })
    expect(await code(dying)).toBe('DB_CONNECTION_LOST')
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
  })

  it('keeps nothing of a killed client, and all that it had acknowledged', async () => {
    const { db } = database
    await db.transaction((tx) => tx.run('create table stance.batch (n bigint)'))
    const child = startChild(
      `const db = await openDatabase(options)
       const columns = [{ name: 'n', type: 'bigint' }]
       for (let n = 1; ; n++) {
         await db.transaction((tx) => tx.load({ table: 'stance.batch', columns }, Array.from({ length: 1000 }, () => [n])))
         print(String(n))
       }`,
      database.options,
    )
    while (Number(await child.line()) < 5);
    await child.kill()
    const rows = await db.query<{ n: number; rows: number }>(
      'select n, count(*) as rows from stance.batch group by n',
    )
    expect(rows.length).toBeGreaterThanOrEqual(5)
    expect(rows.every((row) => row.rows === 1_000)).toBe(true)
  })
})

describe('what PostgreSQL does by itself', () => {
  it('takes parameters in a streamed statement, whatever the time zone and date style of the server', async () => {
    const { db } = database
    await db.transaction((tx) => tx.run(`alter role postgres set timezone = 'Asia/Tokyo'`))
    await db.transaction((tx) => tx.run(`alter role postgres set datestyle = 'SQL, DMY'`))
    const other = await database.open()
    for await (const [row] of other.stream('select $1::timestamptz as moment, $2::text as words', [
      new Date(0),
      'x',
    ])) {
      expect(row).toEqual({ moment: new Date(0), words: 'x' })
    }
    await db.transaction((tx) => tx.run(`alter role postgres reset all`))
  })

  it('has no say in how long a statement of ours takes, nor in what a backslash is', async () => {
    const name = new URL(database.options.url!).pathname.slice(1)
    await database.db.transaction(async (tx) => {
      await tx.run(`alter database ${name} set statement_timeout = 150`)
      await tx.run(`alter database ${name} set standard_conforming_strings = off`)
    })
    const rude = await database.open()
    const slow = (seconds: number) => `select 'a\\' as "left" from pg_sleep(${seconds})`
    expect(await rude.query(slow(0.4))).toEqual([{ left: 'a\\' }])
    const limited = rude.transaction((tx) => tx.query(slow(5)), { readOnly: true, statementTimeoutMs: 50 })
    expect(await code(limited)).toBe('DB_TIMEOUT')
    const short = await database.open({ statementTimeoutMs: 50 })
    expect(await code(short.query(slow(5)))).toBe('DB_TIMEOUT')
    await database.db.transaction((tx) => tx.run(`alter database ${name} reset all`))
  })

  it('says which limit ended a session that waited', async () => {
    const { db } = database
    const waiting = db.transaction(
      async (tx) => {
        await tx.query(`set local idle_in_transaction_session_timeout = 20`)
        await new Promise((resolve) => setTimeout(resolve, 200))
        await tx.query('select 1')
      },
      { readOnly: true },
    )
    await expect(waiting).rejects.toMatchObject({
      code: 'DB_CONNECTION_LOST',
      message: expect.stringContaining('idle_in_transaction_session_timeout'),
    })
  })

  it('is backed up by pg_dump, and vacuumed', async () => {
    const { db } = database
    await expect(backup(db, 'somewhere')).rejects.toMatchObject({ code: 'DB_BACKUP_ELSEWHERE' })
    await expect(backup(db, 'somewhere')).rejects.toSatisfy((error: { next: string }) =>
      error.next.includes('pg_dump'),
    )
    const sizes = await compact(db)
    expect(sizes.after).toBeGreaterThan(0)
    expect(await code(db.query('insert into stance.batch values (1)'))).toBe('DB_READ_ONLY')
  })

  it('says whose limit of connections it was', async () => {
    const { db } = database
    const role = `stance_few_${process.pid}`
    await db.transaction((tx) => tx.run(`create role ${role} login password 'few' connection limit 1`))
    try {
      const few = await openDatabase({
        url: changed({ username: role, password: 'few' }),
        readOnly: true,
      })
      const both = [few.query('select pg_sleep(0.5)'), few.query('select pg_sleep(0.5)')]
      const refused = (await Promise.allSettled(both)).find(({ status }) => status === 'rejected')
      await few.close()
      expect((refused as PromiseRejectedResult | undefined)?.reason).toMatchObject({
        code: 'DB_CONNECTIONS',
        message: expect.stringContaining(`role "${role}"`),
        next: expect.stringContaining('alter role … connection limit'),
      })
    } finally {
      await db.transaction((tx) => tx.run(`drop role ${role}`))
    }
  })

  it('reports a full disk', () => {
    // Not provoked here: only the code that PostgreSQL documents for it is known.
    const error = toPostgresError(Object.assign(new Error('could not extend file'), { code: '53100' }), 'x')
    expect(error).toMatchObject({ code: 'DB_DISK_FULL' })
  })

  it('runs as version 18, and as 17', async () => {
    const old = await freshDatabase('postgres', { postgres: 17 })
    const version = async (db: typeof old.db) =>
      (await db.query<{ v: string }>(`select current_setting('server_version') as v`))[0]!.v.split('.')[0]
    expect([await version(database.db), await version(old.db)]).toEqual(['18', '17'])
    expect(inject('postgres17Url')).not.toBe(inject('postgres18Url'))
    await old.drop()
  })
})
