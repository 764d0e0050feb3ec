import type { Param } from '../db/database.ts'

/** The columns that a finding has now and had at any past moment. */
const columns = [
  ...`account_id finding_id rule_id table_name resource_key region verdict since definite_verdict`.split(' '),
  ...`definite_since severity severity_max first_seen first_failed_at valid_from`.split(' '),
]

/**
 * Findings as a relation `f`: those of now, or those of a past moment, which is one look at two tables. `params`
 * grows by the moment.
 */
export function findingsAt(moment: Date | undefined, params: Param[]): string {
  if (moment === undefined) return `(select ${columns.join(', ')} from stance.finding) f`
  params.push(moment)
  const at = `$${params.length}::timestamptz`
  return `(
    select ${columns.join(', ')} from stance.finding where valid_from <= ${at}
    union all
    select ${columns.join(', ')} from stance.finding_history where valid_from <= ${at} and valid_to > ${at}
  ) f`
}
