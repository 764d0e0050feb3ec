import {
  type CellPast,
  type DemandPlan,
  defaultIntervals,
  demandOf,
  dueGroups,
} from '../collect/kernel/demand-of.ts'
import {
  type Plan,
  type PlannableAccount,
  type PlannedScope,
  planCells,
} from '../collect/kernel/plan-cells.ts'
import { conditionsOf, type RuleSet } from '../evaluate/rule-set.ts'
import { type CellRow, readCells } from '../lake/cell-row.ts'
import type { CellId } from '../lake/collected.ts'
import type { Stance } from './open-stance.ts'
import type { ConnectionSettings } from './run-settings.ts'
import type { ScanNarrowing, ScanOptions } from './scan.ts'
import type { ScanRecord } from './scan-record.ts'

/** What this scan reads: what is due, asked for, and not left out by configuration. */
export async function planScan(
  stance: Stance,
  options: ScanOptions,
  accounts: readonly PlannableAccount[],
  started: ScanRecord,
): Promise<Plan> {
  const { db, registry, clock, set } = stance
  const { settings, narrowing = {} } = options
  const demand = demandOf(registry, columnsRead(set))
  const past = new Map<string, CellRow>()
  for (const { account_id } of accounts)
    for (const cell of await readCells(db, account_id)) past.set(idOf(cell), cell)
  const attempts = await groupAttempts(stance, accounts)
  const now = clock.now()
  const byName = new Map(settings.connections.map((one, at) => [one.name, { one, at }]))
  const connectionOf = new Map(
    accounts.map(({ account_id, connection }) => [account_id, byName.get(connection)]),
  )
  const intervals = {
    ...defaultIntervals,
    inventory: settings.collect.inventory,
    cell_calls: settings.collect.call_budget,
  }
  const wantedTables = tablesOf(narrowing, set, demand)
  return planCells({
    registry,
    accounts,
    now,
    excluded: (scope) => excludedBy(scope, connectionOf.get(scope.account_id)),
    narrowed: (scope) => isAskedFor(scope, narrowing, wantedTables),
    known: (cell) => past.has(idOf(cell)),
    due: (cell, table) => {
      const before = past.get(idOf(cell))
      if (isReadSince(before, started.resumed_from)) return undefined
      const known = before === undefined ? undefined : toPast(before, attempts.get(idOf(cell)))
      return dueGroups(registry, table.name, demand, known, intervals, now, options.isAsked ?? true)
    },
  })
}

/** The columns that enabled rules, facts and severities read, by table, child tables too. */
export function columnsRead(set: RuleSet): Map<string, Set<string>> {
  const read = new Map<string, Set<string>>()
  const add = (table: string, columns: readonly string[]) => {
    const known = read.get(table) ?? new Set()
    for (const column of columns) known.add(column)
    read.set(table, known)
  }
  const conditions = [
    ...[...set.rules.values()].filter(({ enabled }) => enabled).flatMap(conditionsOf),
    ...set.facts.map(({ when }) => when),
  ]
  for (const condition of conditions) {
    add(condition.table, [])
    for (const one of condition.dependencies.reads)
      add(one.table, [...one.columns, ...one.groups.map((group) => `_read_${group}`)])
  }
  return read
}

/** `--table` names tables, `--service` their services, `--rule` what a rule reads; together they all must hold. */
function tablesOf(narrowing: ScanNarrowing, set: RuleSet, demand: DemandPlan): Set<string> | undefined {
  if (narrowing.rules === undefined) return undefined
  const tables = new Set<string>()
  for (const id of narrowing.rules) {
    const ready = set.rules.get(id)
    if (ready === undefined) continue
    const pending = conditionsOf(ready)
    const seen = new Set(pending)
    for (let condition = pending.pop(); condition !== undefined; condition = pending.pop()) {
      tables.add(condition.table)
      for (const { table } of condition.dependencies.reads)
        tables.add(set.catalogue.get(table)?.parent ?? table)
      for (const fact of condition.dependencies.facts) {
        const found = set.facts.find(
          (one) => one.fact.table === fact.table && one.fact.column === fact.column,
        )
        if (found === undefined || seen.has(found.when)) continue
        seen.add(found.when)
        pending.push(found.when)
      }
    }
  }
  return new Set([...tables].filter((table) => demand.has(table)))
}

function isAskedFor(
  { account_id, part, table }: PlannedScope,
  narrowing: ScanNarrowing,
  tables: ReadonlySet<string> | undefined,
): boolean {
  const { accounts, regions, services } = narrowing
  if (accounts !== undefined && !accounts.includes(account_id)) return false
  if (regions !== undefined && !regions.includes(part)) return false
  if (services !== undefined && !services.includes(table.service)) return false
  if (narrowing.tables !== undefined && !narrowing.tables.includes(table.name)) return false
  return tables === undefined || tables.has(table.name)
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

function isReadSince(before: CellRow | undefined, since: Date | undefined): boolean {
  if (before === undefined || since === undefined || before.ok_at === null) return false
  return (before.state === 'ok' || before.state === 'absent') && before.ok_at >= since
}

function toPast(cell: CellRow, groups: Record<string, Date> | undefined): CellPast {
  const isEmpty = cell.rows === 0 && (cell.state === 'ok' || cell.state === 'absent')
  return {
    rows: cell.rows,
    ...(cell.attempted_at === null ? {} : { attempted_at: cell.attempted_at }),
    ...(isEmpty ? { empty_since: cell.since } : {}),
    ...(groups === undefined ? {} : { groups }),
  }
}

/** When each group of a cell was last tried, as one resource of the cell tells it: they are read together. */
async function groupAttempts(
  { db }: Stance,
  accounts: readonly PlannableAccount[],
): Promise<Map<string, Record<string, Date>>> {
  const attempts = new Map<string, Record<string, Date>>()
  for (const { account_id } of accounts) {
    const rows = await db.query<{ table_name: string; part: string; state: string }>(
      `select r.table_name, r.part, min(r.state) as state
       from (
         select x.account_id, x.table_name, x.part, cast(x.state as text) as state
         from stance.resource x where x.account_id = $1::text
       ) r
       where r.account_id = $1::text
       group by r.account_id, r.table_name, r.part`,
      [account_id],
    )
    for (const row of rows) {
      const groups = JSON.parse(row.state) as Record<string, { read_at?: string }>
      const times = Object.entries(groups).flatMap(([name, { read_at }]) =>
        read_at === undefined ? [] : [[name, new Date(read_at)] as const],
      )
      attempts.set(idOf({ account_id, table: row.table_name, part: row.part }), Object.fromEntries(times))
    }
  }
  return attempts
}

function idOf({ account_id, table, part }: CellId): string {
  return `${account_id}\n${table}\n${part}`
}
