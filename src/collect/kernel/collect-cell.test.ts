import { describe, expect, it } from 'vitest'
import { account, goodZoo, no, ok, pen, penCell, type Script, type Zoo, zoo } from './collect.fixture.ts'
import { collectCell } from './collect-cell.ts'

async function collected(script: Script, more: Parameters<typeof penCell>[0] = {}, at: Zoo = zoo(script)) {
  const summary = await collectCell(penCell(more), at)
  return { at, cell: at.kept.at(-1)!, summary }
}

describe('a cell', () => {
  it('has every row with its identity, tags and groups', async () => {
    const one = pen('a', { Tags: [{ Key: 'kind', Value: 'big' }], Keeper: { Account: '444455556666' } })
    const { cell, summary, at } = await collected(goodZoo([one]))
    expect(cell.end).toMatchObject({ state: 'ok', calls: 7, throttles: 0 })
    expect(summary).toMatchObject({ outcome: 'written', rows: 1, unread_groups: {}, written: 'kept' })
    expect(cell.resources).toMatchObject([
      {
        resource_key: `zoo:zoo:north:${account}:pen/a`,
        native_id: 'a',
        name: 'pen a',
        region: 'north',
        owner_account_id: '444455556666',
        incarnation: '2020-01-01T00:00:00Z',
        tags: { kind: 'big' },
        groups: {
          list: { state: 'ok', content: { Id: 'a' } },
          food: { state: 'ok', content: { Kind: 'hay' } },
          locks: { state: 'ok', content: { Doors: 2, Keys: 0 } },
          vet: { state: 'ok', content: { id: 'a', checked: '2026-02-01T00:00:00Z' } },
        },
      },
    ])
    expect(cell.resources[0]?.groups.vet?.read_at).toEqual(new Date('2026-02-28T23:00:00Z'))
    expect(at.wire.asked('GetFood')[0]?.input).toEqual({ Pen: 'a', Where: `north/${account}` })
    expect(at.counter.summary()).toMatchObject({ calls: 7, bytes: 60, failures: 1 })
    expect(at.events.map(({ kind }) => kind)).toEqual(['cell_started', 'cell_rows', 'cell_ended'])
  })

  it('follows pages to the last one', async () => {
    const script = goodZoo()
    script.ListPens = ({ input }) =>
      input.From === undefined
        ? ok({ Pens: [pen('a')], Next: 'x', Total: 2 })
        : ok({ Pens: [pen('b')], Total: 2 })
    const { cell } = await collected(script)
    expect(cell.end?.state).toBe('ok')
    expect(cell.resources.map(({ native_id }) => native_id)).toEqual(['a', 'b'])
  })

  it.each<[string, Script['ListPens'] & {}, string]>([
    ['a token that comes twice', () => ok({ Pens: [pen('a')], Next: 'x', Total: 1 }), 'PAGE_REPEATED'],
    ['a count that does not agree', () => ok({ Pens: [pen('a')], Total: 2 }), 'ROWS_MISSING'],
    ['an answer without the rows', () => ok({ Total: 0 }), 'ROWS_MISSING'],
    [
      'a later page that says "not here"',
      ({ input }) => (input.From === undefined ? ok({ Pens: [pen('a')], Next: 'x' }) : no('NoZooHere')),
      'PAGE_MISSING',
    ],
    ['a row without an id', () => ok({ Pens: [pen('a'), { Name: 'x' }], Total: 2 }), 'ROW_UNUSABLE'],
    ['an answer that is not declared', () => no('Whatever'), 'Whatever'],
  ])('is error, not whole, after %s', async (_, list, code) => {
    const { cell } = await collected({ ...goodZoo(), ListPens: list })
    expect(cell.end).toMatchObject({ state: 'error', failure: { code } })
  })

  it('keeps the rows that a broken list gave', async () => {
    const list: Script[string] = ({ input }) =>
      input.From === undefined ? ok({ Pens: [pen('a')], Next: 'x' }) : no('Forbidden')
    const { cell } = await collected({ ...goodZoo(), ListPens: list })
    expect(cell.end).toMatchObject({ state: 'denied', failure: { action: 'zoo:ListPens' } })
    expect(cell.resources).toHaveLength(1)
  })

  it('is absent where the region has no such service', async () => {
    const { cell } = await collected({ ...goodZoo(), ListPens: () => no('NoZooHere') })
    expect(cell.end).toMatchObject({ state: 'absent', failure: { code: 'NoZooHere' } })
  })

  it('says of each group how it was read', async () => {
    const { cell, summary } = await collected({
      ...goodZoo([pen('a'), pen('b', { Name: 'open meadow' })]),
      GetFood: ({ input }) => (input.Pen === 'a' ? no('Forbidden', 'denied by the board') : no('NoFood')),
      ListDoors: () => no('TooFast'),
    })
    expect(cell.end?.state).toBe('ok')
    expect(cell.named('a')?.groups.food).toMatchObject({
      state: 'denied',
      failure: {
        code: 'Forbidden',
        action: 'zoo:GetFood',
        denied_by: 'service control policy',
        next: 'Ask the board for zoo:GetFood.',
      },
    })
    expect(cell.named('b')?.groups.food).toMatchObject({ state: 'absent' })
    expect(cell.named('a')?.groups.locks).toMatchObject({ state: 'error', failure: { code: 'TooFast' } })
    expect(cell.named('b')?.groups.locks).toMatchObject({ state: 'unsupported' })
    expect(summary).toMatchObject({ unread_groups: { food: { denied: 1 }, locks: { error: 1 } } })
    expect(cell.end?.throttles).toBe(3)
  })

  it('leaves out a resource that goes while it is read', async () => {
    const food: Script[string] = ({ input }) => (input.Pen === 'a' ? no('NoSuchPen') : ok({}))
    const { cell } = await collected({ ...goodZoo(), GetFood: food })
    expect(cell.resources.map(({ native_id }) => native_id)).toEqual(['b'])
    expect(cell.end?.state).toBe('ok')
  })

  it('reads only the groups that are due', async () => {
    const { cell, at } = await collected(goodZoo([pen('a')]), { groups: ['food'] })
    expect(Object.keys(cell.resources[0]?.groups ?? {})).toEqual(['list', 'food'])
    expect(at.wire.asked('ListDoors')).toEqual([])
    expect(at.wire.asked('GetReport')).toEqual([])
  })

  it('reads what is not due of what is new, as far as calls are left', async () => {
    const asked: unknown[] = []
    const fresh = async (calls: number) => {
      const at = zoo(goodZoo([pen('a'), pen('b'), pen('c')]))
      at.neverRead = async (_, resources, groups) => {
        asked.push([resources.map(({ native_id }) => native_id), groups])
        return new Map(resources.slice(1).map(({ resource_key }) => [resource_key, ['locks']]))
      }
      const more = { groups: ['food'], first_reads: { groups: ['locks', 'vet'], calls } }
      const { cell } = await collected({}, more, at)
      return cell.resources.map(({ groups }) => groups.locks?.state)
    }
    // Doors and keys: two calls for each.
    expect(await fresh(4)).toEqual([undefined, 'ok', 'ok'])
    expect(asked[0]).toEqual([
      ['a', 'b', 'c'],
      ['locks', 'vet'],
    ])
    expect(await fresh(3)).toEqual([undefined, 'ok', 'not_collected'])
  })

  it('never lets a secret out', async () => {
    const { cell } = await collected(goodZoo([pen('a', { Note: 'ghp_canary0123456789' })]))
    const [one] = cell.resources
    expect(one?.groups.list?.content).toMatchObject({ Note: { $secret: { length: 20, detector: 3 } } })
    expect(one?.groups.food?.content).toMatchObject({
      Recipe: { Secret: { $secret: { kinds: ['aws_access_key', 'named_secret'] } }, Plain: 'water' },
    })
    expect(JSON.stringify(cell.resources)).not.toMatch(/canary|AKIA/)
  })

  it('stays as it was when the scan is cancelled', async () => {
    const script = goodZoo()
    const at = zoo(script)
    script.GetFood = () => {
      at.stop.abort()
      return ok({})
    }
    const { cell, summary } = await collected(script, {}, at)
    expect(summary).toEqual({ outcome: 'cancelled' })
    expect(cell).toMatchObject({ isAbandoned: true, end: undefined })
    expect(at.events.at(-1)?.kind).toBe('cell_cancelled')
  })

  it('stays as it was when the program is wrong', async () => {
    const at = zoo()
    at.transports = new Map()
    await expect(collectCell(penCell(), at)).rejects.toThrow('no transport')
    expect(at.kept[0]?.isAbandoned).toBe(true)
  })

  it('ends in error when its time is over, with what was read', async () => {
    const at = zoo({ ...goodZoo(), ListDoors: () => new Promise(() => undefined) })
    at.budgets = { cell_ms: 150 }
    const { cell } = await collected({}, {}, at)
    expect(cell.end?.state).toBe('ok')
    expect(cell.named('a')?.groups.locks).toMatchObject({ state: 'error', failure: { code: 'TIME_BUDGET' } })
    expect(cell.named('a')?.groups.food?.state).toBe('ok')
  })

  it('ends in error when its calls are spent', async () => {
    const at = zoo()
    at.budgets = { cell_ms: 10_000, cell_calls: 1 }
    const { cell } = await collected({}, {}, at)
    expect(cell.named('a')?.groups.food).toMatchObject({ state: 'error', failure: { code: 'CALL_BUDGET' } })
    expect(at.wire.requests).toHaveLength(1)
  })

  it('follows an answer to the region it points to', async () => {
    const { cell, at } = await collected({
      ...goodZoo([pen('a')]),
      GetFood: ({ region }) =>
        region === 'south'
          ? ok({ Kind: 'fish' })
          : no('OtherSite', 'not here', { metadata: { region: 'south' } }),
    })
    expect(cell.resources[0]?.groups.food?.content).toEqual({ Kind: 'fish' })
    expect(at.wire.asked('GetFood').map(({ region }) => region)).toEqual(['north', 'south'])
  })

  it('asks the next one where an organization refuses the first', async () => {
    const script = {
      ...goodZoo(),
      ListPens: ({ connection }) => (connection === 'one' ? no('Forbidden') : ok({ Pens: [], Total: 0 })),
    } satisfies Script
    const { at } = await collected(script, {
      askers: [
        { connection: 'one', account_id: '1' },
        { connection: 'two', account_id: '2' },
      ],
    })
    expect(at.kept.map(({ isAbandoned, end }) => [isAbandoned, end?.state])).toEqual([
      [true, undefined],
      [false, 'ok'],
    ])
    expect(at.wire.asked('ListPens').map(({ account_id }) => account_id)).toEqual(['1', '2'])
  })
})

describe('a source', () => {
  const keepers = { table: 'zoo_keeper' }

  it('lists a table, and says when its data is from', async () => {
    const { cell } = await collected(goodZoo(), keepers)
    expect(cell.resources.map(({ native_id }) => native_id)).toEqual(['ann', 'bob'])
    expect(cell.end?.state).toBe('ok')
    // One second of the clock, less the minute that it lags.
    expect(cell.end!.listed_at.getTime()).toBeLessThan(new Date('2026-03-01T00:00:00Z').getTime() - 50_000)
    expect(cell.resources[0]?.groups.list?.read_at).toEqual(cell.end?.listed_at)
  })

  it('is unread without its witness', async () => {
    const { cell } = await collected({ ...goodZoo(), GetStaffRights: () => no('Forbidden') }, keepers)
    expect(cell.end).toMatchObject({ state: 'denied', failure: { action: 'zoo:GetStaffRights' } })
    const other = await collected({ ...goodZoo(), GetStaffRights: () => no('What') }, keepers)
    expect(other.cell.end).toMatchObject({ state: 'error' })
  })

  it('is unread where a page lacks its rows', async () => {
    const staff: Script[string] = ({ input }) =>
      input.From === undefined ? ok({ keepers: [{ name: 'ann' }], Next: 'x' }) : ok({})
    const { cell } = await collected({ ...goodZoo(), ListStaff: staff }, keepers)
    expect(cell.end).toMatchObject({ state: 'error', failure: { code: 'ROWS_MISSING' } })
    expect(cell.resources).toHaveLength(1)
  })

  it('runs once for all cells of its scope', async () => {
    const at = zoo()
    await Promise.all([collectCell(penCell(), at), collectCell(penCell(), at)])
    await collectCell(penCell({ part: 'south' }), at)
    expect(at.wire.asked('GetReport').map(({ region }) => region)).toEqual(['north', 'south'])
    await at.shared.release(account)
    await collectCell(penCell(), at)
    expect(at.wire.asked('GetReport')).toHaveLength(3)
  })

  it('that is denied denies the groups it fills', async () => {
    const { cell } = await collected({ ...goodZoo(), MakeReport: () => no('Forbidden') })
    expect(cell.end?.state).toBe('ok')
    expect(cell.named('a')?.groups.vet).toMatchObject({
      state: 'denied',
      failure: { action: 'zoo:MakeReport' },
    })
  })

  it('that breaks off fills what it told of and leaves the rest unread', async () => {
    const report: Script[string] = ({ input }) =>
      input.From === undefined ? ok({ Lines: ['a,x'], More: true, Next: 'p' }) : no('Whatever')
    const { cell } = await collected({ ...goodZoo(), GetReport: report })
    expect(cell.named('a')?.groups.vet?.state).toBe('ok')
    expect(cell.named('b')?.groups.vet).toMatchObject({ state: 'error', failure: { code: 'Whatever' } })
  })

  it('that lags is completed by single reads', async () => {
    const script = goodZoo()
    script.GetReport = () => ok({ Lines: ['a,2026-02-01T00:00:00Z'], MadeAt: 'no date', More: false })
    script.GetVetVisit = () => ok({ Visit: { checked: '2026-02-28T00:00:00Z' } })
    const { cell } = await collected(script)
    expect(cell.named('b')?.groups.vet).toMatchObject({
      state: 'ok',
      content: { checked: '2026-02-28T00:00:00Z' },
    })
    expect(cell.named('a')!.groups.vet!.read_at.getTime()).toBeLessThan(Date.parse('2026-02-28T21:00:00Z'))
  })

  it('that contradicts itself, or cannot be understood, is error', async () => {
    const twice = await collected({
      ...goodZoo(),
      GetReport: () => ok({ Lines: ['a,1', 'a,2', 'b,1'], More: false }),
    })
    expect(twice.cell.named('a')?.groups.vet).toMatchObject({
      state: 'error',
      failure: { code: 'ROW_TWICE' },
    })
    expect(twice.cell.named('b')?.groups.vet?.state).toBe('ok')
    const odd = await collected({ ...goodZoo(), GetReport: () => ok({ Lines: 7, More: false }) })
    expect(odd.cell.named('a')?.groups.vet).toMatchObject({ state: 'error', failure: { code: 'SHAPE' } })
  })

  it('that names what it does not speak of counts as not collected for who names it', async () => {
    const script = { ...goodZoo(), GetReport: () => ok({ Lines: ['a,1,b', 'b,1,a,c'], More: false }) }
    const { cell } = await collected(script)
    expect(cell.named('a')?.groups.vet?.state).toBe('ok')
    expect(cell.named('b')?.groups.vet).toMatchObject({
      state: 'not_collected',
      failure: { code: 'NOT_IN_SOURCE', message: 'zoo_vet_report names c here and does not speak of it' },
    })
    // What it names may stand on the page that is missing.
    const report: Script[string] = ({ input }) =>
      input.From === undefined ? ok({ Lines: ['a,x,c'], More: true, Next: 'p' }) : no('Forbidden')
    const cut = await collected({ ...goodZoo(), GetReport: report })
    expect(cut.cell.named('a')?.groups.vet).toMatchObject({
      state: 'denied',
      failure: { action: 'zoo:GetReport' },
    })
  })

  it('that is never ready ends', async () => {
    const at = zoo({ ...goodZoo(), MakeReport: () => ok({ State: 'STARTED' }) })
    at.shared = new (at.shared.constructor as typeof import('./shared-reads.ts').SharedReads)(
      at.registry,
      '/tmp',
      60,
    )
    const { cell } = await collected({}, {}, at)
    expect(cell.named('a')?.groups.vet).toMatchObject({
      state: 'error',
      failure: { code: 'SOURCE_NOT_READY' },
    })
  })
})

describe('a list within a table', () => {
  const feedings = { table: 'zoo_feeding' }

  it('has the rows of every parent, and lists the parents once', async () => {
    const at = zoo()
    await Promise.all([collectCell(penCell(feedings), at), collectCell(penCell(), at)])
    const cell = at.kept.find(({ resources }) => resources.some(({ native_id }) => native_id === '7'))
    expect(cell?.resources).toMatchObject([
      { resource_key: `zoo:${account}:north:pen/a/feeding/7`, parent_key: `zoo:zoo:north:${account}:pen/a` },
      { resource_key: `zoo:${account}:north:pen/a/feeding/18` },
    ])
    expect(cell?.end?.state).toBe('ok')
    expect(at.wire.asked('ListPens')).toHaveLength(1)
    expect(at.wire.asked('ListFeedings').map(({ input }) => input)).toEqual([
      { Pen: 'a', Again: 'a' },
      { Pen: 'b', Again: 'b' },
    ])
    expect(at.kept.flatMap(({ resources }) => resources)).toHaveLength(4)
  })

  it('does not suffer when the cell that listed the parents is ended alone', async () => {
    const alone = new AbortController()
    const script = goodZoo()
    const pens = script.ListPens!
    script.ListPens = (...asked) => {
      alone.abort()
      return pens(...asked)
    }
    const at = zoo(script)
    expect(await collectCell(penCell(), { ...at, cell_signal: alone.signal })).toEqual({
      outcome: 'cancelled',
    })
    expect(at.kept[0]).toMatchObject({ isAbandoned: true, end: undefined, resources: [] })
    expect(await collectCell(penCell(feedings), at)).toMatchObject({
      outcome: 'written',
      end: { state: 'ok' },
    })
    expect(at.wire.asked('ListPens')).toHaveLength(1)
    expect(at.wire.asked('GetFood')).toHaveLength(0)
  })

  it('is as good as the worst parent, and vouches for the others', async () => {
    const pens = [pen('a'), pen('b'), pen('c')]
    const list: Script[string] = ({ input }) =>
      input.Pen === 'b' ? no('Forbidden') : ok({ Feedings: [{ Hour: 1 }] })
    const { cell } = await collected({ ...goodZoo(pens), ListFeedings: list }, feedings)
    expect(cell.end).toMatchObject({
      state: 'denied',
      whole_parents: [`zoo:zoo:north:${account}:pen/a`, `zoo:zoo:north:${account}:pen/c`],
    })
    expect(cell.resources).toHaveLength(2)
  })

  it('is not whole where the parents are not', async () => {
    const { cell } = await collected(
      { ...goodZoo(), ListPens: () => ok({ Pens: [pen('a')], Total: 5 }) },
      feedings,
    )
    expect(cell.end).toMatchObject({ state: 'error', failure: { code: 'ROWS_MISSING' } })
    expect(cell.resources).toHaveLength(2)
  })

  it('passes over a parent that is being deleted', async () => {
    const { cell } = await collected({ ...goodZoo(), ListFeedings: () => no('NoSuchPen') }, feedings)
    expect(cell.end?.state).toBe('ok')
  })
})
