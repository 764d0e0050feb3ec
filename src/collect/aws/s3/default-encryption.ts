import type { Bucket, GetBucketEncryptionCommandOutput } from '@aws-sdk/client-s3'
import type { Place } from '../../../lake/columns.ts'
import type { Stored } from '../../../lake/stored.ts'

type Encryption = Stored<GetBucketEncryptionCommandOutput>

export function defaultEncryption(content: Encryption) {
  return content.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault
}

/**
 * The key of new objects, or the alias that it was set by. Without an account either is the bucket owner's; both are always of
 * the bucket's region.
 */
export function keyArns(content: Encryption, place: Place): { key?: string; alias?: string } {
  const name = defaultEncryption(content)?.KMSMasterKeyID
  if (name === undefined || name === '') return {}
  const isAlias = /(^|:)alias\//.test(name)
  const { BucketRegion } = place.item as Bucket
  const local = isAlias || name.startsWith('key/') ? name : `key/${name}`
  const whole = `arn:${place.partition}:kms:${BucketRegion ?? ''}:${place.account_id}:${local}`
  const arn = name.startsWith('arn:') ? name : whole
  return isAlias ? { alias: arn } : { key: arn }
}
