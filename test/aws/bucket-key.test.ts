import { expect, it } from 'vitest'
import { bucket } from '../../src/collect/aws/s3/bucket.ts'
import { projectWritten } from './check-columns.ts'

const list = { Name: 'orders', CreationDate: '2026-01-01T00:00:00Z', BucketRegion: 'eu-west-1' }
const id = '1234abcd-12ab-34cd-56ef-1234567890ab'
const own = 'arn:aws:kms:eu-west-1:111122223333'
const other = 'arn:aws:kms:eu-west-1:444455556666'

it.each<[string, string | undefined, key: string, alias: string, account: string]>([
  ['none', undefined, '', '', ''],
  ['an ARN', `${other}:key/${id}`, `${other}:key/${id}`, '', '444455556666'],
  ['an id', id, `${own}:key/${id}`, '', '111122223333'],
  ['an id as in an ARN', `key/${id}`, `${own}:key/${id}`, '', '111122223333'],
  ['an alias', 'alias/orders', '', `${own}:alias/orders`, '111122223333'],
  ['the ARN of an alias', `${other}:alias/orders`, '', `${other}:alias/orders`, '444455556666'],
])('the key of a bucket, set by %s', (_, KMSMasterKeyID, key, alias, account) => {
  const ApplyServerSideEncryptionByDefault = {
    SSEAlgorithm: 'aws:kms',
    ...(KMSMasterKeyID === undefined ? {} : { KMSMasterKeyID }),
  }
  const encryption = {
    ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault }] },
  }
  expect(projectWritten(bucket, { list, encryption }).columns).toMatchObject({
    kms_key_arn: key,
    kms_alias_arn: alias,
    kms_key_account_id: account,
  })
})
