import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TableRegistry } from '../../src/collect/kernel/table-registry.ts'
import { sources, tables } from '../../src/collect/tables.generated.ts'
import { testEngines } from '../setup/test-database.ts'
import { denyOperation } from './deny-operation.ts'
import { lakeProblems } from './lake-problems.ts'
import { recordedOperations, type ScannedOperation } from './operations.ts'
import { differences, type Posture, unknownsOf } from './posture.ts'
import { type ScannedStore, scannedStore } from './scanned-store.ts'

const operations = await recordedOperations(new TableRegistry(tables, sources))

describe.each(testEngines())('whole scans without the permission for one operation on %s', (engine) => {
  let store: ScannedStore
  const told = { operations: 0, scans: 0, findings: 0, unknown: 0, differences: 0 }
  beforeAll(async () => {
    store = await scannedStore(engine)
  })
  afterAll(async () => {
    await store?.stop()
    console.log(
      `${engine}: ${told.operations} operations, ${told.scans} scans, ${told.findings} findings compared ` +
        `(${told.unknown} of them unknown), ${told.differences} differences`,
    )
  })

  const deny = async (operation: ScannedOperation, isWhole: boolean): Promise<Posture> => {
    const copy = await store.copy()
    try {
      // The narrow way gives it back in `npm test`.
      const denied = await denyOperation(store.estate, copy, operation, { isWhole, isGivenBack: isWhole })
      if (isWhole) expect(await lakeProblems(copy.stance)).toEqual([])
      told.scans += isWhole ? 2 : 1
      return denied
    } finally {
      await copy.drop()
    }
  }

  it.each(operations)('$name say what reading only what it serves says', async (operation) => {
    const narrow = await deny(operation, false)
    const whole = await deny(operation, true)
    const differing = differences(narrow, whole, false)
    told.operations += 1
    told.findings += new Set([...narrow.keys(), ...whole.keys()]).size
    told.unknown += unknownsOf(whole).length
    told.differences += differing.length
    expect(differing).toEqual([])
  })
})
