import type { Reader } from '../../src/db/database.ts'

export interface Finding {
  account_id: string
  finding_id: string
  rule_id: string
  table_name: string
  resource_key: string
  region: string
  verdict: string
  severity: string
  severity_max: string
  definite_verdict: string
  definite_since: Date
  first_seen: Date
  evidence: {
    unread?: { table: string; group: string; state?: string; code?: string; action?: string }[]
  } | null
}

export type Posture = ReadonlyMap<string, Finding>

/** All findings, by who and what they are about. */
export async function postureOf(db: Reader): Promise<Posture> {
  const rows = await db.query<Omit<Finding, 'evidence'> & { evidence: string | null }>(
    `select account_id, finding_id, rule_id, table_name, resource_key, region, verdict, severity, severity_max,
       definite_verdict, definite_since, first_seen, evidence
     from stance.finding order by account_id nulls last, finding_id nulls last`,
  )
  return new Map(
    rows.map((row) => [
      `${row.account_id} ${row.rule_id} ${row.resource_key}`,
      { ...row, evidence: row.evidence === null ? null : JSON.parse(row.evidence) },
    ]),
  )
}

/** How a worse look at the same estate may not differ: no verdict turned, nothing gone, nothing new but unknown. */
export function unsoundChanges(before: Posture, after: Posture): string[] {
  const vanished: string[] = []
  // The finding about an unread cell goes when the cell is read, or when its rows are.
  for (const [name, { verdict }] of before)
    if (!after.has(name) && verdict !== 'unknown') vanished.push(`${name} (${verdict}) vanished`)
  return [...vanished, ...turned(before, after)]
}

/** Verdicts that are the opposite of what is so, or of what nobody could know. */
export function turned(before: Posture, after: Posture): string[] {
  const problems: string[] = []
  for (const [name, is] of after) {
    const was = before.get(name)?.verdict
    if (is.verdict === 'unknown' || is.verdict === was) continue
    if (was === undefined) problems.push(`${name} is new and ${is.verdict}`)
    else if (was !== 'unknown') problems.push(`${name} turned from ${was} to ${is.verdict}`)
  }
  return problems
}

/** Every difference in what findings say; with `sinceWhen` also in since when they have said so. */
export function differences(before: Posture, after: Posture, sinceWhen = true): string[] {
  const names = new Set([...before.keys(), ...after.keys()])
  const told = (one: Finding | undefined) =>
    one === undefined
      ? 'nothing'
      : `${one.verdict} ${one.severity} to ${one.severity_max} in ${one.region}${sinceWhen ? timesOf(one) : ''}`
  return [...names].flatMap((name) => {
    const [was, is] = [told(before.get(name)), told(after.get(name))]
    return was === is ? [] : [`${name}: ${was} → ${is}`]
  })
}

function timesOf({ definite_verdict, definite_since, first_seen }: Finding): string {
  return `, ${definite_verdict} since ${definite_since.toISOString()}, seen since ${first_seen.toISOString()}`
}

export function unknownsOf(posture: Posture): Finding[] {
  return [...posture.values()].filter(({ verdict }) => verdict === 'unknown')
}

/** Unknown findings that do not say that one of these actions is what they miss. */
export function unexplained(posture: Posture, actions: readonly string[]): string[] {
  return [...posture].flatMap(([name, { verdict, evidence }]) => {
    if (verdict !== 'unknown') return []
    const named = (evidence?.unread ?? []).map(({ action }) => action ?? '')
    return named.some((action) => actions.includes(action)) ? [] : [`${name}: ${JSON.stringify(evidence)}`]
  })
}

/** What people hear of and what history keeps: it may not grow when nothing happened. */
export async function recordsOf(db: Reader, except = ''): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of ['finding_event', 'resource_version', 'tombstone']) {
    const [row] = await db.query<{ n: number }>(
      `select count(*) as n from stance.${table} where table_name <> '${except}'`,
    )
    counts[table] = row?.n ?? 0
  }
  return counts
}
