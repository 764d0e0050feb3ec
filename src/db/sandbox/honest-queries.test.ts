import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../../test/setup/test-database.ts'
import { honestQueries } from './honest-queries.data.ts'
import type { Relation } from './relation.ts'
import { type Answer, accounts, ask, bucketCount, makeEstate, relationsOf } from './sandbox.fixture.ts'

const engines: TestDatabase[] = []
let relations: Relation[][] = []

beforeAll(async () => {
  engines.push(await freshDatabase('duckdb'), await freshDatabase('postgres'))
  for (const engine of engines) await makeEstate(engine)
  relations = await Promise.all(engines.map(({ db }) => relationsOf(db)))
})

afterAll(async () => {
  for (const engine of engines) await engine.drop()
})

/** Means and sums of doubles depend on the order in which they are added up. */
function rounded(answer: Answer): Answer {
  const round = (value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(12)) : value
  return { ...answer, rows: answer.rows.map((row) => row.map(round)) } as Answer
}

const askBoth = (sql: string, accountLimits?: string[]) =>
  Promise.all(
    engines.map(async ({ db }, index) =>
      rounded(await ask(db, sql, { relations: relations[index]!, accountLimits })),
    ),
  )

it('the views are the same on both engines', () => {
  expect(relations[0]).toEqual(relations[1])
  expect(relations[0]!.map(({ name }) => name)).toEqual([
    'public.aws_s3_bucket',
    'public.aws_s3_bucket_grant',
    'public.framework',
    'public.resource',
  ])
})

describe('queries of people give the same rows on both engines', () => {
  it.each(Object.entries(honestQueries))('%s', async (_, sql) => {
    const [duckdb, postgres] = await askBoth(sql)
    expect(postgres).toEqual(duckdb)
    expect(duckdb!.rows.length).toBeGreaterThan(0)
    expect(duckdb!.truncated).toBeUndefined()
  })

  it('and only the rows of the accounts that the reader may see', async () => {
    for (const [title, sql] of Object.entries(honestQueries)) {
      const [duckdb, postgres] = await askBoth(sql, [accounts[1]])
      expect([title, postgres]).toEqual([title, duckdb])
      expect([title, JSON.stringify(duckdb!.rows).includes(accounts[0])]).toEqual([title, false])
      const [nothing] = await askBoth(sql, [])
      expect([title, JSON.stringify(nothing!.rows).includes('arn:')]).toEqual([title, false])
    }
    const count = 'select count(*) from aws_s3_bucket'
    const [all, some, none] = await Promise.all([
      askBoth(count),
      askBoth(count, [accounts[1]]),
      askBoth(count, []),
    ])
    expect([all, some, none].map((answers) => answers.map(({ rows }) => rows[0]![0]))).toEqual([
      [bucketCount, bucketCount],
      [bucketCount / 3, bucketCount / 3],
      [0, 0],
    ])
  })
})
