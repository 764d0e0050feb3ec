import type { AttachedPolicy } from '@aws-sdk/client-iam'
import type { Read } from '../../../core/read.ts'
import { child } from '../../../lake/define-table.ts'

const columns = { policy_name: 'text', policy_arn: 'text' } as const

interface HasPolicies {
  AttachedManagedPolicies?: AttachedPolicy[] | undefined
}

/** Managed policies of a user, group or role, as rows. */
export function attachmentChild(title: string) {
  return child<HasPolicies, typeof columns>({
    title,
    group: 'list',
    columns,
    rows: (identity) =>
      (identity.AttachedManagedPolicies ?? []).map((policy) => ({
        policy_name: policy.PolicyName ?? '',
        policy_arn: policy.PolicyArn ?? '',
      })),
  })
}

/** What IAM says of one identity, page by page: its policies, a user's groups, a role's profiles. */
export function ofOne(kind: 'User' | 'Group' | 'Role', operation: string, pick: string): Read {
  return {
    operation,
    input: { [`${kind}Name`]: '{$id}' },
    pick,
    pages: { out: 'Marker', in: 'Marker', more: 'IsTruncated' },
    permission: `iam:${operation}`,
    gone: ['NoSuchEntity'],
  }
}
