import { readColumn } from '../../core/table-shape.ts'
import { ids } from './random-conditions.fixture.ts'
import type { RandomSource } from './random-source.fixture.ts'
import type { WorldRow, WorldRows } from './reference-judge.ts'
import { fullRow, smallCatalogue } from './small-catalogue.fixture.ts'

const regions = ['r1', 'r2'] as const
const resourceTables = [...smallCatalogue.values()].filter((table) => table.parent === undefined)
const childTables = [...smallCatalogue.values()].filter((table) => table.parent !== undefined)

/** Two accounts of which everything was read. Ids begin with `prefix`, so that many worlds fit one schema. */
export function randomWorld(random: RandomSource, prefix: string): WorldRows {
  const world: WorldRows = {
    tables: { network: [], network_rule: [], network_tag: [], bucket: [], bucket_grant: [] },
    cells: [],
  }
  const accounts = [`${prefix}1`, `${prefix}2`]
  for (const account_id of accounts) {
    const wholeAtOnce = random.chance(0.15)
    for (const part of wholeAtOnce ? ['global'] : regions)
      world.cells.push({ account_id, table_name: 'network', part, in_force: true })
    world.cells.push({ account_id, table_name: 'bucket', part: 'global', in_force: true })
    for (const table of resourceTables) {
      for (let nr = random.below(4); nr > 0; nr--) {
        const region = random.pick(regions)
        const _part = table.parts === 'global' || wholeAtOnce ? 'global' : region
        const row = randomRow(random, accounts, table.name, {
          account_id,
          region,
          resource_key: `${table.name[0]!}${String(nr)}`,
          _part,
        })
        world.tables[table.name]!.push(row)
        for (const child of childTables.filter((one) => one.parent === table.name)) {
          for (let _nr = random.below(3); _nr > 0; _nr--) {
            const keys = { account_id, region, resource_key: row.resource_key!, _nr }
            world.tables[child.name]!.push(randomRow(random, accounts, child.name, keys))
          }
        }
      }
    }
  }
  return world
}

function randomRow(
  random: RandomSource,
  accounts: readonly string[],
  tableName: string,
  keys: WorldRow,
): WorldRow {
  const table = smallCatalogue.get(tableName)!
  const row: WorldRow = { ...keys }
  for (const { name, type, group } of table.columns) {
    if (group === 'derived') continue
    if (name.endsWith('account_id')) row[name] = random.pick(accounts)
    else if (type === 'text') row[name] = random.pick([...ids, '', 'n1', 'b1', 'X'])
    else if (type === 'bigint') row[name] = random.below(4)
    else if (type === 'boolean') row[name] = random.chance(0.5)
    else if (type === 'double') row[name] = random.pick([0, 0.5, 1, 1.5])
    else
      row[name] = new Date(
        random.pick(['0001-01-01', '2026-05-01', '2026-05-30', '2026-05-31', '9999-12-31']) + 'T00:00:00Z',
      )
  }
  if (table.parent === undefined && random.chance(0.05)) row.owner_account_id = 'elsewhere'
  return fullRow(table, row)
}

/** The same world under other account ids. */
export function renamed(world: WorldRows, from: string, to: string): WorldRows {
  const rename = (row: WorldRow): WorldRow =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        name.endsWith('account_id') && typeof value === 'string' && value.startsWith(from)
          ? to + value.slice(from.length)
          : value,
      ]),
    )
  return {
    tables: Object.fromEntries(
      Object.entries(world.tables).map(([table, rows]) => [table, rows.map(rename)]),
    ),
    cells: world.cells.map((cell) => ({ ...cell, account_id: to + cell.account_id.slice(from.length) })),
  }
}

/** Hides something of a world that was read whole, in place: groups, cells with and without rows left, accounts. */
export function hideSome(random: RandomSource, world: WorldRows): void {
  const hide = random.pick([hideGroups, hideGroups, hideCell, hideCell, hideCells, hideAccount, hideLeftOut])
  hide(random, world)
  if (random.chance(0.3)) hideGroups(random, world)
  if (random.chance(0.2)) hideCell(random, world)
}

/** Rows and lists are of two days: some rows are newer than a list that may not know what they name. */
export function mixDays(random: RandomSource, world: WorldRows): void {
  const days = [new Date('2026-05-30T00:00:00Z'), new Date('2026-05-31T00:00:00Z')] as const
  // What was read well once has a day; a past world has none.
  const areTold = random.chance(0.85)
  if (areTold) for (const cell of world.cells) cell.ok_at = random.pick(days)
  for (const cell of world.cells) {
    if (cell.in_force && random.chance(0.2)) cell.state = random.pick(['error', 'absent'])
    if (random.chance(0.8)) cell.attempted_at = random.pick(days)
    if (random.chance(0.2)) cell.awaited_since = random.pick(days)
  }
  for (const table of resourceTables) {
    for (const row of world.tables[table.name]!) {
      const fresh = {
        _new_in: random.chance(0.5) ? random.pick(days) : null,
        _changed_in: random.chance(0.7) ? random.pick(days) : null,
        _new_names: random.chance(0.7) ? `|${random.pick(ids)}|${random.pick(ids)}|` : null,
        _lost_names: areTold && random.chance(0.3) ? `|${random.pick(ids)}|${random.pick(ids)}|` : null,
        _kept_groups: random.chance(0.3) ? `|${random.pick(table.groups)}|` : null,
      }
      const facts = table.columns.filter(({ group }) => group === 'derived').map(({ name }) => name)
      const _kept_facts = random.chance(0.3) ? `|${random.pick(facts)}|` : null
      Object.assign(row, fresh, { _kept_facts, read_at: random.pick(days) })
      for (const child of childTables)
        for (const one of world.tables[child.name]!)
          if (
            child.parent === table.name &&
            one.account_id === row.account_id &&
            one.resource_key === row.resource_key
          )
            Object.assign(one, fresh)
    }
  }
}

function hideGroups(random: RandomSource, world: WorldRows): void {
  const share = random.pick([0.2, 0.5, 1])
  for (const table of resourceTables) {
    for (const row of world.tables[table.name]!) {
      for (const group of table.groups) {
        if (group !== 'list' && group !== 'derived' && random.chance(share * 0.6))
          hideGroup(world, row, table.name, group)
      }
    }
  }
}

function hideGroup(world: WorldRows, row: WorldRow, tableName: string, group: string): void {
  row[readColumn(group)] = null
  for (const column of smallCatalogue.get(tableName)!.columns)
    if (column.group === group) row[column.name] = null
  for (const child of childTables)
    if (child.parent === tableName && child.groups.includes(group)) dropChildren(world, row, child.name)
}

function dropChildren(world: WorldRows, parent: WorldRow, child: string): void {
  world.tables[child] = world.tables[child]!.filter(
    (row) => row.account_id !== parent.account_id || row.resource_key !== parent.resource_key,
  )
}

function unlist(world: WorldRows, row: WorldRow, tableName: string): void {
  for (const group of smallCatalogue.get(tableName)!.groups) hideGroup(world, row, tableName, group)
  row.owner_account_id = null
}

function dropRow(world: WorldRows, row: WorldRow, tableName: string): void {
  for (const child of childTables) if (child.parent === tableName) dropChildren(world, row, child.name)
  world.tables[tableName] = world.tables[tableName]!.filter((one) => one !== row)
}

/**
 * A cell is not in force, or none speaks of the table at all (that one part of several has no cell cannot be:
 * what a scan needs is written down before it starts). Its rows are gone, left over, or read since.
 */
function hideCell(random: RandomSource, world: WorldRows): void {
  if (world.cells.length === 0) return
  const cell = random.pick(world.cells)
  if (random.chance(0.7)) {
    cell.in_force = false
    hideRowsOf(random, world, cell)
    return
  }
  const same = world.cells.filter(
    (one) => one.account_id === cell.account_id && one.table_name === cell.table_name,
  )
  world.cells = world.cells.filter((one) => !same.includes(one))
  for (const one of same) hideRowsOf(random, world, one)
}

function hideRowsOf(
  random: RandomSource,
  world: WorldRows,
  cell: { account_id: string; table_name: string; part: string },
): void {
  const manner = random.pick(['gone', 'left over', 'mixed'])
  for (const row of [...world.tables[cell.table_name]!]) {
    if (row.account_id !== cell.account_id || row._part !== cell.part) continue
    const one = manner === 'mixed' ? random.pick(['gone', 'left over', 'read since']) : manner
    if (one === 'gone') dropRow(world, row, cell.table_name)
    if (one === 'left over') unlist(world, row, cell.table_name)
  }
}

function hideCells(random: RandomSource, world: WorldRows): void {
  for (const _ of world.cells) if (random.chance(0.5)) hideCell(random, world)
}

function hideAccount(random: RandomSource, world: WorldRows): void {
  const { account_id } = random.pick(world.cells)
  for (const cell of world.cells.filter((one) => one.account_id === account_id))
    hideRowsOf(random, world, cell)
  const forgotten = random.chance(0.5)
  world.cells = world.cells.filter((cell) => !forgotten || cell.account_id !== account_id)
  for (const cell of world.cells) if (cell.account_id === account_id) cell.in_force = false
}

/** A part that configuration leaves out: the cell `*` is not in force. */
function hideLeftOut(random: RandomSource, world: WorldRows): void {
  const { account_id } = random.pick(world.cells)
  const part = random.pick(regions)
  world.cells.push({ account_id, table_name: 'network', part: '*', in_force: false })
  world.cells = world.cells.filter((cell) => cell.account_id !== account_id || cell.part !== part)
  for (const row of [...world.tables.network!])
    if (row.account_id === account_id && row._part === part) dropRow(world, row, 'network')
}
