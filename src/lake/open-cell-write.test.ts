import { describe, expect, it } from 'vitest'
import { listenToStatements } from '../db/statement-log.ts'
import { eachLake } from './each-lake.fixture.ts'
import { account, denied, failed, hour, ok } from './lake.fixture.ts'

eachLake('the write of a cell', (lake) => {
  const { clock, changes } = lake

  const typed = () => lake.query('select * from lake.test_lock order by resource_key nulls last')
  const only = async () => (await typed())[0]!
  const versions = () => lake.query('select * from stance.resource_version order by valid_from nulls last')
  const alarm = (on: boolean, more: object = {}) => ok({ On: on, ...more }, clock.now())
  const keys = () => ok({ Count: '2' }, clock.now())

  it('writes typed rows, child rows, tags, documents and the cell', async () => {
    const doors = [{ Number: '1', Open: true }, { Number: '2' }]
    const list = { MadeAt: '2020-01-01T00:00:00Z', Doors: doors, Tags: { team: 'night' } }
    const now = clock.now()
    const read = lake.lock('a', { list, groups: { alarm: alarm(true), keys: keys() } })
    const summary = await lake.scan([read])
    expect(summary).toMatchObject({
      inserted: 1,
      deleted: 0,
      versions: 0,
      touched: ['lock/a'],
      state: 'ok',
    })
    expect(await only()).toEqual({
      account_id: account,
      region: 'here',
      resource_key: 'lock/a',
      owner_account_id: account,
      _part: 'here',
      _listed: true,
      _kept_facts: null,
      _new_in: expect.any(Date),
      _changed_in: null,
      _new_names: null,
      _lost_names: null,
      _kept_groups: null,
      _read_alarm: true,
      _read_keys: true,
      lock_name: 'a',
      made_at: new Date('2020-01-01T00:00:00Z'),
      door_count: 2,
      is_on: true,
      siren: '',
      last_rang_at: new Date('0001-01-01T00:00:00Z'),
      key_count: '2',
      holder: '',
      is_public: null,
    })
    const rows = await lake.query(
      'select _nr, number, is_open from lake.test_lock_door order by _nr nulls last',
    )
    expect(rows).toEqual([
      { _nr: 0, number: '1', is_open: true },
      { _nr: 1, number: '2', is_open: false },
    ])
    expect(await lake.query('select tag_key, tag_value from stance.resource_tag')).toEqual([
      { tag_key: 'team', tag_value: 'night' },
    ])
    expect(await lake.cell()).toMatchObject({ state: 'ok', in_force: true, rows: 1, ok_at: now, code: '' })
    expect(changes).toEqual([
      {
        account_id: account,
        table: 'test_lock',
        part: 'here',
        keys: ['lock/a'],
        deleted: [],
        cell_changed: true,
        since: now,
      },
    ])
    expect(await lake.query('select lock_name from public.test_lock')).toEqual([{ lock_name: 'a' }])
  })

  it('makes no version, no event and no new row of an untouched estate, whatever order its sets have', async () => {
    const doors = [{ Number: '1' }, { Number: '2' }]
    const first = () => alarm(true, { LastRang: '2026-01-01T00:00:00Z' })
    const one = (list: object) => lake.lock('a', { list, groups: { alarm: first(), keys: keys() } })
    await lake.scan([one({ Doors: doors })])
    changes.length = 0
    clock.pass(hour)
    const summary = await lake.scan([one({ Doors: doors.toReversed() })])
    expect(summary).toMatchObject({ inserted: 0, versions: 0 })
    clock.pass(hour)
    const third = await lake.scan([one({ Doors: doors.toReversed() })])
    expect(third).toMatchObject({ inserted: 0, changed: 0, unchanged: 1, versions: 0, touched: [] })
    expect(await versions()).toEqual([])
  })

  it('writes a volatile field without a version, and a configuration change with one', async () => {
    const at = (time: string, on = true) =>
      lake.lock('a', { groups: { alarm: alarm(on, { LastRang: time }) } })
    await lake.scan([at('2026-01-01T00:00:00Z')])
    clock.pass(hour)
    const rang = await lake.scan([at('2026-02-02T00:00:00Z')])
    expect(rang).toMatchObject({ changed: 1, versions: 0, touched: ['lock/a'] })
    expect((await only()).last_rang_at).toEqual(new Date('2026-02-02T00:00:00Z'))
    const changed = clock.pass(hour)
    expect(await lake.scan([at('2026-02-02T00:00:00Z', false)])).toMatchObject({
      versions: 1,
    })
    const [version] = await versions()
    expect(version).toMatchObject({ valid_to: changed, closed_as: 'changed', resource_key: 'lock/a' })
    expect(JSON.parse(String(version!.content)).alarm.On).toBe(true)
    expect((await only()).is_on).toBe(false)
  })

  it('costs a handful of statements where nothing changed', async () => {
    const read = () => [1, 2, 3].map((nr) => lake.lock(`l${nr}`, { groups: { alarm: denied(clock.now()) } }))
    const count = async (resources: ReturnType<typeof read>) => {
      const statements: string[] = []
      const stop = listenToStatements((sql) => statements.push(sql))
      await lake.scan(resources)
      stop()
      clock.pass(hour)
      return statements.length
    }
    await count([])
    expect(await count([])).toBeLessThanOrEqual(4)
    await count(read())
    expect(await count(read())).toBeLessThanOrEqual(8)
  })

  describe('a group that could not be read', () => {
    const read = (group: ReturnType<typeof ok>) => lake.lock('a', { groups: { alarm: group, keys: keys() } })
    const again = async (group: ReturnType<typeof ok>) => lake.scan([read(group)])

    it('is NULL at once when denied, keeps its content, and makes no version when it comes back', async () => {
      await again(alarm(true))
      clock.pass(hour)
      await again(denied(clock.now()))
      expect(await only()).toMatchObject({
        _read_alarm: null,
        is_on: null,
        siren: null,
        key_count: '2',
        _listed: true,
        _new_in: expect.any(Date),
        _changed_in: null,
        _new_names: null,
        _lost_names: null,
      })
      const [unread] = await lake.query('select * from public.coverage')
      expect(unread).toMatchObject({
        group_name: 'alarm',
        state: 'denied',
        in_force: false,
        action: 'test:GetAlarm',
      })
      expect(unread!.since).toEqual(clock.now())
      const [row] = await lake.query('select content from stance.resource')
      expect(JSON.parse(String(row!.content)).alarm).toEqual({ On: true })
      clock.pass(hour)
      await again(alarm(true))
      expect((await only()).is_on).toBe(true)
      expect(await versions()).toEqual([])
      expect(await lake.query('select * from public.coverage')).toEqual([])
      const history = await lake.query(
        'select state, in_force from stance.coverage_history order by valid_from nulls last',
      )
      expect(history).toEqual([
        { state: 'ok', in_force: true },
        { state: 'denied', in_force: false },
      ])
    })

    it('stays in force through errors until it is too old', async () => {
      await again(alarm(true))
      clock.pass(hour)
      await again(failed(clock.now()))
      expect(await only()).toMatchObject({ _read_alarm: true, is_on: true })
      clock.pass(22 * hour)
      await again(failed(clock.now()))
      expect((await only()).is_on).toBe(true)
      clock.pass(hour)
      await again(failed(clock.now()))
      expect(await only()).toMatchObject({ _read_alarm: null, is_on: null })
      const [unread] = await lake.query('select in_force, since from stance.unread_group')
      expect(unread).toEqual({ in_force: false, since: clock.now() })
    })

    it('goes out of force when it is too old, though the listing broke off before its resource', async () => {
      await again(alarm(true))
      clock.pass(10 * hour)
      await again(failed(clock.now()))
      clock.pass(10 * hour)
      await lake.scan([], 'error')
      expect((await only()).is_on).toBe(true)
      clock.pass(5 * hour)
      changes.length = 0
      expect(await lake.scan([], 'error')).toMatchObject({ in_force: true })
      expect(await only()).toMatchObject({ _listed: true, is_on: null, key_count: '2' })
      expect(changes).toMatchObject([{ keys: ['lock/a'], cell_changed: true }])
    })

    it('is not replaced by an older read that comes with a newer listing', async () => {
      const early = clock.now()
      clock.pass(hour)
      await again(alarm(true))
      clock.pass(hour)
      const list = { Doors: [{ Number: '1' }] }
      const old = lake.lock('a', { list, groups: { alarm: ok({ On: false }, early) } })
      expect(await lake.scan([old])).toMatchObject({ versions: 1 })
      expect(await only()).toMatchObject({ is_on: true, door_count: 1 })
    })

    it('is never brought back by an error after a denial', async () => {
      await again(alarm(true))
      clock.pass(hour)
      await again(denied(clock.now()))
      clock.pass(hour)
      await again(failed(clock.now()))
      expect((await only()).is_on).toBe(null)
    })

    it('is NULL where it was never tried, and in error where a column is missing', async () => {
      await lake.scan([lake.lock('a')])
      expect(await only()).toMatchObject({ _read_alarm: null, is_on: null, _listed: true })
      clock.pass(hour)
      const bad = lake.lock('a', { groups: { keys: ok({}, clock.now()), alarm: alarm(true) } })
      await lake.scan([bad])
      expect(await only()).toMatchObject({ _read_keys: null, key_count: null, holder: null, is_on: true })
      const [unread] = await lake.query('select * from stance.unread_group')
      expect(unread).toMatchObject({ group_name: 'keys', state: 'error', code: 'COLUMN_MISSING' })
      expect(unread!.message).toContain('key_count')
    })

    it('keeps the content before when the new one does not give its columns', async () => {
      await again(alarm(true))
      clock.pass(hour)
      await again(ok({ On: 'yes' }, clock.now()))
      expect(await only()).toMatchObject({ is_on: true, _read_alarm: true })
      const [unread] = await lake.query('select state, in_force, code from stance.unread_group')
      expect(unread).toEqual({ state: 'error', in_force: true, code: 'COLUMN_TYPE' })
      clock.pass(25 * hour)
      await again(ok({ On: 'yes' }, clock.now()))
      expect((await only()).is_on).toBe(null)
      expect(await versions()).toEqual([])
    })

    it('has its absence values where the answer is "not configured"', async () => {
      await again(alarm(true))
      clock.pass(hour)
      const summary = await again({ state: 'absent', read_at: clock.now() })
      expect(summary.versions).toBe(1)
      expect(await only()).toMatchObject({ _read_alarm: true, is_on: false, siren: '' })
    })
  })
})
