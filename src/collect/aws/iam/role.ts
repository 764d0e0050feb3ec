import type { InstanceProfile, RoleDetail } from '@aws-sdk/client-iam'
import { count, flag, never, text, time } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { statementChild } from '../policy-tables.ts'
import { type AttachedPolicies, attachedGroup, attachmentChild, ofOne } from './attached-policies.ts'
import { type InlinePolicies, inlineGroup, inlineStatements, namesOf } from './inline-policies.ts'
import { type Bounded, boundaryGroup } from './permissions-boundary.ts'

/** As the authorization details give it, policies apart: they are groups of their own. */
type Role = Omit<
  RoleDetail,
  'RolePolicyList' | 'AttachedManagedPolicies' | 'PermissionsBoundary' | 'InstanceProfileList'
> & {
  InlinePolicyNames: string[]
  InstanceProfileList: Profile[]
}
/** What identifies it: the two ways of reading say the rest of it, the role once more, each in their own manner. */
type Profile = Pick<InstanceProfile, 'Arn' | 'InstanceProfileName'>

export const role = defineTable<{
  list: Role
  boundary: Bounded
  attached_policies: AttachedPolicies
  inline_policies: InlinePolicies
}>({
  name: 'aws_iam_role',
  title: 'IAM role',
  docs: 'https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleDetail.html',
  provider: 'aws',
  via: 'aws',
  service: 'iam',
  parts: 'global',
  version: 9,
  identity: {
    key: '{Arn}',
    native_id: 'RoleName',
    in_commands: 'ROLE',
    name: 'RoleName',
    incarnation: 'RoleId',
    tags: { group: 'list', from: 'Tags' },
  },
  list: {
    source: {
      source: 'aws_iam_authorization_details',
      items: 'RoleDetailList',
      shape: ({
        RolePolicyList,
        AttachedManagedPolicies,
        PermissionsBoundary,
        InstanceProfileList,
        ...role
      }: Stored<RoleDetail>) => ({
        ...role,
        ...profilesOf(InstanceProfileList),
        InlinePolicyNames: namesOf(RolePolicyList, 'RoleDetailList'),
      }),
    },
    one: {
      reads: {
        role: {
          operation: 'GetRole',
          input: { RoleName: '{$id}' },
          pick: 'Role',
          permission: 'iam:GetRole',
          gone: ['NoSuchEntity'],
        },
        inline: ofOne('Role', 'ListRolePolicies', 'PolicyNames'),
        profiles: {
          operation: 'ListInstanceProfilesForRole',
          input: { RoleName: '{$id}' },
          pick: 'InstanceProfiles',
          pages: { out: 'Marker', in: 'Marker' },
          permission: 'iam:ListInstanceProfilesForRole',
          gone: ['NoSuchEntity'],
        },
      },
      shape: ({ role, inline, profiles }: RoleAnswers) => ({
        ...asListed(role),
        InlinePolicyNames: inline,
        ...profilesOf(profiles),
      }),
    },
    volatile: ['RoleLastUsed'],
    set: ['InlinePolicyNames', 'InstanceProfileList', 'Tags'],
    sent: [
      'Path',
      'AssumeRolePolicyDocument',
      'InlinePolicyNames',
      'InstanceProfileList',
      'InstanceProfileList.Arn',
      'InstanceProfileList.InstanceProfileName',
    ],
    columns: {
      role_name: text('RoleName'),
      role_id: text('RoleId'),
      arn: text('Arn'),
      path: text('Path'),
      created_at: time('CreateDate'),
      last_used_at: time('RoleLastUsed.LastUsedDate', never),
      last_used_region: text('RoleLastUsed.Region', ''),
      is_service_linked: flag((role) => (role.Path ?? '').startsWith('/aws-service-role/')),
      inline_policy_count: count((role) => role.InlinePolicyNames.length),
      instance_profile_count: count((role) => role.InstanceProfileList.length),
    },
  },
  groups: {
    boundary: boundaryGroup('Role'),
    attached_policies: attachedGroup('Role'),
    inline_policies: inlineGroup('RoleDetailList'),
  },
  children: {
    aws_iam_role_trust_statement: statementChild<Role>({
      title: 'Statement of a role’s trust policy: who may assume it',
      group: 'list',
      documents: (role) => [{ document: role.AssumeRolePolicyDocument ?? '', resourceArn: role.Arn ?? '' }],
    }),
    aws_iam_role_inline_statement: inlineStatements('role'),
    aws_iam_role_instance_profile: child<Role, { profile_name: 'text'; profile_arn: 'text' }>({
      title: 'Instance profile by which instances get a role',
      group: 'list',
      columns: { profile_name: 'text', profile_arn: 'text' },
      unique: ['profile_name', 'profile_arn'],
      rows: (role) =>
        role.InstanceProfileList.map((profile) => ({
          profile_name: profile.InstanceProfileName ?? '',
          profile_arn: profile.Arn ?? '',
        })),
    }),
    aws_iam_role_policy_attachment: attachmentChild('Managed policy attached to a role'),
  },
  events: {
    CreateRole: 'requestParameters.roleName',
    DeleteRole: 'requestParameters.roleName',
    UpdateRole: 'requestParameters.roleName',
    UpdateAssumeRolePolicy: 'requestParameters.roleName',
    AttachRolePolicy: 'requestParameters.roleName',
    DetachRolePolicy: 'requestParameters.roleName',
    PutRolePolicy: 'requestParameters.roleName',
    DeleteRolePolicy: 'requestParameters.roleName',
    PutRolePermissionsBoundary: 'requestParameters.roleName',
    DeleteRolePermissionsBoundary: 'requestParameters.roleName',
    TagRole: 'requestParameters.roleName',
    UntagRole: 'requestParameters.roleName',
    AddRoleToInstanceProfile: 'requestParameters.roleName',
    RemoveRoleFromInstanceProfile: 'requestParameters.roleName',
  },
})

interface RoleAnswers {
  role: Stored<RoleDetail> & { Description?: string; MaxSessionDuration?: number }
  inline: string[]
  profiles: Stored<InstanceProfile>[]
}

/** Left out where the answer leaves it out: then nobody said that there are none. */
function profilesOf(profiles: Stored<InstanceProfile>[] | undefined): {
  InstanceProfileList: Stored<Profile>[]
} {
  const InstanceProfileList = profiles?.map(({ Arn, InstanceProfileName }) => ({
    ...(Arn === undefined ? {} : { Arn }),
    ...(InstanceProfileName === undefined ? {} : { InstanceProfileName }),
  }))
  return { InstanceProfileList } as { InstanceProfileList: Stored<Profile>[] }
}

/** GetRole says more than the bulk read: what that cannot give would come and go with the way of reading. */
function asListed({
  Description,
  MaxSessionDuration,
  PermissionsBoundary,
  ...role
}: RoleAnswers['role']): Stored<RoleDetail> {
  return role
}
