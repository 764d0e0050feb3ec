import { beforeAll, expect, it } from 'vitest'
import { eachEngine } from '../../test/setup/test-database.ts'
import type { Database } from '../db/database.ts'
import { ensureLake } from './ensure-lake.ts'
import { account, cell, ended, HandClock, hour, lock, lockCatalogue, ok, scan } from './lake.fixture.ts'
import { openCellWrite, type WriteOptions } from './open-cell-write.ts'
import { sweepStages } from './stage.ts'
import { writeSingle } from './write-single.ts'

eachEngine(
  'writers at once',
  (database) => {
    let db: Database
    beforeAll(async () => {
      db = database().db
      await ensureLake(db, lockCatalogue)
    })

    it('of one account follow each other, facts included; those of others do not wait', async () => {
      const clock = new HandClock()
      const inside = new Map<string, number>()
      let together = 0
      const options: WriteOptions = {
        clock,
        partition: 'test',
        derive: async (tx, { account_id }) => {
          inside.set(account_id, (inside.get(account_id) ?? 0) + 1)
          together = Math.max(together, inside.get(account_id)!)
          await tx.query('select count(*) as n from stance.resource where account_id = $1', [account_id])
          await new Promise((resolve) => setTimeout(resolve, 5))
          inside.set(account_id, inside.get(account_id)! - 1)
        },
      }
      const accounts = [account, '444455556666']
      const parts = Array.from({ length: 6 }, (_, nr) => `part-${nr}`)
      await Promise.all(
        accounts.flatMap((account_id) =>
          parts.map((part) => {
            const one = lock(`in-${part}`, clock.now(), { list: { Tags: { part } } })
            return scan(db, options, [one], ended('ok', clock.now()), { cell: { ...cell, account_id, part } })
          }),
        ),
      )
      expect(together).toBe(1)
      const rows = await db.query('select account_id, count(*) as n from lake.test_lock group by account_id')
      expect(rows.map(({ n }) => n)).toEqual([6, 6])
    })

    it('of a listing and of events on the same resources leave the newest read', async () => {
      const clock = new HandClock()
      clock.pass(hour)
      const options: WriteOptions = { clock, partition: 'test' }
      const names = Array.from({ length: 8 }, (_, nr) => `e${nr}`)
      const early = clock.now()
      const late = clock.pass(60_000)
      const on = (name: string, at: Date, On: boolean) =>
        lock(name, at, { groups: { alarm: ok({ On }, at) } })
      await Promise.all([
        scan(
          db,
          options,
          names.map((name) => on(name, early, false)),
          ended('ok', early),
        ),
        ...names.map((name) =>
          writeSingle(db, lockCatalogue, cell, { resource: on(name, late, true) }, options),
        ),
      ])
      const rows = await db.query(
        `select is_on, count(*) as n from lake.test_lock where account_id = $1 and _part = 'here' group by is_on`,
        [account],
      )
      expect(rows).toEqual([{ is_on: true, n: 8 }])
    })

    it('that were killed leave only what a sweep deletes', async () => {
      const clock = new HandClock()
      const write = openCellWrite(db, lockCatalogue, cell, { clock, partition: 'test' })
      await write.add(Array.from({ length: 3_200 }, (_, nr) => lock(`k${nr}`, clock.now())))
      expect(await sweepStages(db, clock.now())).toBe(0)
      const swept = await sweepStages(db, clock.pass(hour))
      expect(swept).toBeGreaterThan(0)
      expect(await db.query('select count(*) as n from stance.resource_stage')).toEqual([{ n: 0 }])
    })
  },
  { migrated: true, open: { threads: 2 } },
)
