import type { Param, Transaction } from '../db/database.ts'
import { findingIdSql } from './finding-id-sql.ts'
import { inScope, type Scope } from './scope.ts'

const definite = `('p', 'f', 'u')`
/** The character of this slot; '' past the end of an older, shorter string. */
const before = `substr(c.old_verdicts, cast(s.slot + 1 as integer), 1)`
const after = `substr(c.new_verdicts, cast(s.slot + 1 as integer), 1)`
const exposureBefore = `substr(c.old_verdicts, 1, 1)`
const exposureAfter = `substr(c.new_verdicts, 1, 1)`
/**
 * A slot that is empty, or past the end of a string that is there, has no rule any more. A row without any string is no
 * more: the resource went, or it only stood for a cell that could not be read, and is itself of another table.
 */
const closedAs = `case
             when ${after} = '-' then 'not_applicable'
             when ${after} = '.' or (${after} = '' and c.new_verdicts <> '') then 'rule_off'
             when $3::text = 'gone' and x.table_name <> c.table_name then 'no_longer_unread'
             else $3::text end`

/**
 * Verdict strings that changed → one row per finding that opens, changes or closes, with everything that it
 * becomes. Only slots that changed are unfolded, or all of a resource whose exposure did (severity follows it).
 */
export async function unfoldChanges(
  tx: Transaction,
  unfolding: {
    batch: string
    accounts: Scope
    now: Date
    closedAs: string
    /** The scope had no verdict before: its rows in `verdict` are the changes. */
    first?: { table: string; scope: Scope }
  },
): Promise<void> {
  const id = findingIdSql(tx.engine, [
    'r.id_seed',
    'c.account_id',
    'c.resource_key',
    `coalesce(x.incarnation, '')`,
  ])
  const params: Param[] = [unfolding.batch, unfolding.now, unfolding.closedAs]
  const { first, accounts } = unfolding
  const changes = first === undefined ? 'stance.verdict_change' : firstVerdicts(first, params)
  const which = first === undefined ? `c.batch = $1::text${inScope('c', accounts, params)}` : 'true'
  await tx.run(
    `insert into stance.finding_change
       (account_id, batch, finding_id, rule_id, table_name, resource_key, region, verdict,
        since, definite_verdict, definite_since, severity, severity_max, first_seen, first_failed_at,
        old_verdict, old_definite, old_severity, known_severity, closed_as)
     select d.account_id, $1::text, d.finding_id, d.rule_id, d.table_name, d.resource_key, d.region, d.verdict,
       case when f.verdict = d.verdict then f.since else $2::timestamptz end,
       case when d.verdict in ('pass', 'fail') then d.verdict
         else coalesce(f.definite_verdict, '') end,
       case when d.verdict in ('pass', 'fail') and d.verdict <> coalesce(f.definite_verdict, '')
         then $2::timestamptz
         else coalesce(f.definite_since, timestamptz '0001-01-01 00:00:00+00') end,
       d.severity, d.severity_max,
       coalesce(f.first_seen, z.first_seen, $2::timestamptz),
       coalesce(
         case when f.first_failed_at < timestamptz '9999-12-31 00:00:00+00' then f.first_failed_at end,
         case when z.first_failed_at < timestamptz '9999-12-31 00:00:00+00' then z.first_failed_at end,
         case when d.verdict = 'fail' then $2::timestamptz end,
         timestamptz '9999-12-31 00:00:00+00'),
       f.verdict, coalesce(f.definite_verdict, z.definite_verdict), f.known_severity,
       case when d.severity = d.severity_max and d.verdict <> 'unknown' then d.severity
         else coalesce(f.known_severity, d.severity) end,
       case when d.verdict is null then d.closed_as else '' end
     from (
       select u.account_id, u.rule_id, u.table_name, u.resource_key, u.region, u.verdict, u.severity,
         u.severity_max, u.closed_as, coalesce(u.known_id, ${id.id}) as finding_id
       from (
         select c.account_id, r.rule_id, c.table_name, c.resource_key, c.region,
           case when ${after} = 'p' then 'pass' when ${after} = 'f' then 'fail' when ${after} = 'u' then 'unknown' end as verdict,
           case when ${exposureAfter} = 'x' then r.severity_public else r.severity_private end as severity,
           case when ${exposureAfter} in ('x', '?') then r.severity_public else r.severity_private end as severity_max,
           ${closedAs} as closed_as,
           k.finding_id as known_id,
           ${id.digest} as digest
         from ${changes} c
         join stance.rule_slot s on s.table_name = c.table_name
         join stance.rule r on r.id_seed = s.id_seed
         left join stance.resource x on x.account_id = c.account_id and x.resource_key = c.resource_key
         left join stance.finding k
           on k.account_id = c.account_id and k.table_name = c.table_name
           and k.resource_key = c.resource_key and k.rule_id = r.rule_id
         where ${which}
           and (${before} in ${definite} or ${after} in ${definite})
           and (${before} <> ${after} or ${exposureBefore} <> ${exposureAfter})
         ${id.once}
       ) u
       ${id.once}
     ) d
     left join stance.finding f on f.account_id = d.account_id and f.finding_id = d.finding_id
     left join stance.finding_closed z on z.account_id = d.account_id and z.finding_id = d.finding_id
     where (f.finding_id is not null or d.verdict is not null)
       and (f.finding_id is null or d.verdict is null or f.verdict <> d.verdict
         or f.severity <> d.severity or f.severity_max <> d.severity_max)`,
    params,
  )
}

/** The rows of a scope as changes from nothing. */
function firstVerdicts({ table, scope }: { table: string; scope: Scope }, params: Param[]): string {
  params.push(table)
  const at = `$${params.length}::text`
  return `(
    select v.account_id, v.table_name, v.resource_key, v.region, '' as old_verdicts, v.verdicts as new_verdicts
    from stance.verdict v
    where v.table_name = ${at}${inScope('v', scope, params)}
  )`
}
