import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EngineName } from '../../src/db/database.ts'
import type { Stance } from '../../src/run/open-stance.ts'
import { freshDatabase, longest, type TestDatabase, testEngines } from '../setup/test-database.ts'
import { accounts } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import { type Estate, openEstate } from './open-estate.ts'
import { differences, type Posture, postureOf, recordsOf, unknownsOf } from './posture.ts'

const places: { place: string; engine: EngineName; postgres?: 17 | 18 }[] = [
  ...testEngines().map((engine) => ({ place: engine, engine })),
  { place: 'postgres 17', engine: 'postgres', postgres: 17 },
]

describe('whole scans', { timeout: longest }, () => {
  let estate: Estate
  const stores: TestDatabase[] = []
  const stances = new Map<string, Stance>()
  const postures = new Map<string, Posture>()
  beforeAll(async () => {
    estate = await openEstate()
  })
  afterAll(async () => {
    for (const store of stores) await store.drop()
    await estate.stop()
  })

  it.each(places)('read all of it on $place', async ({ place, engine, postgres }) => {
    const store = await freshDatabase(engine, postgres === undefined ? {} : { postgres })
    stores.push(store)
    const stance = await estate.open(store.db)
    stances.set(place, stance)
    const record = await estate.scan(stance)
    expect(record.state).toBe('done')
    expect(estate.unknown()).toEqual([])
    const posture = await postureOf(store.db)
    postures.set(place, posture)
    expect(unknownsOf(posture)).toEqual([])
    for (const account of accounts)
      for (const verdict of ['pass', 'fail'])
        expect(
          [...posture.values()].some((one) => one.account_id === account && one.verdict === verdict),
        ).toBe(true)
    expect(await lakeProblems(stance)).toEqual([])
  })

  it('say the same on all of them', () => {
    const [first, ...others] = places.map(({ place }) => postures.get(place)!)
    for (const other of others) {
      expect(differences(first!, other, false)).toEqual([])
      expect(idsOf(other)).toEqual(idsOf(first!))
    }
  })

  it.each(places)(
    'of an untouched estate make no version, no event and no verdict on $place',
    async ({ place }) => {
      const stance = stances.get(place)!
      const records = await recordsOf(stance.db)
      await estate.scan(stance)
      expect(differences(postures.get(place)!, await postureOf(stance.db))).toEqual([])
      expect(await recordsOf(stance.db)).toEqual(records)
      expect(await lakeProblems(stance)).toEqual([])
    },
  )
})

function idsOf(posture: Posture): string[] {
  return [...posture.values()].map(({ finding_id }) => finding_id).sort()
}
