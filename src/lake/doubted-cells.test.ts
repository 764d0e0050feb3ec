import { beforeAll, beforeEach, expect, it } from 'vitest'
import { eachEngine } from '../../test/setup/test-database.ts'
import type { Database } from '../db/database.ts'
import { buildCatalogue } from './catalogue.ts'
import { text } from './columns.ts'
import { ensureLake } from './ensure-lake.ts'
import {
  cell,
  emptyLake,
  ended,
  HandClock,
  hour,
  lock,
  lockCatalogue,
  lockTable,
  scan,
} from './lake.fixture.ts'
import { materializeWorld } from './materialize-world.ts'
import type { CellChange, WriteOptions } from './open-cell-write.ts'
import { reproject } from './reproject.ts'
import { writeSingle } from './write-single.ts'

/** A later declaration, which needs what locks did not say until then. */
const later = buildCatalogue([
  {
    ...lockTable,
    list: { ...lockTable.list, columns: { ...lockTable.list.columns, maker: text('Maker' as never) } },
  } as typeof lockTable,
])

eachEngine(
  'a cell with a row of which nothing is in force',
  (database) => {
    let db: Database
    let clock: HandClock
    let changes: CellChange[]
    let options: WriteOptions
    beforeAll(async () => {
      db = database().db
      await ensureLake(db, lockCatalogue)
      await ensureLake(db, later)
    })
    beforeEach(async () => {
      clock = new HandClock()
      changes = []
      options = { clock, partition: 'test', derive: async (_tx, change) => void changes.push(change) }
      await emptyLake(db)
    })

    const good = (name = 'a') => lock(name, clock.now(), { list: { Maker: 'Ash' } })
    const broken = (name = 'b') => ({
      ...good(name),
      groups: lock(name, clock.now(), { list: { MadeAt: 'soon' } }).groups,
    })
    const read = (...locks: ReturnType<typeof lock>[]) => scan(db, options, locks, ended('ok', clock.now()))
    const theCell = async () => (await db.query('select state, in_force, code from stance.cell'))[0]!
    const listed = () => db.query('select _listed from lake.test_lock order by resource_key nulls last')
    const sound = { state: 'ok', in_force: true, code: '' }
    const doubted = { state: 'error', in_force: false, code: 'ROWS_UNREADABLE' }

    it('is not in force, until the row is read', async () => {
      await read(good(), broken())
      expect(await theCell()).toEqual(doubted)
      expect(await listed()).toEqual([{ _listed: true }, { _listed: null }])
      clock.pass(hour)
      await read(good(), broken())
      expect(await theCell()).toEqual(doubted)
      clock.pass(hour)
      await read(good(), good('b'))
      expect(await theCell()).toEqual(sound)
      clock.pass(hour)
      // The last good reading of the row counts.
      await read(good(), broken())
      expect(await theCell()).toEqual(sound)
      clock.pass(25 * hour)
      await read(good(), broken())
      expect(await theCell()).toEqual(doubted)
    })

    it('is not in force where a listing that broke off would be', async () => {
      await read(good())
      clock.pass(hour)
      await scan(db, options, [good(), broken()], ended('error', clock.now()))
      expect(await theCell()).toEqual({ ...doubted, code: 'error' })
    })

    it('is not in force after an event has brought the row', async () => {
      await read(good())
      clock.pass(hour)
      changes.length = 0
      await writeSingle(db, lockCatalogue, cell, { resource: broken() }, options)
      expect(await theCell()).toEqual(doubted)
      expect(changes).toMatchObject([{ part: 'here', cell_changed: true }])
      clock.pass(hour)
      await read(good())
      expect(await theCell()).toEqual(sound)
    })

    it('is not in force where another declaration does not find what it needs, nor was it then', async () => {
      const moment = clock.now()
      await read(good(), lock('b', clock.now()))
      expect(await theCell()).toEqual(sound)
      clock.pass(hour)
      const scratch = await materializeWorld(db, later, moment, { tables: ['test_lock'] })
      try {
        const cells = await db.query(`select in_force from ${scratch.world.cells}`)
        expect(cells).toEqual([{ in_force: false }])
      } finally {
        await scratch.drop()
      }
      changes.length = 0
      await reproject(db, later, options)
      expect(await theCell()).toEqual(doubted)
      expect(await listed()).toEqual([{ _listed: true }, { _listed: null }])
      expect(changes).toMatchObject([{ cell_changed: true }])
    })
  },
  { migrated: true },
)
