import type { Severity } from '../core/severity.ts'
import type { Reader } from '../db/database.ts'
import { countWithin, type Scope } from './count-within.ts'

export interface Changes {
  /** By kind: failed, reopened, resolved, severity, closed; closed_unknown: had failed, and was unknown when it closed. */
  events: Record<string, number>
  /** Findings that are unknown now, and were not before. */
  newly_unknown: number
  /** Findings that are pass or fail now, and were unknown before. */
  known_again: number
  /** Findings that closed while they were unknown, and had never failed: no event tells of them. */
  unknown_closed: number
}

/** What befell findings after a moment. */
export async function countChanges(db: Reader, after: Date, scope: Scope = {}): Promise<Changes> {
  const events = await countWithin<{ kind: string; n: number }>(
    db,
    'select f.kind, count(*) as n from stance.finding_event f',
    'group by f.kind',
    scope,
    { 'f.happened_at': after },
  )
  const one = async (select: string, end: string, column: string) => {
    const [counted] = await countWithin<{ n: number }>(db, select, end, scope, { [column]: after })
    return counted?.n ?? 0
  }
  const closedUnknown = await one(
    `select count(*) as n from stance.finding_event f
     join stance.finding_history h
       on h.account_id = f.account_id and h.finding_id = f.finding_id and h.valid_to = f.happened_at`,
    `and f.kind = 'closed' and h.verdict = 'unknown'`,
    'f.happened_at',
  )
  return {
    events: toEvents(events, closedUnknown),
    newly_unknown: await one(
      'select count(*) as n from stance.finding f',
      `and f.verdict = 'unknown'`,
      'f.since',
    ),
    known_again: await one(
      `select count(*) as n from stance.finding f
       join stance.finding_history h
         on h.account_id = f.account_id and h.finding_id = f.finding_id and h.valid_to = f.since`,
      `and f.verdict <> 'unknown' and h.verdict = 'unknown'`,
      'f.since',
    ),
    unknown_closed: await one(
      `select count(*) as n from stance.finding_closed f
       join stance.finding_history h
         on h.account_id = f.account_id and h.finding_id = f.finding_id and h.valid_to = f.closed_at`,
      `and f.definite_verdict <> 'fail' and h.verdict = 'unknown'`,
      'f.closed_at',
    ),
  }
}

/** What all have more than those within. */
export function changesBeyond(all: Changes, within: Changes): Changes {
  return {
    events: beyond(all.events, within.events),
    newly_unknown: all.newly_unknown - within.newly_unknown,
    known_again: all.known_again - within.known_again,
    unknown_closed: all.unknown_closed - within.unknown_closed,
  }
}

/** Events after a moment, by kind and severity. */
export async function countBySeverity(
  db: Reader,
  after: Date,
): Promise<Record<string, Partial<Record<Severity, number>>>> {
  const rows = await countWithin<{ kind: string; severity: Severity; n: number }>(
    db,
    'select f.kind, f.severity, count(*) as n from stance.finding_event f',
    'group by f.kind, f.severity',
    {},
    { 'f.happened_at': after },
  )
  return Object.fromEntries(
    [...Map.groupBy(rows, ({ kind }) => kind)].map(([kind, own]) => [
      kind,
      Object.fromEntries(own.map(({ severity, n }) => [severity, n])),
    ]),
  )
}

function beyond(all: Record<string, number>, within: Record<string, number>): Record<string, number> {
  const more = Object.entries(all).map(([kind, n]) => [kind, n - (within[kind] ?? 0)] as const)
  return Object.fromEntries(more.filter(([, n]) => n > 0))
}

function toEvents(
  counts: readonly { kind: string; n: number }[],
  closed_unknown: number,
): Record<string, number> {
  const events = Object.fromEntries(counts.map(({ kind, n }) => [kind, n]))
  if (closed_unknown === 0) return events
  const { closed = 0, ...others } = events
  return {
    ...others,
    ...(closed > closed_unknown ? { closed: closed - closed_unknown } : {}),
    closed_unknown,
  }
}
