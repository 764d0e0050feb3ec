import { tables } from '../collect/tables.generated.ts'
import { type Severity, severities } from '../core/severity.ts'
import type { Verdict } from '../core/verdict.ts'
import type { Param, Reader } from '../db/database.ts'
import { findingsAt } from './finding-rows.ts'
import { isOfService } from './service-words.ts'

export const findingSorts = ['severity', 'since', 'account', 'resource', 'rule'] as const

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

const orders: Record<(typeof findingSorts)[number], string> = {
  severity: `${worst} nulls last, ${rank} nulls last, f.rule_id nulls last, f.account_id nulls last, f.region nulls last, f.resource_key nulls last`,
  since: 'f.since desc nulls last, f.finding_id nulls last',
  account: `f.account_id nulls last, ${rank} nulls last, f.rule_id nulls last, f.resource_key nulls last`,
  resource: `f.account_id nulls last, f.resource_key nulls last, ${rank} nulls last, f.rule_id nulls last`,
  rule: 'f.rule_id nulls last, f.account_id nulls last, f.resource_key nulls last',
}

/** Findings page by page; memory stays bounded whatever the number. */
export function streamFindings(
  db: Reader,
  filter: FindingFilter,
  { sort = 'severity', limit }: FindingPage = {},
): AsyncIterable<FindingItem[]> {
  const { from, where, params } = query(filter, true)
  return db.stream<FindingItem>(
    `select f.finding_id, f.rule_id, coalesce(f.title, f.rule_id) as title, f.verdict, f.severity, f.severity_max,
       f.account_id, coalesce(f.account_name, f.account_id) as account_name, f.region, f.table_name, f.resource_key,
       coalesce(f.resource_name, f.resource_key) as resource_name, f.since, f.first_seen
     ${from} ${where} order by ${orders[sort]}${limit === undefined ? '' : ` limit ${Math.floor(limit)}`}`,
    params,
  )
}

/** How many there are, by verdict and severity. Names are looked up only where the filter asks for them. */
export function countFindings(db: Reader, filter: FindingFilter): Promise<FindingCount[]> {
  const asksNames = filter.services !== undefined || filter.resource !== undefined
  const { from, where, params } = query(filter, asksNames)
  return db.query<FindingCount>(
    `select f.verdict, f.severity, count(*) as n ${from} ${where} group by f.verdict, f.severity
     order by ${worst} nulls last, ${rank} nulls last`,
    params,
  )
}

function query(filter: FindingFilter, withNames: boolean): { from: string; where: string; params: Param[] } {
  const params: Param[] = []
  const conditions = ['true']
  const from = `from ${findingsAt(filter.at, params, withNames)}`
  const lists = {
    'f.verdict': filter.verdicts,
    'f.rule_id': filter.rules,
    'f.account_id': filter.accounts,
    'f.region': filter.regions,
    'f.table_name': filter.tables,
  }
  for (const [name, values] of Object.entries(lists)) {
    if (values === undefined) continue
    params.push(values)
    conditions.push(`${name} = any($${params.length}::text[])`)
  }
  if (filter.severities !== undefined) {
    const within = filter.severities.map((severity) => {
      const at = severities.indexOf(severity)
      params.push(severities.slice(0, at + 1), severities.slice(at))
      const [least, most] = [params.length - 1, params.length]
      return `(f.severity = any($${least}::text[]) and f.severity_max = any($${most}::text[]))`
    })
    conditions.push(`(${['false', ...within].join(' or ')})`)
  }
  if (filter.services !== undefined) {
    const { services } = filter
    params.push(
      services,
      tables.filter(({ service }) => isOfService(service, services)).map(({ name }) => name),
    )
    const [service, table] = [`$${params.length - 1}::text[]`, `$${params.length}::text[]`]
    conditions.push(`(f.service = any(${service}) or f.table_name = any(${table}))`)
  }
  if (filter.since !== undefined) {
    params.push(filter.since)
    conditions.push(`f.since >= $${params.length}::timestamptz`)
  }
  if (filter.resource !== undefined) {
    params.push(filter.resource.toLowerCase())
    const inside = (name: string) => `strpos(lower(${name}), $${params.length}::text) > 0`
    conditions.push(`(${inside('f.resource_key')} or ${inside("coalesce(f.resource_name, '')")})`)
  }
  return { from, where: `where ${conditions.join(' and ')}`, params }
}
