import type {
  Bucket,
  GetBucketAccelerateConfigurationCommandOutput,
  GetBucketAclCommandOutput,
  GetBucketEncryptionCommandOutput,
  GetBucketLifecycleConfigurationCommandOutput,
  GetBucketLocationCommandOutput,
  GetBucketLoggingCommandOutput,
  GetBucketNotificationConfigurationCommandOutput,
  GetBucketOwnershipControlsCommandOutput,
  GetBucketPolicyCommandOutput,
  GetBucketReplicationCommandOutput,
  GetBucketTaggingCommandOutput,
  GetBucketVersioningCommandOutput,
  GetBucketWebsiteCommandOutput,
  GetObjectLockConfigurationCommandOutput,
  GetPublicAccessBlockCommandOutput,
} from '@aws-sdk/client-s3'
import type { Read } from '../../../core/read.ts'
import type { Place } from '../../../lake/columns.ts'
import { count, flag, text, time } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { accountOfArn } from '../account-of-arn.ts'
import { policyColumns, statementChild } from '../policy-tables.ts'
import { defaultEncryption, keyArns } from './default-encryption.ts'
import { grantsOf } from './grants-of.ts'

/** A read of one bucket's setting, in the bucket's own region. */
function setting(operation: string, permission: string, absent: readonly string[] = []): Read {
  return {
    operation,
    input: { Bucket: '{Name}' },
    region: '{BucketRegion}',
    permission,
    absent,
    gone: ['NoSuchBucket'],
  }
}

function documentOf(content: Stored<GetBucketPolicyCommandOutput>, place: Place) {
  const { Name } = place.item as Bucket
  const resourceArn = `arn:${place.partition}:s3:::${Name ?? ''}`
  return content.Policy === undefined ? undefined : { document: content.Policy, resourceArn }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html: the oldest regions have other names. */
function regionOf(constraint: string | undefined): string {
  if (constraint === undefined || constraint === '') return 'us-east-1'
  return constraint === 'EU' ? 'eu-west-1' : constraint
}

const grantColumns = {
  grantee_type: 'text',
  grantee: 'text',
  permission: 'text',
  is_owner: 'boolean',
  is_all_users: 'boolean',
  is_authenticated_users: 'boolean',
  is_log_delivery: 'boolean',
  admits_everyone: 'boolean',
  admits_other_accounts: 'boolean',
  allows_read: 'boolean',
  allows_write: 'boolean',
  allows_read_acl: 'boolean',
  allows_write_acl: 'boolean',
} as const

export const bucket = defineTable<{
  list: Bucket
  acl: GetBucketAclCommandOutput
  encryption: GetBucketEncryptionCommandOutput
  lifecycle: GetBucketLifecycleConfigurationCommandOutput
  logging: GetBucketLoggingCommandOutput
  notification: GetBucketNotificationConfigurationCommandOutput
  object_lock: GetObjectLockConfigurationCommandOutput
  ownership: GetBucketOwnershipControlsCommandOutput
  policy: GetBucketPolicyCommandOutput
  public_access_block: GetPublicAccessBlockCommandOutput
  replication: GetBucketReplicationCommandOutput
  tagging: GetBucketTaggingCommandOutput
  versioning: GetBucketVersioningCommandOutput
  website: GetBucketWebsiteCommandOutput
  acceleration: GetBucketAccelerateConfigurationCommandOutput
}>({
  name: 'aws_s3_bucket',
  title: 'S3 bucket',
  docs: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_Bucket.html',
  provider: 'aws',
  via: 'aws',
  service: 's3',
  parts: 'global',
  version: 5,
  identity: {
    key: 'arn:{$partition}:s3:::{Name}',
    native_id: 'Name',
    in_commands: 'BUCKET',
    name: 'Name',
    region: (bucket) => bucket.BucketRegion ?? '',
    // Not even CreationDate: it moves when the bucket's policy is edited (API reference, type Bucket).
    tags: { group: 'tagging', from: 'TagSet' },
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
      input: { Prefix: '{$id}', MaxBuckets: 1000 },
      items: 'Buckets',
      permission: 's3:ListAllMyBuckets',
    },
    // AWS says the region in its list; emulators and others that speak S3 may not.
    completion: {
      misses: (bucket) => (bucket.BucketRegion ?? '') === '',
      read: {
        operation: 'GetBucketLocation',
        input: { Bucket: '{Name}' },
        permission: 's3:GetBucketLocation',
        gone: ['NoSuchBucket'],
      },
      shape: (bucket, { LocationConstraint }: GetBucketLocationCommandOutput) => ({
        ...bucket,
        BucketRegion: regionOf(LocationConstraint),
      }),
    },
    volatile: ['CreationDate'],
    columns: {
      bucket_name: text('Name'),
      arn: text((bucket, place) => `arn:${place.partition}:s3:::${bucket.Name ?? ''}`),
      created_at: time('CreationDate'),
    },
  },
  groups: {
    public_access_block: {
      title: 'Public access block of the bucket itself',
      read: setting('GetPublicAccessBlock', 's3:GetBucketPublicAccessBlock', [
        'NoSuchPublicAccessBlockConfiguration',
      ]),
      sent: [
        'PublicAccessBlockConfiguration',
        'PublicAccessBlockConfiguration.BlockPublicAcls',
        'PublicAccessBlockConfiguration.IgnorePublicAcls',
        'PublicAccessBlockConfiguration.BlockPublicPolicy',
        'PublicAccessBlockConfiguration.RestrictPublicBuckets',
      ],
      columns: {
        block_public_acls: flag('PublicAccessBlockConfiguration.BlockPublicAcls', false),
        ignore_public_acls: flag('PublicAccessBlockConfiguration.IgnorePublicAcls', false),
        block_public_policy: flag('PublicAccessBlockConfiguration.BlockPublicPolicy', false),
        restrict_public_buckets: flag('PublicAccessBlockConfiguration.RestrictPublicBuckets', false),
      },
    },
    policy: {
      title: 'Bucket policy',
      read: setting('GetBucketPolicy', 's3:GetBucketPolicy', ['NoSuchBucketPolicy']),
      sent: ['Policy'],
      columns: policyColumns<GetBucketPolicyCommandOutput>(documentOf),
    },
    acl: {
      title: 'Access control list',
      read: setting('GetBucketAcl', 's3:GetBucketAcl'),
      set: ['Grants'],
      sent: ['Owner', 'Owner.ID', 'Grants', 'Grants.Grantee', 'Grants.Permission'],
      columns: {
        owner_canonical_id: text('Owner.ID'),
        acl_is_public: flag((acl) => grantsOf(acl).some((grant) => grant.admits_everyone)),
        acl_allows_public_read: flag((acl) =>
          grantsOf(acl).some(
            (grant) => grant.admits_everyone && (grant.allows_read || grant.allows_read_acl),
          ),
        ),
        acl_allows_public_write: flag((acl) =>
          grantsOf(acl).some(
            (grant) => grant.admits_everyone && (grant.allows_write || grant.allows_write_acl),
          ),
        ),
        acl_admits_other_accounts: flag((acl) => grantsOf(acl).some((grant) => grant.admits_other_accounts)),
      },
    },
    ownership: {
      title: 'Object ownership',
      read: setting('GetBucketOwnershipControls', 's3:GetBucketOwnershipControls', [
        'OwnershipControlsNotFoundError',
      ]),
      sent: ['OwnershipControls', 'OwnershipControls.Rules', 'OwnershipControls.Rules.ObjectOwnership'],
      columns: {
        object_ownership: text(
          (controls) => controls.OwnershipControls?.Rules?.[0]?.ObjectOwnership,
          'ObjectWriter',
          'BucketOwnerEnforced (ACLs are off), BucketOwnerPreferred or ObjectWriter',
        ),
      },
    },
    encryption: {
      title: 'Default encryption',
      read: setting('GetBucketEncryption', 's3:GetEncryptionConfiguration', [
        'ServerSideEncryptionConfigurationNotFoundError',
      ]),
      sent: [
        'ServerSideEncryptionConfiguration',
        'ServerSideEncryptionConfiguration.Rules',
        'ServerSideEncryptionConfiguration.Rules.ApplyServerSideEncryptionByDefault',
        'ServerSideEncryptionConfiguration.Rules.ApplyServerSideEncryptionByDefault.SSEAlgorithm',
      ],
      columns: {
        encryption_algorithm: text(
          (content) => defaultEncryption(content)?.SSEAlgorithm,
          '',
          'AES256, aws:kms or aws:kms:dsse; empty where none is set',
        ),
        kms_key_id: text(
          (content) => defaultEncryption(content)?.KMSMasterKeyID,
          '',
          'As it was set: an id, an ARN or an alias; empty where AWS chooses its own key',
        ),
        kms_key_arn: text(
          (content, place) => keyArns(content, place).key,
          '',
          'Empty where it was set by an alias: that is in kms_alias_arn',
        ),
        kms_alias_arn: text(
          (content, place) => keyArns(content, place).alias,
          '',
          'The alias that the key was set by, a row of aws_kms_key_alias; without an account it is taken for one of this account',
        ),
        kms_key_account_id: text(
          (content, place) => {
            const { key, alias } = keyArns(content, place)
            return accountOfArn(key ?? alias)
          },
          '',
          'Of the key; an alias is always in the account of its key',
        ),
        bucket_key_enabled: flag(
          (content) => content.ServerSideEncryptionConfiguration?.Rules?.[0]?.BucketKeyEnabled,
          false,
        ),
      },
    },
    versioning: {
      title: 'Versioning and MFA delete',
      read: setting('GetBucketVersioning', 's3:GetBucketVersioning'),
      columns: {
        versioning: text('Status', 'Disabled', 'Enabled, Suspended or Disabled'),
        mfa_delete: flag((versioning) => versioning.MFADelete === 'Enabled'),
      },
    },
    logging: {
      title: 'Server access logging',
      read: setting('GetBucketLogging', 's3:GetBucketLogging'),
      sent: ['LoggingEnabled.TargetBucket', 'LoggingEnabled.TargetPrefix'],
      columns: {
        logs_access: flag((logging) => logging.LoggingEnabled !== undefined),
        log_bucket_name: text('LoggingEnabled.TargetBucket', ''),
        log_prefix: text('LoggingEnabled.TargetPrefix', ''),
      },
    },
    lifecycle: {
      title: 'Lifecycle rules',
      read: setting('GetBucketLifecycleConfiguration', 's3:GetLifecycleConfiguration', [
        'NoSuchLifecycleConfiguration',
      ]),
      set: ['Rules'],
      sent: ['Rules', 'Rules.Status'],
      columns: {
        lifecycle_rule_count: count(
          (content) => (content.Rules ?? []).filter((rule) => rule.Status === 'Enabled').length,
          0,
          'Enabled ones',
        ),
        aborts_incomplete_uploads: flag(
          (content) =>
            (content.Rules ?? []).some(
              (rule) => rule.Status === 'Enabled' && rule.AbortIncompleteMultipartUpload !== undefined,
            ),
          false,
        ),
      },
    },
    object_lock: {
      title: 'Object lock',
      read: setting('GetObjectLockConfiguration', 's3:GetBucketObjectLockConfiguration', [
        'ObjectLockConfigurationNotFoundError',
      ]),
      sent: [
        'ObjectLockConfiguration',
        'ObjectLockConfiguration.ObjectLockEnabled',
        'ObjectLockConfiguration.Rule.DefaultRetention',
        'ObjectLockConfiguration.Rule.DefaultRetention.Mode',
      ],
      columns: {
        object_lock_enabled: flag(
          (content) => content.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled',
          false,
        ),
        object_lock_default_mode: text(
          'ObjectLockConfiguration.Rule.DefaultRetention.Mode',
          '',
          'GOVERNANCE, COMPLIANCE or empty',
        ),
      },
    },
    replication: {
      title: 'Replication',
      read: setting('GetBucketReplication', 's3:GetReplicationConfiguration', [
        'ReplicationConfigurationNotFoundError',
      ]),
      sent: [
        'ReplicationConfiguration',
        'ReplicationConfiguration.Rules',
        'ReplicationConfiguration.Rules.Status',
      ],
      columns: {
        has_replication: flag(
          (content) =>
            (content.ReplicationConfiguration?.Rules ?? []).some((rule) => rule.Status === 'Enabled'),
          false,
        ),
      },
    },
    website: {
      title: 'Static website',
      read: setting('GetBucketWebsite', 's3:GetBucketWebsite', ['NoSuchWebsiteConfiguration']),
      columns: {
        has_website: flag((site) => {
          if ((site.IndexDocument ?? site.RedirectAllRequestsTo) === undefined)
            throw new TypeError('a website has a first page, or leads elsewhere')
          return true
        }, false),
      },
    },
    notification: {
      title: 'Event notifications',
      read: setting('GetBucketNotificationConfiguration', 's3:GetBucketNotification'),
      columns: {
        has_event_notification: flag(
          (content) =>
            content.EventBridgeConfiguration !== undefined ||
            (content.LambdaFunctionConfigurations?.length ?? 0) +
              (content.QueueConfigurations?.length ?? 0) +
              (content.TopicConfigurations?.length ?? 0) >
              0,
        ),
      },
    },
    acceleration: {
      title: 'Transfer acceleration',
      read: {
        ...setting('GetBucketAccelerateConfiguration', 's3:GetAccelerateConfiguration'),
        unsupported: ['MethodNotAllowed', 'UnsupportedArgument'],
      },
      columns: { acceleration: text('Status', 'Disabled', 'Enabled, Suspended or Disabled') },
    },
    tagging: {
      title: 'Tags',
      read: setting('GetBucketTagging', 's3:GetBucketTagging', ['NoSuchTagSet']),
      set: ['TagSet'],
      sent: ['TagSet'],
      columns: {
        tag_count: count((tagging) => tagging.TagSet?.length ?? 0, 0),
      },
    },
  },
  children: {
    aws_s3_bucket_policy_statement: statementChild<GetBucketPolicyCommandOutput>({
      title: "Statement of a bucket's policy",
      group: 'policy',
      documents: (content, place) => [documentOf(content, place) ?? []].flat(),
    }),
    aws_s3_bucket_acl_grant: child<GetBucketAclCommandOutput, typeof grantColumns>({
      title: "Grant of a bucket's access control list",
      group: 'acl',
      columns: grantColumns,
      rows: (acl) => grantsOf(acl).map(({ nr, ...grant }) => grant),
    }),
  },
  events: Object.fromEntries(
    [
      ...['CreateBucket', 'DeleteBucket', 'PutBucketAcl', 'PutBucketPolicy', 'DeleteBucketPolicy'],
      ...['PutBucketPublicAccessBlock', 'DeleteBucketPublicAccessBlock', 'PutBucketVersioning'],
      ...['PutBucketEncryption', 'DeleteBucketEncryption', 'PutBucketLogging', 'PutBucketOwnershipControls'],
      ...['DeleteBucketOwnershipControls', 'PutBucketLifecycle', 'PutBucketLifecycleConfiguration'],
      ...['DeleteBucketLifecycle', 'PutObjectLockConfiguration', 'PutBucketReplication'],
      ...['DeleteBucketReplication', 'PutBucketWebsite', 'DeleteBucketWebsite', 'PutBucketNotification'],
      ...['PutAccelerateConfiguration', 'PutBucketTagging', 'DeleteBucketTagging'],
    ].map((name) => [name, 'requestParameters.bucketName']),
  ),
})
