import { StanceError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import type { Severity } from '../core/severity.ts'
import type { Verdict } from '../core/verdict.ts'
import type { Reader } from '../db/database.ts'
import { evidenceFinder } from '../evaluate/find-evidence.ts'
import { findKept } from '../evaluate/find-kept.ts'
import type { RuleSet } from '../evaluate/rule-set.ts'
import { absentTables } from './absent-tables.ts'
import { lastScan } from './last-scan.ts'
import { tellNotRead } from './not-read-yet.ts'
import { loadDeclared } from './open-stance.ts'
import type { RunSettings } from './run-settings.ts'
import { type ShownFix, shownFix } from './shown-fix.ts'
import { type UnreadThing, unreadBehind } from './unread-behind.ts'

/** A time in which a finding read the same. */
export interface FindingInterval {
  valid_from: Date
  /** null for the one that stands. */
  valid_to: Date | null
  verdict: Verdict
  severity: Severity
  severity_max: Severity
  /** Why it ended, where it did not go on: gone, not_applicable, rule_off, no_longer_unread, account_off, account_closed; else ''. */
  closed_as: string
  evidence: Json
}

export interface FindingEvent {
  happened_at: Date
  kind: string
  verdict: string
  severity: string
}

/** Something that still counts as it was read last: since then its reads fail. */
export interface KeptThing extends UnreadThing {
  ok_at: Date | null
}

export interface FindingShown {
  finding_id: string
  /** open, or closed with why and when. */
  status: 'open' | 'closed'
  closed_as: string
  closed_at: Date | null
  rule_id: string
  title: string
  verdict: Verdict
  severity: Severity
  severity_max: Severity
  since: Date
  definite_verdict: string
  definite_since: Date
  first_seen: Date
  first_failed_at: Date
  account_id: string
  account_name: string
  region: string
  table_name: string
  resource_key: string
  resource_name: string
  evidence: Json
  /** Tables that the evidence names, and of which the account has no row at all. */
  absent_tables: string[]
  /** Of an unknown one: what its rule reads and could not be read. */
  unread: UnreadThing[]
  /** Of a definite one: what it rests on that is as it was, since reading it fails; with when it was read (`ok_at`). */
  kept: KeptThing[]
  why: string
  /** Its commands say what the finding knows: the resource, the account, the region. */
  fix: ShownFix | null
  references: readonly string[]
  nist_800_53: readonly string[]
  intervals: FindingInterval[]
  events: FindingEvent[]
}

type Judged = About & { finding_id: string; verdict: Verdict }

/** Evidence as it is now; what stands in the store is that of the last change. */
async function evidenceNow(db: Reader, finding: Judged, set: RuleSet): Promise<Json | undefined> {
  if (!set.rules.has(finding.rule_id)) return undefined
  const now = await judgedAt(db)
  const found = await evidenceFinder({ set, now })(db, [finding])
  return found.get(finding.finding_id)
}

/** Conditions on time were judged then. */
async function judgedAt(db: Reader): Promise<() => Date> {
  const now = (await lastScan(db))?.started_at ?? new Date()
  return () => now
}

async function keptOf(db: Reader, finding: Judged, set: RuleSet): Promise<KeptThing[]> {
  const all = await findKept(db, { set, now: await judgedAt(db) }, finding)
  return all.map(({ ok_at, ...one }) => ({ ...toThing(one), ok_at }))
}

/** What the evidence says an unknown follows from; else all that its rule reads and has not got. */
async function unreadOf(db: Reader, evidence: Json, about: About, set: RuleSet): Promise<UnreadThing[]> {
  const all = (evidence as { unread?: Record<string, string>[] } | null)?.unread ?? []
  // Without a state it was read since, and the next judgement settles it.
  const named = all.filter(({ state }) => state !== undefined)
  if (named.length === 0) return unreadBehind(db, about, set)
  return named.map(toThing)
}

function toThing(one: Partial<Record<string, string>>): UnreadThing {
  return {
    table_name: one.table ?? '',
    part: one.part ?? '',
    resource_key: one.resource_key ?? '',
    group_name: one.resource_key === undefined ? '' : (one.group ?? ''),
    state: (one.state ?? 'not_collected') as UnreadThing['state'],
    since: new Date(one.since ?? 0),
    code: one.code ?? '',
    message: one.message ?? '',
    action: one.action ?? '',
    denied_by: one.denied_by ?? '',
    next: one.next ?? '',
  }
}

interface Found {
  account_id: string
  finding_id: string
}

/** One finding with all that is known of it; `id` may be the beginning of one. */
export async function showFinding(
  db: Reader,
  id: string,
  settings: RunSettings['rules'],
): Promise<FindingShown> {
  const { account_id, finding_id } = await findOne(db, id)
  const intervals = await intervalsOf(db, account_id, finding_id)
  const [last] = intervals
  if (last === undefined) throw noSuchFinding(id)
  const { native_id, ...about } = await aboutFinding(db, account_id, finding_id)
  // A broken rule of one's own is the word of doctor and scan; what was found is shown all the same.
  const { set, registry } = await loadDeclared(settings, () => undefined)
  const rule = set.rules.get(about.rule_id)?.rule
  const word = registry.tables.get(about.table_name)?.identity.in_commands ?? ''
  const closed = last.valid_to !== null
  const judged: Judged = { ...about, finding_id, verdict: last.verdict }
  const evidence = closed ? last.evidence : ((await evidenceNow(db, judged, set)) ?? last.evidence)
  const events = await db.query<FindingEvent>(
    `select happened_at, kind, verdict, severity from stance.finding_event
     where account_id = $1::text and finding_id = $2::text order by happened_at nulls last`,
    [account_id, finding_id],
  )
  return {
    finding_id,
    status: closed ? 'closed' : 'open',
    closed_as: closed ? last.closed_as : '',
    closed_at: closed ? last.valid_to : null,
    ...about,
    verdict: last.verdict,
    severity: last.severity,
    severity_max: last.severity_max,
    evidence,
    absent_tables: await absentTables(db, account_id, evidence, set),
    unread:
      closed || last.verdict !== 'unknown'
        ? []
        : await tellNotRead(db, await unreadOf(db, evidence, about, set)),
    kept: closed ? [] : await keptOf(db, judged, set),
    why: rule?.why.trim() ?? '',
    fix: rule === undefined ? null : shownFix(rule.fix, { ...about, word, native_id }),
    references: rule?.references ?? [],
    nist_800_53: rule?.nist_800_53 ?? [],
    intervals,
    events,
  }
}

async function findOne(db: Reader, id: string): Promise<Found> {
  const wanted = id.trim().toLowerCase()
  if (!/^[a-z2-7]{1,20}$/.test(wanted)) throw noSuchFinding(id)
  const params = [wanted, wanted.length]
  const begins = 'substr(finding_id, 1, $2::bigint::integer) = $1::text'
  for (const table of ['stance.finding', 'stance.finding_closed']) {
    const found = await db.query<Found>(
      `select account_id, finding_id from ${table} where ${begins} order by finding_id nulls last limit 4`,
      params,
    )
    if (found.length === 1 && found[0] !== undefined) return found[0]
    if (found.length > 1) throw severalFindings(id, found)
  }
  throw noSuchFinding(id)
}

function noSuchFinding(id: string): StanceError {
  return new StanceError('FINDING_NOT_FOUND', `There is no finding whose id begins with "${id}".`, {
    next: 'See `stance findings` for the ids; those of a resource are in `stance resources show <name>`.',
  })
}

function severalFindings(id: string, found: readonly Found[]): StanceError {
  const some = found.slice(0, 3).map(({ finding_id }) => finding_id)
  return new StanceError('FINDING_AMBIGUOUS', `Several findings begin with "${id}": ${some.join(', ')}…`, {
    next: 'Give more letters of the id.',
  })
}

async function intervalsOf(db: Reader, account: string, id: string): Promise<FindingInterval[]> {
  const columns = 'valid_from, verdict, severity, severity_max, evidence'
  const rows = await db.query<Omit<FindingInterval, 'evidence'> & { evidence: string | null }>(
    `select ${columns}, cast(null as timestamptz) as valid_to, '' as closed_as from stance.finding
     where account_id = $1::text and finding_id = $2::text
     union all
     select ${columns}, valid_to, closed_as from stance.finding_history
     where account_id = $1::text and finding_id = $2::text
     order by valid_from desc nulls last`,
    [account, id],
  )
  return rows.map(({ evidence, ...row }) => ({
    ...row,
    evidence: evidence === null ? null : JSON.parse(evidence),
  }))
}

type About = Pick<
  FindingShown,
  | 'rule_id'
  | 'title'
  | 'since'
  | 'definite_verdict'
  | 'definite_since'
  | 'first_seen'
  | 'first_failed_at'
  | 'account_id'
  | 'account_name'
  | 'region'
  | 'table_name'
  | 'resource_key'
  | 'resource_name'
>

async function aboutFinding(db: Reader, account: string, id: string): Promise<About & { native_id: string }> {
  const columns = `finding_id, account_id, rule_id, table_name, resource_key, region, definite_verdict,
       definite_since, first_seen, first_failed_at`
  const rows = await db.query<About & { native_id: string }>(
    `select f.rule_id, coalesce(r.title, f.rule_id) as title, f.since, f.definite_verdict, f.definite_since,
       f.first_seen, f.first_failed_at, f.account_id, coalesce(a.name, f.account_id) as account_name, f.region,
       f.table_name, f.resource_key, coalesce(x.name, t.name, f.resource_key) as resource_name, case when x.table_name = f.table_name then x.native_id else '' end as native_id
     from (
       select ${columns}, since from stance.finding where account_id = $1::text and finding_id = $2::text
       union all
       select ${columns}, closed_at as since from stance.finding_closed
       where account_id = $1::text and finding_id = $2::text
     ) f
     left join stance.rule r on r.rule_id = f.rule_id
     left join stance.account a on a.account_id = f.account_id
     left join stance.resource x on x.account_id = f.account_id and x.resource_key = f.resource_key
     left join (
       select account_id, resource_key, max(name) as name from stance.tombstone group by account_id, resource_key
     ) t on t.account_id = f.account_id and t.resource_key = f.resource_key
     where f.account_id = $1::text`,
    [account, id],
  )
  if (rows[0] === undefined) throw noSuchFinding(id)
  return rows[0]
}
