import type { Param } from '../db/database.ts'

/** The columns that a finding has now and had at any past moment. */
const columns = [
  ...`account_id finding_id rule_id table_name resource_key region verdict since definite_verdict`.split(' '),
  ...`definite_since severity severity_max first_seen first_failed_at valid_from`.split(' '),
]

/** Who they are about, by name. A resource may have gone and come back: its last tombstone's name is as good as any. */
const named = `r.title, r.service, a.name as account_name, coalesce(x.name, t.name) as resource_name`
const names = `
     left join stance.rule r on r.rule_id = h.rule_id
     left join stance.account a on a.account_id = h.account_id
     left join stance.resource x on x.account_id = h.account_id and x.resource_key = h.resource_key
     left join (
       select account_id, resource_key, max(name) as name from stance.tombstone group by account_id, resource_key
     ) t on t.account_id = h.account_id and t.resource_key = h.resource_key`

/**
 * Findings as a relation `f`: those of now, or those of a past moment, which is one look at two tables. `params` grows
 * by the moment. Names are joined to each of the two: Citus joins nothing to both together.
 */
export function findingsAt(moment: Date | undefined, params: Param[], withNames: boolean): string {
  const own = columns.map((column) => `h.${column}`).join(', ')
  const from = (table: string) =>
    withNames ? `select ${own}, ${named} from ${table} h${names}` : `select ${own} from ${table} h`
  if (moment === undefined) return `(${from('stance.finding')}) f`
  params.push(moment)
  const at = `$${params.length}::timestamptz`
  return `(
    ${from('stance.finding')} where h.valid_from <= ${at}
    union all
    ${from('stance.finding_history')} where h.valid_from <= ${at} and h.valid_to > ${at}
  ) f`
}
