import { isRead, type State } from '../core/state.ts'
import { type CellRow, failureColumns } from './cell-row.ts'
import type { CellEnd, CellId, Failure } from './collected.ts'
import { laterThan } from './merge-resource.ts'
import { cleanFailure } from './read-state.ts'

/** What a cell is after its read ended. */
export interface Outcome {
  state: State
  in_force: boolean
  failure?: Failure
  /** Rows read before this are not listed any more; only where the cell is not in force. */
  staleBefore?: Date
}

const optedOut: Failure = {
  code: 'NO_LONGER_SERVED',
  message: 'The provider no longer serves this part, but resources in it are known: they may still be there.',
  denied_by: 'region not opted in',
  next: 'Opt the region in again (or enable the API), or delete the resources before it is opted out.',
}

/**
 * Rows were listed of which nothing can be relied on: whether one of them is what a rule looks for nobody knows, so the
 * cell is not in force, at once. The other rows stand.
 */
export function unlistedOutcome(rows: number): Outcome {
  const failure: Failure = {
    code: 'ROWS_UNREADABLE',
    message: `${rows} of the resources that were listed ${rows === 1 ? 'is' : 'are'} not as declared: a field is missing, or wrong.`,
    next: 'Look at `stance coverage` for the field; if it stays, report it.',
  }
  return { state: 'error', in_force: false, failure }
}

/**
 *   ok, or absent or unsupported with no row known ──▶ in force
 *   absent or unsupported with known rows ──▶ denied: the resources remain, only the view of them is gone
 *   error ──▶ in force while ok_at is younger than stale_after, if it was; then not
 *   denied, excluded, not_collected ──▶ not in force, at once
 */
export function cellOutcome(
  before: CellRow | undefined,
  end: CellEnd,
  knownRows: number,
  now: Date,
  staleAfterMs: number,
): Outcome {
  if (isRead(end.state) && end.state !== 'ok' && knownRows > 0) {
    return { state: 'denied', in_force: false, failure: end.failure ?? optedOut, staleBefore: end.listed_at }
  }
  if (isRead(end.state)) return { state: end.state, in_force: true }
  const failure = cleanFailure(end.failure)
  if (end.state !== 'error') return { state: end.state, in_force: false, failure, staleBefore: end.listed_at }
  const youngest = new Date(now.getTime() - staleAfterMs)
  const kept = before?.in_force === true && before.ok_at !== null && before.ok_at > youngest
  if (kept) return { state: 'error', in_force: true, failure }
  return { state: 'error', in_force: false, failure, staleBefore: youngest }
}

export function toCellRow(
  cell: CellId,
  before: CellRow | undefined,
  end: CellEnd,
  outcome: Outcome,
  rows: number,
  now: Date,
): CellRow {
  const same = before !== undefined && before.state === outcome.state && before.in_force === outcome.in_force
  const wasOk = before?.ok_at ?? null
  const isOk = isRead(outcome.state)
  return {
    account_id: cell.account_id,
    table: cell.table,
    part: cell.part,
    state: outcome.state,
    in_force: outcome.in_force,
    since: same ? before.since : before === undefined ? now : laterThan(before.since, now),
    ok_at: isOk && (wasOk === null || wasOk < end.listed_at) ? end.listed_at : wasOk,
    attempted_at: end.listed_at,
    stale_before: outcome.staleBefore ?? null,
    rows,
    calls: end.calls,
    throttles: end.throttles,
    duration_ms: Math.round(end.duration_ms),
    group_attempts: { ...before?.group_attempts, ...attemptsOf(end) },
    ...failureColumns(outcome.failure),
  }
}

function attemptsOf({ tried = [], listed_at }: CellEnd): Record<string, Date> {
  return Object.fromEntries(tried.map((group) => [group, listed_at]))
}
