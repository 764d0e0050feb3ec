import type { Reader } from '../db/database.ts'
import { cutOff } from './scan-record.ts'

export interface LastScan {
  scan_id: string
  started_at: Date
  ended_at: Date | null
  state: 'running' | 'done' | 'interrupted' | 'failed'
}

/** The scan that began last; undefined where there was none. */
export async function lastScan(db: Reader): Promise<LastScan | undefined> {
  const rows = await db.query<LastScan>(
    `select scan_id, started_at, ended_at, state from stance.scan order by started_at desc nulls last limit 1`,
  )
  return rows[0]
}

/** When the first scan began that read something. */
export async function firstScan(db: Reader): Promise<Date | undefined> {
  const rows = await db.query<{ at: Date | null }>(
    `select min(started_at) as at from stance.scan where state <> 'failed'`,
  )
  return rows[0]?.at ?? undefined
}

/** A scan that did not come to its end, and that none has finished since. */
export interface UnendedScan {
  scan_id: string
  started_at: Date
  /** It reads all there is. */
  isWhole: boolean
  /** `unknown`: another process may be at work on a server's database, and reads nothing just now. */
  alive: 'yes' | 'no' | 'unknown'
}

/** The last scan that has not ended: it runs, was stopped, or its process was killed (a second Ctrl-C, a crash). */
export async function unendedScan(
  db: Reader & { throughHolder?: boolean },
): Promise<UnendedScan | undefined> {
  const [scan] = await db.query<{ scan_id: string; started_at: Date; options: string }>(
    `select scan_id, started_at, options from stance.scan where state = 'running' order by started_at desc nulls last limit 1`,
  )
  const alive = scan === undefined ? undefined : await isAlive(db, scan.scan_id)
  if (scan !== undefined && alive === 'yes') {
    const { resume: _, resumed_from: __, ...narrowing } = JSON.parse(scan.options) as Record<string, unknown>
    const { scan_id, started_at } = scan
    return { scan_id, started_at, isWhole: Object.keys(narrowing).length === 0, alive }
  }
  // One that could not say that it had ended, for its store was gone, is over where another was done since.
  const cut = await cutOff(db, { running: true })
  if (cut === undefined) return undefined
  const { scan_id, started_at, isWhole, state } = cut
  if (state === 'running') return { scan_id, started_at, isWhole, alive: alive ?? 'no' }
  // One that was narrowed leaves the rest as it was: nothing waits for its end.
  return isWhole ? { scan_id, started_at, isWhole, alive: 'no' } : undefined
}

/** The embedded database is held by the process that scans; on a server a scan that reads holds leases. */
async function isAlive(
  db: Reader & { throughHolder?: boolean },
  scan_id: string,
): Promise<UnendedScan['alive']> {
  if (db.engine === 'duckdb') return db.throughHolder === true ? 'yes' : 'no'
  // By the clock of the store: those of workers differ.
  const [now] = await db.query<{ moment: Date }>('select current_timestamp as moment')
  const held = await db.query(
    'select l.part from stance.cell_lease l where l.holder = $1::text and l.until_at > $2::timestamptz limit 1',
    [scan_id, now?.moment ?? new Date()],
  )
  return held.length > 0 ? 'yes' : 'unknown'
}

/** How it stands with a scan that has not ended, and what to do; `rest`: what that means where it is said. */
export function tellUnended(
  { started_at, alive }: UnendedScan,
  rest: string,
): { said: string; next: string } {
  const when = `${started_at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  if (alive === 'yes') return { said: `A scan that began at ${when} is running: ${rest}`, next: '' }
  const goOn = '`stance scan --resume` reads the rest.'
  return alive === 'no'
    ? { said: `The scan that began at ${when} was cut off before its end: ${rest}`, next: goOn }
    : { said: `A scan that began at ${when} has not ended: ${rest}`, next: `If it was cut off, ${goOn}` }
}
