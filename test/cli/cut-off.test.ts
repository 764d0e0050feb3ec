import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase, testEngines } from '../setup/test-database.ts'
import { account, at, seed } from './seeded-store.fixture.ts'
import { makeWorkplace, stance } from './stance-process.fixture.ts'

describe.each(testEngines())('a scan that has no end, on %s', (engine) => {
  let database: TestDatabase
  let place: Awaited<ReturnType<typeof makeWorkplace>>
  const before = { ...process.env }

  beforeAll(async () => {
    place = await makeWorkplace()
    database = await freshDatabase(engine)
    await seed(database.db, place.cwd)
    await database.db.transaction((tx) =>
      tx.run(
        `insert into stance.scan (scan_id, started_at, ended_at, state, options, summary)
         values ('one', $1::timestamptz, null, 'running', '{"resume":false}', null)`,
        [at(11)],
      ),
    )
    const { path, url } = database.options
    if (url !== undefined) process.env.DATABASE_URL = url
    if (path !== undefined) {
      await database.db.close()
      process.env.STANCE_DATABASE_PATH = path
    }
  })
  afterAll(async () => {
    for (const name of ['DATABASE_URL', 'STANCE_DATABASE_PATH']) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
    await database?.drop()
    await place?.remove()
  })

  const said = async () => {
    const coverage = (await stance(['coverage'], place.cwd)).stdout
    const findings = (await stance(['findings'], place.cwd)).stderr
    return { coverage: coverage.replace(/\s+/g, ' '), findings: findings.replace(/\s+/g, ' ') }
  }

  it('was cut off where nobody holds the file; on a server nobody can tell', async () => {
    const words =
      engine === 'duckdb'
        ? 'The scan that began at 2026-01-11 00:00 UTC was cut off before its end'
        : 'A scan that began at 2026-01-11 00:00 UTC has not ended'
    const { coverage, findings } = await said()
    for (const text of [coverage, findings]) {
      expect(text).toContain(words)
      expect(text).toContain('`stance scan --resume` reads the rest.')
    }
  })

  it.skipIf(engine === 'duckdb')('runs where it holds leases', async () => {
    await database.db.transaction((tx) =>
      tx.run(
        `insert into stance.cell_lease (account_id, table_name, part, holder, until_at)
         values ($1::text, 'aws_iam_user', 'global', 'one', $2::timestamptz)`,
        [account, new Date(Date.now() + 60_000)],
      ),
    )
    const { coverage, findings } = await said()
    for (const text of [coverage, findings]) {
      expect(text).toContain('A scan that began at 2026-01-11 00:00 UTC is running')
      expect(text).not.toContain('--resume')
    }
  })

  it.skipIf(engine === 'duckdb')(
    'is over where another was done since; until then another goes on with it, whose lease ever',
    async () => {
      const { db } = database
      const { startScan } = await import('../../src/run/scan-record.ts')
      const clock = { now: () => new Date() }
      const resumed = await startScan(db, clock, { resume: true })
      expect(resumed.resumed_from).toEqual(at(11))
      await db.transaction(async (tx) => {
        await tx.run(
          `update stance.scan set state = 'done', ended_at = started_at where scan_id = $1::text`,
          [resumed.scan_id],
        )
        await tx.run('delete from stance.cell_lease')
      })
      const left = await db.query(`select scan_id from stance.scan where state = 'running'`)
      expect(left).toEqual([{ scan_id: 'one' }])
      const { coverage, findings } = await said()
      for (const text of [coverage, findings]) expect(text).not.toContain('A scan that began')
    },
  )

  it.runIf(engine === 'duckdb')(
    'is told so, too, where it ended by itself, with one next step everywhere',
    async () => {
      const { openDatabase } = await import('../../src/db/open-database.ts')
      const db = await openDatabase(database.options)
      await db.transaction(async (tx) => {
        await tx.run(`update stance.scan set state = 'interrupted', ended_at = started_at`)
        await tx.run(`update stance.cell set state = 'not_collected', in_force = false, ok_at = null, code = '', message = '',
        action = '', denied_by = '', next = '' where table_name = 'aws_iam_user'`)
      })
      await db.close()
      const { coverage, findings } = await said()
      for (const text of [coverage, findings]) {
        expect(text).toContain('The scan that began at 2026-01-11 00:00 UTC was cut off before its end')
        expect(text).toContain('`stance scan --resume` reads the rest.')
      }
      expect(coverage).toContain('Next: Run `stance scan --resume`: the last scan was cut off.')
      const { stdout } = await stance(['doctor', '--json'], place.cwd)
      const items: { about: string; next: string }[] = JSON.parse(stdout).items
      expect(items.find(({ about }) => about === 'database')?.next).toContain('stance scan --resume')
    },
  )
})
