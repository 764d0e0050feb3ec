import type { Severity } from '../core/severity.ts'
import type { Verdict } from '../core/verdict.ts'
import type { Param, Reader } from '../db/database.ts'
import { inScope, type Scope } from './scope.ts'

export interface FindingCount {
  verdict: Verdict
  severity: Severity
  findings: number
}

/**
 * How many findings there were at a moment, by verdict and severity: one scan of the current rows and of the closed
 * intervals. Totals are made per account and summed, as a read over accounts is no snapshot on a distributed store.
 */
export function countsAt(db: Reader, moment: Date, scope: Scope = {}): Promise<FindingCount[]> {
  const params: Param[] = [moment]
  const current = inScope('f', scope, params)
  const closed = inScope('h', scope, params)
  return db.query<FindingCount>(
    `select x.verdict, x.severity, cast(sum(x.findings) as bigint) as findings
     from (
       select f.account_id, f.verdict, f.severity, count(*) as findings
       from stance.finding f
       where f.valid_from <= $1::timestamptz${current}
       group by f.account_id, f.verdict, f.severity
       union all
       select h.account_id, h.verdict, h.severity, count(*) as findings
       from stance.finding_history h
       where h.valid_from <= $1::timestamptz and h.valid_to > $1::timestamptz${closed}
       group by h.account_id, h.verdict, h.severity
     ) x
     group by x.verdict, x.severity
     order by x.verdict nulls last, x.severity nulls last`,
    params,
  )
}
