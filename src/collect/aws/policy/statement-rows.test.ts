import { expect, test } from 'vitest'
import type { JsonObject } from '../../../core/json.ts'
import { bucketContext, meanings } from './meanings.data.ts'
import { parsePolicy } from './parse-policy.ts'
import type { Policy } from './policy.ts'
import { statementColumns } from './statement-columns.ts'
import { type PolicyStatementRow, toStatementRows } from './statement-rows.ts'

function read(statements: readonly JsonObject[], context = bucketContext): Policy {
  const found = parsePolicy({ Version: '2012-10-17', Statement: [...statements] }, context)
  if (!found.ok) throw new Error(found.message)
  return found.policy
}

const identity = { accountId: '111122223333', partition: 'aws' }
const role = { ...identity, resourceArn: 'arn:aws:iam::111122223333:role/deploy' }
function rowOf(statement: JsonObject, context = bucketContext): PolicyStatementRow {
  return toStatementRows(read([statement], context))[0]!
}

test('every row has every declared column, of its declared type, and no other', () => {
  const types = { text: 'string', boolean: 'boolean', bigint: 'number' }
  for (const { statements, context } of meanings) {
    const text = JSON.stringify({ Statement: statements })
    const found = parsePolicy(text, context ?? bucketContext)
    for (const row of found.ok ? toStatementRows(found.policy) : []) {
      expect(Object.keys(row)).toEqual(statementColumns.map((column) => column.name))
      for (const { name, type } of statementColumns) expect(typeof row[name], name).toBe(types[type])
    }
  }
})

test('every boolean column is TRUE of some statement and FALSE of another', () => {
  const seen = new Set<string>()
  for (const { statements, context, version } of meanings) {
    const text = JSON.stringify({ Version: version ?? '2012-10-17', Statement: statements })
    const found = parsePolicy(text, context ?? bucketContext)
    for (const row of found.ok ? toStatementRows(found.policy) : []) {
      for (const [name, value] of Object.entries(row)) seen.add(`${name} ${value}`)
    }
  }
  for (const { name, type } of statementColumns) {
    if (type !== 'boolean') continue
    expect(seen, name).toContain(`${name} true`)
    expect(seen, name).toContain(`${name} false`)
  }
})

test('a row says what the statement says', () => {
  const row = rowOf({
    Sid: 'Read',
    Effect: 'Allow',
    Principal: { AWS: ['*', '444455556666'], Service: 'ec2.amazonaws.com' },
    NotAction: ['s3:Put*', 's3:Delete*'],
    Resource: 'arn:aws:s3:::shop/*',
    Condition: {
      IpAddress: { 'aws:SourceIp': ['203.0.113.0/24', '0.0.0.0/0'] },
      Bool: { 'aws:SecureTransport': true },
    },
  })
  expect(row).toMatchObject({
    nr: 1,
    sid: 'Read',
    effect: 'Allow',
    is_allow: true,
    principals_text: '*, AWS:444455556666, Service:ec2.amazonaws.com',
    actions_text: 's3:Put*, s3:Delete*',
    resources_text: 'arn:aws:s3:::shop/*',
    conditions_text: 'IpAddress aws:SourceIp [203.0.113.0/24, 0.0.0.0/0]; Bool aws:SecureTransport true',
    has_not_action: true,
    has_not_principal: false,
    has_conditions: true,
    has_wildcard_action: true,
    names_everyone: true,
    is_narrowed: false,
    admits_everyone: true,
    other_account_ids: '444455556666',
    public_because:
      'Statement 1 (Read) lets in anyone without credentials; its conditions keep no stranger out.',
  })
})

test('narrowed and taken back are told apart', () => {
  const open = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' }
  const Condition = { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }
  expect(rowOf({ ...open, Condition })).toMatchObject({ is_narrowed: true, is_taken_back: false })
  const [row, deny] = toStatementRows(read([open, { ...open, Effect: 'Deny' }]))
  expect(row).toMatchObject({ is_narrowed: false, is_taken_back: true, admits_everyone: false })
  expect(deny).toMatchObject({ is_allow: false, names_everyone: true, admits_everyone: false })
})

test('what a role’s trust requires', () => {
  const trust = (Condition: JsonObject): PolicyStatementRow =>
    rowOf({ Effect: 'Allow', Principal: { AWS: '444455556666' }, Action: 'sts:AssumeRole', Condition }, role)
  expect(trust({ StringEquals: { 'sts:ExternalId': '42' } }).requires_external_id).toBe(true)
  expect(trust({ StringLike: { 'sts:ExternalId': '*' } }).requires_external_id).toBe(false)
  expect(trust({ StringNotEquals: { 'sts:ExternalId': '42' } }).requires_external_id).toBe(false)
  expect(trust({ StringEqualsIfExists: { 'sts:ExternalId': '42' } }).requires_external_id).toBe(false)
  expect(trust({ Bool: { 'aws:MultiFactorAuthPresent': true } }).requires_mfa).toBe(true)
  expect(trust({ BoolIfExists: { 'aws:MultiFactorAuthPresent': true } }).requires_mfa).toBe(false)
  expect(trust({ Bool: { 'aws:MultiFactorAuthPresent': 'false' } }).requires_mfa).toBe(false)
  expect(trust({ NumericLessThan: { 'aws:MultiFactorAuthAge': '3600' } }).requires_mfa).toBe(true)
})

test('an external id is required by a Deny, too, and not by what is the caller’s own', () => {
  const them = { AWS: '444455556666' }
  const allow = (Condition: JsonObject = {}) => ({
    Effect: 'Allow',
    Principal: them,
    Action: 'sts:AssumeRole',
    Condition,
  })
  const rowBeside = (deny: JsonObject): boolean => {
    const denied = { Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole', ...deny }
    return toStatementRows(read([allow(), denied], role))[0]!.requires_external_id
  }
  const other = (operator: string, value: string, key = 'sts:ExternalId') => ({
    Condition: { [operator]: { [key]: value } },
  })
  expect(
    rowOf(allow({ StringEquals: { 'sts:ExternalId': '${aws:username}' } }), role).requires_external_id,
  ).toBe(false)
  expect(rowBeside(other('StringNotEquals', '42'))).toBe(true)
  expect(rowBeside({ ...other('StringNotEqualsIfExists', '42'), Principal: them, Action: 'sts:*' })).toBe(
    true,
  )
  expect(rowBeside(other('StringNotEquals', '${aws:username}'))).toBe(false)
  expect(rowBeside(other('StringNotLike', '4*'))).toBe(false)
  expect(rowBeside(other('ForAnyValue:StringNotEquals', '42'))).toBe(false)
  expect(rowBeside(other('StringEquals', '42'))).toBe(false)
  expect(rowBeside(other('StringNotEquals', '42', 'aws:username'))).toBe(false)
  expect(rowBeside({ ...other('StringNotEquals', '42'), Principal: { AWS: '999999999999' } })).toBe(false)
  expect(rowBeside({ ...other('StringNotEquals', '42'), Action: 'sts:TagSession' })).toBe(false)
  expect(
    rowBeside({
      Condition: {
        StringNotEquals: { 'sts:ExternalId': '42' },
        Bool: { 'aws:MultiFactorAuthPresent': 'false' },
      },
    }),
  ).toBe(false)
})

test('a row tells users of SAML from those of other providers, also where one statement names both', () => {
  const saml = 'arn:aws:iam::111122223333:saml-provider/corp'
  const issuer = 'oidc.eks.eu-west-1.amazonaws.com/id/0A1B'
  const pods = `arn:aws:iam::111122223333:oidc-provider/${issuer}`
  const trust = (Federated: string[], Condition: JsonObject = {}): PolicyStatementRow =>
    rowOf({ Effect: 'Allow', Principal: { Federated }, Action: 'sts:AssumeRoleWith*', Condition }, role)
  const bound = { StringEqualsIfExists: { [`${issuer}:sub`]: 'system:serviceaccount:shop:web' } }
  expect(trust([saml])).toMatchObject({
    names_web_identity: false,
    admits_any_federated_user: true,
    admits_any_web_identity: false,
  })
  for (const both of [trust([saml, pods]), trust([pods, saml]), trust([pods])]) {
    expect(both).toMatchObject({
      names_web_identity: true,
      admits_any_federated_user: true,
      admits_any_web_identity: true,
      admits_everyone: false,
    })
  }
  expect(trust([saml, pods], bound)).toMatchObject({
    names_web_identity: true,
    admits_any_federated_user: true,
    admits_any_web_identity: false,
  })
})

test('a row of an action that takes no role lets nobody in', () => {
  const row = rowOf({ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:TagSession' }, role)
  expect(row).toMatchObject({ names_everyone: true, admits_everyone: false, admits_other_accounts: false })
})

test('what an identity may', () => {
  const may = (Action: string[], Resource = '*'): PolicyStatementRow =>
    rowOf({ Effect: 'Allow', Action, Resource }, identity)
  expect(may(['kms:*', 'S3:*', 'ec2:Describe*']).services_allowed_whole).toBe(',kms,s3,')
  expect(may(['ec2:Describe*']).services_allowed_whole).toBe('')
  expect(may(['*'])).toMatchObject({ allows_all_actions: true, allows_all_resources: true, is_admin: true })
  expect(may(['*'], 'arn:aws:s3:::shop')).toMatchObject({ allows_all_resources: false, is_admin: false })
  expect(may(['sts:AssumeRole']).allows_assuming_any_role).toBe(true)
  expect(may(['sts:Assume*'], 'arn:aws:iam::*:role/*').allows_assuming_any_role).toBe(true)
  expect(may(['sts:AssumeRole'], 'arn:aws:iam::111122223333:role/web').allows_assuming_any_role).toBe(false)
})
