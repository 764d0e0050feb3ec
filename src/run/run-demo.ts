import { fileURLToPath } from 'node:url'
import { type ReplayServer, replayConnection, replayServer } from '../collect/aws/replay-server.ts'
import { parseFaults } from '../collect/transport/faults.ts'
import { readRecording } from '../collect/transport/read-recording.ts'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import type { RunSettings } from './run-settings.ts'

/** The recording of the demo estate that comes with the program. */
export const shippedDemo = fileURLToPath(new URL('../../demo/recording/', import.meta.url))

/** What a person should know of the estate before reading findings about it. */
export const demoDescription =
  'Larkspur Goods, a made-up online shop: three AWS accounts (production, development, security) in three regions, with what is good, bad and unreadable in such a company. It was recorded; no cloud is asked.'

export interface Demo {
  /** The moment at which it was recorded, and is judged. */
  moment: Date
  description: string
  /** For `openStance` and `scan`: as given, but reading the recording and nothing else. */
  settings: RunSettings
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

/** Replays the demo estate to real SDK clients over HTTP, on a port of this machine. Stop it when done. */
export async function openDemo(options: OpenDemoOptions): Promise<Demo> {
  const recording = await readRecording(options.recording ?? shippedDemo)
  const server = await replayServer(recording, { faults: parseFaults(options.faults ?? '') })
  const name = recording.connections[0] ?? 'demo'
  const connection = {
    ...replayConnection(name, server, 'eu-west-1'),
    accounts: 'automatic' as const,
    off_accounts: [],
    organization: true,
    regions: 'automatic' as const,
  }
  return {
    moment: recording.recorded_at,
    description: demoDescription,
    settings: { ...options.settings, network: {}, connections: [connection] },
    unknown: server.unknown,
    stop: server.stop,
  }
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
