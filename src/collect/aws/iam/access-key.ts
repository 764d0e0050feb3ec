import type { AccessKeyMetadata, GetAccessKeyLastUsedResponse } from '@aws-sdk/client-iam'
import { flag, never, text, time } from '../../../lake/columns.ts'
import { defineTable } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'

export const accessKey = defineTable<{ list: AccessKeyMetadata; last_used: GetAccessKeyLastUsedResponse }>({
  name: 'aws_iam_access_key',
  title: 'IAM access key',
  docs: 'https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKeyMetadata.html',
  provider: 'aws',
  via: 'aws',
  service: 'iam',
  parts: 'global',
  identity: {
    key: 'arn:{$partition}:iam::{$account}:access-key/{AccessKeyId}',
    native_id: 'AccessKeyId',
    in_commands: 'OLD_KEY',
    name: 'AccessKeyId',
    incarnation: 'CreateDate',
  },
  list: {
    within: 'aws_iam_user',
    read: {
      operation: 'ListAccessKeys',
      input: { UserName: '{$parent}' },
      items: 'AccessKeyMetadata',
      pages: { out: 'Marker', in: 'Marker' },
      permission: 'iam:ListAccessKeys',
      gone: ['NoSuchEntity'],
    },
    sent: ['Status'],
    columns: {
      access_key_id: text('AccessKeyId'),
      user_name: text('UserName'),
      is_active: flag((key) => key.Status === 'Active'),
      created_at: time('CreateDate'),
    },
  },
  groups: {
    last_used: {
      title: 'When it was last used',
      read: {
        operation: 'GetAccessKeyLastUsed',
        input: { AccessKeyId: '{AccessKeyId}' },
        permission: 'iam:GetAccessKeyLastUsed',
      },
      volatile: ['AccessKeyLastUsed'],
      sent: ['AccessKeyLastUsed', 'AccessKeyLastUsed.Region', 'AccessKeyLastUsed.ServiceName'],
      columns: {
        last_used_at: time(lastUsedAt),
        last_used_service: text((used) => known(used.AccessKeyLastUsed?.ServiceName), ''),
        last_used_region: text((used) => known(used.AccessKeyLastUsed?.Region), ''),
      },
    },
  },
  events: {
    CreateAccessKey: 'responseElements.accessKey.accessKeyId',
    UpdateAccessKey: 'requestParameters.accessKeyId',
    DeleteAccessKey: 'requestParameters.accessKeyId',
  },
})

/** A key that was never used has "N/A" there. */
function known(value: string | undefined): string | undefined {
  return value === 'N/A' ? undefined : value
}

/** Never, or not since AWS keeps count: then it names no service either. */
function lastUsedAt({ AccessKeyLastUsed: used }: Stored<GetAccessKeyLastUsedResponse>): string | undefined {
  return used?.LastUsedDate ?? (used?.ServiceName === 'N/A' ? never : undefined)
}
