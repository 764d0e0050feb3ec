import { StanceError } from '../core/errors.ts'
import { firstScan } from '../run/last-scan.ts'
import { showMoment } from './screen/show-value.ts'

/** Before anything was read there was nothing to find: that is unread, and not fine. */
export async function refuseBeforeFirst(db: Parameters<typeof firstScan>[0], at: Date): Promise<void> {
  const first = await firstScan(db)
  if (first === undefined || at >= first) return
  throw new StanceError('STORE_EMPTY', `Nothing had been read yet at ${showMoment(at)} UTC.`, {
    next: `The first scan began at ${showMoment(first)} UTC: name a time after that.`,
  })
}
