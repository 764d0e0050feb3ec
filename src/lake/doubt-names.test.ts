import { expect, it } from 'vitest'
import { buildCatalogue } from './catalogue.ts'
import { doubtMissing, doubtNames } from './doubt-names.ts'
import { eachLake, type TestLake } from './each-lake.fixture.ts'
import { account, denied, ended, hour, lockCatalogue, lockTable, ok } from './lake.fixture.ts'

const sought = { table: 'test_lock', column: 'lock_name' }
const holder = { table: 'test_lock', column: 'holder', in: sought, isAll: true }
const siren = { table: 'test_lock', column: 'siren', in: sought, isAll: true }

/** A list of today has lost the name, which nothing else holds. */
function lose(lake: TestLake, name: string, namings = [holder]) {
  const loss = {
    account_id: account,
    across: false,
    namings,
    lost: { names: [name], since: lake.clock.now() },
  }
  return lake.db.transaction((tx) => doubtNames(tx, lockCatalogue.shapes, loss))
}

function heldBy(lake: TestLake, name: string, at = lake.clock.now()) {
  return lake.lock('a', { groups: { keys: ok({ Count: 'k-1', Holder: name }, at) } })
}

async function inDoubt(lake: TestLake): Promise<unknown> {
  const [row] = await lake.query('select _lost_names from lake.test_lock')
  return row?._lost_names
}

eachLake('a name that a list has lost', (lake) => {
  it('is in doubt where it was read before, until it is read again', async () => {
    await lake.scan([heldBy(lake, 'x')])
    lake.clock.pass(hour)
    expect(await lose(lake, 'x')).toMatchObject([{ table: 'test_lock', keys: ['lock/a'] }])
    expect(await inDoubt(lake)).toBe('|x|')
    // What was read before the loss, and comes to be written after it, does not know better.
    const early = heldBy(lake, 'x', new Date(lake.clock.now().getTime() - hour / 2))
    lake.clock.pass(hour)
    await lake.single({ resource: early })
    expect(await inDoubt(lake)).toBe('|x|')
    await lake.scan([heldBy(lake, 'x')])
    expect(await inDoubt(lake)).toBeNull()
    expect(await lose(lake, 'lock/a'), 'what it is called itself').toEqual([])
  })

  it('is in none where it was read since, and where another row still has it', async () => {
    lake.clock.pass(hour)
    const since = lake.clock.now()
    lake.clock.pass(hour)
    await lake.scan([heldBy(lake, 'x')])
    const loss = { account_id: account, across: false, namings: [holder], lost: { names: ['x'], since } }
    expect(await lake.db.transaction((tx) => doubtNames(tx, lockCatalogue.shapes, loss))).toEqual([])
    lake.clock.pass(hour)
    await lake.scan([heldBy(lake, 'b'), lake.lock('b')])
    lake.clock.pass(hour)
    expect(await lose(lake, 'b')).toEqual([])
    const amongOthers = [{ ...holder, isAll: false }]
    expect(await lose(lake, 'b', amongOthers), 'that row may not be meant').toMatchObject([
      { keys: ['lock/a'] },
    ])
  })

  it('is in doubt where it came after the list was read before, and may have been in it meanwhile', async () => {
    await lake.scan([heldBy(lake, 'early')])
    lake.clock.pass(hour)
    const read_before = lake.clock.now()
    lake.clock.pass(hour)
    await lake.scan([heldBy(lake, 'late')])
    const miss = (since: Date, before = read_before) =>
      lake.db.transaction((tx) => {
        const read = { account_id: account, namings: [holder], read_before: before, since }
        return doubtMissing(tx, lockCatalogue.shapes, read)
      })
    expect(await miss(lake.clock.now()), 'the row was read in the same scan').toEqual([])
    lake.clock.pass(hour)
    expect(await miss(lake.clock.now(), lake.clock.now()), 'the list was read since').toEqual([])
    expect(await miss(lake.clock.now())).toMatchObject([{ table: 'test_lock', keys: ['lock/a'] }])
    expect(await inDoubt(lake)).toBe('|late|')
    await lake.scan([heldBy(lake, 'b'), lake.lock('b')])
    lake.clock.pass(hour)
    expect(await miss(lake.clock.now()), 'it is there').toEqual([])
  })

  it('is in doubt until every group that has it was read', async () => {
    const both = (alarm: Date) =>
      lake.lock('a', {
        groups: {
          keys: ok({ Count: 'k-1', Holder: 'x' }, lake.clock.now()),
          alarm: ok({ On: true, Siren: 'x' }, alarm),
        },
      })
    await lake.scan([both(lake.clock.now())])
    lake.clock.pass(hour)
    await lose(lake, 'x', [holder, siren])
    lake.clock.pass(hour)
    await lake.scan([heldBy(lake, 'x')])
    expect(await inDoubt(lake)).toBe('|x|')
    lake.clock.pass(hour)
    await lake.scan([both(lake.clock.now())])
    expect(await inDoubt(lake)).toBeNull()
  })

  it('does not stay in doubt where a release reads its group no more', async () => {
    await lake.scan([heldBy(lake, 'x')])
    lake.clock.pass(hour)
    await lose(lake, 'x')
    const declared = lockTable as unknown as {
      list: { columns: object }
      groups: { keys: unknown; [name: string]: unknown }
    }
    const { keys: _, ...groups } = declared.groups
    const list = {
      ...declared.list,
      columns: { ...declared.list.columns, holder: { type: 'text', from: () => 'x', title: '' } },
    }
    const fact = { table: 'test_lock', column: 'is_public', type: 'boolean', title: '' } as const
    const catalogue = buildCatalogue([{ ...declared, version: 2, list, groups } as never], [fact])
    lake.clock.pass(hour)
    await lake.scan([lake.lock('a')], 'ok', { catalogue })
    expect(await inDoubt(lake)).toBeNull()
  })

  it('is told of what is gone, also of what was not in force any more', async () => {
    await lake.scan([heldBy(lake, 'x')])
    lake.clock.pass(hour)
    const now = lake.clock.now()
    await lake.scan([], { ...ended('denied', now), failure: denied(now).failure! })
    expect((await lake.listed())[0]).toBeNull()
    lake.clock.pass(hour)
    const { deleted, names_lost } = await lake.scan([])
    expect(deleted).toBe(1)
    expect(names_lost).toEqual(expect.arrayContaining(['x', 'k-1', 'lock/a']))
  })
})
