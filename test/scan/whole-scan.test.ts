import { afterAll, beforeAll, expect, it } from 'vitest'
import { eachEngine } from '../setup/test-database.ts'
import { lakeProblems } from './lake-problems.ts'
import { type Estate, openEstate } from './open-estate.ts'
import { differences, postureOf, recordsOf, unknownsOf } from './posture.ts'

eachEngine('whole scans', (database) => {
  let estate: Estate
  beforeAll(async () => {
    estate = await openEstate()
  })
  afterAll(() => estate.stop())

  it('reads all of it, and an untouched estate a second time without a version, an event or a verdict', async () => {
    const { db } = database()
    let t = performance.now()
    const stance = await estate.open(db)
    console.log('open', performance.now() - t)
    t = performance.now()
    const record = await estate.scan(stance)
    console.log('scan', performance.now() - t)
    t = performance.now()
    expect(record.state).toBe('done')
    expect(estate.unknown()).toEqual([])
    const first = await postureOf(db)
    expect(unknownsOf(first)).toEqual([])
    const records = await recordsOf(db)
    await estate.scan(stance)
    console.log('scan2', performance.now() - t)
    t = performance.now()
    expect(differences(first, await postureOf(db))).toEqual([])
    expect(await recordsOf(db)).toEqual(records)
    expect(await lakeProblems(stance)).toEqual([])
  })
})
