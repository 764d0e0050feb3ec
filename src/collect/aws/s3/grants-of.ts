import type { GetBucketAclCommandOutput } from '@aws-sdk/client-s3'
import type { Json } from '../../../core/json.ts'
import type { Stored } from '../../../lake/stored.ts'
import { limits } from '../policy/limits.ts'
import { parseAcl } from '../policy/parse-acl.ts'

/** Every grant as a row; one that lacks whom or what it is for was not read right, and all of them are unread. */
export function grantsOf(acl: Stored<GetBucketAclCommandOutput>) {
  const grants = parseAcl(acl.Grants as Json, acl.Owner?.ID)
  if (grants.length < Math.min(acl.Grants?.length ?? 0, limits.statements))
    throw new TypeError('a grant says not whom or what it is for')
  return grants
}
