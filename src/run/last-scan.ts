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
