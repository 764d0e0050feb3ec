import { beforeAll, expect, it } from 'vitest'
import { buildCatalogue } from './catalogue.ts'
import type { CollectedResource } from './collected.ts'
import { text } from './columns.ts'
import { eachLake } from './each-lake.fixture.ts'
import { ensureLake } from './ensure-lake.ts'
import { ended, hour, lockTable } from './lake.fixture.ts'
import { materializeWorld } from './materialize-world.ts'
import { reproject } from './reproject.ts'

/** A later declaration, which needs what locks did not say until then. */
const later = buildCatalogue([
  {
    ...lockTable,
    list: { ...lockTable.list, columns: { ...lockTable.list.columns, maker: text('Maker' as never) } },
  } as typeof lockTable,
])

eachLake('a cell with a row of which nothing is in force', (lake) => {
  const { clock, changes, options } = lake
  beforeAll(() => ensureLake(lake.db, later))

  const good = (name = 'a') => lake.lock(name, { list: { Maker: 'Ash' } })
  const broken = (name = 'b') => ({
    ...good(name),
    groups: lake.lock(name, { list: { MadeAt: 'soon' } }).groups,
  })
  const read = (...locks: CollectedResource[]) => lake.scan(locks)
  const sound = { state: 'ok', in_force: true, code: '' }
  const doubted = { state: 'error', in_force: false, code: 'ROWS_UNREADABLE' }

  it('is not in force, until the row is read', async () => {
    await read(good(), broken())
    expect(await lake.cell()).toMatchObject(doubted)
    expect(await lake.listed()).toEqual([true, null])
    clock.pass(hour)
    await read(good(), broken())
    expect(await lake.cell()).toMatchObject(doubted)
    clock.pass(hour)
    await read(good(), good('b'))
    expect(await lake.cell()).toMatchObject(sound)
    clock.pass(hour)
    // The last good reading of the row counts.
    await read(good(), broken())
    expect(await lake.cell()).toMatchObject(sound)
    clock.pass(25 * hour)
    await read(good(), broken())
    expect(await lake.cell()).toMatchObject(doubted)
  })

  it('is not in force where a listing that broke off would be', async () => {
    await read(good())
    clock.pass(hour)
    await lake.scan([good(), broken()], 'error')
    expect(await lake.cell()).toMatchObject({ ...doubted, code: 'error' })
  })

  it('is not in force after an event has brought the row', async () => {
    await read(good())
    clock.pass(hour)
    changes.length = 0
    await lake.single({ resource: broken() })
    expect(await lake.cell()).toMatchObject(doubted)
    expect(changes).toMatchObject([{ part: 'here', cell_changed: true }])
    clock.pass(hour)
    await read(good())
    expect(await lake.cell()).toMatchObject(sound)
  })

  it('is not in force where an event brought the row while it was listed', async () => {
    await read(good())
    clock.pass(hour)
    const [listed, end] = [good(), ended('ok', clock.now())]
    clock.pass(1_000)
    await lake.single({ resource: broken() })
    await lake.scan([listed], end)
    expect(await lake.cell()).toMatchObject({ ...doubted, rows: 2 })
    expect(await lake.listed()).toEqual([true, null])
    clock.pass(hour)
    // The next listing does not hold it: what is left is sound.
    await read(good())
    expect(await lake.cell()).toMatchObject({ ...sound, rows: 1 })
  })

  it('is not in force where another declaration does not find what it needs, nor was it then', async () => {
    const moment = clock.now()
    await read(good(), lake.lock('b'))
    expect(await lake.cell()).toMatchObject(sound)
    clock.pass(hour)
    const scratch = await materializeWorld(lake.db, later, moment, { tables: ['test_lock'] })
    try {
      const cells = await lake.query(`select in_force from ${scratch.world.cells}`)
      expect(cells).toEqual([{ in_force: false }])
    } finally {
      await scratch.drop()
    }
    changes.length = 0
    await reproject(lake.db, later, options)
    expect(await lake.cell()).toMatchObject(doubted)
    expect(await lake.listed()).toEqual([true, null])
    expect(changes).toMatchObject([{ cell_changed: true }])
  })
})
