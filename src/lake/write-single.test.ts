import { beforeAll, beforeEach, expect, it } from 'vitest'
import { buildCatalogue, type LakeCatalogue } from './catalogue.ts'
import { flag, text } from './columns.ts'
import { defineTable } from './define-table.ts'
import { eachLake } from './each-lake.fixture.ts'
import { ensureLake } from './ensure-lake.ts'
import { cell, denied, failed, hour, lock, ok } from './lake.fixture.ts'

/** A group with a bulk way that fills all columns and a way of its own that fills one. */
function guardTable(): LakeCatalogue {
  const table = defineTable<{
    list: { Name: string }
    report: { Awake?: string; Rank: string; awake?: boolean }
  }>({
    name: 'test_guard',
    title: 'Guard',
    docs: 'https://example.com/guard',
    provider: 'test',
    via: 'test',
    service: 'guard',
    parts: 'region',
    identity: { key: 'guard/{Name}', native_id: 'Name', name: 'Name' },
    list: {
      read: { operation: 'ListGuards', items: 'Guards', permission: 'test:ListGuards' },
      columns: { guard_name: text('Name') },
    },
    groups: {
      report: {
        source: { source: 'report', items: 'rows', match: 'guard/{Name}' },
        columns: {
          is_awake: flag((report) => report.Awake === 'true' || report.awake === true, false),
          rank: text('Rank'),
        },
      },
    },
  })
  return buildCatalogue([table])
}

eachLake('a single read', (lake) => {
  const { clock } = lake
  const guards = guardTable()
  const post = { cell: { ...cell, table: 'test_guard' }, catalogue: guards }
  beforeAll(() => ensureLake(lake.db, guards))
  beforeEach(async () => {
    await lake.db.transaction((tx) => tx.run('delete from lake.test_guard where account_id is not null'))
  })

  it('writes one group of a known resource and leaves the others', async () => {
    const groups = { alarm: ok({ On: true }, clock.now()), keys: ok({ Count: '1' }, clock.now()) }
    await lake.scan([lake.lock('a', { groups })])
    const now = clock.pass(hour)
    const resource = lock('a', now, { groups: { alarm: ok({ On: false }, now) } })
    const { list: _, ...only } = resource.groups
    const one = { resource: { ...resource, groups: only } }
    expect(await lake.single(one)).toMatchObject({ versions: 1 })
    expect(await lake.query('select is_on, key_count, _listed from lake.test_lock')).toEqual([
      { is_on: false, key_count: '1', _listed: true },
    ])
    const unknown = { resource: { ...one.resource, resource_key: 'lock/b', native_id: 'b' } }
    expect(await lake.single(unknown)).toMatchObject({ inserted: 0 })
  })

  const guard = (group: ReturnType<typeof ok>) => {
    const { list: _, ...rest } = lake.lock('g').groups
    const groups = { ...rest, list: ok({ Name: 'g' }, clock.now()), report: group }
    return { ...lake.lock('g'), resource_key: 'guard/g', groups }
  }
  const report = (awake: boolean, rank: string) => ok({ Awake: String(awake), Rank: rank }, clock.now())
  const look = (awake: boolean, readAt = clock.now()) => {
    return { ...ok({ awake }, readAt), carries: ['is_awake'] }
  }
  const bulk = (awake: boolean, rank = 'one') => lake.scan([guard(report(awake, rank))], 'ok', post)
  const single = (group: ReturnType<typeof ok>) => lake.single({ resource: guard(group) }, post)
  const row = async () => (await lake.query('select is_awake, rank, _read_report from lake.test_guard'))[0]!

  it('of a way that carries some columns keeps what the other way gave', async () => {
    await bulk(true)
    clock.pass(hour)
    expect(await single(look(false))).toMatchObject({ versions: 1 })
    expect(await row()).toEqual({ is_awake: false, rank: 'one', _read_report: true })
    clock.pass(hour)
    expect(await single(look(false))).toMatchObject({ versions: 0, unchanged: 1, touched: [] })
    clock.pass(hour)
    // The other way says the same in its own words.
    expect(await bulk(false)).toMatchObject({ versions: 0, touched: [] })
    expect(await row()).toEqual({ is_awake: false, rank: 'one', _read_report: true })
    const [stored] = await lake.query('select content from stance.resource')
    expect(Object.keys(JSON.parse(String(stored!.content)))).toEqual(['list', 'report'])
    clock.pass(hour)
    expect(await bulk(true, 'two')).toMatchObject({ versions: 1 })
    expect(await row()).toMatchObject({ is_awake: true, rank: 'two' })
  })

  it('of another whole way makes a version only by fields that both have', async () => {
    const own = (content: object) => ({ ...ok(content as never, clock.now()), way: 'own' })
    await bulk(true)
    clock.pass(hour)
    expect(await single(own({ awake: true, Rank: 'one', Extra: [1] }))).toMatchObject({
      versions: 0,
      touched: [],
    })
    clock.pass(hour)
    expect(await bulk(true)).toMatchObject({ versions: 0 })
    clock.pass(hour)
    expect(await single(own({ awake: true, Rank: 'two' }))).toMatchObject({ versions: 1 })
    clock.pass(hour)
    expect(await single(own({ awake: true, Rank: 'two', Extra: [2] }))).toMatchObject({ versions: 1 })
  })

  it('is not undone by a lagging report, which still fills the other columns', async () => {
    await bulk(true)
    const early = clock.pass(hour)
    clock.pass(hour)
    await single(look(false))
    const lagging = guard({ ...report(true, 'two'), read_at: early })
    await lake.single({ resource: lagging }, post)
    expect(await row()).toEqual({ is_awake: false, rank: 'two', _read_report: true })
  })

  it('of some columns alone does not make the group read', async () => {
    await single(look(true))
    expect(await row()).toEqual({ is_awake: null, rank: null, _read_report: null })
    const [unread] = await lake.query('select state, code from stance.unread_group')
    expect(unread).toEqual({ state: 'not_collected', code: 'PARTLY_READ' })
    clock.pass(hour)
    await bulk(true)
    expect(await row()).toEqual({ is_awake: true, rank: 'one', _read_report: true })
  })

  it('ends a group at once when denied, and keeps it through an error', async () => {
    await bulk(true)
    clock.pass(hour)
    await single({ ...failed(clock.now()), carries: ['is_awake'] })
    expect((await row()).is_awake).toBe(true)
    await single({ ...denied(clock.now()), carries: ['is_awake'] })
    expect((await row()).is_awake).toBe(null)
  })
})
