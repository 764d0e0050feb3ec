import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eachEngine } from '../../test/setup/test-database.ts'
import type { Database } from '../db/database.ts'
import type { Missing } from './collected.ts'
import { ensureLake } from './ensure-lake.ts'
import {
  account,
  cell,
  emptyLake,
  ended,
  HandClock,
  hour,
  lock,
  lockCatalogue,
  ok,
  scan,
} from './lake.fixture.ts'
import { openCellWrite, type WriteOptions } from './open-cell-write.ts'
import { writeSingle } from './write-single.ts'

eachEngine(
  'stale deletion',
  (database) => {
    let db: Database
    let clock: HandClock
    let options: WriteOptions
    beforeAll(async () => {
      db = database().db
      await ensureLake(db, lockCatalogue)
    })
    beforeEach(async () => {
      clock = new HandClock()
      options = { clock, partition: 'test' }
      await emptyLake(db)
    })

    const locks = (...names: string[]) => names.map((name) => lock(name, clock.now()))
    const many = (count: number) => Array.from({ length: count }, (_, nr) => `l${nr}`)
    const whole = (...names: string[]) => scan(db, options, locks(...names), ended('ok', clock.now()))
    const keys = async () => {
      const rows = await db.query(
        'select lock_name, _listed from lake.test_lock order by resource_key nulls last',
      )
      return rows.map(({ lock_name, _listed }) => (_listed === true ? lock_name : null))
    }
    const cellNow = async () => (await db.query('select * from stance.cell where part = $1', [cell.part]))[0]!
    const stones = () =>
      db.query(
        'select resource_key, reason, returned_at from stance.tombstone order by deleted_at nulls last',
      )

    it('deletes what a whole listing left out, with a tombstone and a closed version', async () => {
      await whole('a', 'b')
      clock.pass(hour)
      expect(await whole('a')).toMatchObject({ deleted: 1, gone: ['lock/b'] })
      expect(await keys()).toEqual(['a'])
      expect(await stones()).toEqual([{ resource_key: 'lock/b', reason: 'gone', returned_at: null }])
      const closed = await db.query('select resource_key, closed_as, valid_to from stance.resource_version')
      expect(closed).toEqual([{ resource_key: 'lock/b', closed_as: 'gone', valid_to: clock.now() }])
      expect((await cellNow()).rows).toBe(1)
    })

    it.each(['error', 'denied', 'excluded', 'not_collected'] as const)(
      'deletes nothing when the listing ends in %s, and writes what it read',
      async (state) => {
        await whole('a', 'b')
        clock.pass(hour)
        const end = ended(state, clock.now())
        expect(await scan(db, options, locks('a', 'c'), end)).toMatchObject({
          inserted: 1,
          deleted: 0,
          state,
        })
        const kept = state === 'error'
        expect(await keys()).toEqual(['a', kept ? 'b' : null, 'c'])
        expect(await cellNow()).toMatchObject({ state, in_force: kept, rows: 3 })
      },
    )

    it('keeps a cell in force through errors while it is young, then lets it lapse but for rows read since', async () => {
      await whole('a', 'b')
      clock.pass(23 * hour)
      await writeSingle(db, lockCatalogue, cell, { resource: locks('b')[0]! }, options)
      await scan(db, options, [], ended('error', clock.now()))
      expect(await keys()).toEqual(['a', 'b'])
      clock.pass(2 * hour)
      const summary = await scan(db, options, [], ended('error', clock.now()))
      expect(summary).toMatchObject({ in_force: false, cell_changed: true, touched: ['lock/a'] })
      expect(await keys()).toEqual([null, 'b'])
      clock.pass(hour)
      await whole('a', 'b')
      expect(await keys()).toEqual(['a', 'b'])
      expect(await db.query('select * from stance.resource_version')).toEqual([])
    })

    it('lists again what is read by itself while its cell is denied', async () => {
      await whole('a', 'b')
      clock.pass(hour)
      await scan(db, options, [], ended('denied', clock.now()))
      expect(await keys()).toEqual([null, null])
      expect(await db.query('select count(*) as n from lake.test_lock_door')).toEqual([{ n: 0 }])
      clock.pass(hour)
      await writeSingle(db, lockCatalogue, cell, { resource: locks('b')[0]! }, options)
      expect(await keys()).toEqual([null, 'b'])
      clock.pass(hour)
      await scan(db, options, [], ended('denied', clock.now()))
      expect(await keys()).toEqual([null, null])
    })

    it('becomes denied, not absent, where resources are known', async () => {
      await scan(db, options, [], ended('absent', clock.now()))
      expect(await cellNow()).toMatchObject({ state: 'absent', in_force: true })
      await whole('a')
      clock.pass(hour)
      expect(await scan(db, options, [], ended('absent', clock.now()))).toMatchObject({
        state: 'denied',
        deleted: 0,
      })
      expect(await keys()).toEqual([null])
      expect(await cellNow()).toMatchObject({ code: 'NO_LONGER_SERVED', denied_by: 'region not opted in' })
    })

    it('spares what an event wrote while the listing ran', async () => {
      await whole('a')
      const listedAt = clock.pass(hour)
      const write = openCellWrite(db, lockCatalogue, cell, options)
      await write.add([lock('a', listedAt)])
      clock.pass(60_000)
      await writeSingle(db, lockCatalogue, cell, { resource: locks('new')[0]! }, options)
      expect(await write.finish(ended('ok', listedAt))).toMatchObject({ deleted: 0 })
      expect(await keys()).toEqual(['a', 'new'])
    })

    it('brings nothing back that an event said is gone while the listing ran', async () => {
      await whole('a', 'b')
      const listedAt = clock.pass(hour)
      const write = openCellWrite(db, lockCatalogue, cell, options)
      await write.add([lock('a', listedAt), lock('b', listedAt), lock('c', listedAt)])
      const now = clock.pass(60_000)
      for (const name of ['b', 'c']) {
        await writeSingle(
          db,
          lockCatalogue,
          cell,
          { gone: { resource_key: `lock/${name}` }, read_at: now },
          options,
        )
      }
      expect(await write.finish(ended('ok', listedAt))).toMatchObject({ inserted: 0, deleted: 0 })
      expect(await keys()).toEqual(['a'])
      clock.pass(hour)
      await whole('a', 'c')
      expect(await keys()).toEqual(['a', 'c'])
    })

    it('never replaces a newer read of a group, nor deletes on an older word', async () => {
      await whole('a')
      const early = clock.pass(hour)
      const late = clock.pass(hour)
      const now = lock('a', late, { groups: { alarm: ok({ On: true }, late) } })
      await writeSingle(db, lockCatalogue, cell, { resource: now }, options)
      const old = lock('a', early, {
        list: { Doors: [{ Number: '9' }] },
        groups: { alarm: ok({ On: false }, early) },
      })
      expect(await scan(db, options, [old], ended('ok', early))).toMatchObject({ versions: 0 })
      expect(await db.query('select is_on, door_count from lake.test_lock')).toEqual([
        { is_on: true, door_count: 0 },
      ])
      await writeSingle(db, lockCatalogue, cell, { gone: { native_id: 'a' }, read_at: early }, options)
      expect(await keys()).toEqual(['a'])
      await writeSingle(db, lockCatalogue, cell, { gone: { native_id: 'a' }, read_at: late }, options)
      expect(await keys()).toEqual([])
      expect((await cellNow()).rows).toBe(0)
    })

    it('knows one that returns from one made anew', async () => {
      const made = (name: string, MadeAt: string) => lock(name, clock.now(), { list: { MadeAt } })
      const first = clock.now()
      await scan(db, options, [made('a', '2020-01-01T00:00:00.123Z')], ended('ok', first))
      clock.pass(hour)
      await scan(db, options, [], ended('ok', clock.now()))
      clock.pass(hour)
      await scan(db, options, [made('a', '2020-01-01T00:00:00Z')], ended('ok', clock.now()))
      const [same] = await db.query('select first_seen, valid_from from stance.resource')
      expect(same).toEqual({ first_seen: first, valid_from: clock.now() })
      expect((await stones())[0]!.returned_at).toEqual(clock.now())
      clock.pass(hour)
      const summary = await scan(db, options, [made('a', '2026-02-01T00:00:00Z')], ended('ok', clock.now()))
      expect(summary).toMatchObject({ inserted: 1, deleted: 1, versions: 0 })
      const [fresh] = await db.query('select first_seen, incarnation from stance.resource')
      expect(fresh).toEqual({ first_seen: clock.now(), incarnation: '2026-02-01T00:00:00Z' })
      expect((await stones()).map(({ reason }) => reason)).toEqual(['gone', 'replaced'])
    })

    describe('of more than half and more than 20 rows', () => {
      const asked: (readonly Missing[])[] = []
      const gone = (answer: 'gone' | 'still there' | 'could not tell') => ({
        confirm: async (sample: readonly Missing[]) => {
          asked.push(sample)
          return answer
        },
      })
      const lose = async (known: number, left: number, answer?: Parameters<typeof gone>[0]) => {
        await whole(...many(known))
        clock.pass(hour)
        asked.length = 0
        const more = answer === undefined ? {} : gone(answer)
        return scan(db, options, locks(...many(left)), ended('ok', clock.now()), more)
      }

      it('happens when single reads confirm it', async () => {
        expect(await lose(50, 20, 'gone')).toMatchObject({ deleted: 30, state: 'ok' })
        expect(asked).toHaveLength(1)
        expect(asked[0]![0]).toEqual({
          resource_key: expect.any(String),
          native_id: expect.any(String),
          region: 'here',
        })
      })

      it.each(['still there', 'could not tell', undefined] as const)(
        'does not when the answer is %s: the cell is in error and nothing is gone',
        async (answer) => {
          expect(await lose(50, 20, answer)).toMatchObject({ deleted: 0, state: 'error', in_force: true })
          expect(await keys()).toHaveLength(50)
          expect(await cellNow()).toMatchObject({ code: 'DELETION_UNCONFIRMED' })
          expect(await db.query('select * from stance.tombstone')).toEqual([])
        },
      )

      it('asks nobody below either bound', async () => {
        expect(await lose(22, 2, 'still there')).toMatchObject({ deleted: 20 })
        await emptyLake(db)
        expect(await lose(60, 30, 'still there')).toMatchObject({ deleted: 30 })
        expect(asked).toEqual([])
      })

      it('counts what was known, not what is new', async () => {
        await whole(...many(30))
        clock.pass(hour)
        const others = Array.from({ length: 100 }, (_, nr) => `n${nr}`)
        expect(await whole(...others)).toMatchObject({ deleted: 0, inserted: 100, state: 'error' })
      })
    })

    it('deletes within the parents that were listed whole, when the others were not', async () => {
      const within = (parent: string, name: string) =>
        lock(name, clock.now(), { more: { parent_key: `house/${parent}` } })
      const first = [within('x', 'x1'), within('x', 'x2'), within('y', 'y1')]
      await scan(db, options, first, ended('ok', clock.now()))
      clock.pass(hour)
      const end = ended('denied', clock.now(), { whole_parents: ['house/x'] })
      expect(await scan(db, options, [within('x', 'x1')], end)).toMatchObject({
        deleted: 1,
        gone: ['lock/x2'],
      })
      expect(await keys()).toEqual(['x1', null])
      clock.pass(hour)
      await scan(db, options, [within('y', 'y1')], ended('ok', clock.now(), { whole_parents: ['house/y'] }))
      expect(await keys()).toEqual(['y1'])
    })

    it('takes nothing on the word of a read that names one key twice', async () => {
      await whole('a', 'b')
      clock.pass(hour)
      const twice = [...locks('a'), lock('a', clock.now(), { more: { native_id: 'other' } })]
      const summary = await scan(db, options, twice, ended('ok', clock.now()))
      expect(summary).toMatchObject({ state: 'error', deleted: 0 })
      expect((await cellNow()).code).toBe('KEY_TAKEN')
    })

    it('keeps two accounts with the same names apart', async () => {
      const other = { ...cell, account_id: '444455556666' }
      await whole('a', 'b')
      await scan(db, options, locks('a', 'b'), ended('ok', clock.now()), { cell: other })
      clock.pass(hour)
      await scan(db, options, [], ended('ok', clock.now()), { cell: other })
      const rows = await db.query(
        'select account_id, resource_key from lake.test_lock order by resource_key nulls last',
      )
      expect(rows).toEqual([
        { account_id: account, resource_key: 'lock/a' },
        { account_id: account, resource_key: 'lock/b' },
      ])
    })

    it('leaves no half cell when something throws inside, and nothing staged when it is given up', async () => {
      await whole('a')
      clock.pass(hour)
      const broken: WriteOptions = { ...options, derive: () => Promise.reject(new Error('a fact failed')) }
      const write = openCellWrite(db, lockCatalogue, cell, broken)
      await write.add(locks('a', ...many(2_500)))
      await expect(write.finish(ended('ok', clock.now()))).rejects.toThrow('a fact failed')
      await write.abandon()
      expect(await keys()).toEqual(['a'])
      expect(await db.query('select count(*) as n from stance.resource_stage')).toEqual([{ n: 0 }])
      expect((await cellNow()).rows).toBe(1)
    })

    it('writes a cell that does not fit in memory through the staging table', async () => {
      const names = many(4_300)
      expect(await whole(...names)).toMatchObject({ inserted: 4_300, touched: 'all' })
      clock.pass(hour)
      expect(await whole(...names)).toMatchObject({ inserted: 0, unchanged: 4_300, touched: [], versions: 0 })
      expect(await db.query('select count(*) as n from stance.resource_stage')).toEqual([{ n: 0 }])
      expect(await db.query('select count(*) as n from stance.resource_change')).toEqual([{ n: 0 }])
    })
  },
  { migrated: true },
)
