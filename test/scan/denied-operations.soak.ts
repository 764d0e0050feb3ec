import { afterAll, beforeAll, expect, it } from 'vitest'
import { TableRegistry } from '../../src/collect/kernel/table-registry.ts'
import { sources, tables } from '../../src/collect/tables.generated.ts'
import { eachEngine } from '../setup/test-database.ts'
import { denyOperation, type Scanned } from './deny-operation.ts'
import { lakeProblems } from './lake-problems.ts'
import { openEstate } from './open-estate.ts'
import { recordedOperations } from './operations.ts'
import { differences, postureOf } from './posture.ts'

const operations = await recordedOperations(new TableRegistry(tables, sources))

eachEngine('whole scans without the permission for', (database) => {
  let scanned: Scanned
  beforeAll(async () => {
    const estate = await openEstate()
    const stance = await estate.open(database().db)
    await estate.scan(stance)
    scanned = { estate, stance, clean: await postureOf(stance.db) }
  })
  afterAll(() => scanned.estate.stop())

  it.each(operations)('$name say what reading only what it serves says', async (operation) => {
    const narrow = await denyOperation(scanned, operation)
    const whole = await denyOperation(scanned, operation, true)
    expect(differences(narrow, whole, false)).toEqual([])
  })

  it('all one after another left the store whole', async () => {
    expect(await lakeProblems(scanned.stance)).toEqual([])
  })
})
