import type { Json } from '../core/json.ts'
import type { Verdict } from '../core/verdict.ts'
import type { Param, Reader, Transaction } from '../db/database.ts'
import { loadTarget } from '../db/load-target.ts'
import { inScope, type Scope } from './scope.ts'

/** A finding that fails or is unknown from now on, or one that is looked at: what evidence is computed for. */
export interface ChangedFinding {
  account_id: string
  finding_id: string
  rule_id: string
  table_name: string
  resource_key: string
  region: string
  verdict: Verdict
}

/** Evidence of some changed findings, by finding id. Called with bounded batches, in the same transaction. */
export type EvidenceOf = (reader: Reader, findings: readonly ChangedFinding[]) => Promise<Map<string, Json>>

const evidenceBatch = 500
/** A flood of changes is written without it; it is then computed when one of them is looked at. */
const mostEvidence = 10_000

/**
 * Writes what `finding_change` holds: closed intervals to the history, events to the outbox, then the findings
 * themselves; plain statements that distribute (facts/citus.md §3.6), and only those that have something to do.
 * Returns the number of changes.
 */
export async function applyFindingChanges(
  tx: Transaction,
  applying: { batch: string; accounts: Scope; now: Date; evidenceOf?: EvidenceOf },
): Promise<number> {
  const { batch, accounts, now } = applying
  const changes = await changesOf(tx, batch, accounts)
  if (changes.all === 0) return 0
  if (applying.evidenceOf !== undefined && changes.explained <= mostEvidence)
    await computeEvidence(tx, batch, accounts, applying.evidenceOf)
  for (const { sql, needed } of statements) {
    if (!needed(changes)) continue
    const params: Param[] = sql.includes('$2') ? [batch, now] : [batch]
    await tx.run(sql + inScope('c', accounts, params), params)
  }
  return changes.all
}

interface Changes {
  all: number
  /** Of findings that are there, or were. */
  known: number
  closing: number
  /** Of which evidence is kept: what fails, and what is unknown. */
  explained: number
}

async function changesOf(tx: Transaction, batch: string, accounts: Scope): Promise<Changes> {
  const params: Param[] = [batch]
  const [counted] = await tx.query<Changes>(
    `select count(*) as "all", count(c.old_definite) as known,
       count(*) filter (where c.verdict is null) as closing,
       count(*) filter (where c.verdict in ('fail', 'unknown')) as explained
     from stance.finding_change c where c.batch = $1::text${inScope('c', accounts, params)}`,
    params,
  )
  return counted!
}

/** Rule by rule: what is asked of a rule's rows is asked once for a batch of them. */
async function computeEvidence(
  tx: Transaction,
  batch: string,
  accounts: Scope,
  evidenceOf: EvidenceOf,
): Promise<void> {
  let [rule, finding] = ['', '']
  for (;;) {
    const params: Param[] = [batch, rule, finding]
    const page = await tx.query<ChangedFinding>(
      `select c.account_id, c.finding_id, c.rule_id, c.table_name, c.resource_key, c.region, c.verdict
       from stance.finding_change c
       where c.batch = $1::text and (c.rule_id > $2::text or (c.rule_id = $2::text and c.finding_id > $3::text))
         and c.verdict in ('fail', 'unknown')
         ${inScope('c', accounts, params)}
       order by c.rule_id nulls last, c.finding_id nulls last limit ${evidenceBatch}`,
      params,
    )
    if (page.length === 0) return
    const evidence = await evidenceOf(tx, page)
    const rows = page.flatMap((finding) => {
      const found = evidence.get(finding.finding_id)
      return found === undefined
        ? []
        : [[finding.account_id, batch, finding.finding_id, JSON.stringify(found)]]
    })
    await tx.load(evidenceTarget, rows)
    rule = page.at(-1)?.rule_id ?? ''
    finding = page.at(-1)?.finding_id ?? ''
  }
}

const evidenceTarget = loadTarget('stance.finding_evidence', {
  account_id: 'text',
  batch: 'text',
  finding_id: 'text',
  evidence: 'json',
})

const always = () => true
const someKnown = ({ known }: Changes) => known > 0

/** An interval of no length never was: two changes at one moment leave only the last. */
const statements: readonly { needed: (changes: Changes) => boolean; sql: string }[] = [
  {
    needed: someKnown,
    sql: `insert into stance.finding_history
       (account_id, finding_id, valid_to, valid_from, rule_id, table_name, resource_key, region, verdict, since,
        definite_verdict, definite_since, severity, severity_max, first_seen, first_failed_at, closed_as, evidence)
     select f.account_id, f.finding_id, $2::timestamptz, f.valid_from, f.rule_id, f.table_name, f.resource_key,
       f.region, f.verdict, f.since, f.definite_verdict, f.definite_since, f.severity, f.severity_max,
       f.first_seen, f.first_failed_at, c.closed_as, f.evidence
     from stance.finding f
     join stance.finding_change c on c.account_id = f.account_id and c.finding_id = f.finding_id
     where f.valid_from < $2::timestamptz and c.batch = $1::text`,
  },
  {
    needed: always,
    sql: `insert into stance.finding_event
       (account_id, finding_id, batch, happened_at, kind, rule_id, table_name, resource_key, region, verdict, severity)
     select c.account_id, c.finding_id, c.batch, $2::timestamptz, c.kind, c.rule_id, c.table_name, c.resource_key,
       c.region, c.verdict, c.severity
     from (
       select d.account_id, d.finding_id, d.batch, d.rule_id, d.table_name, d.resource_key, d.region,
         coalesce(d.verdict, '') as verdict, d.severity,
         case
           when d.verdict = 'fail' and coalesce(d.old_definite, '') <> 'fail' then
             case when d.first_failed_at < $2::timestamptz then 'reopened' else 'failed' end
           when d.verdict = 'fail' and d.old_verdict is null then 'reopened'
           when d.verdict = 'pass' and d.old_definite = 'fail' and d.old_verdict is not null then 'resolved'
           when d.verdict is null and d.old_definite = 'fail' then 'closed'
           when d.verdict = 'fail' and d.old_verdict is not null and d.known_severity <> d.old_severity then 'severity'
         end as kind
       from stance.finding_change d
       where d.batch = $1::text
     ) c
     where c.kind is not null`,
  },
  {
    needed: ({ closing }) => closing > 0,
    sql: `insert into stance.finding_closed
       (account_id, finding_id, rule_id, table_name, resource_key, region, definite_verdict, definite_since,
        first_seen, first_failed_at, closed_as, closed_at)
     select c.account_id, c.finding_id, c.rule_id, c.table_name, c.resource_key, c.region, c.definite_verdict,
       c.definite_since, c.first_seen, c.first_failed_at, c.closed_as, $2::timestamptz
     from stance.finding_change c
     where c.verdict is null and c.batch = $1::text`,
  },
  {
    needed: someKnown,
    sql: `delete from stance.finding_closed using stance.finding_change c
     where stance.finding_closed.account_id = c.account_id and stance.finding_closed.finding_id = c.finding_id
       and c.verdict is not null and c.batch = $1::text`,
  },
  {
    needed: someKnown,
    sql: `delete from stance.finding using stance.finding_change c
     where stance.finding.account_id = c.account_id and stance.finding.finding_id = c.finding_id
       and c.batch = $1::text`,
  },
  {
    needed: ({ all, closing }) => all > closing,
    sql: `insert into stance.finding
       (account_id, finding_id, rule_id, table_name, resource_key, region, verdict, since, definite_verdict,
        definite_since, severity, severity_max, first_seen, first_failed_at, known_severity, valid_from, evidence)
     select c.account_id, c.finding_id, c.rule_id, c.table_name, c.resource_key, c.region, c.verdict, c.since,
       c.definite_verdict, c.definite_since, c.severity, c.severity_max, c.first_seen, c.first_failed_at, c.known_severity,
       $2::timestamptz, e.evidence
     from stance.finding_change c
     left join stance.finding_evidence e
       on e.account_id = c.account_id and e.batch = c.batch and e.finding_id = c.finding_id
     where c.verdict is not null and c.batch = $1::text`,
  },
  {
    needed: always,
    sql: `delete from stance.finding_evidence c where c.batch = $1::text`,
  },
  {
    needed: always,
    sql: `delete from stance.finding_change c where c.batch = $1::text`,
  },
]
