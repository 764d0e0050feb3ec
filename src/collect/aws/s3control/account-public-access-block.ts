import type { PublicAccessBlockConfiguration } from '@aws-sdk/client-s3-control'
import { flag } from '../../../lake/columns.ts'
import { defineTable } from '../../../lake/define-table.ts'

/** The public access block of the whole account: no row where none is configured. */
export const accountPublicAccessBlock = defineTable<{ list: PublicAccessBlockConfiguration }>({
  name: 'aws_s3_account_public_access_block',
  title: 'S3 public access block of the account',
  docs: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html',
  provider: 'aws',
  via: 'aws',
  service: 's3control',
  parts: 'global',
  identity: {
    key: 'arn:{$partition}:s3::{$account}:account-public-access-block',
    native_id: (_, place) => place.account_id,
    name: () => 'Account public access block',
  },
  list: {
    read: {
      operation: 'GetPublicAccessBlock',
      input: { AccountId: '{$account}' },
      items: 'PublicAccessBlockConfiguration',
      permission: 's3:GetAccountPublicAccessBlock',
      absent: ['NoSuchPublicAccessBlockConfiguration'],
    },
    one: {
      operation: 'GetPublicAccessBlock',
      input: { AccountId: '{$account}' },
      items: 'PublicAccessBlockConfiguration',
      permission: 's3:GetAccountPublicAccessBlock',
      gone: ['NoSuchPublicAccessBlockConfiguration'],
    },
    sent: ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'],
    columns: {
      block_public_acls: flag('BlockPublicAcls'),
      ignore_public_acls: flag('IgnorePublicAcls'),
      block_public_policy: flag('BlockPublicPolicy'),
      restrict_public_buckets: flag('RestrictPublicBuckets'),
    },
  },
  groups: {},
  events: {
    PutAccountPublicAccessBlock: 'recipientAccountId',
    DeleteAccountPublicAccessBlock: 'recipientAccountId',
  },
})
