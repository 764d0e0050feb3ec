import * as s3Sdk from '@aws-sdk/client-s3'
import type { MotoAccount } from '../setup/moto-account.ts'
import { clientConfig } from './collect-table.ts'

/** `…-images` with everything, `…-plain` with nothing, `…-west` elsewhere: all accounts share the names of buckets. */
export async function seedBuckets(account: MotoAccount, begin: string): Promise<void> {
  const s3 = new s3Sdk.S3Client({ ...clientConfig(account), forcePathStyle: true })
  const Bucket = `${begin}-images`
  const plain = `${begin}-plain`
  for (const name of [Bucket, plain]) await s3.send(new s3Sdk.CreateBucketCommand({ Bucket: name }))
  await s3.send(
    new s3Sdk.CreateBucketCommand({
      Bucket: `${begin}-west`,
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  )
  await s3.send(new s3Sdk.PutBucketPolicyCommand({ Bucket, Policy: openTo(Bucket) }))
  await s3.send(
    new s3Sdk.PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    }),
  )
  await s3.send(
    new s3Sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
  )
  await s3.send(
    new s3Sdk.PutBucketOwnershipControlsCommand({
      Bucket,
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] },
    }),
  )
  const uri = 'http://acs.amazonaws.com/groups/s3/LogDelivery'
  await s3.send(
    new s3Sdk.PutBucketAclCommand({
      Bucket: plain,
      GrantWrite: `uri="${uri}"`,
      GrantReadACP: `uri="${uri}"`,
    }),
  )
  await s3.send(
    new s3Sdk.PutBucketLoggingCommand({
      Bucket,
      BucketLoggingStatus: { LoggingEnabled: { TargetBucket: plain, TargetPrefix: 'images/' } },
    }),
  )
  await s3.send(
    new s3Sdk.PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'team', Value: 'shop' }] } }),
  )
  s3.destroy()
}

function openTo(bucket: string): string {
  const Resource = `arn:aws:s3:::${bucket}/*`
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource }]
  return JSON.stringify({ Version: '2012-10-17', Statement })
}
