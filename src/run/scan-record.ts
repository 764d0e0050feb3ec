import { randomUUID } from 'node:crypto'
import type { ScanCost } from '../collect/kernel/count-calls.ts'
import type { Database } from '../db/database.ts'
import type { ScanOptions } from './scan.ts'

export interface ScanRecord {
  scan_id: string
  started_at: Date
  ended_at: Date | null
  state: 'running' | 'done' | 'interrupted' | 'failed'
  cost: ScanCost | undefined
  /** With `resume`: when the scan began that is taken up again. */
  resumed_from?: Date
}

/** A scan that is still `running` when another begins was cut off: its process is gone. */
export async function startScan(
  db: Database,
  now: Date,
  options: Pick<ScanOptions, 'narrowing' | 'resume'>,
): Promise<ScanRecord> {
  const scan_id = randomUUID()
  return db.transaction(
    async (tx) => {
      const open = await tx.query<{ started_at: Date }>(
        `select started_at from stance.scan
         where state in ('running', 'interrupted') and started_at > (
           select coalesce(max(d.started_at), timestamptz '0001-01-01 00:00:00+00') from stance.scan d where d.state = 'done')
         order by started_at nulls last limit 1`,
      )
      await tx.run(
        `update stance.scan set state = 'interrupted', ended_at = $1::timestamptz where state = 'running'`,
        [now],
      )
      const resumed = options.resume === true ? open[0]?.started_at : undefined
      await tx.run(
        `insert into stance.scan (scan_id, started_at, ended_at, state, options, summary)
         values ($1::text, $2::timestamptz, null, 'running', $3, null)`,
        [scan_id, now, JSON.stringify({ ...options.narrowing, resume: options.resume === true })],
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

export async function endScan(
  db: Database,
  started: ScanRecord,
  ending: { state: 'done' | 'interrupted' | 'failed'; now: Date; cost: ScanCost },
): Promise<ScanRecord> {
  await db.transaction(
    (tx) =>
      tx.run(
        `update stance.scan set state = $2::text, ended_at = $3::timestamptz, summary = $4 where scan_id = $1::text`,
        [started.scan_id, ending.state, ending.now, JSON.stringify(ending.cost)],
      ),
    { label: 'end a scan' },
  )
  return { ...started, state: ending.state, ended_at: ending.now, cost: ending.cost }
}
