import type { WrittenAnswers } from './check-columns.ts'

// Written by hand after the S3 API reference, not recorded.

const bucket = { Name: 'shop-images', CreationDate: '2026-01-01T00:00:00.000Z', BucketRegion: 'eu-west-1' }
const other = { Name: 'shop-logs', CreationDate: '2026-02-01T00:00:00.000Z', BucketRegion: 'eu-west-1' }
const owner = '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be'
const group = (name: string) => ({ Type: 'Group', URI: `http://acs.amazonaws.com/groups/${name}` })

const full: WrittenAnswers = {
  list: bucket,
  public_access_block: {
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
  },
  policy: { Policy: '{"Version":"2012-10-17","Statement":[]}' },
  acl: {
    Owner: { ID: owner },
    Grants: [
      { Grantee: { Type: 'CanonicalUser', ID: owner }, Permission: 'FULL_CONTROL' },
      { Grantee: group('global/AllUsers'), Permission: 'READ' },
      { Grantee: group('global/AuthenticatedUsers'), Permission: 'WRITE_ACP' },
      { Grantee: group('s3/LogDelivery'), Permission: 'WRITE' },
      { Grantee: { Type: 'CanonicalUser', ID: 'f'.repeat(64) }, Permission: 'READ_ACP' },
    ],
  },
  ownership: { OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] } },
  encryption: {
    ServerSideEncryptionConfiguration: {
      Rules: [
        {
          ApplyServerSideEncryptionByDefault: {
            SSEAlgorithm: 'aws:kms',
            KMSMasterKeyID: 'arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab',
          },
          BucketKeyEnabled: true,
        },
      ],
    },
  },
  versioning: { Status: 'Enabled', MFADelete: 'Enabled' },
  logging: { LoggingEnabled: { TargetBucket: 'shop-logs', TargetPrefix: 'images/' } },
  lifecycle: {
    Rules: [{ ID: 'old', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }],
  },
  object_lock: {
    ObjectLockConfiguration: {
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 30 } },
    },
  },
  replication: { ReplicationConfiguration: { Role: 'r', Rules: [{ Status: 'Enabled' }] } },
  website: { IndexDocument: { Suffix: 'index.html' } },
  notification: { TopicConfigurations: [{ TopicArn: 't', Events: [] }] },
  acceleration: { Status: 'Enabled' },
  tagging: { TagSet: [{ Key: 'team', Value: 'shop' }] },
}

const bare: WrittenAnswers = {
  list: other,
  public_access_block: null,
  policy: null,
  acl: { Owner: {}, Grants: [] },
  ownership: null,
  encryption: null,
  versioning: {},
  logging: {},
  lifecycle: null,
  object_lock: null,
  replication: null,
  website: null,
  notification: {},
  acceleration: {},
  tagging: null,
}

const byAlias: WrittenAnswers = {
  ...bare,
  encryption: {
    ServerSideEncryptionConfiguration: {
      Rules: [
        { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'alias/orders' } },
      ],
    },
  },
}

const block = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
}

export const written: Record<string, WrittenAnswers[]> = {
  aws_s3_bucket: [full, bare, byAlias],
  aws_s3_account_public_access_block: [{ list: block }, { list: {} }],
}
