import { expect, it } from 'vitest'
import { dropOlderThan, historyLimit } from './drop-older-than.ts'
import { eachLake } from './each-lake.fixture.ts'
import { account, cell, denied, hour, lockCatalogue, ok } from './lake.fixture.ts'
import { materializeWorld } from './materialize-world.ts'
import { getResource } from './read-resources.ts'
import { resourceHistory } from './resource-history.ts'

eachLake('the past', (lake) => {
  const { clock } = lake

  const a = (on: boolean | 'denied') => {
    const alarm =
      on === 'denied' ? denied(clock.now()) : ok({ On: on, LastRang: clock.now().toISOString() }, clock.now())
    return lake.lock('a', { list: { Doors: [{ Number: '1' }] }, groups: { alarm } })
  }
  const rowsAt = async (moment: Date) => {
    const scratch = await materializeWorld(lake.db, lockCatalogue, moment, { tables: ['test_lock'] })
    const { world, drop, schema } = scratch
    try {
      const rows = await lake.query(
        `select resource_key, _listed, is_on, key_count from ${world.relation('test_lock')} order by resource_key nulls last`,
      )
      const doors = await lake.query(`select count(*) as n from ${world.relation('test_lock_door')}`)
      const cells = await lake.query(
        `select part, state, in_force from ${world.cells} order by part nulls last`,
      )
      return { rows: rows.map((row) => Object.values(row).slice(1)), doors: doors[0]!.n, cells }
    } finally {
      await drop()
      const left = await lake.query(
        `select table_name::text as table_name from information_schema.tables where table_schema = '${schema}'`,
      )
      expect(left).toEqual([])
    }
  }

  it('is judged with what was read then', async () => {
    const before = clock.now()
    const t1 = clock.pass(hour)
    await lake.scan([a(true), lake.lock('b')])
    const t2 = clock.pass(hour)
    await lake.scan([a('denied'), lake.lock('b')])
    const t3 = clock.pass(hour)
    await lake.scan([a(false)])
    const t4 = clock.pass(hour)
    await lake.scan([], 'denied')
    const t5 = clock.pass(hour)
    const withKeys = a(false)
    withKeys.groups.keys = ok({ Count: '7' }, t5)
    await lake.scan([withKeys])
    const t6 = clock.pass(hour)
    await lake.scan([])

    const okCell = [{ part: 'here', state: 'ok', in_force: true }]
    expect(await rowsAt(before)).toEqual({ rows: [], doors: 0, cells: [] })
    const first = {
      rows: [
        [true, true, null],
        [true, null, null],
      ],
      doors: 1,
      cells: okCell,
    }
    expect(await rowsAt(t1)).toEqual(first)
    expect(await rowsAt(new Date(t2.getTime() - 1))).toEqual(first)
    expect(await rowsAt(t2)).toEqual({
      ...first,
      rows: [
        [true, null, null],
        [true, null, null],
      ],
    })
    expect(await rowsAt(t3)).toEqual({ rows: [[true, false, null]], doors: 1, cells: okCell })
    const deniedCell = [{ part: 'here', state: 'denied', in_force: false }]
    expect(await rowsAt(t4)).toEqual({ rows: [[null, null, null]], doors: 0, cells: deniedCell })
    expect(await rowsAt(t5)).toEqual({ rows: [[true, false, '7']], doors: 1, cells: okCell })
    expect(await rowsAt(t6)).toEqual({ rows: [], doors: 0, cells: okCell })
  })

  it('of one resource is its versions, with what differs', async () => {
    const t1 = clock.now()
    await lake.scan([a(true)])
    const t2 = clock.pass(hour)
    await lake.scan([a('denied')])
    const t3 = clock.pass(hour)
    await lake.scan([a(false)])
    const { versions, coverage } = await resourceHistory(lake.db, lockCatalogue, account, 'lock/a')
    expect(versions).toMatchObject([
      {
        valid_from: t3,
        valid_to: null,
        closed_as: '',
        changes: [{ path: 'alarm.On', before: true, after: false }],
      },
      { valid_from: t1, valid_to: t3, closed_as: 'changed', changes: [] },
    ])
    expect(coverage).toMatchObject([
      { group_name: 'alarm', state: 'ok', valid_from: t1, valid_to: t2 },
      { group_name: 'alarm', state: 'denied', valid_from: t2, valid_to: t3, code: 'AccessDenied' },
    ])
    expect((await getResource(lake.db, account, 'lock/a'))?.content.alarm).toMatchObject({ On: false })
    expect(cell.table).toBe('test_lock')
  })

  it('is forgotten after 15 months, by when it ended', async () => {
    await lake.scan([a(true), lake.lock('b')])
    clock.pass(hour)
    await lake.scan([a(false)])
    const ended15 = historyLimit(clock.pass(456 * 24 * hour))
    expect(await dropOlderThan(lake.db, new Date(ended15.getTime() - 30 * 24 * hour))).toBe(0)
    expect(await dropOlderThan(lake.db, ended15)).toBe(3)
    expect(await lake.query('select * from stance.resource_version')).toEqual([])
  })
})
