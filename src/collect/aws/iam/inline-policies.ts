import type { PolicyDetail } from '@aws-sdk/client-iam'
import type { Place } from '../../../lake/columns.ts'
import type { Group } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { type FoundDocument, privilegeColumns, statementChild } from '../policy-tables.ts'

/** The inline policies of a user, group or role; documents URL-encoded, as IAM sends them. */
export interface InlinePolicies {
  Policies: PolicyDetail[]
}

/** The lists of the authorization details in which identities have inline policies, each under a name of its own. */
const policyLists = {
  UserDetailList: 'UserPolicyList',
  GroupDetailList: 'GroupPolicyList',
  RoleDetailList: 'RolePolicyList',
} as const

type Details = keyof typeof policyLists

/** Inline policies as a group of their own, so that the identity itself does not change with their text. */
export function inlineGroup(items: Details): Omit<Group<InlinePolicies>, 'applies'> {
  return {
    title: 'Inline policies with their documents',
    source: {
      source: 'aws_iam_authorization_details',
      items,
      match: '{Arn}',
      shape: (detail: Record<string, PolicyDetail[]>) => ({
        Policies: policiesIn(detail[policyLists[items]], items) as PolicyDetail[],
      }),
    },
    set: ['Policies'],
    sent: ['Policies', 'Policies.PolicyName', 'Policies.PolicyDocument'],
    columns: privilegeColumns<InlinePolicies>('inline_', inlineDocuments),
  }
}

export function inlineStatements(of: string) {
  return statementChild<InlinePolicies>({
    title: `Statement of an inline policy of a ${of}`,
    group: 'inline_policies',
    documents: inlineDocuments,
  })
}

/** Undefined: the answer lacks the list, and says nothing of how many there are. */
export function namesOf(policies: PolicyDetail[] | undefined, items: Details): string[] {
  return policiesIn(policies, items)?.map((policy) => policy.PolicyName ?? '') as string[]
}

/** Of a user without inline policies IAM leaves the list out; groups and roles have an empty one. */
function policiesIn(policies: PolicyDetail[] | undefined, items: Details): PolicyDetail[] | undefined {
  return policies ?? (items === 'UserDetailList' ? [] : undefined)
}

function inlineDocuments({ Policies }: Stored<InlinePolicies>, { item }: Place): FoundDocument[] {
  const { Arn: belongsTo = '' } = item as Stored<{ Arn?: string }>
  return Policies.map((policy) => ({
    document: policy.PolicyDocument ?? '',
    belongsTo,
    label: policy.PolicyName ?? '',
  }))
}
