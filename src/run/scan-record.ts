import { randomUUID } from 'node:crypto'
import type { ScanCost } from '../collect/kernel/count-calls.ts'
import type { Clock } from '../core/clock.ts'
import type { Database, Reader } from '../db/database.ts'
import type { ScanNarrowing, ScanOptions } from './scan.ts'
import { storeTime } from './store-time.ts'

export interface ScanRecord {
  scan_id: string
  started_at: Date
  ended_at: Date | null
  state: 'running' | 'done' | 'interrupted' | 'failed'
  cost: ScanCost | undefined
  /** What this scan was to read, and has tried; nothing where it ended before it knew. */
  cells?: ScanCells
  /** Accounts that were to be read: how many could be entered, and which could not. */
  entered?: {
    accounts: number
    not_entered: readonly string[]
    /** Known ones that no connection reads now. */
    left: readonly string[]
    /** Where none is left to read: those that a person switched off, or that are closed. */
    off?: readonly string[]
  }
  /** Connections of which accounts may be missing that nobody could name. */
  unlisted?: readonly UnlistedAccounts[]
  /** With `resume`: when the scan began that is taken up again. */
  resumed_from?: Date
}

export interface ScanCells {
  planned: number
  read: number
  /** More of them were not due, for what was read before still counts: what no rule reads is read once a day. */
  not_due: number
  /** And more could not be tried: of accounts that cannot be entered, of regions that nobody could name. */
  out_of_reach: number
}

/** A connection that could not be used, or whose organization could not be read. */
export interface UnlistedAccounts {
  connection: string
  code: string
  message: string
  next: string
}

/** A scan that is still `running` when another begins was cut off: its process is gone. */
export async function startScan(
  db: Database,
  clock: Clock,
  options: Pick<ScanOptions, 'narrowing' | 'resume'>,
): Promise<ScanRecord> {
  const scan_id = randomUUID()
  const now = clock.now()
  return db.transaction(
    async (tx) => {
      // One that holds a lease is alive, in another process of the same store.
      const holders = await tx.query<{ holder: string }>(
        'select l.holder from stance.cell_lease l where l.until_at > $1::timestamptz group by l.holder',
        [await storeTime(tx, clock)],
      )
      await tx.run(
        `update stance.scan set state = 'interrupted', ended_at = $1::timestamptz
         where state = 'running' and not (scan_id = any($2::text[]))`,
        [now, holders.map(({ holder }) => holder)],
      )
      // One that holds leases still may have lost its store: what it has read needs no second reading, dead or alive.
      const resumed = options.resume === true ? (await cutOff(tx, { running: true }))?.since : undefined
      await tx.run(
        `insert into stance.scan (scan_id, started_at, ended_at, state, options, summary)
         values ($1::text, $2::timestamptz, null, 'running', $3, null)`,
        [
          scan_id,
          now,
          JSON.stringify({ ...options.narrowing, resume: options.resume === true, resumed_from: resumed }),
        ],
      )
      return {
        scan_id,
        started_at: now,
        ended_at: null,
        state: 'running' as const,
        cost: undefined,
        ...(resumed === undefined ? {} : { resumed_from: resumed }),
      }
    },
    { label: 'start a scan' },
  )
}

export interface CutOff {
  scan_id: string
  started_at: Date
  /** When the scan began that it would have finished: its own start, or that of the one it resumed. */
  since: Date
  /** It was to read all there is. */
  isWhole: boolean
  state: ScanRecord['state']
}

/**
 * The last scan that was cut off; one that was done after it has finished it only if it was to read as much. `running`:
 * with those that say of themselves that they run, which a store that went away leaves so.
 */
export async function cutOff(db: Reader, { running = false } = {}): Promise<CutOff | undefined> {
  type Row = Pick<ScanRecord, 'scan_id' | 'started_at' | 'state'> & {
    options: string
    summary: string | null
  }
  const scans = await db.query<Row>(
    `select scan_id, started_at, state, options, summary from stance.scan ${running ? '' : "where state <> 'running'"}
     order by started_at desc nulls last limit ${farthest}`,
  )
  const done = new Set<string>()
  for (const { scan_id, started_at, state, options, summary } of scans) {
    // It failed before it knew what to read: there is nothing to go on with.
    if (state === 'failed' && (JSON.parse(summary ?? '{}') as Summary).planned === false) continue
    const { resumed_from, resume: _, ...narrowing } = JSON.parse(options) as Options
    const reach = JSON.stringify(narrowing)
    const isWhole = Object.keys(narrowing).length === 0
    if (state === 'done') {
      if (isWhole) return undefined
      done.add(reach)
    } else if (!done.has(reach)) {
      const since = resumed_from === undefined ? started_at : new Date(resumed_from)
      return { scan_id, started_at, since, isWhole, state }
    }
  }
  return undefined
}

interface Options extends ScanNarrowing {
  resume?: boolean
  resumed_from?: string
}

/** What is kept of a scan that has ended. */
interface Summary extends ScanCost {
  /** Whether it had come so far as to know what to read. */
  planned: boolean
}

/** A command line that was refused is no scan: nothing began that could be gone on with, or that failed. */
export async function forgetScan(db: Database, { scan_id }: ScanRecord): Promise<void> {
  await db.transaction((tx) => tx.run('delete from stance.scan where scan_id = $1::text', [scan_id]), {
    label: 'forget a scan',
  })
}

/** So many scans are looked through. */
const farthest = 50

export async function endScan(
  db: Database,
  started: ScanRecord,
  ending: { state: 'done' | 'interrupted' | 'failed'; now: Date; cost: ScanCost; planned: boolean },
): Promise<ScanRecord> {
  const summary: Summary = { ...ending.cost, planned: ending.planned }
  await db.transaction(
    (tx) =>
      tx.run(
        `update stance.scan set state = $2::text, ended_at = $3::timestamptz, summary = $4 where scan_id = $1::text`,
        [started.scan_id, ending.state, ending.now, JSON.stringify(summary)],
      ),
    { label: 'end a scan' },
  )
  return { ...started, state: ending.state, ended_at: ending.now, cost: ending.cost }
}
