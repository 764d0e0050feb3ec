import { type CellPast, demandOf, dueGroups, firstReads } from '../collect/kernel/demand-of.ts'
import {
  type Plan,
  type PlannableAccount,
  type PlannedScope,
  planCells,
} from '../collect/kernel/plan-cells.ts'
import type { PlannedCell } from '../collect/kernel/planned-cell.ts'
import { type CellRow, readCells } from '../lake/cell-row.ts'
import type { CellId } from '../lake/collected.ts'
import { columnsRead } from './columns-read.ts'
import type { Stance } from './open-stance.ts'
import type { ConnectionSettings } from './run-settings.ts'
import type { ScanNarrowing, ScanOptions } from './scan.ts'
import type { ScanRecord } from './scan-record.ts'
import { intervalsOf, type StaleAfter, staleAfterOf } from './stale-after.ts'
import { tablesOfNarrowing } from './tables-read-by.ts'
import { wayOf } from './ways-in.ts'

/** What is read, and how long what each cell has counts while its reads end in errors. */
export interface ScanPlan extends Plan {
  staleAfterMs: (cell: CellId) => StaleAfter
  /** Cells that were asked for and need no reading now: what was read before counts. */
  not_due: number
  /** Cells that were asked for and cannot be tried: of an account that cannot be entered, of regions nobody could name. */
  out_of_reach: number
}

/** What this scan reads: what is due, asked for, and not left out by configuration. */
export async function planScan(
  stance: Stance,
  options: ScanOptions,
  accounts: readonly PlannableAccount[],
  started: ScanRecord,
): Promise<ScanPlan> {
  const { db, registry, clock, set } = stance
  const { settings, narrowing = {} } = options
  const demand = demandOf(registry, columnsRead(set))
  const past = new Map<string, CellRow>()
  for (const { account_id } of accounts)
    for (const cell of await readCells(db, account_id)) past.set(idOf(cell), cell)
  const now = clock.now()
  const byName = new Map(settings.connections.map((one, at) => [one.name, { one, at }]))
  const accountOf = new Map(accounts.map((account) => [account.account_id, account]))
  const wayInto = (scope: PlannedScope) => {
    const account = accountOf.get(scope.account_id)
    if (account === undefined) return undefined
    const state = past.get(idOf({ ...scope, table: scope.table.name }))?.state
    const isRead = () => state !== undefined && state !== 'excluded'
    return wayOf(account, scope, (name) => byName.get(name)?.one.regions, isRead)
  }
  const intervals = intervalsOf(settings)
  const staleAfter = staleAfterOf(stance, settings)
  const youngest = new Date(now.getTime() - settings.collect.stale_after)
  const pastOf = (cell: CellId) => {
    const before = past.get(idOf(cell))
    return before === undefined ? undefined : toPast(before)
  }
  // Together with the other options: all of them must hold.
  const wantedTables = tablesOfNarrowing(narrowing, set)
  let not_due = 0
  // What was read before configuration left it out, or before the account could not be entered, counts no more.
  const countingOf = (cell: CellId) => {
    const state = past.get(idOf(cell))?.state
    return state === 'excluded' || state === 'not_collected' ? undefined : pastOf(cell)
  }
  const dueOf = (cell: CellId, table: string) => {
    if (isReadSince(past.get(idOf(cell)), started.resumed_from, youngest)) return undefined
    return dueGroups(registry, table, demand, countingOf(cell), intervals, now, options.isAsked ?? true)
  }
  const withFirst = (cell: PlannedCell): PlannedCell => {
    const first = firstReads(registry, cell.table, cell.groups ?? [], countingOf(cell), intervals)
    return first === undefined ? cell : { ...cell, first_reads: first }
  }
  const plan = planCells({
    registry,
    accounts,
    now,
    way: wayInto,
    excluded: (scope) => {
      const connection = wayInto(scope)?.connection ?? accountOf.get(scope.account_id)?.connection
      return excludedBy(scope, byName.get(connection ?? ''))
    },
    narrowed: (scope) => isAskedFor(scope, narrowing, wantedTables),
    known: (cell) => past.has(idOf(cell)),
    leftOut: (cell) => past.get(idOf(cell))?.state === 'excluded',
    due: (cell, { name }) => {
      const groups = dueOf(cell, name)
      if (groups === undefined && past.has(idOf(cell))) not_due++
      return groups
    },
  })
  const { accounts: _, ...within } = narrowing
  return {
    ...plan,
    read: plan.read.map(withFirst),
    isNarrowed: Object.values(within).some((names) => names !== undefined),
    not_due,
    out_of_reach: plan.settled.filter((cell) => {
      const { account_id, part, state } = cell
      const table = registry.table(cell.table)
      return (
        state !== 'excluded' &&
        state !== 'absent' &&
        isAskedFor({ account_id, part, table }, narrowing, wantedTables)
      )
    }).length,
    staleAfterMs: (cell) => {
      const before = pastOf(cell)
      return (table, group) => staleAfter(table, group, before, now)
    },
  }
}

function isAskedFor(
  { account_id, part, table }: PlannedScope,
  narrowing: ScanNarrowing,
  tables: readonly ReadonlySet<string>[],
): boolean {
  const { accounts, regions } = narrowing
  if (accounts !== undefined && !accounts.includes(account_id)) return false
  if (regions !== undefined && !regions.includes(part)) return false
  return tables.every((names) => names.has(table.name))
}

/** A list of regions in a connection leaves out every other one; coverage names the setting. */
function excludedBy(
  { part, table }: PlannedScope,
  connection: { one: ConnectionSettings; at: number } | undefined,
): string | undefined {
  if (connection === undefined || table.parts !== 'region') return undefined
  const { regions } = connection.one
  if (regions === 'automatic' || regions.includes(part)) return undefined
  return `connections[${connection.at}].regions`
}

/** Read by the scan that is resumed, and not so long ago that it has to be read again anyway. */
function isReadSince(before: CellRow | undefined, since: Date | undefined, youngest: Date): boolean {
  if (before === undefined || since === undefined || before.ok_at === null) return false
  const isRead = before.state === 'ok' || before.state === 'absent'
  return isRead && before.ok_at >= since && before.ok_at >= youngest
}

function toPast(cell: CellRow): CellPast {
  const isEmpty = cell.rows === 0 && (cell.state === 'ok' || cell.state === 'absent')
  return {
    rows: cell.rows,
    groups: cell.group_attempts,
    ...(cell.attempted_at === null ? {} : { attempted_at: cell.attempted_at }),
    ...(isEmpty ? { empty_since: cell.since } : {}),
  }
}

function idOf({ account_id, table, part }: CellId): string {
  return `${account_id}\n${table}\n${part}`
}
