import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ReplayServer, replayConnection, replayServer } from '../../src/collect/aws/replay-server.ts'
import { parseFaults } from '../../src/collect/transport/faults.ts'
import { type Recording, readRecording } from '../../src/collect/transport/read-recording.ts'
import type { Clock } from '../../src/core/clock.ts'
import type { Database } from '../../src/db/database.ts'
import { type Declared, loadDeclared, openStance, type Stance } from '../../src/run/open-stance.ts'
import type { RunSettings } from '../../src/run/run-settings.ts'
import { type ScanOptions, scan } from '../../src/run/scan.ts'
import type { ScanRecord } from '../../src/run/scan-record.ts'
import { connectionName, recordedEstate } from './estate.ts'

/** The rules that Stance brings, as they are: read once for all estates of a test file. */
const shippedRules: RunSettings['rules'] = {
  directories: [],
  disabled: [],
  params: {},
  only_on: {},
  never_on: {},
}
let shipped: Promise<Declared> | undefined
const loadShipped = () => {
  shipped ??= loadDeclared(shippedRules)
  return shipped
}

/** Waits as short as tests can bear, in the order in which they are long in life. */
export const briskly: ScanOptions['pace'] = {
  retry: { attempts: 3, first_ms: 5, longest_ms: 20, budget: 1_000 },
}

export interface Estate {
  settings: RunSettings
  url: string
  clock: Clock & { skip(ms: number): void; set(moment: number): void }
  /** What scans asked and the recording does not have. */
  unknown: ReplayServer['unknown']
  /** Makes a store ready for scans of the estate. */
  open(db: Database): Promise<Stance>
  scan(stance: Stance, options?: Partial<ScanOptions>): Promise<ScanRecord>
  stop(): Promise<void>
}

export interface EstateOptions {
  /** Faults on the wire. */
  faults?: string
  /** Leaves out or changes exchanges: what the cloud looks like another day. */
  edit?: (exchanges: Recording['exchanges']) => Recording['exchanges']
  /** Of another view of the same estate, so that time goes on. */
  clock?: Estate['clock']
  collect?: Partial<RunSettings['collect']>
  connection?: Partial<RunSettings['connections'][number]>
}

/** The recorded estate, answered to real SDK clients over HTTP as if it were alive now. */
export async function openEstate(options: EstateOptions = {}): Promise<Estate> {
  const recording = await readRecording(recordedEstate)
  const { edit } = options
  const edited = edit === undefined ? recording : { ...recording, exchanges: edit(recording.exchanges) }
  const faults = parseFaults(options.faults ?? '')
  const server = await replayServer(edited, { faults, isLive: true })
  const data = await mkdtemp(join(tmpdir(), 'stance-estate-'))
  const settings = settingsOf(server, data)
  settings.collect = { ...settings.collect, ...options.collect }
  settings.connections = settings.connections.map((one) => ({ ...one, ...options.connection }))
  const clock = options.clock ?? clockFrom(recording.recorded_at)
  let declared: Declared | undefined
  return {
    settings,
    url: server.url,
    clock,
    unknown: server.unknown,
    async open(db) {
      declared ??= await (settings.rules === shippedRules ? loadShipped() : loadDeclared(settings.rules))
      return openStance(db, { settings, clock, declared })
    },
    scan(stance, more = {}) {
      // The intervals of everything are over.
      clock.skip(3_600_000)
      return scan(stance, { settings, pace: briskly, ...more })
    },
    async stop() {
      await server.stop()
      await rm(data, { recursive: true, force: true })
    },
  }
}

export function settingsOf(server: { url: string }, data_directory: string): RunSettings {
  return {
    connections: [
      {
        ...replayConnection(connectionName, server, 'eu-west-1'),
        accounts: 'automatic',
        off_accounts: [],
        organization: true,
        regions: 'automatic',
      },
    ],
    network: {},
    collect: {
      concurrency: 32,
      call_budget: 100_000,
      cell_time_budget: 60_000,
      stale_after: 86_400_000,
      inventory: 'full',
    },
    rules: shippedRules,
    data_directory,
  }
}

/** Runs as time does, from a moment on; each reading is later than the one before. */
export function clockFrom(moment: Date): Estate['clock'] {
  const began = performance.now()
  let base = moment.getTime()
  let latest = 0
  return {
    now() {
      latest = Math.max(latest + 1, Math.floor(base + performance.now() - began))
      return new Date(latest)
    },
    skip(ms) {
      base += ms
    },
    /** For a store that is of that moment. */
    set(moment) {
      base = moment - (performance.now() - began)
      latest = moment
    },
  }
}
