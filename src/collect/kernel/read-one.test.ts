import { describe, expect, it } from 'vitest'
import type { Missing } from '../../lake/collected.ts'
import { account, goodZoo, no, ok, pen, penCell, type Script, zoo } from './collect.fixture.ts'
import { collectCell } from './collect-cell.ts'
import { readOne } from './read-one.ts'

function one(script: Script, id = 'a', table = 'zoo_pen') {
  const at = zoo(script)
  return readOne(at.registry.table(table), id, penCell({ table }), at)
}

describe('a single read', () => {
  it('gives the same as a scan, but for what only a source fills', async () => {
    const at = zoo()
    await collectCell(penCell(), at)
    const scanned = at.kept[0]!.named('a')!
    const read = await one(goodZoo())
    expect(read.end).toBe('found')
    if (read.end !== 'found') return
    const times = { read_at: expect.any(Date) }
    const { vet, list, ...groups } = scanned.groups
    // Another operation than the listing, and reads beside a source: the lake compares shared fields only.
    const own = { ...times, way: 'own' }
    expect(read.resource).toEqual({
      ...scanned,
      groups: {
        ...Object.fromEntries(Object.entries(groups).map(([name, group]) => [name, { ...group, ...times }])),
        list: { ...list, ...own },
        vet: { state: 'ok', content: { checked: '2026-02-01T00:00:00Z' }, ...own },
      },
    })
  })

  it.each<[string, Script, string]>([
    ['that it is not there', { GetPen: () => no('NoSuchPen') }, 'gone'],
    ['that it is not allowed', { GetPen: () => no('Forbidden') }, 'denied'],
    ['anything else', { GetPen: () => no('What') }, 'error'],
    ['another resource', { GetPen: () => ok({ Pen: pen('b') }) }, 'error'],
    ['without what was picked', { GetPen: () => ok({}) }, 'error'],
    ['that it went in the middle', { GetFood: () => no('NoSuchPen') }, 'gone'],
  ])('answers %s', async (_, script, end) => {
    const read = await one({ ...goodZoo(), ...script })
    expect(read.end === 'unread' ? read.state : read.end).toBe(end)
  })

  it('is not there for what a source alone lists', async () => {
    expect(await one(goodZoo(), 'ann', 'zoo_keeper')).toMatchObject({
      end: 'unread',
      failure: { code: 'NO_SINGLE_READ' },
    })
  })
})

describe('a big deletion', () => {
  const missing = (id: string): Missing => ({
    resource_key: `zoo:zoo:north:${account}:pen/${id}`,
    native_id: id,
    region: 'north',
  })

  async function confirmed(script: Script, ids: string[], table = 'zoo_pen') {
    const at = zoo(script)
    await collectCell(penCell({ table }), at)
    at.wire.requests.length = 0
    const sample =
      table === 'zoo_pen'
        ? ids.map(missing)
        : ids.map((id) => ({
            resource_key: `zoo:${account}:north:keeper/${id}`,
            native_id: id,
            region: 'north',
          }))
    return { answer: await at.kept[0]!.confirmGone!(sample), at }
  }

  it('is confirmed by single reads that find nothing', async () => {
    const { answer, at } = await confirmed(goodZoo(), ['x', 'y'])
    expect(answer).toBe('gone')
    expect(at.wire.requests.map(({ operation }) => operation)).toEqual(['GetPen', 'GetPen'])
  })

  it('is refuted by one that is still there', async () => {
    expect((await confirmed(goodZoo(), ['x', 'a'])).answer).toBe('still there')
  })

  it('is confirmed by a second listing where single reads cannot tell', async () => {
    const { answer, at } = await confirmed({ ...goodZoo(), GetPen: () => no('Forbidden') }, ['x'])
    expect(answer).toBe('gone')
    expect(at.wire.asked('ListPens')).toHaveLength(1)
    expect((await confirmed({ ...goodZoo(), GetPen: () => no('Forbidden') }, ['a'])).answer).toBe(
      'still there',
    )
  })

  it('is not confirmed by a second listing that is not whole', async () => {
    let listed = 0
    const list: Script[string] = () =>
      listed++ === 0 ? ok({ Pens: [], Total: 0 }) : ok({ Pens: [], Total: 9 })
    const { answer } = await confirmed({ ...goodZoo(), ListPens: list, GetPen: () => no('What') }, ['x'])
    expect(answer).toBe('could not tell')
  })

  it('asks a source anew', async () => {
    const { answer, at } = await confirmed(goodZoo(), ['carl'], 'zoo_keeper')
    expect(answer).toBe('gone')
    expect(at.wire.asked('ListStaff')).toHaveLength(1)
  })
})
