import type { LoginProfile, MFADevice, User, UserDetail } from '@aws-sdk/client-iam'
import { flag, never, text, time } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'
import type { CredentialReportRow } from './parse-credential-report.ts'

export const user = defineTable<{
  list: UserDetail
  credentials: Pick<CredentialReportRow, 'password_enabled' | 'password_last_used' | 'mfa_active'>
}>({
  name: 'aws_iam_user',
  title: 'IAM user',
  docs: 'https://docs.aws.amazon.com/IAM/latest/APIReference/API_UserDetail.html',
  provider: 'aws',
  via: 'aws',
  service: 'iam',
  parts: 'global',
  identity: {
    key: '{Arn}',
    native_id: 'UserName',
    name: 'UserName',
    incarnation: 'UserId',
    tags: { group: 'list', from: 'Tags' },
  },
  list: {
    source: { source: 'aws_iam_authorization_details', items: 'UserDetailList' },
    one: {
      reads: {
        user: {
          operation: 'GetUser',
          input: { UserName: '{$id}' },
          pick: 'User',
          permission: 'iam:GetUser',
          gone: ['NoSuchEntity'],
        },
        groups: {
          operation: 'ListGroupsForUser',
          input: { UserName: '{$id}' },
          pick: 'Groups',
          pages: { out: 'Marker', in: 'Marker', more: 'IsTruncated' },
          permission: 'iam:ListGroupsForUser',
        },
      },
      shape: ({ user, groups }: { user: User; groups: { GroupName: string }[] }) => ({
        ...(user as object),
        GroupList: groups.map((group) => group.GroupName),
      }),
    },
    set: ['GroupList', 'AttachedManagedPolicies', 'UserPolicyList', 'Tags'],
    columns: {
      user_name: text('UserName'),
      user_id: text('UserId'),
      arn: text('Arn'),
      path: text('Path'),
      created_at: time('CreateDate'),
    },
  },
  groups: {
    credentials: {
      title: 'Password and MFA',
      source: { source: 'aws_iam_credential_report', items: 'users', match: '{arn}' },
      read: {
        reads: {
          login: {
            operation: 'GetLoginProfile',
            input: { UserName: '{UserName}' },
            pick: 'LoginProfile',
            permission: 'iam:GetLoginProfile',
            absent: ['NoSuchEntity'],
          },
          devices: {
            operation: 'ListMFADevices',
            input: { UserName: '{UserName}' },
            pick: 'MFADevices',
            permission: 'iam:ListMFADevices',
          },
        },
        shape: ({ login, devices }: { login?: LoginProfile; devices: MFADevice[] }) => ({
          password_enabled: String(login !== undefined),
          mfa_active: String(devices.length > 0),
          password_last_used: '',
        }),
        carries: ['has_password', 'has_mfa'],
      },
      volatile: ['password_last_used'],
      columns: {
        has_password: flag((report) => report.password_enabled === 'true'),
        has_mfa: flag((report) => report.mfa_active === 'true'),
        password_last_used_at: time((report) => report.password_last_used, never),
      },
    },
  },
  children: {
    aws_iam_user_group: child<UserDetail, { group_name: 'text' }>({
      title: 'Group that a user belongs to',
      group: 'list',
      columns: { group_name: 'text' },
      rows: (user) => (user.GroupList ?? []).map((group_name) => ({ group_name })),
    }),
  },
  events: {
    CreateLoginProfile: 'requestParameters.userName',
    DeleteLoginProfile: 'requestParameters.userName',
    CreateUser: 'requestParameters.userName',
    DeleteUser: 'requestParameters.userName',
  },
})
