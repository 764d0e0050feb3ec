import { describe, expect, it } from 'vitest'
import { account, start } from './collect.fixture.ts'
import { type CellPast, defaultIntervals, demandOf, dueGroups, firstReads } from './demand-of.ts'
import { permissionsOf } from './permissions-of.ts'
import { type PlanInput, type PlannableAccount, planCells } from './plan-cells.ts'
import { readOnlyProblems } from './read-only-problems.ts'
import { TableRegistry } from './table-registry.ts'
import { zooSources, zooTables } from './zoo-tables.fixture.ts'

const registry = new TableRegistry(zooTables, zooSources)
const failure = { code: 'No', message: 'no', next: 'Do.' }

function zooAccount(more: Partial<PlannableAccount> = {}): PlannableAccount {
  return {
    account_id: account,
    provider: 'zoo',
    kind: 'account',
    connection: 'main',
    partition: 'zoo',
    state: 'active',
    row: { Id: account },
    regions: [
      { name: 'north', status: 'opted in', row: { Name: 'north' } },
      { name: 'south', status: 'unknown', row: { Name: 'south' } },
      { name: 'west', status: 'opted out', row: { Name: 'west' } },
    ],
    ...more,
  }
}

function plan(more: Partial<PlanInput> = {}, one: Partial<PlannableAccount> = {}) {
  const made = planCells({ registry, accounts: [zooAccount(one)], now: start, ...more })
  const short = (cells: readonly { table: string; part: string; state?: string }[]) =>
    cells.map(({ table, part, state }) => `${table} ${part}${state === undefined ? '' : ` ${state}`}`)
  return { ...made, reads: short(made.read), settles: short(made.settled) }
}

describe('planning', () => {
  it('takes every table in every part that is opted into, its own rows first', () => {
    const { reads, settles, rows, read } = plan()
    expect(reads).toEqual([
      'zoo_account global',
      'zoo_site north',
      'zoo_site south',
      'zoo_feeding north',
      'zoo_feeding south',
      'zoo_keeper north',
      'zoo_keeper south',
      'zoo_pen north',
      'zoo_pen south',
    ])
    expect(settles).toEqual([])
    expect(rows.map(({ resource }) => resource.resource_key)).toEqual([
      `zoo:${account}`,
      `zoo:${account}:site/north`,
      `zoo:${account}:site/south`,
    ])
    expect(read[1]).toMatchObject({ rows: [{ Name: 'north' }], region_status: 'opted in', partition: 'zoo' })
  })

  it('settles what configuration leaves out, naming the setting', () => {
    const excluded: PlanInput['excluded'] = ({ part }) =>
      part === 'south' ? 'connections[0].regions' : undefined
    const { reads, settled, settles, rows } = plan({ excluded })
    expect(reads.filter((one) => one.endsWith('south'))).toEqual([])
    expect(settles).toContain('zoo_pen south excluded')
    expect(settled[0]?.failure.message).toContain('connections[0].regions')
    expect(rows).toHaveLength(2)
  })

  it('leaves out no region that the account does not have', () => {
    const { settles } = plan({ excluded: ({ part }) => (part === 'north' ? undefined : 'a.setting') })
    expect(settles).toContain('zoo_pen south excluded')
    expect(settles.join()).not.toContain('west')
  })

  it('says of what a setting left out that it does no longer, also where a run does not take it', () => {
    const isPen = ({ table }: { table: string }) => table === 'zoo_pen'
    const narrowed: PlanInput['narrowed'] = ({ table }) => table.name === 'zoo_account'
    const { settles } = plan({ narrowed, known: () => true, leftOut: isPen })
    expect(settles).toEqual([
      'zoo_pen north not_collected',
      'zoo_pen south not_collected',
      'zoo_pen west absent',
    ])
  })

  it('says of a region that was opted out of only what was known there', () => {
    const known: PlanInput['known'] = ({ table, part }) => part === 'west' && table === 'zoo_pen'
    expect(plan({ known }).settles).toEqual(['zoo_pen west absent'])
  })

  it('gives an account that cannot be entered its row, and takes back what was in force', () => {
    const { reads, settles, rows } = plan(
      { known: ({ table }) => table === 'zoo_pen' },
      { not_entered: failure },
    )
    expect(reads).toEqual([])
    expect(settles).toEqual([
      'zoo_account global denied',
      'zoo_pen north not_collected',
      'zoo_pen south not_collected',
      'zoo_pen west absent',
    ])
    expect(rows.map(({ resource }) => resource.native_id)).toContain(account)
  })

  it('does not claim "nowhere" where the regions could not be listed', () => {
    const { settles } = plan({}, { regions_unread: failure })
    expect(settles).toContain('zoo_pen * denied')
    expect(settles).not.toContain('zoo_account * denied')
  })

  it('leaves regions that nobody could name as they were where a run does not take them', () => {
    const narrowed: PlanInput['narrowed'] = ({ table }) => table.name === 'zoo_pen'
    const rest = ({ settles }: ReturnType<typeof plan>) => settles.filter((one) => one.includes(' * '))
    const unread = { regions_unread: failure }
    const isOf = (part: string): PlanInput['known'] => {
      return (cell) => cell.part === part
    }
    expect(rest(plan({ narrowed, known: isOf('north') }, unread))).toEqual(['zoo_pen * denied'])
    expect(rest(plan({ narrowed, known: isOf('*') }, unread))).toEqual(['zoo_pen * denied'])
    // Nothing was ever said of them, and what is read beside them may not pass for all there is.
    expect(rest(plan({ narrowed }, unread))).toEqual(rest(plan({}, unread)))
    expect(rest(plan({}, unread)).length).toBeGreaterThan(1)
  })

  it.each(['off', 'closed'] as const)('reads nothing of an account that is %s', (state) => {
    expect(plan({}, { state })).toMatchObject({ read: [], settled: [], rows: [] })
  })

  it('narrows one run and leaves the rest as it was, but for the rows of the scopes', () => {
    const { reads, rows } = plan({
      narrowed: ({ table, part }) => table.name === 'zoo_pen' && part === 'north',
    })
    expect(reads).toEqual(['zoo_pen north'])
    expect(rows).toHaveLength(3)
  })

  it('leaves to an organization what belongs to it', () => {
    const organization = zooAccount({
      account_id: 'o-1',
      kind: 'organization',
      askers: [{ connection: 'main', account_id: account }],
    })
    const owned = new TableRegistry(
      zooTables.map((table) =>
        table.name === 'zoo_account' ? { ...table, belongs_to: 'organization' as const } : table,
      ),
      zooSources,
    )
    const { read } = planCells({ registry: owned, accounts: [zooAccount(), organization], now: start })
    expect(read.filter(({ table }) => table === 'zoo_account')).toMatchObject([
      { account_id: 'o-1', askers: [{ account_id: account }] },
    ])
    expect(read.filter(({ account_id }) => account_id === 'o-1')).toHaveLength(1)
  })
})

describe('demand', () => {
  const rules = new Map([
    ['zoo_pen', new Set(['pen_name', 'food_kind'])],
    ['zoo_pen_animal', new Set(['species'])],
    ['zoo_feeding', new Set(['feeding_hour'])],
  ])
  const demand = demandOf(registry, rules)
  const later = (ms: number) => new Date(start.getTime() + ms)
  const hour = 3_600_000
  const due = (table: string, past: CellPast | undefined, ms: number, more = {}, isAsked = false) =>
    dueGroups(registry, table, demand, past, { ...defaultIntervals, ...more }, later(ms), isAsked)

  it('is what rules, facts and severities read', () => {
    expect(Object.fromEntries(demand.get('zoo_pen')!)).toEqual({
      list: 'rule',
      food: 'rule',
      locks: 'inventory',
      vet: 'inventory',
    })
    expect(demand.get('zoo_keeper')!.get('list')).toBe('inventory')
    expect(
      demandOf(registry, new Map([['zoo_feeding', new Set<string>()]]))
        .get('zoo_pen')!
        .get('list'),
    ).toBe('rule')
  })

  it('reads all of a cell at first', () => {
    expect(due('zoo_pen', undefined, 0)).toEqual(['food', 'locks', 'vet'])
    expect(due('zoo_keeper', undefined, 0)).toEqual([])
  })

  it('reads inventory once a day', () => {
    const past = { attempted_at: start, rows: 5, groups: { food: start, locks: start, vet: start } }
    expect(due('zoo_pen', past, hour)).toEqual(['food'])
    expect(due('zoo_pen', past, hour / 2)).toBeUndefined()
    expect(due('zoo_pen', past, hour / 2, {}, true)).toEqual(['food'])
    expect(due('zoo_pen', past, 24 * hour)).toEqual(['food', 'locks', 'vet'])
    expect(due('zoo_keeper', { attempted_at: start, rows: 5 }, hour)).toBeUndefined()
    expect(due('zoo_keeper', { attempted_at: start, rows: 5 }, 24 * hour)).toEqual([])
  })

  it('is full or off where that is wanted', () => {
    const past = { attempted_at: start, rows: 5, groups: { food: start, locks: start, vet: start } }
    expect(due('zoo_pen', past, hour, { inventory: 'full' })).toEqual(['food', 'locks', 'vet'])
    expect(due('zoo_pen', undefined, hour, { inventory: 'off' })).toEqual(['food'])
    expect(due('zoo_keeper', undefined, hour, { inventory: 'off' })).toBeUndefined()
  })

  it('leaves inventory out that would cost too many calls, oldest first', () => {
    const past = { attempted_at: start, rows: 100, groups: { food: start, vet: start } }
    expect(due('zoo_pen', past, 24 * hour, { cell_calls: 200 })).toEqual(['food', 'vet'])
    expect(due('zoo_pen', past, 24 * hour, { cell_calls: 500 })).toEqual(['food', 'locks', 'vet'])
  })

  it('names what is not due for what is new, with the calls that are left', () => {
    const first = (groups: string[], rows: number, more = {}) =>
      firstReads(registry, 'zoo_pen', groups, { rows }, { ...defaultIntervals, ...more })
    expect(first(['food'], 5)).toEqual({ groups: ['locks', 'vet'], calls: 79_995 })
    expect(first(['food'], 100, { cell_calls: 100 })).toMatchObject({ calls: 0 })
    expect(first(['food', 'locks', 'vet'], 5)).toBeUndefined()
    expect(first(['food'], 5, { inventory: 'off' })).toBeUndefined()
  })

  it('asks quiet parts once a day', () => {
    const week = 7 * 24 * hour
    const past = { attempted_at: later(week), rows: 0, empty_since: start }
    expect(due('zoo_pen', past, week + hour)).toBeUndefined()
    expect(due('zoo_pen', past, week + 24 * hour)).toContain('food')
    expect(due('zoo_pen', { ...past, empty_since: later(3 * hour) }, week + hour)).toContain('food')
  })
})

describe('permissions', () => {
  it('name what they are for, and what would do as well', () => {
    const all = permissionsOf(registry)
    expect(all.find(({ name }) => name === 'zoo:GetFood')).toEqual({
      name: 'zoo:GetFood',
      alternatives: ['zoo:GetAll'],
      operation: 'GetFood',
      tables: ['zoo_pen'],
      groups: ['zoo_pen.food'],
    })
    expect(all.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['zoo:MakeReport', 'zoo:GetStaffRights']),
    )
    const some = permissionsOf(registry, { groups: new Set(['zoo_pen.list']) })
    expect(some.map(({ name }) => name)).toEqual(['zoo:GetPen', 'zoo:ListPens'])
    expect(permissionsOf(registry, { tables: new Set(['zoo_keeper']) })).toHaveLength(2)
  })

  it('are for reading', () => {
    expect(readOnlyProblems(registry)).toEqual([])
    const [report, staff] = zooSources
    const { reads_only_because: _, ...prepare } = report!.prepare!
    const bad = new TableRegistry(zooTables, [{ ...report!, prepare }, staff!])
    expect(readOnlyProblems(bad)).toEqual(['zoo_pen: zoo vets MakeReport must say reads_only_because'])
  })
})
