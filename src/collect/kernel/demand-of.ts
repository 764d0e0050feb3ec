import { listGroup } from '../../core/table-shape.ts'
import type { FirstReads } from './planned-cell.ts'
import { type AnyGroup, groupsOf, isReadSet, otherGroups } from './table-reads.ts'
import type { TableRegistry } from './table-registry.ts'

/** `rule`: an enabled rule, fact or severity reads it. `inventory`: nobody does yet. */
export type Demand = 'rule' | 'inventory'

/** By table, then by group. */
export type DemandPlan = ReadonlyMap<string, ReadonlyMap<string, Demand>>

/**
 * Which groups anybody reads. `reads`: for each table (child tables too) the columns that enabled rules, facts
 * and severities name; a table that is named at all is listed for them.
 */
export function demandOf(
  registry: TableRegistry,
  reads: ReadonlyMap<string, ReadonlySet<string>>,
): DemandPlan {
  const plan = new Map<string, Map<string, Demand>>()
  for (const table of registry.tables.values()) {
    const columns = reads.get(table.name)
    const wanted = new Set<string>()
    if (columns !== undefined) wanted.add(listGroup)
    for (const [name, group] of groupsOf(table)) {
      if (Object.keys(group.columns).some((column) => columns?.has(column))) wanted.add(name)
      if (columns?.has(`_read_${name}`)) wanted.add(name)
    }
    for (const [name, child] of Object.entries(table.children ?? {})) {
      if (reads.has(name)) wanted.add(listGroup).add(child.group)
    }
    for (const [name, { after }] of otherGroups(table))
      if (after !== undefined && wanted.has(name)) wanted.add(after)
    const groups = groupsOf(table).map(([name]) => [name, wanted.has(name) ? 'rule' : 'inventory'] as const)
    plan.set(table.name, new Map(groups))
  }
  // What is listed within a table needs its rows.
  for (const table of registry.tables.values()) {
    const { within } = table.list
    if (within !== undefined && plan.get(table.name)?.get(listGroup) === 'rule')
      plan.get(within)?.set(listGroup, 'rule')
  }
  return plan
}

export interface Intervals {
  /** Every scan, once a day, never: what no enabled rule reads. */
  inventory: 'full' | 'daily' | 'off'
  /** Between two reads of what rules read. */
  rule_ms: number
  /** Cells without a row for so long are read once a day. */
  quiet_ms: number
  /** Calls that one cell may make; inventory takes what rules leave. */
  cell_calls: number
}

export const defaultIntervals: Intervals = {
  inventory: 'daily',
  rule_ms: 3_600_000,
  quiet_ms: 7 * 24 * 3_600_000,
  cell_calls: 100_000,
}

/** What is known of a cell's earlier reads. */
export interface CellPast {
  /** The last attempt on the cell. */
  attempted_at?: Date
  rows: number
  /** Read whole and without a row ever since. */
  empty_since?: Date
  /** The last attempt on each group. */
  groups?: Readonly<Record<string, Date>>
}

const day = 24 * 3_600_000
/** Scans do not begin on the second: what was read 23 hours ago counts as yesterday's. */
const slack = 0.04

/**
 * What to read of a cell now: the groups beside the list; undefined: nothing is due. `isAsked`: a person asked for
 * this scan, so intervals of what rules read do not hold it back.
 */
export function dueGroups(
  registry: TableRegistry,
  table: string,
  demand: DemandPlan,
  past: CellPast | undefined,
  settings: Intervals,
  now: Date,
  isAsked = false,
): string[] | undefined {
  const groups = demand.get(table) ?? new Map<string, Demand>()
  const isOver = (since: Date | undefined, ms: number) =>
    since === undefined || now.getTime() - since.getTime() >= ms * (1 - slack)
  const cellDemand = demandOfCell(groups)
  const interval = intervalOfCell(groups, past, settings, now)
  if (settings.inventory === 'off' && cellDemand === 'inventory') return undefined
  if (!(isAsked && cellDemand === 'rule') && !isOver(past?.attempted_at, interval)) return undefined
  const due: string[] = []
  const inventory: string[] = []
  for (const [name, wanted] of groups) {
    if (name === listGroup) continue
    if (wanted === 'rule') due.push(name)
    else if (settings.inventory === 'full') inventory.push(name)
    else if (settings.inventory === 'daily' && isOver(past?.groups?.[name], day)) inventory.push(name)
  }
  return [...due, ...withinCalls(registry, table, due, inventory, past, settings.cell_calls)]
}

/**
 * What is not due, but may never have been read of resources that came since it was: those are read whole at once, as
 * nothing of them is known.
 */
export function firstReads(
  registry: TableRegistry,
  table: string,
  due: readonly string[],
  past: CellPast | undefined,
  { inventory, cell_calls }: Intervals,
): FirstReads | undefined {
  if (inventory === 'off') return undefined
  const all = otherGroups(registry.table(table))
  const groups = all.map(([name]) => name).filter((name) => !due.includes(name))
  if (groups.length === 0) return undefined
  return { groups, calls: Math.max(0, callsLeft(new Map(all), due, past, cell_calls)) }
}

function demandOfCell(groups: ReadonlyMap<string, Demand>): Demand {
  return [...groups.values()].includes('rule') ? 'rule' : 'inventory'
}

/** Between two reads of the list: as often as any group needs it, and once a day where nothing was for long. */
function intervalOfCell(
  groups: ReadonlyMap<string, Demand>,
  past: CellPast | undefined,
  settings: Intervals,
  now: Date,
): number {
  const isQuiet =
    past?.empty_since !== undefined && now.getTime() - past.empty_since.getTime() >= settings.quiet_ms
  return Math.max(intervalOf(demandOfCell(groups), settings), isQuiet ? day : 0)
}

function intervalOf(wanted: Demand, settings: Intervals): number {
  if (wanted === 'rule' || settings.inventory === 'full') return settings.rule_ms
  return settings.inventory === 'daily' ? day : Number.POSITIVE_INFINITY
}

/**
 * How long what was read last counts while reads end in errors: the setting, and at least two intervals of the group,
 * so that one failed read ends nothing.
 */
export function staleAfter(
  demand: DemandPlan,
  settings: Intervals,
  least_ms: number,
): (table: string, group: string, past?: CellPast, now?: Date) => number {
  return (table, group, past, now = new Date(0)) => {
    const groups = demand.get(table) ?? new Map<string, Demand>()
    const interval =
      group === listGroup
        ? intervalOfCell(groups, past, settings, now)
        : intervalOf(groups.get(group) ?? 'inventory', settings)
    // What is never read by itself has no interval.
    return Number.isFinite(interval) ? Math.max(least_ms, 2 * interval) : least_ms
  }
}

/** Inventory in the order of its age, as much as fits beside what rules need. */
function withinCalls(
  registry: TableRegistry,
  table: string,
  due: readonly string[],
  inventory: readonly string[],
  past: CellPast | undefined,
  most: number,
): string[] {
  const declared = new Map(otherGroups(registry.table(table)))
  const rows = past?.rows ?? 0
  const cost = (name: string) => rows * callsOf(declared.get(name))
  let left = callsLeft(declared, due, past, most)
  const age = (name: string) => past?.groups?.[name]?.getTime() ?? 0
  return [...inventory]
    .sort((a, b) => age(a) - age(b))
    .filter((name) => {
      if (cost(name) > left) return false
      left -= cost(name)
      return true
    })
}

/** Beside groups that are due; some are kept for the list and for second tries. */
function callsLeft(
  declared: ReadonlyMap<string, AnyGroup>,
  due: readonly string[],
  past: CellPast | undefined,
  most: number,
): number {
  const rows = past?.rows ?? 0
  return most * 0.8 - due.reduce((sum, name) => sum + rows * callsOf(declared.get(name)), 0)
}

export function callsOf(group: AnyGroup | undefined): number {
  if (group === undefined || group.source !== undefined || group.read === undefined) return 0
  return isReadSet(group.read) ? Object.keys(group.read.reads).length : 1
}
