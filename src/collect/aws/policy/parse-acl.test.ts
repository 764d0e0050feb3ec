import { expect, test } from 'vitest'
import { parseAcl } from './parse-acl.ts'

const owner = '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be'
const other = '0011223344556677889900112233445566778899001122334455667788990011'
const group = (path: string, Permission: string) => ({
  Grantee: { Type: 'Group', URI: `http://acs.amazonaws.com/groups/${path}` },
  Permission,
})

test('the owner alone', () => {
  const grants = [
    { Grantee: { Type: 'CanonicalUser', ID: owner, DisplayName: 'us' }, Permission: 'FULL_CONTROL' },
  ]
  expect(parseAcl(grants, owner)).toEqual([
    {
      nr: 1,
      grantee_type: 'CanonicalUser',
      grantee: owner,
      permission: 'FULL_CONTROL',
      is_owner: true,
      is_all_users: false,
      is_authenticated_users: false,
      is_log_delivery: false,
      admits_everyone: false,
      admits_other_accounts: false,
      allows_read: true,
      allows_write: true,
      allows_read_acl: true,
      allows_write_acl: true,
    },
  ])
})

test('the three groups', () => {
  const rows = parseAcl(
    [
      group('global/AllUsers', 'READ'),
      group('global/AuthenticatedUsers', 'WRITE_ACP'),
      group('s3/LogDelivery', 'WRITE'),
    ],
    owner,
  )
  expect(
    rows.map((row) => [row.nr, row.is_all_users, row.is_authenticated_users, row.is_log_delivery]),
  ).toEqual([
    [1, true, false, false],
    [2, false, true, false],
    [3, false, false, true],
  ])
  expect(rows.map((row) => row.admits_everyone)).toEqual([true, true, false])
  expect(rows.map((row) => row.admits_other_accounts)).toEqual([true, true, false])
  expect(rows.map((row) => [row.allows_read, row.allows_write, row.allows_write_acl])).toEqual([
    [true, false, false],
    [false, false, true],
    [false, true, false],
  ])
})

test('another partition’s host, another account, an e-mail address', () => {
  const china = { Grantee: { URI: 'http://acs.amazonaws.com.cn/groups/global/AllUsers' }, Permission: 'READ' }
  const account = { Grantee: { Type: 'CanonicalUser', ID: other }, Permission: 'READ' }
  const email = { Grantee: { EmailAddress: 'a@example.com' }, Permission: 'READ' }
  const rows = parseAcl([china, account, email], owner)
  expect(rows.map((row) => [row.grantee_type, row.admits_everyone, row.admits_other_accounts])).toEqual([
    ['Group', true, true],
    ['CanonicalUser', false, true],
    ['AmazonCustomerByEmail', false, true],
  ])
})

test('what is no grant is left out', () => {
  expect(parseAcl(undefined)).toEqual([])
  expect(parseAcl('x')).toEqual([])
  expect(
    parseAcl([null, 1, {}, { Grantee: null, Permission: 'READ' }, { Grantee: {}, Permission: 7 }]),
  ).toEqual([])
})
