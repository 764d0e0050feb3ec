import type { LoginProfile, MFADevice, UserDetail } from '@aws-sdk/client-iam'
import { count, flag, never, tellsOf, text, time } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { type AttachedPolicies, attachedGroup, attachmentChild, ofOne } from './attached-policies.ts'
import { type InlinePolicies, inlineGroup, inlineStatements, namesOf } from './inline-policies.ts'
import type { CredentialReportRow } from './parse-credential-report.ts'
import { type Bounded, boundaryGroup } from './permissions-boundary.ts'
import { lastUses, reported, wasTrue } from './report-values.ts'

/** As the authorization details give it, policies apart: they are groups of their own. */
type User = Omit<
  UserDetail,
  'UserPolicyList' | 'AttachedManagedPolicies' | 'GroupList' | 'PermissionsBoundary'
> & { InlinePolicyNames: string[] }

/** The groups that a user belongs to, by name. */
interface Memberships {
  GroupList: string[]
}

const pages = { out: 'Marker', in: 'Marker', more: 'IsTruncated' }
const gone = ['NoSuchEntity']

export const user = defineTable<{
  list: User
  boundary: Bounded
  credentials: Partial<CredentialReportRow>
  memberships: Memberships
  attached_policies: AttachedPolicies
  inline_policies: InlinePolicies
}>({
  name: 'aws_iam_user',
  title: 'IAM user',
  docs: 'https://docs.aws.amazon.com/IAM/latest/APIReference/API_UserDetail.html',
  provider: 'aws',
  via: 'aws',
  service: 'iam',
  parts: 'global',
  version: 8,
  identity: {
    key: '{Arn}',
    native_id: 'UserName',
    in_commands: 'USER',
    name: 'UserName',
    incarnation: 'UserId',
    tags: { group: 'list', from: 'Tags' },
  },
  list: {
    source: {
      source: 'aws_iam_authorization_details',
      items: 'UserDetailList',
      shape: ({
        UserPolicyList,
        AttachedManagedPolicies,
        GroupList,
        PermissionsBoundary,
        ...user
      }: Stored<UserDetail>) => ({
        ...user,
        InlinePolicyNames: namesOf(UserPolicyList, 'UserDetailList'),
      }),
    },
    one: {
      reads: {
        user: {
          operation: 'GetUser',
          input: { UserName: '{$id}' },
          pick: 'User',
          permission: 'iam:GetUser',
          gone,
        },
        inline: ofOne('User', 'ListUserPolicies', 'PolicyNames'),
      },
      shape: ({ user, inline }: UserAnswers) => ({ ...asListed(user), InlinePolicyNames: inline }),
    },
    set: ['InlinePolicyNames', 'Tags'],
    sent: ['Path', 'InlinePolicyNames'],
    columns: {
      user_name: text('UserName'),
      user_id: text('UserId'),
      arn: text('Arn'),
      path: text('Path'),
      created_at: time('CreateDate'),
      inline_policy_count: count((user) => user.InlinePolicyNames.length),
    },
  },
  groups: {
    credentials: {
      title: 'Password, MFA and access keys, from the credential report',
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
            pages,
            permission: 'iam:ListMFADevices',
          },
        },
        shape: ({ login, devices }: { login?: LoginProfile; devices: MFADevice[] }) => ({
          password_enabled: String(login !== undefined),
          mfa_active: String(devices.length > 0),
        }),
        carries: ['has_password', 'has_mfa'],
      },
      volatile: lastUses,
      sent: [
        ...['password_enabled', 'mfa_active', 'password_last_used', 'password_last_changed'],
        ...['1', '2'].flatMap((nr) => [
          ...['active', 'last_rotated', 'last_used_date'].map((field) => `access_key_${nr}_${field}`),
          `cert_${nr}_active`,
        ]),
      ],
      columns: {
        has_password: flag((report) => wasTrue(report.password_enabled), false),
        has_mfa: flag((report) => wasTrue(report.mfa_active), false),
        password_last_used_at: tellsOf(
          'has_password',
          time((report) => reported(report.password_last_used), never),
        ),
        password_last_changed_at: tellsOf(
          'has_password',
          time((report) => reported(report.password_last_changed), never),
        ),
        access_key_1_active: flag((report) => wasTrue(report.access_key_1_active), false),
        access_key_1_last_rotated_at: time((report) => reported(report.access_key_1_last_rotated), never),
        access_key_1_last_used_at: time((report) => reported(report.access_key_1_last_used_date), never),
        access_key_2_active: flag((report) => wasTrue(report.access_key_2_active), false),
        access_key_2_last_rotated_at: time((report) => reported(report.access_key_2_last_rotated), never),
        access_key_2_last_used_at: time((report) => reported(report.access_key_2_last_used_date), never),
        has_signing_certificate: flag(
          (report) => wasTrue(report.cert_1_active) || wasTrue(report.cert_2_active),
          false,
        ),
      },
    },
    memberships: {
      title: 'Groups that it belongs to',
      source: {
        source: 'aws_iam_authorization_details',
        items: 'UserDetailList',
        match: '{Arn}',
        names: { at: 'GroupList', items: 'GroupDetailList', match: '{GroupName}', table: 'aws_iam_group' },
        shape: ({ GroupList }: Stored<Memberships>) => ({ GroupList }),
      },
      read: {
        reads: { groups: ofOne('User', 'ListGroupsForUser', 'Groups') },
        shape: ({ groups }: { groups: { GroupName: string }[] }) => ({
          GroupList: groups.map((group) => group.GroupName),
        }),
      },
      set: ['GroupList'],
      sent: ['GroupList'],
      columns: { group_count: count((user) => user.GroupList.length) },
    },
    boundary: boundaryGroup('User'),
    attached_policies: attachedGroup('User'),
    inline_policies: inlineGroup('UserDetailList'),
  },
  children: {
    aws_iam_user_inline_statement: inlineStatements('user'),
    aws_iam_user_group_membership: child<Memberships, { group_name: 'text' }>({
      title: 'Group that a user belongs to',
      group: 'memberships',
      columns: { group_name: 'text' },
      rows: (user) => user.GroupList.map((group_name) => ({ group_name })),
    }),
    aws_iam_user_policy_attachment: attachmentChild('Managed policy attached to a user itself'),
  },
  events: {
    // A new name is a new ARN: the old one is gone. That DeleteVirtualMFADevice takes from a user, DeactivateMFADevice did.
    UpdateUser: { each: ['requestParameters.userName', 'requestParameters.newUserName'] },
    ...Object.fromEntries(
      [
        // A key is read as one of its user's.
        ...['CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey'],
        ...['CreateUser', 'DeleteUser', 'CreateLoginProfile', 'DeleteLoginProfile', 'UpdateLoginProfile'],
        ...['EnableMFADevice', 'DeactivateMFADevice', 'AddUserToGroup', 'RemoveUserFromGroup'],
        ...['AttachUserPolicy', 'DetachUserPolicy', 'PutUserPolicy', 'DeleteUserPolicy'],
        ...['PutUserPermissionsBoundary', 'DeleteUserPermissionsBoundary', 'TagUser', 'UntagUser'],
      ].map((name) => [name, ['requestParameters.userName', 'responseElements.accessKey.userName']]),
    ),
  },
})

interface UserAnswers {
  user: Stored<UserDetail> & { PasswordLastUsed?: string }
  inline: string[]
}

/** GetUser says more than the bulk read: what that cannot give would come and go with the way of reading. */
function asListed({
  PasswordLastUsed,
  PermissionsBoundary,
  ...user
}: UserAnswers['user']): Stored<UserDetail> {
  return user
}
