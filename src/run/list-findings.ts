import { tables } from '../collect/tables.generated.ts'
import { type Severity, severities } from '../core/severity.ts'
import type { Verdict } from '../core/verdict.ts'
import { Conditions } from '../db/conditions.ts'
import type { Param, Reader } from '../db/database.ts'
import { findingsAt } from './finding-rows.ts'
import { nameFindings, type UnnamedFinding } from './name-findings.ts'
import { isOfService } from './service-words.ts'

const findingSorts = ['severity', 'since', 'account', 'resource', 'rule'] as const

export interface FindingFilter {
  verdicts?: readonly Verdict[]
  /** Those that are, or may be, of one of them: where the exposure is not known, severity is a range. */
  severities?: readonly Severity[]
  rules?: readonly string[]
  accounts?: readonly string[]
  regions?: readonly string[]
  tables?: readonly string[]
  services?: readonly string[]
  /** Part of a resource's name or key, in any case. */
  resource?: string
  /** Only those that have had their verdict since then, or later. */
  since?: Date
  /** As it was then. */
  at?: Date
}

export interface FindingPage {
  sort?: (typeof findingSorts)[number]
  limit?: number
}

export interface FindingItem {
  finding_id: string
  rule_id: string
  title: string
  verdict: Verdict
  severity: Severity
  severity_max: Severity
  account_id: string
  account_name: string
  region: string
  table_name: string
  resource_key: string
  resource_name: string
  since: Date
  first_seen: Date
}

export interface FindingCount {
  verdict: Verdict
  severity: Severity
  n: number
}

const rank = `case f.severity ${[...severities]
  .reverse()
  .map((severity, at) => `when '${severity}' then ${at}`)
  .join(' ')} end`

/** What fails is worse than what nobody knows, and that than what passes. */
const worst = `case f.verdict when 'fail' then 0 when 'unknown' then 1 else 2 end`

/** Names by bytes, whatever collation a database has. */
const orders: Record<(typeof findingSorts)[number], string> = {
  severity: `${worst} nulls last, ${rank} nulls last, f.rule_id collate "C" nulls last, f.account_id nulls last, f.region collate "C" nulls last, f.resource_key collate "C" nulls last`,
  since: 'f.since desc nulls last, f.finding_id nulls last',
  account: `f.account_id nulls last, ${rank} nulls last, f.rule_id collate "C" nulls last, f.resource_key collate "C" nulls last`,
  resource: `f.account_id nulls last, f.resource_key collate "C" nulls last, ${rank} nulls last, f.rule_id collate "C" nulls last`,
  rule: 'f.rule_id collate "C" nulls last, f.account_id nulls last, f.resource_key collate "C" nulls last',
}

/** A page is found first and named afterwards: to name a million findings for the sake of fifty takes seconds. */
const page = 5_000

/** Findings page by page; memory stays bounded whatever the number. */
export function streamFindings(
  db: Reader,
  filter: FindingFilter,
  { sort = 'severity', limit }: FindingPage = {},
): AsyncIterable<FindingItem[]> {
  if (limit !== undefined && limit <= page) return onePage(db, filter, sort, limit)
  const { from, where, params } = query(filter, true)
  return db.stream<FindingItem>(
    `select f.finding_id, f.rule_id, coalesce(f.title, f.rule_id) as title, f.verdict, f.severity, f.severity_max,
       f.account_id, coalesce(f.account_name, f.account_id) as account_name, f.region, f.table_name, f.resource_key,
       coalesce(f.resource_name, f.resource_key) as resource_name, f.since, f.first_seen
     ${from} ${where} order by ${orders[sort]}${limit === undefined ? '' : ` limit ${Math.floor(limit)}`}`,
    params,
  )
}

async function* onePage(
  db: Reader,
  filter: FindingFilter,
  sort: keyof typeof orders,
  limit: number,
): AsyncGenerator<FindingItem[]> {
  const { from, where, params } = query(filter, asksNames(filter))
  const rows = await db.query<UnnamedFinding>(
    `select f.finding_id, f.rule_id, f.verdict, f.severity, f.severity_max, f.account_id, f.region, f.table_name,
       f.resource_key, f.since, f.first_seen
     ${from} ${where} order by ${orders[sort]} limit ${Math.floor(limit)}`,
    params,
  )
  yield await nameFindings(db, rows)
}

function asksNames({ services, resource }: FindingFilter): boolean {
  return services !== undefined || resource !== undefined
}

/** How many there are, by verdict and severity. Names are looked up only where the filter asks for them. */
export function countFindings(db: Reader, filter: FindingFilter): Promise<FindingCount[]> {
  const { from, where, params } = query(filter, asksNames(filter))
  return db.query<FindingCount>(
    `select f.verdict, f.severity, count(*) as n ${from} ${where} group by f.verdict, f.severity
     order by ${worst} nulls last, ${rank} nulls last`,
    params,
  )
}

function query(filter: FindingFilter, withNames: boolean): { from: string; where: string; params: Param[] } {
  const asked = new Conditions()
  const from = `from ${findingsAt(filter.at, asked.params, withNames)}`
  asked
    .among({
      'f.verdict': filter.verdicts,
      'f.rule_id': filter.rules,
      'f.account_id': filter.accounts,
      'f.region': filter.regions,
      'f.table_name': filter.tables,
    })
    .containing(['f.resource_key', 'f.resource_name'], filter.resource)
  if (filter.severities !== undefined) {
    const within = filter.severities.map((severity) => {
      const at = severities.indexOf(severity)
      const [least, most] = [severities.slice(0, at + 1), severities.slice(at)].map((all) => asked.param(all))
      return `(f.severity = any(${least}::text[]) and f.severity_max = any(${most}::text[]))`
    })
    asked.add(`(${['false', ...within].join(' or ')})`)
  }
  if (filter.services !== undefined) {
    const { services } = filter
    const named = tables.filter(({ service }) => isOfService(service, services)).map(({ name }) => name)
    const [service, table] = [asked.param(services), asked.param(named)]
    asked.add(`(f.service = any(${service}::text[]) or f.table_name = any(${table}::text[]))`)
  }
  if (filter.since !== undefined) asked.add(`f.since >= ${asked.param(filter.since)}::timestamptz`)
  return { from, where: `where ${asked.sql}`, params: asked.params }
}
