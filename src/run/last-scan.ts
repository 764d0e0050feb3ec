import type { Reader } from '../db/database.ts'

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

/** One that has not ended, and whether it reads all there is. */
export async function runningScan(db: Reader): Promise<{ started_at: Date; isWhole: boolean } | undefined> {
  const [scan] = await db.query<{ started_at: Date; options: string }>(
    `select started_at, options from stance.scan where state = 'running' order by started_at desc nulls last limit 1`,
  )
  if (scan === undefined) return undefined
  const { resume: _, resumed_from: __, ...narrowing } = JSON.parse(scan.options) as Record<string, unknown>
  return { started_at: scan.started_at, isWhole: Object.keys(narrowing).length === 0 }
}
