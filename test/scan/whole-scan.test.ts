import { afterAll, describe, expect, it } from 'vitest'
import type { EngineName } from '../../src/db/database.ts'
import { freshDatabase, longest, testEngines } from '../setup/test-database.ts'
import { accounts } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import { type Estate, openEstate } from './open-estate.ts'
import { differences, type Posture, postureOf, recordsOf, unknownsOf } from './posture.ts'
import { type Copy, scanned, scannedStore } from './scanned-store.ts'

interface Scanned extends Pick<Copy, 'stance' | 'clean' | 'first' | 'drop'> {
  estate: Estate
}

/** On 18, as on DuckDB, the first scan is the one that all tests have copies of. */
const places: { place: string; engine: EngineName; scan: () => Promise<Scanned> }[] = [
  ...testEngines().map((engine) => ({ place: engine, engine, scan: () => copied(engine) })),
  { place: 'postgres 17', engine: 'postgres', scan: onPostgres17 },
]

describe('whole scans', { timeout: longest }, () => {
  const stores = new Map<string, Scanned>()
  afterAll(async () => {
    for (const { estate, drop } of stores.values()) {
      await drop()
      await estate.stop()
    }
  })

  it.each(places)('read all of it on $place', async ({ place, scan }) => {
    const store = await scan()
    stores.set(place, store)
    expect(store.first).toMatchObject({ state: 'done', unknown: [] })
    expect(unknownsOf(store.clean)).toEqual([])
    const found = [...store.clean.values()]
    for (const account of accounts)
      for (const verdict of ['pass', 'fail'])
        expect(found.some((one) => one.account_id === account && one.verdict === verdict)).toBe(true)
    expect(await lakeProblems(store.stance)).toEqual([])
  })

  it('say the same on all of them', () => {
    const [first, ...others] = places.map(({ place }) => stores.get(place)!.clean)
    for (const other of others) {
      expect(differences(first!, other, false)).toEqual([])
      expect(idsOf(other)).toEqual(idsOf(first!))
    }
  })

  it.each(places)(
    'of an untouched estate make no version, no event and no verdict on $place',
    async ({ place }) => {
      const { estate, stance, clean } = stores.get(place)!
      const records = await recordsOf(stance.db)
      await estate.scan(stance)
      expect(estate.unknown()).toEqual([])
      expect(differences(clean, await postureOf(stance.db))).toEqual([])
      expect(await recordsOf(stance.db)).toEqual(records)
      expect(await lakeProblems(stance)).toEqual([])
    },
  )
})

async function copied(engine: EngineName): Promise<Scanned> {
  const { estate, copy } = await scannedStore(engine)
  return { ...(await copy()), estate }
}

async function onPostgres17(): Promise<Scanned> {
  const estate = await openEstate()
  const { db, drop } = await freshDatabase('postgres', { postgres: 17 })
  const stance = await estate.open(db)
  const first = await scanned(estate, stance)
  return { estate, stance, first, clean: await postureOf(db), drop }
}

function idsOf(posture: Posture): string[] {
  return [...posture.values()].map(({ finding_id }) => finding_id).sort()
}
