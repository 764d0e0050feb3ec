import { beforeAll, expect, it } from 'vitest'
import { eachEngine } from '../../../test/setup/test-database.ts'
import type { Database } from '../../db/database.ts'
import { buildCatalogue } from '../../lake/catalogue.ts'
import { ensureLake } from '../../lake/ensure-lake.ts'
import { openCellWrite } from '../../lake/open-cell-write.ts'
import { writeSingle } from '../../lake/write-single.ts'
import { goodZoo, no, ok, pen, penCell, type Script, TickingClock, type Zoo, zoo } from './collect.fixture.ts'
import { type CellSummary, collectCell } from './collect-cell.ts'
import type { PlannedCell } from './planned-cell.ts'
import { readOne } from './read-one.ts'
import { type Pen, zooTables } from './zoo-tables.fixture.ts'

const catalogue = buildCatalogue(zooTables)

eachEngine(
  'cells read into the lake',
  (database) => {
    let db: Database
    const clock = new TickingClock()
    let nr = 0
    beforeAll(async () => {
      db = database().db
      await ensureLake(db, catalogue)
    })

    /** Each test has a region of its own. */
    const freshRegion = () => `region-${nr++}`
    function at(script: Script): Zoo {
      const one = zoo(script)
      one.clock = clock
      one.openWriter = (cell) => openCellWrite(db, catalogue, cell, { clock, partition: cell.partition })
      return one
    }
    async function scan(part: string, script: Script, more: Partial<PlannedCell> = {}): Promise<Written> {
      clock.pass(3_600_000)
      const summary = await collectCell(penCell({ part, ...more }), at(script))
      if (summary.outcome !== 'written') throw new Error('cancelled')
      return summary as Written
    }
    type Written = Extract<CellSummary, { outcome: 'written' }> & {
      written: { state: string; deleted: number; versions: number; inserted: number }
    }
    const pens = (part: string) =>
      db.query<Record<string, unknown>>(
        `select resource_key, pen_name, food_kind, door_count, key_count, checked_at, _listed
         from lake.zoo_pen where region = $1 order by resource_key nulls last`,
        [part],
      )
    const names = async (part: string) => (await pens(part)).map(({ pen_name }) => pen_name)
    const stateOf = async (part: string, table = 'zoo_pen') =>
      (
        await db.query(
          'select state, in_force, action from stance.cell where part = $1 and table_name = $2',
          [part, table],
        )
      )[0]
    const within = { table: 'zoo_feeding' }
    const feedingsOf = async (part: string) => {
      const rows = await db.query<{ name: string }>(
        'select name from stance.resource where table_name = $1 and part = $2 order by name nulls last',
        ['zoo_feeding', part],
      )
      return rows.map(({ name }) => name)
    }
    const many = (count: number): Pen[] => Array.from({ length: count }, (_, at) => pen(`p${at}`))

    it('fills every column, and twice the same makes no version', async () => {
      const part = freshRegion()
      const first = await scan(part, goodZoo([pen('a', { Animals: [{ Species: 'emu' }] })]))
      expect(first.written).toMatchObject({ state: 'ok', inserted: 1 })
      expect(await pens(part)).toMatchObject([
        { pen_name: 'pen a', food_kind: 'hay', door_count: 2, key_count: 0, _listed: true },
      ])
      expect((await pens(part))[0]!.checked_at).toEqual(new Date('2026-02-01T00:00:00Z'))
      const again = await scan(part, goodZoo([pen('a', { Animals: [{ Species: 'emu' }] })]))
      expect(again.written).toMatchObject({ versions: 0, deleted: 0, inserted: 0 })
    })

    it('makes NULL of what is denied, and of nothing else', async () => {
      const part = freshRegion()
      await scan(part, goodZoo([pen('a')]))
      await scan(part, {
        ...goodZoo([pen('a')]),
        GetFood: () => no('Forbidden'),
        ListDoors: () => no('Sick'),
      })
      expect(await pens(part)).toMatchObject([
        // An error leaves what was good in force; a denial does not.
        { pen_name: 'pen a', food_kind: null, door_count: 2, _listed: true },
      ])
    })

    it.each<[string, Partial<Script>, string]>([
      ['denied', { ListPens: () => no('Forbidden') }, 'denied'],
      ['broken off', { ListPens: () => ok({ Pens: [pen('b')], Total: 9 }) }, 'error'],
      ['without its rows', { ListPens: () => ok({ Total: 0 }) }, 'error'],
      ['of a region that is gone', { ListPens: () => no('ClosedSite') }, 'denied'],
    ])('deletes nothing after a list that is %s', async (_, script, state) => {
      const part = freshRegion()
      await scan(part, goodZoo())
      const { written } = await scan(part, { ...goodZoo(), ...script } as Script)
      expect(written).toMatchObject({ state, deleted: 0 })
      expect(await pens(part)).toHaveLength(2)
    })

    it('is absent where the region was never opted in', async () => {
      const part = freshRegion()
      await scan(part, { ...goodZoo(), ListPens: () => no('ClosedSite') })
      expect(await stateOf(part)).toMatchObject({ state: 'absent', in_force: true })
    })

    it('deletes what a whole list does not have, and what goes while it is read', async () => {
      const part = freshRegion()
      await scan(part, goodZoo([pen('a'), pen('b'), pen('c')]))
      const food: Script[string] = ({ input }) => (input.Pen === 'b' ? no('NoSuchPen') : ok({}))
      const { written } = await scan(part, { ...goodZoo([pen('a'), pen('b')]), GetFood: food })
      expect(written).toMatchObject({ state: 'ok', deleted: 2 })
      expect(await names(part)).toEqual(['pen a'])
    })

    it('asks again before a big deletion', async () => {
      const part = freshRegion()
      const all = many(60)
      await scan(part, goodZoo(all))
      const empty = { ...goodZoo(all), ListPens: () => ok({ Pens: [], Total: 0 }) }
      const refused = await scan(part, empty)
      expect(refused.written).toMatchObject({ state: 'error', deleted: 0 })
      expect(await pens(part)).toHaveLength(60)
      const confirmed = await scan(part, goodZoo([]))
      expect(confirmed.written).toMatchObject({ state: 'ok', deleted: 60 })
    })

    it('vouches for the rows within a parent, parent by parent', async () => {
      const part = freshRegion()
      const feedings = (hours: Record<string, number[] | undefined>): Script => ({
        ...goodZoo([pen('a'), pen('b')]),
        ListFeedings: ({ input }) => {
          const known = hours[String(input.Pen)]
          return known === undefined ? no('Forbidden') : ok({ Feedings: known.map((Hour) => ({ Hour })) })
        },
      })
      const table = { table: 'zoo_feeding' }
      await scan(part, feedings({ a: [1, 2], b: [3, 4] }), table)
      const { written } = await scan(part, feedings({ a: [1] }), table)
      expect(written).toMatchObject({ state: 'denied', deleted: 1 })
      expect(await feedingsOf(part)).toEqual(['1:00', '3:00', '4:00'])
      await scan(part, feedings({ a: [1], b: [3, 4] }), table)
      expect(await stateOf(part, 'zoo_feeding')).toMatchObject({ state: 'ok' })
    })

    it('keeps what an event wrote within a parent that was made after the parents were listed', async () => {
      const part = freshRegion()
      const feedings: Script[string] = ({ input }) => ok({ Feedings: [{ Hour: input.Pen === 'a' ? 1 : 9 }] })
      const scripted = (...ids: string[]): Script => ({
        ...goodZoo(ids.map((id) => pen(id))),
        ListFeedings: feedings,
      })
      await scan(part, { ...scripted('a'), ListFeedings: () => ok({ Feedings: [{ Hour: 1 }, { Hour: 5 }] }) })
      await scan(
        part,
        { ...scripted('a'), ListFeedings: () => ok({ Feedings: [{ Hour: 1 }, { Hour: 5 }] }) },
        within,
      )
      clock.pass(3_600_000)
      const one = at(scripted('a'))
      // The parents' own cell is read: its listing is kept for the scan.
      await collectCell(penCell({ part }), one)
      clock.pass(60_000)
      const account_id = penCell().account_id
      const event = at(scripted('a', 'z'))
      const options = { clock, partition: 'zoo' }
      const z = await readOne(one.registry.table('zoo_pen'), 'z', penCell({ part }), event)
      if (z.end !== 'found') throw new Error(z.end)
      const { resource } = z
      await writeSingle(db, catalogue, { account_id, table: 'zoo_pen', part }, { resource }, options)
      const parent = { resource_key: resource.resource_key, native_id: 'z', item: { Id: 'z' } }
      const cell = penCell({ part, ...within })
      const feeding = await readOne(one.registry.table('zoo_feeding'), '9', cell, event, parent)
      if (feeding.end !== 'found') throw new Error(feeding.end)
      await writeSingle(db, catalogue, cell, { resource: feeding.resource }, options)
      clock.pass(60_000)
      const { written } = (await collectCell(cell, one)) as Written
      // 5:00 was there before, and is gone; of pen z this listing knows nothing.
      expect(written).toMatchObject({ state: 'ok', deleted: 1 })
      expect(await feedingsOf(part)).toEqual(['1:00', '9:00'])
      // The next scan knows pen z.
      expect((await scan(part, scripted('a', 'z'), within)).written).toMatchObject({
        state: 'ok',
        deleted: 0,
      })
      expect((await scan(part, scripted('a'), within)).written).toMatchObject({ state: 'ok', deleted: 1 })
    })

    it('leaves the cell as it was when it is cancelled', async () => {
      const part = freshRegion()
      await scan(part, goodZoo())
      const before = [await pens(part), await stateOf(part)]
      const script = goodZoo([pen('z')])
      const one = at(script)
      script.ListDoors = () => {
        one.stop.abort()
        return no('Sick')
      }
      expect(await collectCell(penCell({ part }), one)).toEqual({ outcome: 'cancelled' })
      expect([await pens(part), await stateOf(part)]).toEqual(before)
      const staged = await db.query('select count(*) as n from stance.resource_stage')
      expect(staged).toEqual([{ n: 0 }])
    })

    it('takes single reads beside the list', async () => {
      const part = freshRegion()
      await scan(part, goodZoo([pen('a')]))
      const single = async (script: Script) => {
        clock.pass(60_000)
        const one = at(script)
        const read = await readOne(one.registry.table('zoo_pen'), 'a', penCell({ part }), one)
        const cell = { account_id: penCell().account_id, table: 'zoo_pen', part }
        const options = { clock, partition: 'zoo' }
        if (read.end === 'found') await writeSingle(db, catalogue, cell, { resource: read.resource }, options)
        else if (read.end === 'gone')
          await writeSingle(db, catalogue, cell, { gone: { native_id: 'a' }, read_at: read.read_at }, options)
      }
      await single({ ...goodZoo([pen('a')]), GetFood: () => ok({ Kind: 'fish' }) })
      expect(await pens(part)).toMatchObject([{ food_kind: 'fish', door_count: 2 }])
      await single(goodZoo([]))
      expect(await pens(part)).toEqual([])
    })

    it('takes what the planner has settled', async () => {
      const part = freshRegion()
      await scan(part, goodZoo())
      const cell = penCell({ part })
      const failure = { code: 'EXCLUDED', message: 'left out', next: 'Take it in.' }
      const nothing = { listed_at: clock.now(), calls: 0, throttles: 0, duration_ms: 0 }
      const end = { state: 'excluded' as const, failure, ...nothing }
      await openCellWrite(db, catalogue, cell, { clock, partition: 'zoo' }).finish(end)
      expect(await stateOf(part)).toMatchObject({ state: 'excluded', in_force: false })
      expect(await pens(part)).toMatchObject([{ _listed: null, pen_name: null }, { _listed: null }])
    })
  },
  { migrated: true },
)
