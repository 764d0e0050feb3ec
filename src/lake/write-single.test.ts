import { beforeAll, beforeEach, expect, it } from 'vitest'
import { eachEngine } from '../../test/setup/test-database.ts'
import type { Database } from '../db/database.ts'
import { buildCatalogue, type LakeCatalogue } from './catalogue.ts'
import { flag, text } from './columns.ts'
import { defineTable } from './define-table.ts'
import { ensureLake } from './ensure-lake.ts'
import {
  cell,
  denied,
  emptyLake,
  ended,
  failed,
  HandClock,
  hour,
  lock,
  lockCatalogue,
  ok,
  scan,
} from './lake.fixture.ts'
import type { WriteOptions } from './open-cell-write.ts'
import { writeSingle } from './write-single.ts'

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

eachEngine(
  'a single read',
  (database) => {
    let db: Database
    let clock: HandClock
    let options: WriteOptions
    const guards = guardTable()
    const post = { ...cell, table: 'test_guard' }
    beforeAll(async () => {
      db = database().db
      await ensureLake(db, lockCatalogue)
      await ensureLake(db, guards)
    })
    beforeEach(async () => {
      clock = new HandClock()
      options = { clock, partition: 'test' }
      await emptyLake(db)
      await db.transaction((tx) => tx.run('delete from lake.test_guard where account_id is not null'))
    })

    it('writes one group of a known resource and leaves the others', async () => {
      const groups = { alarm: ok({ On: true }, clock.now()), keys: ok({ Count: '1' }, clock.now()) }
      await scan(db, options, [lock('a', clock.now(), { groups })], ended('ok', clock.now()))
      const now = clock.pass(hour)
      const resource = lock('a', now, { groups: { alarm: ok({ On: false }, now) } })
      const { list: _, ...only } = resource.groups
      const one = { resource: { ...resource, groups: only } }
      expect(await writeSingle(db, lockCatalogue, cell, one, options)).toMatchObject({ versions: 1 })
      expect(await db.query('select is_on, key_count, _listed from lake.test_lock')).toEqual([
        { is_on: false, key_count: '1', _listed: true },
      ])
      const unknown = { resource: { ...one.resource, resource_key: 'lock/b', native_id: 'b' } }
      expect(await writeSingle(db, lockCatalogue, cell, unknown, options)).toMatchObject({ inserted: 0 })
    })

    const guard = (group: ReturnType<typeof ok>) => {
      const { list: _, ...rest } = lock('g', clock.now()).groups
      const groups = { ...rest, list: ok({ Name: 'g' }, clock.now()), report: group }
      return { ...lock('g', clock.now()), resource_key: 'guard/g', groups }
    }
    const report = (awake: boolean, rank: string) => ok({ Awake: String(awake), Rank: rank }, clock.now())
    const look = (awake: boolean, readAt = clock.now()) => {
      return { ...ok({ awake }, readAt), carries: ['is_awake'] }
    }
    const bulk = (awake: boolean, rank = 'one') =>
      scan(db, options, [guard(report(awake, rank))], ended('ok', clock.now()), {
        cell: post,
        catalogue: guards,
      })
    const single = (group: ReturnType<typeof ok>) =>
      writeSingle(db, guards, post, { resource: guard(group) }, options)
    const row = async () => (await db.query('select is_awake, rank, _read_report from lake.test_guard'))[0]!

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
      const [stored] = await db.query('select content from stance.resource')
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
      await writeSingle(db, guards, post, { resource: lagging }, options)
      expect(await row()).toEqual({ is_awake: false, rank: 'two', _read_report: true })
    })

    it('of some columns alone does not make the group read', async () => {
      await single(look(true))
      expect(await row()).toEqual({ is_awake: null, rank: null, _read_report: null })
      const [unread] = await db.query('select state, code from stance.unread_group')
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
  },
  { migrated: true },
)
