import type { AttachedPolicy } from '@aws-sdk/client-iam'
import type { Read } from '../../../core/read.ts'
import { count } from '../../../lake/columns.ts'
import { child, type Group } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'

/** The managed policies of a user, group or role. */
export interface AttachedPolicies {
  AttachedManagedPolicies: AttachedPolicy[]
}

type Attached = Stored<AttachedPolicies>
const columns = { policy_name: 'text', policy_arn: 'text' } as const

/**
 * A group of its own, unread of an identity with a policy that the same answer leaves out: what that one allows, nobody can
 * say.
 */
export function attachedGroup(kind: 'User' | 'Group' | 'Role'): Omit<Group<AttachedPolicies>, 'applies'> {
  return {
    title: 'Managed policies that are attached',
    source: {
      source: 'aws_iam_authorization_details',
      items: `${kind}DetailList`,
      match: '{Arn}',
      names: {
        at: 'AttachedManagedPolicies.PolicyArn',
        items: 'Policies',
        match: '{Arn}',
        table: 'aws_iam_policy',
      },
      shape: ({ AttachedManagedPolicies }: Attached) => ({ AttachedManagedPolicies }),
    },
    read: {
      reads: { attached: ofOne(kind, `ListAttached${kind}Policies`, 'AttachedPolicies') },
      shape: ({ attached }: { attached: Attached['AttachedManagedPolicies'] }) => ({
        AttachedManagedPolicies: attached,
      }),
    },
    set: ['AttachedManagedPolicies'],
    sent: [
      'AttachedManagedPolicies',
      'AttachedManagedPolicies.PolicyArn',
      'AttachedManagedPolicies.PolicyName',
    ],
    columns: { attached_policy_count: count((identity) => identity.AttachedManagedPolicies.length) },
  }
}

/** Managed policies of a user, group or role, as rows. */
export function attachmentChild(title: string) {
  return child<AttachedPolicies, typeof columns>({
    title,
    group: 'attached_policies',
    columns,
    rows: (identity) =>
      identity.AttachedManagedPolicies.map((policy) => ({
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
