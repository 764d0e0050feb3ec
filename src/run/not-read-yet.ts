import type { Reader } from '../db/database.ts'
import { type UnendedScan, unendedScan } from './last-scan.ts'

interface NotRead {
  state: string
  code: string
  message: string
  next: string
}

/** Says of what no scan has come to yet what to do about it; the rest says so itself. */
export async function tellNotRead<T extends NotRead>(
  db: Reader & { throughHolder?: boolean },
  all: readonly T[],
): Promise<T[]> {
  if (all.every(({ state }) => state !== 'not_collected')) return [...all]
  const unended = await unendedScan(db)
  return all.map((one) => {
    if (one.state !== 'not_collected') return one
    const message = 'no scan has read it yet'
    if (unended?.isWhole && one.code === 'NOT_ASKED_FOR') return { ...one, message, next: nextOf(unended) }
    if (one.code !== '') return one
    // It was planned, and its scan did not come so far.
    const next = unended === undefined ? 'Run `stance scan`.' : nextOf(unended)
    return { ...one, message, next }
  })
}

function nextOf({ alive }: UnendedScan): string {
  if (alive === 'yes') return 'Let the scan that is running end.'
  if (alive === 'no') return 'Run `stance scan --resume`: the last scan was cut off.'
  return 'Let the scan that has not ended end; if it was cut off, run `stance scan --resume`.'
}
