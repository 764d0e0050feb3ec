import type { ManagedPolicyDetail, PolicyVersion } from '@aws-sdk/client-iam'
import { count, flag, type Place, text, time } from '../../../lake/columns.ts'
import { defineTable } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { privilegeColumns, statementChild } from '../policy-tables.ts'

type Policy = Omit<ManagedPolicyDetail, 'PolicyVersionList'>

const documents = (version: Stored<PolicyVersion>, { item }: Place) => [
  { document: version.Document ?? '', belongsTo: (item as Stored<Policy>).Arn ?? '' },
]

/** Managed policies of the customer, and those of AWS that the account sees (owned by the account `aws`). */
export const policy = defineTable<{ list: Policy; document: PolicyVersion }>({
  name: 'aws_iam_policy',
  title: 'IAM managed policy',
  docs: 'https://docs.aws.amazon.com/IAM/latest/APIReference/API_ManagedPolicyDetail.html',
  provider: 'aws',
  via: 'aws',
  service: 'iam',
  parts: 'global',
  version: 7,
  identity: {
    key: '{Arn}',
    native_id: 'Arn',
    in_commands: 'POLICY_ARN',
    name: (policy) => nameOf(policy),
    owner: (policy) => policy.Arn?.split(':')[4],
    incarnation: 'PolicyId',
  },
  list: {
    source: {
      source: 'aws_iam_authorization_details',
      items: 'Policies',
      shape: ({ PolicyVersionList, ...policy }: Stored<ManagedPolicyDetail>) => policy,
    },
    one: {
      operation: 'GetPolicy',
      input: { PolicyArn: '{$id}' },
      items: 'Policy',
      permission: 'iam:GetPolicy',
      gone: ['NoSuchEntity'],
    },
    // How often it is attached is configuration, which rules ask for, and no counter of use.
    volatile: ['PermissionsBoundaryUsageCount', 'Tags'],
    sent: ['Path', 'AttachmentCount', 'IsAttachable'],
    columns: {
      policy_name: text((policy) => nameOf(policy)),
      policy_id: text('PolicyId', ''),
      arn: text('Arn'),
      path: text('Path'),
      description: text('Description', ''),
      default_version_id: text('DefaultVersionId'),
      attachment_count: count('AttachmentCount'),
      permissions_boundary_usage_count: count('PermissionsBoundaryUsageCount', 0),
      is_attachable: flag('IsAttachable'),
      is_aws_managed: flag((policy) => policy.Arn?.split(':')[4] === 'aws'),
      created_at: time('CreateDate'),
      updated_at: time('UpdateDate'),
    },
  },
  groups: {
    document: {
      title: 'Document of the default version',
      source: {
        source: 'aws_iam_authorization_details',
        items: 'Policies',
        match: '{Arn}',
        shape: (policy: Stored<ManagedPolicyDetail>) =>
          policy.PolicyVersionList?.find((version) => version.IsDefaultVersion) ?? {},
      },
      read: {
        operation: 'GetPolicyVersion',
        input: { PolicyArn: '{Arn}', VersionId: '{DefaultVersionId}' },
        pick: 'PolicyVersion',
        permission: 'iam:GetPolicyVersion',
      },
      sent: ['Document'],
      columns: {
        document_version_id: text('VersionId'),
        document_created_at: time('CreateDate'),
        ...privilegeColumns<PolicyVersion>('', documents),
      },
    },
  },
  children: {
    aws_iam_policy_statement: statementChild<PolicyVersion>({
      title: 'Statement of a managed policy',
      group: 'document',
      documents,
    }),
  },
  events: {
    CreatePolicy: 'responseElements.policy.arn',
    DeletePolicy: 'requestParameters.policyArn',
    CreatePolicyVersion: 'requestParameters.policyArn',
    DeletePolicyVersion: 'requestParameters.policyArn',
    SetDefaultPolicyVersion: 'requestParameters.policyArn',
    AttachRolePolicy: 'requestParameters.policyArn',
    DetachRolePolicy: 'requestParameters.policyArn',
    AttachUserPolicy: 'requestParameters.policyArn',
    DetachUserPolicy: 'requestParameters.policyArn',
    AttachGroupPolicy: 'requestParameters.policyArn',
    DetachGroupPolicy: 'requestParameters.policyArn',
  },
})

/** The name ends the ARN, too; an emulator leaves the field out. */
function nameOf(policy: Stored<Policy>): string | undefined {
  return policy.PolicyName ?? policy.Arn?.split('/').at(-1)
}
