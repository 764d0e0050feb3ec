import type { Clock } from '../core/clock.ts'
import type { Database } from '../db/database.ts'
import { dropOlderThan as dropFindings } from '../findings/drop-older-than.ts'
import { sweepWorkingRows } from '../findings/sweep-working-rows.ts'
import { dropOlderThan as dropDocuments, historyLimit } from '../lake/drop-older-than.ts'
import { sweepStages } from '../lake/stage.ts'
import { sweepSpools } from './spool-directory.ts'

const day = 24 * 3_600_000
/** Another process may be reading a large cell: what is staged for longer than that was left by one that died. */
const longestStage = day
/** Scans begin a little earlier or later each day. */
const slack = 3_600_000

/** Rows and files that killed processes left; when a store is opened for writing. */
export async function sweepLeftovers(db: Database, clock: Clock, dataDirectory: string): Promise<number> {
  // One process owns the embedded file: whoever held these leases and staged these rows is gone.
  const isAlone = db.engine === 'duckdb'
  if (isAlone) await db.transaction((tx) => tx.run('delete from stance.cell_lease'), { label: 'leases' })
  const age = isAlone ? 0 : longestStage
  const swept = await sweepStages(db, new Date(clock.now().getTime() - age))
  await sweepSpools(dataDirectory)
  return swept + (await sweepWorkingRows(db))
}

/**
 * Drops history that ended more than 15 months ago, scan records too, at most once a day: one of several workers does
 * it. Returns how many rows went, undefined where it was not due.
 */
export async function dropOldHistory(db: Database, clock: Clock): Promise<number | undefined> {
  const now = clock.now()
  if (!(await isMine(db, 'history', now))) return undefined
  const limit = historyLimit(now)
  const scans = await db.transaction(
    (tx) =>
      tx.run(`delete from stance.scan where started_at < $1::timestamptz and state <> 'running'`, [limit]),
    { label: 'old scans' },
  )
  return scans + (await dropDocuments(db, limit)) + (await dropFindings(db, limit))
}

/** Takes a task that is due, so that nobody else does it today. */
function isMine(db: Database, task: string, now: Date): Promise<boolean> {
  return db.transaction(
    async (tx) => {
      const taken = await tx.run(
        'update stance.upkeep set begun_at = $2::timestamptz where task = $1::text and begun_at < $3::timestamptz',
        [task, now, new Date(now.getTime() - day + slack)],
      )
      if (taken > 0) return true
      const begun = await tx.run(
        `insert into stance.upkeep (task, begun_at) values ($1::text, $2::timestamptz)
         on conflict (task) do nothing`,
        [task, now],
      )
      return begun > 0
    },
    { label: `upkeep ${task}` },
  )
}
