import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { TableRegistry } from '../../src/collect/kernel/table-registry.ts'
import { sources, tables } from '../../src/collect/tables.generated.ts'
import { eachEngine } from '../setup/test-database.ts'
import { denyOperation, type Scanned } from './deny-operation.ts'
import { lakeProblems } from './lake-problems.ts'
import { openEstate } from './open-estate.ts'
import { recordedOperations } from './operations.ts'
import { postureOf } from './posture.ts'

const operations = await recordedOperations(new TableRegistry(tables, sources))

/** All of them where small statements are quick; `npm run soak` has all on both. */
eachEngine('without the permission for', (database, engine) => {
  let scanned: Scanned
  let isSound = false
  beforeAll(async () => {
    const estate = await openEstate()
    const stance = await estate.open(database().db)
    await estate.scan(stance)
    scanned = { estate, stance, clean: await postureOf(stance.db) }
    isSound = true
  }, 120_000)
  afterAll(() => scanned.estate.stop())
  beforeEach(async () => {
    // One that failed leaves the store as it should not be.
    if (!isSound) await scanned.estate.scan(scanned.stance)
    isSound = false
  })

  const some = engine === 'duckdb' ? operations.filter((_, nr) => nr % 3 === 0) : operations
  it.each(some)('$name', { timeout: 120_000 }, async (operation) => {
    await denyOperation(scanned, operation)
    isSound = true
  })

  it('all one after another left the store whole', { timeout: 120_000 }, async () => {
    expect(await lakeProblems(scanned.stance)).toEqual([])
  })
})
