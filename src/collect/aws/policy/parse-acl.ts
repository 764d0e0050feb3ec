import type { Json } from '../../../core/json.ts'
import { limits } from './limits.ts'

/**
 * One grant of an S3 access control list as a row; no value is ever missing.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
 */
export interface AclGrantRow {
  readonly nr: number
  /** `CanonicalUser`, `Group`, `AmazonCustomerByEmail`. */
  readonly grantee_type: string
  /** Canonical id, group URI or e-mail address. */
  readonly grantee: string
  /** `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP`, `FULL_CONTROL`. */
  readonly permission: string
  readonly is_owner: boolean
  readonly is_all_users: boolean
  readonly is_authenticated_users: boolean
  readonly is_log_delivery: boolean
  /** Public by S3's own words: to all users, or to all with any AWS account. */
  readonly admits_everyone: boolean
  /** A single other account, by its canonical id or e-mail address. */
  readonly admits_other_accounts: boolean
  readonly allows_read: boolean
  readonly allows_write: boolean
  readonly allows_read_acl: boolean
  readonly allows_write_acl: boolean
}

/**
 * The grants of a GetBucketAcl or GetObjectAcl answer. `ownerId` is the answer's `Owner.ID`. What is not a grant is
 * left out; never throws.
 */
export function parseAcl(grants: Json | undefined, ownerId = ''): AclGrantRow[] {
  if (!Array.isArray(grants)) return []
  const rows: AclGrantRow[] = []
  for (const grant of grants.slice(0, limits.statements)) {
    const grantee = memberOf(grant, 'Grantee')
    const permission = textOf(grant, 'Permission')
    if (grantee === undefined || permission === '' || nameOf(grantee) === '') continue
    rows.push(toRow(rows.length + 1, grantee, permission, ownerId))
  }
  return rows
}

function nameOf(grantee: Json): string {
  return textOf(grantee, 'URI') || textOf(grantee, 'ID') || textOf(grantee, 'EmailAddress')
}

function toRow(nr: number, grantee: Json, permission: string, ownerId: string): AclGrantRow {
  const uri = textOf(grantee, 'URI')
  const id = textOf(grantee, 'ID')
  const email = textOf(grantee, 'EmailAddress')
  // The partitions have hosts of their own before the same path.
  const group = /\/groups\/(global|s3)\/[a-z]+$/i.exec(uri)?.[0].toLowerCase()
  const isAllUsers = group === '/groups/global/allusers'
  const isAuthenticated = group === '/groups/global/authenticatedusers'
  const isOwner = id !== '' && id === ownerId
  const may = (one: string): boolean => permission === one || permission === 'FULL_CONTROL'
  return {
    nr,
    grantee_type:
      textOf(grantee, 'Type') ||
      (uri !== '' ? 'Group' : email !== '' ? 'AmazonCustomerByEmail' : 'CanonicalUser'),
    grantee: nameOf(grantee),
    permission,
    is_owner: isOwner,
    is_all_users: isAllUsers,
    is_authenticated_users: isAuthenticated,
    is_log_delivery: group === '/groups/s3/logdelivery',
    admits_everyone: isAllUsers || isAuthenticated,
    admits_other_accounts:
      isAllUsers || isAuthenticated || (uri === '' && !isOwner && (id !== '' || email !== '')),
    allows_read: may('READ'),
    allows_write: may('WRITE'),
    allows_read_acl: may('READ_ACP'),
    allows_write_acl: may('WRITE_ACP'),
  }
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.hasOwn(value, name) ? value[name] : undefined
}

function textOf(value: Json | undefined, name: string): string {
  const found = memberOf(value, name)
  return typeof found === 'string' ? found.slice(0, limits.valueCharacters) : ''
}
