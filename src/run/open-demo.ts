import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ReplayServer, replayConnection, replayServer } from '../collect/aws/replay-server.ts'
import { defaultRetry } from '../collect/kernel/retry-calls.ts'
import { parseFaults } from '../collect/transport/faults.ts'
import { type Recording, readRecording } from '../collect/transport/read-recording.ts'
import type { Clock } from '../core/clock.ts'
import { StanceError } from '../core/errors.ts'
import type { Database } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import type { ConnectionSettings, RunSettings } from './run-settings.ts'
import type { ScanOptions } from './scan.ts'

/** The recorded company that comes with the program. */
export const shippedRecording = fileURLToPath(new URL('../../demo/recording/', import.meta.url))

export interface Demo {
  /** The moment at which it was recorded, and is judged. */
  moment: Date
  /** For `openStance` and `scan`: as given, but reading the recording and nothing else. */
  settings: RunSettings
  /** For `scan`: what fails in a replay fails for ever, so nobody waits for it. */
  pace: ScanOptions['pace']
  /** What a scan asked and the recording has no answer to: empty, unless tables are newer than the recording. */
  unknown(): ReturnType<ReplayServer['unknown']>
  stop(): Promise<void>
}

export interface OpenDemoOptions {
  /** Its `data_directory` must be the demo's own. */
  settings: RunSettings
  recording?: string
  /** Faults on the wire: `kms=denied`. */
  faults?: string
}

/** Replays a recording to real SDK clients over HTTP, on a port of this machine. Stop it when done. */
export async function openDemo(options: OpenDemoOptions): Promise<Demo> {
  const directory = options.recording ?? shippedRecording
  if (!existsSync(directory))
    throw new StanceError('DEMO_MISSING', `There is no recording in ${directory}.`, {
      next: 'The recording of the demo comes with Stance: install it again.',
    })
  const recording = await readRecording(directory)
  const faults = parseFaults(`${options.faults ?? ''} ${await faultsBeside(directory)}`)
  const server = await replayServer(recording, { faults, isLive: true })
  return {
    moment: recording.recorded_at,
    settings: {
      ...options.settings,
      network: {},
      connections: connectionsOf(recording, server),
      collect: { ...options.settings.collect, inventory: 'full' },
    },
    pace: { retry: { ...defaultRetry, attempts: 3, first_ms: 5, longest_ms: 20 } },
    unknown: server.unknown,
    stop: server.stop,
  }
}

/** A recording leaves out what passes by itself, as throttling does; a file beside it says where a replay has some. */
async function faultsBeside(directory: string): Promise<string> {
  const path = join(directory, 'faults.txt')
  return existsSync(path) ? readFile(path, 'utf8') : ''
}

/**
 * Begins at the moment of the recording, or just after the last scan of it, and runs as time does: each reading is
 * later than the one before, so that no interval in the store is empty or turned round.
 */
export async function demoClock(db: Database, moment: Date): Promise<Clock> {
  await migrate(db)
  const [last] = await db.query<{ ended: Date | null }>(
    'select max(coalesce(s.ended_at, s.started_at)) as ended from stance.scan s',
  )
  const base = Math.max(moment.getTime(), (last?.ended?.getTime() ?? 0) + 1000)
  const began = performance.now()
  let latest = base - 1
  return {
    now() {
      latest = Math.max(latest + 1, Math.floor(base + performance.now() - began))
      return new Date(latest)
    },
  }
}

/** The connections that asked for themselves when it was recorded; without any, one that reads the accounts by name. */
function connectionsOf(recording: Recording, server: { url: string }): ConnectionSettings[] {
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
