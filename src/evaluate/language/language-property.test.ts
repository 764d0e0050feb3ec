import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase, testEngines } from '../../../test/setup/test-database.ts'
import { type SoakResult, soakBatch } from './soak.fixture.ts'

const databases: TestDatabase[] = []
beforeAll(async () => {
  for (const engine of testEngines()) databases.push(await freshDatabase(engine))
})
afterAll(async () => {
  for (const database of databases) await database.drop()
})

test('compiled = reference, sound, live, and what plain SQL says where everything was read', async () => {
  const results: SoakResult[] = []
  for (let seed = 1; seed <= 8; seed++)
    results.push(
      await soakBatch(
        databases.map(({ db }) => db),
        seed,
      ),
    )
  expect(results.flatMap((result) => result.problems).slice(0, 5)).toEqual([])
  const sum = (of: (result: SoakResult) => number) => results.reduce((total, result) => total + of(result), 0)
  expect(sum((result) => result.conditions)).toBeGreaterThan(300)
  expect(sum((result) => result.unknown)).toBeGreaterThan(1000)
  expect(sum((result) => result.verdicts - result.unknown)).toBeGreaterThan(1000)
}, 120_000)
