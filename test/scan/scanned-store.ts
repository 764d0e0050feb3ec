import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { EngineName } from '../../src/db/database.ts'
import type { OpenOptions } from '../../src/db/open-database.ts'
import { listenToStatements } from '../../src/db/statement-log.ts'
import type { Stance } from '../../src/run/open-stance.ts'
import type { ScanNarrowing } from '../../src/run/scan.ts'
import type { ScanRecord } from '../../src/run/scan-record.ts'
import { secretKeyOf } from '../../src/run/secret-key.ts'
import { makeOnce } from '../setup/make-once.ts'
import { freshDatabase, type TestDatabase } from '../setup/test-database.ts'
import type { Length } from './kill-scan.ts'
import { type Estate, openEstate } from './open-estate.ts'
import { type Posture, postureOf } from './posture.ts'

export interface Copy {
  database: TestDatabase
  stance: Stance
  /** What it says. */
  clean: Posture
  /** The scan that filled it. */
  first: FirstScan
  drop(): Promise<void>
}

/**
 * Stores in which the estate was scanned once, whole and undisturbed: copying one takes a tenth of a scan. Each copy is
 * of the moment when that scan had ended, and sets the estate's clock to it.
 */
export interface ScannedStore {
  engine: EngineName
  estate: Estate
  copy(): Promise<Copy>
  stop(): Promise<void>
}

export interface FirstScan extends Length {
  state: ScanRecord['state']
  /** What it asked and the recording does not have. */
  unknown: unknown[]
}

/** How much of the estate was read: all of it, or one table that no other hangs on. */
export type FirstRead = 'all' | 'little'

const firstReads: Record<FirstRead, ScanNarrowing> = { all: {}, little: { tables: ['aws_flow_log'] } }

/** What of the first scan is known to all: its store, nobody's to open, and the time when it had ended. */
interface Original {
  options: OpenOptions
  now: number
  first: FirstScan
}

export async function scannedStore(
  engine: EngineName,
  options: Parameters<typeof openEstate>[0] = {},
  read: FirstRead = 'all',
): Promise<ScannedStore> {
  const estate = await openEstate(options)
  const { settings, clock } = estate
  const copy = async (database: TestDatabase, first: FirstScan): Promise<Copy> => {
    const stance = await estate.open(database.db)
    return { database, stance, clean: await postureOf(database.db), first, drop: () => database.drop() }
  }
  const whole = { engine, estate, stop: () => estate.stop() }
  if (engine === 'citus') {
    // One database for all tests, which is emptied for each of them.
    return {
      ...whole,
      async copy() {
        const database = await freshDatabase(engine)
        return copy(database, await scanned(estate, await estate.open(database.db), firstReads[read]))
      },
    }
  }
  const name = `scanned-${read}-${engine}`
  const key = join(inject('sharedDirectory'), `${name}-secret.key`)
  const original = await makeOnce<Original>(name, async () => {
    // Stays until the run is over: with its server, or in the directory of all.
    const own = await openEstate()
    const database = await freshDatabase(engine)
    const first = await scanned(own, await own.open(database.db), firstReads[read])
    await database.db.close()
    await copyFile(join(own.settings.data_directory, 'secret.key'), key)
    const now = own.clock.now().getTime()
    await own.stop()
    return { options: database.options, now, first }
  })
  // The same secrets have the same hash in every copy.
  await secretKeyOf(settings.data_directory)
  await copyFile(key, join(settings.data_directory, 'secret.key'))
  return {
    ...whole,
    async copy() {
      clock.set(original.now)
      return copy(await freshDatabase(engine, { copyOf: original }), original.first)
    },
  }
}

/** Scans it, all of it unless narrowed. */
export async function scanned(
  estate: Estate,
  stance: Stance,
  narrowing: ScanNarrowing = {},
): Promise<FirstScan> {
  let statements = 0
  const stop = listenToStatements(() => {
    statements += 1
  })
  const began = performance.now()
  const { state } = await estate.scan(stance, { narrowing })
  stop()
  return { state, unknown: [...estate.unknown()], statements, ms: performance.now() - began }
}
