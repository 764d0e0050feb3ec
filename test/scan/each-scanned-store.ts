import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest'
import type { EngineName } from '../../src/db/database.ts'
import type { Stance } from '../../src/run/open-stance.ts'
import { longest, testEngines } from '../setup/test-database.ts'
import type { Estate, EstateOptions } from './open-estate.ts'
import type { Posture } from './posture.ts'
import { type Copy, type FirstRead, type ScannedStore, scannedStore } from './scanned-store.ts'

/** What a test of a store that was scanned has before it. */
export interface Scanned {
  store: ScannedStore
  estate: Estate
  copy: Copy
  stance: Stance
  /** What the store says before anything was done to it. */
  clean: Posture
  /** Another copy in the place of this one, which is done with. */
  renew(): Promise<Scanned>
}

export interface ScannedOptions {
  /** All tests of an engine share a copy, one after another, or each has its own. */
  copies: 'one for all' | 'one each'
  engines?: readonly EngineName[]
  /** How much of the estate the scan read that all copies come from. Default all. */
  read?: FirstRead
  /** How the estate is looked at after the scan that all copies come from. */
  estate?: EstateOptions
}

/**
 * Runs the same tests on every engine, on copies of the store in which the estate was scanned once:
 *
 *     eachScannedStore('what is settled', { copies: 'one each' }, (scanned) => {
 *       it('…', async () => { const { estate, stance, clean } = scanned() … })
 *     })
 */
export function eachScannedStore(
  title: string,
  { copies, engines = testEngines(), estate, read = 'all' }: ScannedOptions,
  tests: (scanned: () => Scanned, engine: EngineName) => void,
): void {
  describe.each(engines)(`${title} on %s`, (engine) => {
    let store: ScannedStore | undefined
    let copy: Copy | undefined
    const take = async () => {
      copy = await store?.copy()
    }
    const drop = async () => {
      const done = copy
      copy = undefined
      await done?.drop()
    }
    const scanned = (): Scanned => {
      if (store === undefined || copy === undefined)
        throw new Error('The copy is there in tests and hooks only.')
      const { stance, clean } = copy
      return { store, estate: store.estate, copy, stance, clean, renew }
    }
    const renew = async () => {
      await drop()
      await take()
      return scanned()
    }
    beforeAll(async () => {
      store = await scannedStore(engine, estate, read)
      if (copies === 'one for all') await take()
    }, longest)
    if (copies === 'one each') {
      beforeEach(take, longest)
      afterEach(drop)
    }
    afterAll(async () => {
      await drop()
      await store?.stop()
    })
    tests(scanned, engine)
  })
}
