import { tables } from '../collect/tables.generated.ts'
import { type Severity, severities } from '../core/severity.ts'
import type { Verdict } from '../core/verdict.ts'
import { Conditions } from '../db/conditions.ts'
import type { Reader } from '../db/database.ts'
import type { RuleSet } from '../evaluate/rule-set.ts'
import { type CoverageCounts, countCoverage } from './count-coverage.ts'
import { type CoverageFold, foldCoverage } from './fold-coverage.ts'
import { sayNarrowing } from './say-narrowing.ts'
import type { ScanNarrowing } from './scan.ts'
import type { ScanRecord, UnlistedAccounts } from './scan-record.ts'
import { tablesOfServices } from './service-words.ts'
import { tablesReadBy } from './tables-read-by.ts'

export interface ScanSummary {
  scan_id: string
  state: ScanRecord['state']
  started_at: Date
  ended_at: Date | null
  /** What narrowed it, as it is typed; '' where nothing did. */
  narrowed_by: string
  /** What this scan was to read, and has tried; `coverage` is of all that the store holds. */
  cells: ScanRecord['cells']
  /** No scan had come to its end before: there is nothing to compare with. */
  is_first: boolean
  /** Findings of what was scanned, by severity (the least that it can be) and verdict. */
  findings: Record<Severity, Record<Verdict, number>>
  /** Those whose severity may be higher, because whether the resource is public could not be read. */
  at_least: { verdict: Verdict; severity: Severity; severity_max: Severity; n: number }[]
  /** Since the scan began: failed, reopened, resolved, severity, closed. */
  events: Record<string, number>
  resources: number
  accounts: number
  /** More that are known and could not be entered: nothing of them is in force. */
  accounts_not_read: number
  /** Connections of which accounts may be missing that nobody could name. */
  unlisted: readonly UnlistedAccounts[]
  /** None of the accounts that were asked for could be entered: what is said of them is what is remembered. */
  entered_none: boolean
  coverage: CoverageFold[]
  coverage_counts: CoverageCounts
  cost: ScanRecord['cost']
}

/** What a scan found and left open, within what narrowed it. */
export async function summarizeScan(
  db: Reader,
  set: RuleSet,
  record: ScanRecord,
  narrowing: ScanNarrowing = {},
): Promise<ScanSummary> {
  const { scan_id, state, started_at, ended_at, cost } = record
  const scope = scopeOf(narrowing, set)
  const counts = await countWithin<ScanSummary['at_least'][number]>(
    db,
    `select f.verdict, f.severity, f.severity_max, count(*) as n from stance.finding f`,
    'group by f.verdict, f.severity, f.severity_max',
    scope,
  )
  const findings = Object.fromEntries(
    severities.map((severity) => [severity, { pass: 0, fail: 0, unknown: 0 }]),
  ) as ScanSummary['findings']
  for (const { severity, verdict, n } of counts) findings[severity][verdict] += n
  const events = await countWithin<{ kind: string; n: number }>(
    db,
    `select f.kind, count(*) as n from stance.finding_event f`,
    'group by f.kind',
    { ...scope, since: started_at },
  )
  const resources = await countWithin<{ account_id: string; n: number }>(
    db,
    `select f.account_id, count(*) as n from stance.resource f`,
    'group by f.account_id',
    { ...scope, rules: undefined },
  )
  const { accounts, regions, tables: wantedTables } = scope
  const notEntered = await accountsNotEntered(db, accounts)
  const owners = resources.map(({ account_id }) => account_id).filter((id) => !id.startsWith('o-'))
  const wanted = {
    ...(accounts === undefined ? {} : { accounts }),
    ...(regions === undefined ? {} : { regions }),
    ...(wantedTables === undefined ? {} : { tables: wantedTables }),
  }
  const coverage = await foldCoverage(db, set, wanted)
  return {
    scan_id,
    state,
    started_at,
    ended_at,
    narrowed_by: sayNarrowing(narrowing),
    cells: record.cells,
    is_first: await isFirst(db, started_at),
    findings,
    at_least: counts.filter(({ severity, severity_max }) => severity !== severity_max),
    events: Object.fromEntries(events.map(({ kind, n }) => [kind, n])),
    resources: resources.reduce((sum, { n }) => sum + n, 0),
    accounts: owners.filter((id) => !notEntered.includes(id)).length,
    accounts_not_read: notEntered.length,
    unlisted: record.unlisted ?? [],
    entered_none: entersNone(record),
    coverage,
    coverage_counts: await countCoverage(db, coverage, wanted),
    cost,
  }
}

function entersNone({ entered }: ScanRecord): boolean {
  return entered !== undefined && entered.accounts === 0 && entered.not_entered.length > 0
}

/** Accounts of which nothing is in force: an account that was entered has at least its own row. */
async function accountsNotEntered(db: Reader, only: readonly string[] | undefined): Promise<string[]> {
  const rows = await db.query<{ account_id: string; in_force: number }>(
    `select c.account_id, sum(case when c.in_force then 1 else 0 end) as in_force
     from stance.cell c group by c.account_id`,
  )
  return rows
    .filter(({ in_force }) => Number(in_force) === 0)
    .map(({ account_id }) => account_id)
    .filter((id) => !id.startsWith('o-') && (only === undefined || only.includes(id)))
}

async function isFirst(db: Reader, started_at: Date): Promise<boolean> {
  const rows = await db.query<{ n: number }>(
    `select count(*) as n from stance.scan where started_at < $1::timestamptz and state = 'done'`,
    [started_at],
  )
  return rows[0]?.n === 0
}

interface Scope {
  accounts?: readonly string[] | undefined
  regions?: readonly string[] | undefined
  tables?: readonly string[] | undefined
  rules?: readonly string[] | undefined
  since?: Date | undefined
}

/** Which resources a narrowed scan speaks of: parts name regions of regional tables only. */
function scopeOf(narrowing: ScanNarrowing, set: RuleSet): Scope {
  const { accounts, regions, services, rules } = narrowing
  const read = rules === undefined ? undefined : tablesReadBy(rules, set)
  const ofServices = services === undefined ? undefined : tablesOfServices(services, set)
  const all = tables.filter(
    (table) =>
      (narrowing.tables === undefined || narrowing.tables.includes(table.name)) &&
      (ofServices === undefined || ofServices.has(table.name)) &&
      (read === undefined || read.has(table.name)) &&
      (regions === undefined || regions.includes('global') || table.parts === 'region'),
  )
  const inRegions = regions?.includes('global') ? undefined : regions
  return {
    accounts,
    rules,
    regions: inRegions,
    tables: all.length === tables.length ? undefined : all.map(({ name }) => name),
  }
}

function countWithin<T extends object>(db: Reader, select: string, end: string, scope: Scope): Promise<T[]> {
  const asked = new Conditions().among({
    'f.account_id': scope.accounts,
    'f.region': scope.regions,
    'f.table_name': scope.tables,
    'f.rule_id': scope.rules,
  })
  if (scope.since !== undefined) asked.add(`f.happened_at >= ${asked.param(scope.since)}::timestamptz`)
  return db.query<T>(`${select} where ${asked.sql} ${end}`, asked.params)
}
