import { tables } from '../collect/tables.generated.ts'
import { type Severity, severities } from '../core/severity.ts'
import type { Verdict } from '../core/verdict.ts'
import type { Reader } from '../db/database.ts'
import type { RuleSet } from '../evaluate/rule-set.ts'
import { type AccountLeft, readOfLeft } from './accounts-left.ts'
import { type Changes, changesBeyond, countChanges } from './count-changes.ts'
import { type CoverageCounts, countCoverage } from './count-coverage.ts'
import { countWithin, type Scope } from './count-within.ts'
import { type CoverageFold, foldCoverage, foldOutside } from './fold-coverage.ts'
import { sayNarrowing } from './say-narrowing.ts'
import type { ScanNarrowing } from './scan.ts'
import type { ScanRecord, UnlistedAccounts } from './scan-record.ts'
import { tablesOfServices } from './service-words.ts'
import { tablesOfNarrowing, tablesReadBy } from './tables-read-by.ts'

/** Its changes are those since the scan before had ended: what `stance migrate` or an event judged meanwhile is told, too. */
export interface ScanSummary extends Changes {
  scan_id: string
  state: ScanRecord['state']
  started_at: Date
  ended_at: Date | null
  /** What narrowed it, as it is typed; '' where nothing did. */
  narrowed_by: string
  /** Tables that were not asked for, and are read too: facts of those that were are made of them. */
  read_too: string[]
  /** What this scan was to read, and has tried; `coverage` is of all that the store holds. */
  cells: ScanRecord['cells']
  /** No scan had come to its end before: there is nothing to compare with. */
  is_first: boolean
  /** Findings of what was scanned, by severity (the least that it can be) and verdict. */
  findings: Record<Severity, Record<Verdict, number>>
  /** Those whose severity may be higher, because whether the resource is public could not be read. */
  at_least: { verdict: Verdict; severity: Severity; severity_max: Severity; n: number }[]
  /** The same of what a narrowed scan was not asked for: rules that are new are judged everywhere, facts reach further. */
  outside: Changes
  resources: number
  accounts: number
  /** More that were read, and have none of what was asked for. */
  accounts_empty: number
  /** More that are known and could not be entered: nothing of them is in force. */
  accounts_not_read: number
  /** Where none is left to read: those that are switched off, or closed. */
  accounts_off: readonly string[]
  /** More that no connection reads now: what earlier scans read of them stands, and is counted here. */
  accounts_left: AccountLeft[]
  /** Connections of which accounts may be missing that nobody could name. */
  unlisted: readonly UnlistedAccounts[]
  /** None of the accounts that were asked for could be entered, or is on: what is said of them is what is remembered. */
  entered_none: boolean
  coverage: CoverageFold[]
  /** Of a narrowed scan: what unknown findings of it hang on that it was not asked for. */
  coverage_outside: CoverageFold[]
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
  const before = await endOfScanBefore(db, started_at)
  const since = before ?? started_at
  const changed = await countChanges(db, since, scope)
  const isWhole = Object.values(scope).every((names) => names === undefined)
  const everywhere = isWhole ? changed : await countChanges(db, since)
  const resources = await countWithin<{ account_id: string; n: number }>(
    db,
    `select f.account_id, count(*) as n from stance.resource f`,
    'group by f.account_id',
    { ...scope, rules: undefined },
  )
  const { accounts } = scope
  const notEntered = await accountsNotEntered(db, accounts)
  const owners = resources.map(({ account_id }) => account_id).filter((id) => !id.startsWith('o-'))
  const left = record.entered?.left ?? []
  const read = owners.filter((id) => !notEntered.includes(id) && !left.includes(id))
  const wanted = {
    ...(accounts === undefined ? {} : { accounts }),
    ...(narrowing.regions === undefined ? {} : { regions: narrowing.regions }),
    ...(scope.read === undefined ? {} : { tables: scope.read }),
  }
  const { read: _, ...judged } = scope
  const coverage = await foldCoverage(db, set, wanted, judged)
  return {
    scan_id,
    state,
    started_at,
    ended_at,
    narrowed_by: sayNarrowing(narrowing),
    read_too: scope.read?.filter((name) => scope.tables?.includes(name) === false) ?? [],
    cells: record.cells,
    is_first: before === undefined,
    findings,
    at_least: counts.filter(({ severity, severity_max }) => severity !== severity_max),
    ...changed,
    outside: changesBeyond(everywhere, changed),
    resources: resources.reduce((sum, { n }) => sum + n, 0),
    accounts: owners.filter((id) => !notEntered.includes(id)).length,
    accounts_empty: Math.max(0, (record.entered?.accounts ?? 0) - read.length),
    accounts_not_read: new Set([...notEntered, ...(record.entered?.not_entered ?? [])]).size,
    accounts_left: await readOfLeft(db, record.entered?.left ?? []),
    accounts_off: record.entered?.off ?? [],
    unlisted: record.unlisted ?? [],
    entered_none: entersNone(record),
    coverage,
    coverage_outside: isWhole ? [] : await foldOutside(db, set, wanted, judged),
    coverage_counts: await countCoverage(db, coverage, wanted),
    cost,
  }
}

function entersNone({ entered }: ScanRecord): boolean {
  if (entered === undefined || entered.accounts > 0) return false
  return entered.not_entered.length > 0 || entered.off !== undefined
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

/** When the last scan ended that had begun before and was done; of one that ended later, its own summary tells until then. */
async function endOfScanBefore(db: Reader, started_at: Date): Promise<Date | undefined> {
  const [row] = await db.query<{ ended_at: Date | null }>(
    `select max(ended_at) as ended_at from stance.scan where started_at < $1::timestamptz and state = 'done'`,
    [started_at],
  )
  const ended = row?.ended_at ?? undefined
  return ended === undefined || ended < started_at ? ended : started_at
}

/**
 * Which resources a narrowed scan speaks of: parts name regions of regional tables only. `read`: the tables whose cells
 * it reads, which are more where facts of these are made of others.
 */
function scopeOf(narrowing: ScanNarrowing, set: RuleSet): Scope & { read?: readonly string[] | undefined } {
  const { accounts, regions, services, rules } = narrowing
  const asked = [
    ...(rules === undefined ? [] : [tablesReadBy(rules, set)]),
    ...(services === undefined ? [] : [tablesOfServices(services, set)]),
    ...(narrowing.tables === undefined ? [] : [new Set(narrowing.tables)]),
  ]
  const isInRegions = ({ parts }: (typeof tables)[number]) =>
    regions === undefined ||
    regions.some((region) => (region === 'global' ? parts === 'global' : parts === 'region'))
  const within = (wanted: readonly ReadonlySet<string>[]) => {
    const all = tables.filter((table) => isInRegions(table) && wanted.every((names) => names.has(table.name)))
    return all.length === tables.length ? undefined : all.map(({ name }) => name)
  }
  return {
    accounts,
    rules,
    regions: regions?.includes('global') ? undefined : regions,
    tables: within(asked),
    read: within(tablesOfNarrowing(narrowing, set)),
  }
}
