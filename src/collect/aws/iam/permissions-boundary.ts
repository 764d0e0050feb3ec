import type { AttachedPermissionsBoundary } from '@aws-sdk/client-iam'
import { text } from '../../../lake/columns.ts'
import type { Group } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'

/** The policy that a user's or role's own policies cannot go beyond. */
export interface Bounded {
  PermissionsBoundary?: AttachedPermissionsBoundary
}

/**
 * A group of its own, unread of an identity with a boundary that the same answer leaves out: what that one takes back,
 * nobody can say.
 */
export function boundaryGroup(kind: 'User' | 'Role'): Omit<Group<Bounded>, 'applies'> {
  return {
    title: 'Permissions boundary',
    source: {
      source: 'aws_iam_authorization_details',
      items: `${kind}DetailList`,
      match: '{Arn}',
      names: {
        at: 'PermissionsBoundary.PermissionsBoundaryArn',
        items: 'Policies',
        match: '{Arn}',
        table: 'aws_iam_policy',
      },
      shape: boundaryOf,
    },
    read: {
      reads: {
        identity: {
          operation: `Get${kind}`,
          input: { [`${kind}Name`]: '{$id}' },
          pick: kind,
          permission: `iam:Get${kind}`,
          gone: ['NoSuchEntity'],
        },
      },
      shape: ({ identity }: { identity: Stored<Bounded> }) => boundaryOf(identity),
    },
    sent: ['PermissionsBoundary.PermissionsBoundaryArn'],
    columns: { permissions_boundary_arn: text('PermissionsBoundary.PermissionsBoundaryArn', '') },
  }
}

function boundaryOf({ PermissionsBoundary }: Stored<Bounded>): Stored<Bounded> {
  return PermissionsBoundary === undefined ? {} : { PermissionsBoundary }
}
