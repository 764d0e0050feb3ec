import { expect, it } from 'vitest'
import { eachLake } from './each-lake.fixture.ts'
import { forgetEmptyCells } from './forget-cells.ts'
import { account, cell, hour } from './lake.fixture.ts'

eachLake('cells of regions that the account does not have', (lake) => {
  const empty = { ...cell, part: 'there' }
  const parts = async () => {
    const rows = await lake.query('select part from stance.cell order by part nulls last')
    return rows.map(({ part }) => part)
  }

  it('are none where nothing is known in them, and the past knows them still', async () => {
    await lake.scan([lake.lock('a')])
    await lake.scan([], 'ok', { cell: empty })
    const decided_at = lake.clock.pass(hour)
    lake.changes.length = 0
    await forgetEmptyCells(lake.db, account, [cell, empty], { ...lake.options, decided_at })
    expect(await parts()).toEqual([cell.part])
    expect(lake.changes).toMatchObject([{ part: 'there', cell_changed: true }])
    const past = await lake.query(`select part, state, in_force, valid_to from stance.coverage_history`)
    expect(past).toEqual([{ part: 'there', state: 'ok', in_force: true, valid_to: decided_at }])
  })

  it('stay where they were read since', async () => {
    const decided_at = lake.clock.now()
    lake.clock.pass(hour)
    await lake.scan([], 'ok', { cell: empty })
    await forgetEmptyCells(lake.db, account, [empty], { ...lake.options, decided_at })
    expect(await parts()).toEqual(['there'])
  })
})
