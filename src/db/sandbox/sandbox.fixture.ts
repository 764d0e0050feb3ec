import type { Database, Value } from '../database.ts'
import { loadTarget } from '../load-target.ts'
import { readViews } from './read-views.ts'
import type { Relation } from './relation.ts'
import { type RunOptions, runPersonsSql } from './run-persons-sql.ts'

/** A small estate under views as the lake makes them: two accounts, with NULL where something was not read. */
const statements = [
  `create table lake.aws_s3_bucket (account_id text, region text, resource_key text, bucket_name text,
     is_public boolean, object_count bigint, size_gb double precision, created_at timestamptz, kms_key_arn text,
     primary key (account_id, resource_key))`,
  `create table lake.aws_s3_bucket_grant (account_id text, region text, resource_key text, _nr bigint,
     grantee text, permission text, primary key (account_id, resource_key, _nr))`,
  `create table stance.thing (account_id text, resource_key text, table_name text, content json, tags json,
     primary key (account_id, resource_key))`,
  `create table stance.hidden (account_id text, secret text, primary key (account_id, secret))`,
  `create table stance.framework (framework_id text, title text, primary key (framework_id))`,
  `create view public.aws_s3_bucket as select account_id, region, resource_key, bucket_name, is_public, object_count,
     size_gb, created_at, kms_key_arn from lake.aws_s3_bucket`,
  `create view public.aws_s3_bucket_grant as select account_id, region, resource_key, _nr, grantee, permission
     from lake.aws_s3_bucket_grant`,
  `create view public.resource as select account_id, resource_key, table_name, content, tags from stance.thing`,
  `create view public.framework as select framework_id, title from stance.framework`,
]

export const viewNames: readonly string[] = ['aws_s3_bucket', 'aws_s3_bucket_grant', 'resource', 'framework']

export const accounts = ['111122223333', '444455556666'] as const
const regions = ['eu-west-1', 'eu-central-1', 'us-east-1']
export const bucketCount = 120

function bucket(index: number): Value[] {
  const account = accounts[index % 3 === 0 ? 1 : 0]
  return [
    account,
    regions[index % regions.length]!,
    `arn:aws:s3:::bucket-${String(index)}`,
    index % 17 === 0 ? `Größe-${String(index)}-😀_x%` : `bucket-${String(index)}`,
    index % 7 === 0 ? null : index % 5 === 0,
    index % 11 === 0 ? null : index * index - 50,
    index % 13 === 0 ? null : index / 8,
    index % 9 === 0
      ? new Date('0001-01-01T00:00:00Z')
      : new Date(Date.UTC(2025, index % 12, 1 + (index % 28), index % 24)),
    index % 4 === 0 ? '' : `arn:aws:kms:eu-west-1:${account}:key/${String(index % 6)}`,
  ]
}

export async function makeEstate({ db }: { db: Database }): Promise<void> {
  await db.transaction(async (tx) => {
    for (const sql of statements) await tx.run(sql)
    await tx.load(
      loadTarget('lake.aws_s3_bucket', {
        account_id: 'text',
        region: 'text',
        resource_key: 'text',
        bucket_name: 'text',
        is_public: 'boolean',
        object_count: 'bigint',
        size_gb: 'double',
        created_at: 'timestamptz',
        kms_key_arn: 'text',
      }),
      Array.from({ length: bucketCount }, (_, index) => bucket(index)),
    )
    await tx.load(
      loadTarget('lake.aws_s3_bucket_grant', {
        account_id: 'text',
        region: 'text',
        resource_key: 'text',
        _nr: 'bigint',
        grantee: 'text',
        permission: 'text',
      }),
      Array.from({ length: bucketCount * 2 }, (_, at) => {
        const [account, region, key] = bucket(at >> 1)
        return [
          account!,
          region!,
          key!,
          at % 2,
          at % 5 === 0 ? 'AllUsers' : `user-${String(at % 9)}`,
          at % 3 === 0 ? 'WRITE' : 'READ',
        ]
      }),
    )
    await tx.load(
      loadTarget('stance.thing', {
        account_id: 'text',
        resource_key: 'text',
        table_name: 'text',
        content: 'json',
        tags: 'json',
      }),
      Array.from({ length: bucketCount }, (_, index) => {
        const [account, region, key, name] = bucket(index)
        const content = JSON.stringify({
          list: { Name: name, Region: region, Nr: index },
          acl: { Grants: [{ P: 'READ' }, { P: `W${String(index)}` }] },
        })
        return [
          account!,
          key!,
          'aws_s3_bucket',
          content,
          JSON.stringify({ env: index % 2 ? 'prod' : 'test', 'a/b~c': 'x' }),
        ]
      }),
    )
    await tx.run(`insert into stance.hidden values ('${accounts[0]}', 'canary-7f3a')`)
    await tx.run(`insert into stance.framework values ('cis-7.0', 'CIS AWS Foundations')`)
  })
}

export async function relationsOf(db: Database): Promise<Relation[]> {
  return readViews(db, viewNames, ['framework'])
}

const testMoment = new Date('2026-01-31T12:00:00.000Z')

export interface Answer {
  columns: string[]
  rows: Value[][]
  truncated: 'rows' | 'bytes' | undefined
}

export async function ask(db: Database, sql: string, options: RunOptions): Promise<Answer> {
  const result = runPersonsSql(db, sql, { now: testMoment, ...options })
  const rows: Value[][] = []
  for await (const chunk of result.rows) rows.push(...chunk)
  return {
    columns: result.columns.map(({ name, type }) => `${name} ${type}`),
    rows,
    truncated: result.truncated(),
  }
}
