import { describe, expect, it } from 'vitest'
import type { Missing } from './collected.ts'
import { eachLake } from './each-lake.fixture.ts'
import { account, cell, ended, hour, lock, lockCatalogue, ok } from './lake.fixture.ts'
import { openCellWrite, type WriteOptions } from './open-cell-write.ts'

eachLake('stale deletion', (lake) => {
  const { clock, options } = lake

  const locks = (...names: string[]) => names.map((name) => lake.lock(name))
  const many = (count: number) => Array.from({ length: count }, (_, nr) => `l${nr}`)
  const whole = (...names: string[]) => lake.scan(locks(...names))
  const keys = async () => {
    const rows = await lake.query(
      'select lock_name, _listed from lake.test_lock order by resource_key nulls last',
    )
    return rows.map(({ lock_name, _listed }) => (_listed === true ? lock_name : null))
  }
  const stones = () =>
    lake.query(
      'select resource_key, reason, returned_at from stance.tombstone order by deleted_at nulls last',
    )

  it('deletes what a whole listing left out, with a tombstone and a closed version', async () => {
    await whole('a', 'b')
    clock.pass(hour)
    expect(await whole('a')).toMatchObject({ deleted: 1, gone: ['lock/b'] })
    expect(await keys()).toEqual(['a'])
    expect(await stones()).toEqual([{ resource_key: 'lock/b', reason: 'gone', returned_at: null }])
    const closed = await lake.query('select resource_key, closed_as, valid_to from stance.resource_version')
    expect(closed).toEqual([{ resource_key: 'lock/b', closed_as: 'gone', valid_to: clock.now() }])
    expect((await lake.cell()).rows).toBe(1)
  })

  it.each(['error', 'denied', 'excluded', 'not_collected'] as const)(
    'deletes nothing when the listing ends in %s, and writes what it read',
    async (state) => {
      await whole('a', 'b')
      clock.pass(hour)
      const end = ended(state, clock.now())
      expect(await lake.scan(locks('a', 'c'), end)).toMatchObject({
        inserted: 1,
        deleted: 0,
        state,
      })
      const kept = state === 'error'
      expect(await keys()).toEqual(['a', kept ? 'b' : null, 'c'])
      expect(await lake.cell()).toMatchObject({ state, in_force: kept, rows: 3 })
    },
  )

  it('keeps a cell in force through errors while it is young, then lets it lapse but for rows read since', async () => {
    await whole('a', 'b')
    clock.pass(23 * hour)
    await lake.single({ resource: locks('b')[0]! })
    await lake.scan([], 'error')
    expect(await keys()).toEqual(['a', 'b'])
    clock.pass(2 * hour)
    const summary = await lake.scan([], 'error')
    expect(summary).toMatchObject({ in_force: false, cell_changed: true, touched: ['lock/a'] })
    expect(await keys()).toEqual([null, 'b'])
    clock.pass(hour)
    await whole('a', 'b')
    expect(await keys()).toEqual(['a', 'b'])
    expect(await lake.query('select * from stance.resource_version')).toEqual([])
  })

  it('lists again what is read by itself while its cell is denied', async () => {
    await whole('a', 'b')
    clock.pass(hour)
    await lake.scan([], 'denied')
    expect(await keys()).toEqual([null, null])
    expect(await lake.query('select count(*) as n from lake.test_lock_door')).toEqual([{ n: 0 }])
    clock.pass(hour)
    await lake.single({ resource: locks('b')[0]! })
    expect(await keys()).toEqual([null, 'b'])
    clock.pass(hour)
    await lake.scan([], 'denied')
    expect(await keys()).toEqual([null, null])
  })

  it('becomes denied, not absent, where resources are known', async () => {
    await lake.scan([], 'absent')
    expect(await lake.cell()).toMatchObject({ state: 'absent', in_force: true })
    await whole('a')
    clock.pass(hour)
    expect(await lake.scan([], 'absent')).toMatchObject({
      state: 'denied',
      deleted: 0,
    })
    expect(await keys()).toEqual([null])
    expect(await lake.cell()).toMatchObject({ code: 'NO_LONGER_SERVED', denied_by: 'region not opted in' })
  })

  it('spares what an event wrote while the listing ran', async () => {
    await whole('a')
    const listedAt = clock.pass(hour)
    const write = openCellWrite(lake.db, lockCatalogue, cell, options)
    await write.add([lock('a', listedAt)])
    clock.pass(60_000)
    await lake.single({ resource: locks('new')[0]! })
    expect(await write.finish(ended('ok', listedAt))).toMatchObject({ deleted: 0 })
    expect(await keys()).toEqual(['a', 'new'])
  })

  it('brings nothing back that an event said is gone while the listing ran', async () => {
    await whole('a', 'b')
    const listedAt = clock.pass(hour)
    const write = openCellWrite(lake.db, lockCatalogue, cell, options)
    await write.add([lock('a', listedAt), lock('b', listedAt), lock('c', listedAt)])
    const now = clock.pass(60_000)
    for (const name of ['b', 'c']) {
      await lake.single({ gone: { resource_key: `lock/${name}` }, read_at: now })
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
    await lake.single({ resource: now })
    const old = lock('a', early, {
      list: { Doors: [{ Number: '9' }] },
      groups: { alarm: ok({ On: false }, early) },
    })
    expect(await lake.scan([old], ended('ok', early))).toMatchObject({ versions: 0 })
    expect(await lake.query('select is_on, door_count from lake.test_lock')).toEqual([
      { is_on: true, door_count: 0 },
    ])
    await lake.single({ gone: { native_id: 'a' }, read_at: early })
    expect(await keys()).toEqual(['a'])
    await lake.single({ gone: { native_id: 'a' }, read_at: late })
    expect(await keys()).toEqual([])
    expect((await lake.cell()).rows).toBe(0)
  })

  it('knows one that returns from one made anew', async () => {
    const made = (name: string, MadeAt: string) => lake.lock(name, { list: { MadeAt } })
    const first = clock.now()
    await lake.scan([made('a', '2020-01-01T00:00:00.123Z')])
    clock.pass(hour)
    await lake.scan([])
    clock.pass(hour)
    await lake.scan([made('a', '2020-01-01T00:00:00Z')])
    const [same] = await lake.query('select first_seen, valid_from from stance.resource')
    expect(same).toEqual({ first_seen: first, valid_from: clock.now() })
    expect((await stones())[0]!.returned_at).toEqual(clock.now())
    clock.pass(hour)
    const summary = await lake.scan([made('a', '2026-02-01T00:00:00Z')])
    expect(summary).toMatchObject({ inserted: 1, deleted: 1, versions: 0 })
    const [fresh] = await lake.query('select first_seen, incarnation from stance.resource')
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
      return lake.scan(locks(...many(left)), 'ok', more)
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
        expect(await lake.cell()).toMatchObject({ code: 'DELETION_UNCONFIRMED' })
        expect(await lake.query('select * from stance.tombstone')).toEqual([])
      },
    )

    it('asks nobody below either bound', async () => {
      expect(await lose(22, 2, 'still there')).toMatchObject({ deleted: 20 })
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
      lake.lock(name, { more: { parent_key: `house/${parent}` } })
    const first = [within('x', 'x1'), within('x', 'x2'), within('y', 'y1')]
    await lake.scan(first)
    clock.pass(hour)
    const end = ended('denied', clock.now(), { whole_parents: ['house/x'] })
    expect(await lake.scan([within('x', 'x1')], end)).toMatchObject({
      deleted: 1,
      gone: ['lock/x2'],
    })
    expect(await keys()).toEqual(['x1', null])
    clock.pass(hour)
    await lake.scan([within('y', 'y1')], ended('ok', clock.now(), { whole_parents: ['house/y'] }))
    expect(await keys()).toEqual(['y1'])
  })

  it('takes nothing on the word of a read that names one key twice', async () => {
    await whole('a', 'b')
    clock.pass(hour)
    const twice = [...locks('a'), lake.lock('a', { more: { native_id: 'other' } })]
    const summary = await lake.scan(twice)
    expect(summary).toMatchObject({ state: 'error', deleted: 0 })
    expect((await lake.cell()).code).toBe('KEY_TAKEN')
  })

  it('keeps two accounts with the same names apart', async () => {
    const other = { ...cell, account_id: '444455556666' }
    await whole('a', 'b')
    await lake.scan(locks('a', 'b'), 'ok', { cell: other })
    clock.pass(hour)
    await lake.scan([], 'ok', { cell: other })
    const rows = await lake.query(
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
    const write = openCellWrite(lake.db, lockCatalogue, cell, broken)
    await write.add(locks('a', ...many(2_500)))
    await expect(write.finish(ended('ok', clock.now()))).rejects.toThrow('a fact failed')
    await write.abandon()
    expect(await keys()).toEqual(['a'])
    expect(await lake.query('select count(*) as n from stance.resource_stage')).toEqual([{ n: 0 }])
    expect((await lake.cell()).rows).toBe(1)
  })

  it('writes a cell that does not fit in memory through the staging table', async () => {
    const names = many(4_300)
    expect(await whole(...names)).toMatchObject({ inserted: 4_300, touched: 'all' })
    clock.pass(hour)
    expect(await whole(...names)).toMatchObject({ inserted: 0, unchanged: 4_300, touched: [], versions: 0 })
    expect(await lake.query('select count(*) as n from stance.resource_stage')).toEqual([{ n: 0 }])
    expect(await lake.query('select count(*) as n from stance.resource_change')).toEqual([{ n: 0 }])
  })
})
