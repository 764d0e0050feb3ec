import { isRead, type State } from '../core/state.ts'
import { type CellRow, failureColumns } from './cell-row.ts'
import type { CellRows } from './cell-rows.ts'
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

/**
 * A cell with rows of which nothing is in force is not in force either, at once, though the other rows stand: one of
 * them may be what a rule asks for, and rules take a cell in force to hold no such row.
 */
export function doubted(outcome: Outcome, unlisted: number): Outcome {
  if (!outcome.in_force || unlisted === 0) return outcome
  const what = unlisted === 1 ? 'One resource that is listed is' : `${unlisted} resources that are listed are`
  const failure: Failure = {
    code: 'ROWS_UNREADABLE',
    message: `${what} not as declared: a field is missing, or wrong.`,
    next: 'Look at `stance coverage` for the field; if it stays, report it.',
  }
  return { state: 'error', in_force: false, failure: outcome.failure ?? failure }
}

/** The same where rows were written beside the listing of their cells. Answers the parts whose cells changed. */
export async function doubtCells(
  cells: CellRows,
  { account_id, table }: Omit<CellId, 'part'>,
  unlisted: ReadonlyMap<string, number>,
  now: Date,
): Promise<string[]> {
  const changed: string[] = []
  for (const [part, rows] of unlisted) {
    const before = await cells.read({ account_id, table, part })
    if (before === undefined || !before.in_force) continue
    const { state, in_force, failure } = doubted({ state: before.state, in_force: true }, rows)
    const since = laterThan(before.since, now)
    await cells.write(before, { ...before, state, in_force, since, ...failureColumns(failure) })
    changed.push(part)
  }
  return changed
}

export function toCellRow(
  cell: CellId,
  before: CellRow | undefined,
  end: CellEnd,
  outcome: Outcome,
  rows: number,
  now: Date,
  changed_in: Date | undefined,
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
    changed_in: latest(before?.changed_in ?? null, changed_in),
    awaited_since: stillAwaited(before, end),
    rows,
    calls: end.calls,
    throttles: end.throttles,
    duration_ms: Math.round(end.duration_ms),
    group_attempts: { ...before?.group_attempts, ...attemptsOf(end) },
    ...failureColumns(outcome.failure),
  }
}

/** What was listed before the scan began that awaits it is not what that scan awaits. */
function stillAwaited(before: CellRow | undefined, { listed_at }: CellEnd): Date | null {
  const since = before?.awaited_since ?? null
  return since !== null && listed_at < since ? since : null
}

export function latest(one: Date | null, other: Date | undefined): Date | null {
  return other !== undefined && (one === null || one < other) ? other : one
}

function attemptsOf({ tried = [], listed_at }: CellEnd): Record<string, Date> {
  return Object.fromEntries(tried.map((group) => [group, listed_at]))
}
