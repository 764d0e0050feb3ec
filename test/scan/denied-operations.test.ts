import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest'
import { TableRegistry } from '../../src/collect/kernel/table-registry.ts'
import { sources, tables } from '../../src/collect/tables.generated.ts'
import { longest, testEngines } from '../setup/test-database.ts'
import { denyOperation } from './deny-operation.ts'
import { recordedOperations } from './operations.ts'
import { type Copy, type ScannedStore, scannedStore } from './scanned-store.ts'

const operations = await recordedOperations(new TableRegistry(tables, sources))

describe.each(testEngines())('without the permission for one operation on %s', (engine) => {
  // A file is copied sooner than a permission is given back; a database of PostgreSQL is not.
  const isGivenBack = engine !== 'duckdb'
  let store: ScannedStore
  let copy: Copy | undefined
  beforeAll(async () => {
    store = await scannedStore(engine)
  }, longest)
  beforeEach(async () => {
    copy ??= await store.copy()
  }, longest)
  afterAll(async () => {
    await copy?.drop()
    await store?.stop()
  })

  // Scans take three times as long there, and what differs between the engines is below all operations alike; the soak
  // tries each on both.
  const some = engine === 'duckdb' ? operations.filter((_, nr) => nr % 4 === 0) : operations
  it.each(some)('$name', { timeout: longest }, async (operation) => {
    const mine = copy!
    copy = undefined
    let isAsBefore = false
    try {
      await denyOperation(store.estate, mine, operation, { isGivenBack })
      isAsBefore = isGivenBack
    } finally {
      if (isAsBefore) copy = mine
      else await mine.drop()
    }
  })
})
