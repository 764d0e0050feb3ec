import type { GroupDetail } from '@aws-sdk/client-iam'
import { count, text, time } from '../../../lake/columns.ts'
import { defineTable } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { type AttachedPolicies, attachedGroup, attachmentChild, ofOne } from './attached-policies.ts'
import { type InlinePolicies, inlineGroup, inlineStatements, namesOf } from './inline-policies.ts'

/** As the authorization details give it, policies apart: they are groups of their own. */
type IamGroup = Omit<GroupDetail, 'GroupPolicyList' | 'AttachedManagedPolicies'> & {
  InlinePolicyNames: string[]
}

export const group = defineTable<{
  list: IamGroup
  attached_policies: AttachedPolicies
  inline_policies: InlinePolicies
}>({
  name: 'aws_iam_group',
  title: 'IAM group',
  docs: 'https://docs.aws.amazon.com/IAM/latest/APIReference/API_GroupDetail.html',
  provider: 'aws',
  via: 'aws',
  service: 'iam',
  parts: 'global',
  version: 5,
  identity: {
    key: '{Arn}',
    native_id: 'GroupName',
    in_commands: 'GROUP',
    name: 'GroupName',
    incarnation: 'GroupId',
  },
  list: {
    source: {
      source: 'aws_iam_authorization_details',
      items: 'GroupDetailList',
      shape: ({ GroupPolicyList, AttachedManagedPolicies, ...group }: Stored<GroupDetail>) => ({
        ...group,
        InlinePolicyNames: namesOf(GroupPolicyList, 'GroupDetailList'),
      }),
    },
    one: {
      reads: {
        group: {
          operation: 'GetGroup',
          input: { GroupName: '{$id}' },
          pick: 'Group',
          permission: 'iam:GetGroup',
          gone: ['NoSuchEntity'],
        },
        // Here the emulator does not say whether more follows; that a Marker is there says it, too.
        inline: {
          ...ofOne('Group', 'ListGroupPolicies', 'PolicyNames'),
          pages: { out: 'Marker', in: 'Marker' },
        },
      },
      shape: ({ group, inline }: GroupAnswers) => ({
        ...group,
        InlinePolicyNames: inline,
      }),
    },
    set: ['InlinePolicyNames'],
    sent: ['Path', 'InlinePolicyNames'],
    columns: {
      group_name: text('GroupName'),
      group_id: text('GroupId'),
      arn: text('Arn'),
      path: text('Path'),
      created_at: time('CreateDate'),
      inline_policy_count: count((group) => group.InlinePolicyNames.length),
    },
  },
  groups: { attached_policies: attachedGroup('Group'), inline_policies: inlineGroup('GroupDetailList') },
  children: {
    aws_iam_group_inline_statement: inlineStatements('group'),
    aws_iam_group_policy_attachment: attachmentChild('Managed policy attached to a group'),
  },
  events: {
    CreateGroup: 'requestParameters.groupName',
    DeleteGroup: 'requestParameters.groupName',
    UpdateGroup: ['requestParameters.groupName', 'requestParameters.newGroupName'],
    PutGroupPolicy: 'requestParameters.groupName',
    DeleteGroupPolicy: 'requestParameters.groupName',
    AttachGroupPolicy: 'requestParameters.groupName',
    DetachGroupPolicy: 'requestParameters.groupName',
  },
})

interface GroupAnswers {
  group: Stored<GroupDetail>
  inline: string[]
}
