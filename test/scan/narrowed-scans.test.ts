import { expect, it } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import type { Stance } from '../../src/run/open-stance.ts'
import { longest, oneEngine } from '../setup/test-database.ts'
import { anotherDay } from './another-day.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { careless, good } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import { type Estate, openEstate } from './open-estate.ts'
import { differences, postureOf } from './posture.ts'
import type { ScannedStore } from './scanned-store.ts'

const options = { copies: 'one each', engines: oneEngine() } as const
eachScannedStore('a narrowed scan', options, (scanned) => {
  it.each([
    { accounts: [careless] },
    { regions: ['us-east-1'] },
    { services: ['s3'] },
    { tables: ['aws_instance'] },
    { rules: ['aws-iam-root-user-has-mfa'] },
  ])(
    'of %j leaves the rest as it was, and its facts are those of the day',
    { timeout: longest },
    async (narrowing) => {
      const { estate, stance, clean } = scanned()
      const { db } = stance
      const other = await openEstate({ edit: anotherDay, clock: estate.clock })
      try {
        const attempts = await attemptsOf(db)
        const read = new Set<string>()
        await other.scan(stance, {
          narrowing,
          report(event) {
            if (event.kind === 'cell_started') read.add(Object.values(event.cell).join(' '))
          },
        })
        expect(read.size).toBeGreaterThan(0)
        expect(read.size).toBeLessThan(attempts.size)
        for (const [cell, attempt] of await attemptsOf(db))
          if (!read.has(cell)) expect(attempt, cell).toEqual(attempts.get(cell))
        const changed = differences(clean, await postureOf(db), false)
        expect(changed).not.toEqual([])
        const facts = await factsOf(stance)
        const ofDay = await factsOfDay(scanned().store, other)
        for (const [cell, columns] of facts)
          if (read.has(cell) && !('regions' in narrowing)) expect(columns, cell).toEqual(ofDay.get(cell))
        if ('accounts' in narrowing) expect(changed.filter((one) => one.startsWith(good))).toEqual([])
        expect(await lakeProblems(stance)).toEqual([])
      } finally {
        await other.stop()
      }
    },
  )

  it.each([{ services: ['s3'] }, { regions: ['us-east-1'] }])(
    'of %j, where regions cannot be named any more, leaves the rest as it was',
    {
      timeout: longest,
    },
    async (narrowing) => {
      const { estate, stance, clean } = scanned()
      await estate.scan(stance, {
        narrowing,
        faults: 'ec2:DescribeRegions=denied account:ListRegions=denied',
      })
      expect(differences(clean, await postureOf(stance.db))).toEqual([])
      expect(await lakeProblems(stance)).toEqual([])
    },
  )
})

const days = new WeakMap<ScannedStore, ReturnType<typeof factsOf>>()

/** What a whole scan of the other day says. */
async function factsOfDay(store: ScannedStore, other: Estate): ReturnType<typeof factsOf> {
  const known = days.get(store) ?? wholeDay()
  days.set(store, known)
  return known

  async function wholeDay() {
    const now = other.clock.now().getTime()
    const copy = await store.copy()
    try {
      await other.scan(copy.stance, {})
      return await factsOf(copy.stance)
    } finally {
      await copy.drop()
      // The copy turned the clock back: the other store has rows of later.
      other.clock.set(Math.max(now, other.clock.now().getTime()))
    }
  }
}

/** By cell: every row of it with its facts. */
async function factsOf({ db, set }: Stance): Promise<Map<string, unknown[]>> {
  const facts = new Map<string, unknown[]>()
  for (const { fact } of set.facts) {
    const rows = await db.query<{ cell: string }>(
      `select account_id || ' ${fact.table} ' || _part as cell, resource_key, ${fact.column} from lake.${fact.table}
       order by resource_key nulls last`,
    )
    for (const { cell, ...row } of rows) facts.set(cell, [...(facts.get(cell) ?? []), row])
  }
  return facts
}

async function attemptsOf(db: Database): Promise<Map<string, unknown>> {
  const rows = await db.query<{ cell: string }>(
    `select account_id || ' ' || table_name || ' ' || part as cell, state, in_force, attempted_at, ok_at, rows
     from stance.cell where part <> '*'`,
  )
  return new Map(rows.map(({ cell, ...rest }) => [cell, rest]))
}
