import type { Plan, PlannableAccount } from '../collect/kernel/plan-cells.ts'
import { StanceError } from '../core/errors.ts'
import { sayNarrowing } from './say-narrowing.ts'
import type { ScanNarrowing } from './scan.ts'

/** What is narrowed until nothing is left would end all green, having read nothing. */
export function refuseEmptyPlan(
  { read, settled }: Plan,
  accounts: readonly PlannableAccount[],
  narrowing: ScanNarrowing = {},
): void {
  const asked = sayNarrowing(narrowing)
  if (asked === '' || read.length > 0) return
  // What cannot be entered is not nothing: coverage says so.
  if (accounts.some(({ not_entered, regions_unread }) => not_entered ?? regions_unread)) return
  const off = accounts.every(({ state }) => state === 'off' || state === 'closed')
  if (off && accounts.length > 0) {
    const are = accounts.length === 1 ? 'is' : 'are'
    const ids = accounts.map(({ account_id }) => account_id).join(', ')
    throw new StanceError('SCAN_NOTHING', `There is nothing to read: ${ids} ${are} switched off or closed.`, {
      next: 'To have it read, take it out of `off_accounts`.',
    })
  }
  const { regions } = narrowing
  const excluded = settled.find(
    ({ state, part }) => state === 'excluded' && (regions === undefined || regions.includes(part)),
  )
  const next =
    excluded?.failure.next ??
    (regions === undefined || regions.includes('global')
      ? 'Leave one of them out; `stance tables list` shows what there is.'
      : 'Leave one of them out, or take `--region global`: there is what belongs to no region, and the list of all S3 buckets, whatever region they are in (`stance tables list`).')
  const why = excluded === undefined ? `no table fits ${asked}` : `${excluded.failure.message} (${asked})`
  throw new StanceError('SCAN_NOTHING', `There is nothing to read: ${why}.`, {
    next,
  })
}
