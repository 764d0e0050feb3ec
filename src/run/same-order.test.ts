import { afterAll, beforeAll, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/setup/test-database.ts'
import { streamFindings } from './list-findings.ts'
import { streamResources } from './list-resources.ts'

/** In the order of their bytes; people's languages have others, some of which look over `-` and `_` at first. */
const names = ['Ab', 'Zed', '_x', 'a-b', 'aB', 'a_b', 'ab', 'b', 'é']
const account = '111122223333'
let databases: TestDatabase[]

beforeAll(async () => {
  databases = await Promise.all([
    freshDatabase('duckdb', { migrated: true }),
    freshDatabase('postgres', { migrated: true, collation: 'en-US' }),
  ])
  for (const { db } of databases)
    await db.transaction(async (tx) => {
      const list = 'select unnest($1::text[]) as name'
      await tx.run(
        `insert into stance.resource
         select '${account}', 'arn:aws:s3:::' || l.name, 'aws_s3_bucket', 'aws', 'aws', 'eu-west-1', 'global', '${account}', '',
           l.name, l.name, '', '', null, true, '{}', '{}', 'ok', $2::timestamptz, true, $2::timestamptz, '', '', '',
           $2::timestamptz, $2::timestamptz
         from (${list}) l`,
        [names, new Date(0)],
      )
      await tx.run(
        `insert into stance.finding
         select '${account}', 'f-' || l.name, 'aws-one', 'aws_s3_bucket', 'arn:aws:s3:::' || l.name, 'eu-west-1', 'fail',
           $2::timestamptz, 'fail', $2::timestamptz, 'high', 'high', $2::timestamptz, $2::timestamptz, 'high',
           $2::timestamptz, null
         from (${list}) l`,
        [names, new Date(0)],
      )
    })
})
afterAll(() => Promise.all(databases.map((database) => database.drop())))

it('a list has one order, whatever the collation of the database', async () => {
  const [, icu] = databases
  const sorted = await icu?.db.query<{ name: string }>(
    'select name from stance.resource order by name nulls last',
  )
  expect(sorted?.map(({ name }) => name)).not.toEqual(names)
  for (const { db } of databases)
    for (const limit of [undefined, 50]) {
      const seen: string[] = []
      for await (const rows of streamResources(db, {}, limit)) seen.push(...rows.map(({ name }) => name))
      expect(seen).toEqual(names)
      for (const sort of ['severity', 'account', 'resource', 'rule'] as const) {
        const keys: string[] = []
        for await (const rows of streamFindings(db, {}, { sort, ...(limit === undefined ? {} : { limit }) }))
          keys.push(...rows.map(({ resource_key }) => resource_key))
        expect([sort, keys]).toEqual([sort, names.map((name) => `arn:aws:s3:::${name}`)])
      }
    }
})
