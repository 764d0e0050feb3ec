import type {
  Bucket,
  GetBucketPolicyStatusCommandOutput,
  GetBucketVersioningCommandOutput,
  GetPublicAccessBlockCommandOutput,
} from '@aws-sdk/client-s3'
import { flag, text, time } from '../../../lake/columns.ts'
import { defineTable } from '../../../lake/define-table.ts'

export const bucket = defineTable<{
  list: Bucket
  versioning: GetBucketVersioningCommandOutput
  public_access_block: GetPublicAccessBlockCommandOutput
  policy_status: GetBucketPolicyStatusCommandOutput
}>({
  name: 'aws_s3_bucket',
  title: 'S3 bucket',
  docs: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_Bucket.html',
  provider: 'aws',
  via: 'aws',
  service: 's3',
  parts: 'global',
  identity: {
    key: 'arn:{$partition}:s3:::{Name}',
    native_id: 'Name',
    name: 'Name',
    region: (bucket) => bucket.BucketRegion ?? 'us-east-1',
    incarnation: 'CreationDate',
  },
  list: {
    read: {
      operation: 'ListBuckets',
      input: { MaxBuckets: 1000 },
      pages: { out: 'ContinuationToken', in: 'ContinuationToken' },
      items: 'Buckets',
      permission: 's3:ListAllMyBuckets',
    },
    one: {
      operation: 'ListBuckets',
      input: { Prefix: '{$id}' },
      items: 'Buckets',
      permission: 's3:ListAllMyBuckets',
    },
    columns: {
      bucket_name: text('Name'),
      created_at: time('CreationDate'),
    },
  },
  groups: {
    versioning: {
      read: {
        operation: 'GetBucketVersioning',
        input: { Bucket: '{Name}' },
        region: '{BucketRegion}',
        permission: 's3:GetBucketVersioning',
      },
      columns: {
        versioning: text('Status', 'Disabled', 'Enabled, Suspended or Disabled'),
        mfa_delete: text('MFADelete', 'Disabled'),
      },
    },
    public_access_block: {
      read: {
        operation: 'GetPublicAccessBlock',
        input: { Bucket: '{Name}' },
        region: '{BucketRegion}',
        permission: 's3:GetBucketPublicAccessBlock',
        absent: ['NoSuchPublicAccessBlockConfiguration'],
      },
      columns: {
        block_public_acls: flag('PublicAccessBlockConfiguration.BlockPublicAcls', false),
        ignore_public_acls: flag('PublicAccessBlockConfiguration.IgnorePublicAcls', false),
        block_public_policy: flag('PublicAccessBlockConfiguration.BlockPublicPolicy', false),
        restrict_public_buckets: flag('PublicAccessBlockConfiguration.RestrictPublicBuckets', false),
      },
    },
    policy_status: {
      read: {
        operation: 'GetBucketPolicyStatus',
        input: { Bucket: '{Name}' },
        region: '{BucketRegion}',
        permission: 's3:GetBucketPolicyStatus',
        absent: ['NoSuchBucketPolicy'],
      },
      columns: { policy_is_public: flag('PolicyStatus.IsPublic', false) },
    },
  },
  events: {
    PutBucketVersioning: 'requestParameters.bucketName',
    PutBucketPublicAccessBlock: 'requestParameters.bucketName',
    DeleteBucketPublicAccessBlock: 'requestParameters.bucketName',
    CreateBucket: 'requestParameters.bucketName',
    DeleteBucket: 'requestParameters.bucketName',
  },
})
