import { expect, it } from 'vitest'
import { eachEngine } from '../../../test/setup/test-database.ts'
import { StanceError } from '../../core/errors.ts'
import { listenToStatements } from '../statement-log.ts'
import { bombs } from './bombs.data.ts'
import { escapes } from './escapes.data.ts'
import type { Relation } from './relation.ts'
import { accounts, ask, makeEstate, relationsOf } from './sandbox.fixture.ts'

const all = Object.values(escapes).flat()

it('the corpus is as large as it says', () => {
  expect(new Set(all).size).toBe(all.length)
  expect(all.length).toBeGreaterThan(300)
})

eachEngine('a person who wants more', (database, engine) => {
  let relations: Relation[] | undefined
  const estate = async () => {
    if (relations === undefined) await makeEstate(database())
    relations ??= await relationsOf(database().db)
    return { db: database().db, relations }
  }
  const alive = async () => (await ask(database().db, 'select count(*) from framework', await estate())).rows

  for (const [family, statements] of Object.entries(escapes)) {
    it(`is refused before anything runs: ${family}`, async () => {
      const { db, relations } = await estate()
      const ran: string[] = []
      const stop = listenToStatements((sql) => ran.push(sql))
      const file = database().options.path ?? '/var/lib/postgresql/base'
      for (const statement of statements) {
        const sql = statement.replaceAll('<file>', file)
        const outcome = await ask(db, sql, { relations }).then(
          ({ rows }) => `gave ${JSON.stringify(rows).slice(0, 100)}`,
          (error: unknown) => error,
        )
        const shown = sql.slice(0, 200)
        expect([
          shown,
          outcome instanceof StanceError ? /^SQL_(?!FAILED)/.test(outcome.code) : String(outcome),
        ]).toEqual([shown, true])
        const { details, next, message } = outcome as StanceError
        expect([
          shown,
          details.line,
          typeof details.column,
          typeof next === 'string' && next !== '',
          message !== '',
        ]).toEqual([shown, expect.any(Number), 'number', true, true])
        expect([shown, ran]).toEqual([shown, []])
      }
      stop()
      expect(await alive()).toEqual([[1]])
      expect(await db.query('select secret from stance.hidden')).toEqual([{ secret: 'canary-7f3a' }])
    })
  }

  it.each(Object.entries(bombs))('is ended in time: %s', async (_, sql) => {
    const { db, relations } = await estate()
    const begin = performance.now()
    const before = process.memoryUsage().rss
    const outcome = await ask(db, sql, {
      relations,
      timeoutMs: 300,
      maxRows: 5_000,
      maxBytes: 20_000_000,
    }).then(
      ({ rows, truncated }) => ({ rows: rows.length, truncated }),
      (error: unknown) => error,
    )
    const seconds = (performance.now() - begin) / 1_000
    if (outcome instanceof Error) {
      expect(outcome).toBeInstanceOf(StanceError)
      expect(['DB_TIMEOUT', 'DB_OUT_OF_MEMORY', 'DB_DISK_FULL', 'SQL_FAILED', 'SQL_TOO_LARGE']).toContain(
        (outcome as StanceError).code,
      )
    }
    expect(seconds).toBeLessThan(10)
    expect((process.memoryUsage().rss - before) / 1_048_576).toBeLessThan(1_300)
    expect(await alive()).toEqual([[1]])
  })

  it('is ended though its time is over before it runs', async () => {
    const { db, relations } = await estate()
    const sql = bombs['forty tables']!
    for (const timeoutMs of [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]) {
      const begin = performance.now()
      await expect(ask(db, sql, { relations, timeoutMs })).rejects.toMatchObject({ code: 'DB_TIMEOUT' })
      expect(performance.now() - begin).toBeLessThan(5_000)
    }
    expect(await alive()).toEqual([[1]])
  })

  it('learns nothing of other accounts from errors', async () => {
    const { db, relations } = await estate()
    // Would overflow for the rows of the other account, if it was worked out before they are left out.
    const probe = `select count(*) from aws_s3_bucket where case when account_id = '${accounts[0]}' then 9223372036854775807 else 1 end + length(bucket_name) > 0`
    const limited = await ask(db, probe, { relations, accountLimits: [accounts[1]] })
    expect(limited.rows).toEqual([[40]])
    await expect(ask(db, probe, { relations })).rejects.toMatchObject({ code: 'SQL_FAILED' })
    const error = await ask(db, 'select sum(v) from (select 9223372036854775807 as v from aws_s3_bucket) q', {
      relations,
    }).catch((one) => one)
    expect(JSON.stringify(error)).not.toContain('9223372036854775807')
  })

  it.runIf(engine === 'duckdb')('could read the file itself, were functions not listed', async () => {
    const { db } = await estate()
    const path = database().options.path!
    const [row] = await db.query<{ size: number }>(
      `/* engine: duckdb */ select size from read_blob('${path}')`,
    )
    expect(row!.size).toBeGreaterThan(0)
  })
})
