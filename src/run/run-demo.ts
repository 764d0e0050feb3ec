import { join } from 'node:path'
import { isThere } from '../core/file-problem.ts'
import type { Logger } from '../core/log.ts'
import { emptyDemoDirectory, refuseForeignDemo } from './demo-directory.ts'
import { type FindingItem, streamFindings } from './list-findings.ts'
import { logScan } from './log-scan.ts'
import { demoClock, openDemo } from './open-demo.ts'
import { openStance } from './open-stance.ts'
import { openStore, type StoreSettings } from './open-store.ts'
import type { RunSettings } from './run-settings.ts'
import { type ScanEvent, scan } from './scan.ts'
import { type ScanSummary, summarizeScan } from './summarize-scan.ts'

export interface DemoOptions {
  settings: RunSettings
  store: StoreSettings
  /** Another recording than the one that comes along. */
  recording?: string | undefined
  logger: Logger
  signal: AbortSignal
  report: (event: ScanEvent) => void
}

export interface DemoResult extends ScanSummary {
  /** The moment at which it is judged: when the recording was made. */
  recorded_at: Date
  /** The first of what is critical. */
  worst: FindingItem[]
}

const mostWorst = 10

/**
 * Scans a recording as if it were a cloud: the real SDK asks a server on this machine. Judged at the recording's own
 * moment, into a store that is made anew each time, so that it always says the same.
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { data_directory } = options.settings
  refuseForeignDemo(data_directory)
  const demo = await openDemo(options)
  try {
    await empty(data_directory, options.store)
    const db = await openStore({
      ...options.store,
      url: undefined,
      path: options.store.path ?? join(data_directory, 'stance.duckdb'),
    })
    try {
      const { settings, moment, pace } = demo
      const stance = await openStance(db, {
        settings,
        clock: await demoClock(db, moment),
        logger: options.logger,
      })
      const { signal } = options
      const log = logScan(options.logger)
      const report = (event: ScanEvent) => {
        log(event)
        options.report(event)
      }
      const record = await scan(stance, { settings, pace, signal, report })
      const worst: FindingItem[] = []
      const critical = { verdicts: ['fail'], severities: ['critical'] } as const
      for await (const page of streamFindings(db, critical, { limit: mostWorst })) worst.push(...page)
      return { ...(await summarizeScan(db, stance.set, record)), recorded_at: moment, worst }
    } finally {
      await db.close()
    }
  } finally {
    await demo.stop()
  }
}

/** Unless somebody reads the demo's store at this moment: its file must not go from under a running process. */
async function empty(directory: string, store: StoreSettings): Promise<void> {
  if (store.path !== undefined && isThere(store.path)) await (await openStore(store)).close()
  emptyDemoDirectory(directory)
}
