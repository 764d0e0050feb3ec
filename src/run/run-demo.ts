import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { replayConnection, replayServer } from '../collect/aws/replay-server.ts'
import { readRecording } from '../collect/transport/read-recording.ts'
import { fixedClock } from '../core/clock.ts'
import { StanceError } from '../core/errors.ts'
import type { Logger } from '../core/log.ts'
import { openStance } from './open-stance.ts'
import { openStore, type StoreSettings } from './open-store.ts'
import type { ConnectionSettings, RunSettings } from './run-settings.ts'
import { type ScanEvent, scan } from './scan.ts'
import { type ScanSummary, summarizeScan } from './summarize-scan.ts'

/** The recorded company that comes with the program. */
export const shippedRecording = fileURLToPath(new URL('../../demo/recording/', import.meta.url))

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
}

/**
 * Scans a recording as if it were a cloud: the real SDK asks a server on this machine. Judged at the recording's own
 * moment, into a store that is made anew each time, so that it always says the same.
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const directory = options.recording ?? shippedRecording
  if (!existsSync(directory))
    throw new StanceError('DEMO_MISSING', `There is no recording in ${directory}.`, {
      next: 'Name a directory that a scan with `collect.record_directory` has written.',
    })
  const recording = await readRecording(directory)
  const server = await replayServer(recording)
  const clock = fixedClock(recording.recorded_at)
  const { data_directory } = options.settings
  await rm(data_directory, { recursive: true, force: true })
  const settings: RunSettings = {
    ...options.settings,
    connections: connectionsOf(recording, server),
    network: {},
    collect: { ...options.settings.collect, inventory: 'full' },
  }
  try {
    const db = await openStore({
      ...options.store,
      url: undefined,
      path: options.store.path ?? join(data_directory, 'stance.duckdb'),
    })
    try {
      const stance = await openStance(db, { settings, clock, logger: options.logger })
      const { signal, report } = options
      const record = await scan(stance, { settings, signal, report })
      return { ...(await summarizeScan(db, stance.set, record)), recorded_at: recording.recorded_at }
    } finally {
      await db.close()
    }
  } finally {
    await server.stop()
  }
}

/** The connections that asked for themselves when it was recorded; without any, one that reads the accounts by name. */
function connectionsOf(
  recording: Awaited<ReturnType<typeof readRecording>>,
  server: { url: string },
): ConnectionSettings[] {
  const organization = recording.exchanges.some(({ service }) => service === 'organizations')
  const names = recording.connections.length === 0 ? ['default'] : recording.connections
  return names.map((name) => ({
    ...replayConnection(name, server),
    accounts: recording.connections.length === 0 ? recording.accounts : 'automatic',
    off_accounts: [],
    organization,
    regions: 'automatic',
  }))
}
