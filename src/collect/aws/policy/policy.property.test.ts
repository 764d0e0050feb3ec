import fc from 'fast-check'
import { expect, test } from 'vitest'
import { entrantsByTrial, isPublicByTrial } from '../../../../test/aws/policy-reference.ts'
import type { JsonObject } from '../../../core/json.ts'
import { describePolicy, type PolicyMeaning } from './describe-policy.ts'
import { bucketContext } from './meanings.data.ts'
import { parseAcl } from './parse-acl.ts'
import { parsePolicy } from './parse-policy.ts'
import type { PolicyContext } from './policy.ts'
import { toStatementRows } from './statement-rows.ts'

function meaningOf(statements: readonly JsonObject[], context: PolicyContext = bucketContext): PolicyMeaning {
  const found = parsePolicy({ Version: '2012-10-17', Statement: [...statements] }, context)
  if (!found.ok) throw new Error(found.message)
  return describePolicy(found.policy)
}

const conditionValues: Record<string, string[]> = {
  'aws:PrincipalOrgID': ['o-ours', '*', 'o-ours*'],
  'aws:SourceVpce': ['vpce-1', 'vpce-*'],
  'aws:SourceIp': ['203.0.113.0/24', '0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1', '::/0'],
  'aws:SecureTransport': ['true', 'false'],
  'aws:Referer': ['x', 'y', 'x*'],
  'aws:PrincipalAccount': ['111122223333', '444455556666'],
  'aws:PrincipalIsAWSService': ['true', 'false'],
  'aws:SourceAccount': ['111122223333'],
}
const operatorsOf = (key: string): string[] => {
  if (key === 'aws:SourceIp')
    return ['IpAddress', 'NotIpAddress', 'IpAddressIfExists', 'NotIpAddressIfExists']
  if (/Secure|IsAWS/.test(key)) return ['Bool', 'BoolIfExists']
  return ['StringLike', 'StringNotLike', 'StringLikeIfExists', 'StringNotLikeIfExists']
}
const oneCondition = fc.constantFrom(...Object.keys(conditionValues)).chain((key) =>
  fc.oneof(
    fc.record({
      operator: fc.constantFrom(...operatorsOf(key)),
      key: fc.constant(key),
      values: fc.uniqueArray(fc.constantFrom(...(conditionValues[key] ?? [])), {
        minLength: 1,
        maxLength: 2,
      }),
    }),
    fc.record({
      operator: fc.constant('Null'),
      key: fc.constant(key),
      values: fc.constantFrom('true', 'false').map((value) => [value]),
    }),
  ),
)
const condition = fc.array(oneCondition, { maxLength: 2 }).map((list) => {
  const found: Record<string, JsonObject> = {}
  for (const { operator, key, values } of list) found[operator] = { ...found[operator], [key]: values }
  return found
})
const actions = fc.constantFrom('s3:GetObject', 's3:Get*', 's3:*Object', 's3:PutObject', 's3:*', '*')
const resources = fc.constantFrom('arn:aws:s3:::shop', 'arn:aws:s3:::shop/*', 'arn:aws:s3:::shop/a/*', '*')
const principal = fc.constantFrom<JsonObject[string]>(
  '*',
  { AWS: '*' },
  { AWS: '444455556666' },
  { AWS: 'arn:aws:iam::111122223333:root' },
  { Service: 'cloudtrail.amazonaws.com' },
)

function statement(effect: 'Allow' | 'Deny'): fc.Arbitrary<JsonObject> {
  return fc
    .record({
      principal,
      isNotPrincipal: fc.constantFrom(false, false, false, effect === 'Deny'),
      actions: fc.uniqueArray(actions, { minLength: 1, maxLength: 2 }),
      isNotAction: fc.constantFrom(false, false, true),
      resources: fc.uniqueArray(resources, { minLength: 1, maxLength: 2 }),
      isNotResource: fc.constantFrom(false, false, false, true),
      condition,
    })
    .map((parts) => ({
      Effect: effect,
      [parts.isNotPrincipal ? 'NotPrincipal' : 'Principal']: parts.principal,
      [parts.isNotAction ? 'NotAction' : 'Action']: parts.actions,
      [parts.isNotResource ? 'NotResource' : 'Resource']: parts.resources,
      Condition: parts.condition,
    }))
}
const anyStatement = fc.oneof(statement('Allow'), statement('Deny'))
const document = fc
  .tuple(statement('Allow'), fc.array(anyStatement, { maxLength: 3 }))
  .map(([first, rest]) => [first, ...rest])

const runs = { numRuns: 300 }
const openness = [
  'is_public',
  'admits_anonymous',
  'admits_all_aws_users',
  'admits_other_accounts',
  'admits_unknown_accounts',
  'admits_service_for_anyone',
] as const

test('adding a Deny never lets more in', () => {
  fc.assert(
    fc.property(document, statement('Deny'), (statements, deny) => {
      const before = meaningOf(statements)
      const after = meaningOf([...statements, deny])
      for (const name of openness) if (!before[name]) expect(after[name]).toBe(false)
    }),
    runs,
  )
})

test('adding an Allow never lets less in', () => {
  fc.assert(
    fc.property(document, statement('Allow'), (statements, allow) => {
      const before = meaningOf(statements)
      const after = meaningOf([...statements, allow])
      for (const name of openness) if (before[name]) expect(after[name]).toBe(true)
    }),
    runs,
  )
})

test('the order of statements is irrelevant', () => {
  fc.assert(
    fc.property(document, (statements) => {
      const { public_statement_nr: _, public_because: __, ...forward } = meaningOf(statements)
      expect(meaningOf(statements.toReversed())).toMatchObject(forward)
    }),
    runs,
  )
})

test('a single value and a list of it mean the same', () => {
  const unwrap = (value: JsonObject[string]): JsonObject[string] => {
    if (Array.isArray(value)) return value.length === 1 ? value[0]! : value
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, unwrap(member)]))
  }
  fc.assert(
    fc.property(document, (statements) => {
      expect(meaningOf(statements.map((one) => unwrap(one) as JsonObject))).toEqual({
        ...meaningOf(statements),
      })
    }),
    runs,
  )
})

test('the case of operators, keys and actions is irrelevant', () => {
  const change = (text: string, upper: boolean): string => (upper ? text.toUpperCase() : text.toLowerCase())
  fc.assert(
    fc.property(document, fc.boolean(), (statements, upper) => {
      const changed = statements.map((one) => ({
        ...one,
        Condition: Object.fromEntries(
          Object.entries(one.Condition as Record<string, JsonObject>).map(([operator, keys]) => [
            change(operator, upper),
            Object.fromEntries(Object.entries(keys).map(([key, values]) => [change(key, upper), values])),
          ]),
        ),
      }))
      expect(meaningOf(changed)).toEqual(meaningOf(statements))
    }),
    runs,
  )
})

test('what a stranger can do by trial is public, and what is public, a stranger can do by trial', () => {
  fc.assert(
    fc.property(document, (statements) => {
      // A wildcard after a fixed beginning may or may not fit a stranger's own value; there we err on the public side.
      const isDoubtful = /o-ours\*|vpce-\*/.test(JSON.stringify(statements))
      const judged = meaningOf(statements).is_public
      const tried = isPublicByTrial(statements)
      if (tried) expect(judged).toBe(true)
      else if (!isDoubtful) expect(judged).toBe(false)
    }),
    { numRuns: 700 },
  )
})

const role = {
  accountId: '111122223333',
  partition: 'aws',
  resourceArn: 'arn:aws:iam::111122223333:role/deploy',
}
const saml = 'arn:aws:iam::111122223333:saml-provider/corp'
const issuer = 'oidc.eks.eu-west-1.amazonaws.com/id/0A1B'
const cluster = `arn:aws:iam::111122223333:oidc-provider/${issuer}`
const roleActions = fc.constantFrom(
  'sts:AssumeRole',
  'sts:AssumeRoleWithSAML',
  'sts:AssumeRoleWithWebIdentity',
  'sts:AssumeRole*',
  'sts:*SAML',
  'sts:TagSession',
  'sts:SetSourceIdentity',
  'sts:GetCallerIdentity',
  'sts:?a*',
  'sts:*',
  '*',
)
const trustStatement = fc
  .record({
    effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
    principal: fc.constantFrom<JsonObject[string]>(
      { AWS: '*' },
      { AWS: 'arn:aws:iam::111122223333:root' },
      { Federated: saml },
      { Federated: cluster },
      { Federated: [saml, cluster] },
    ),
    isNotAction: fc.constantFrom(false, false, true),
    actions: fc.uniqueArray(roleActions, { minLength: 1, maxLength: 3 }),
    operator: fc.constantFrom('', '', 'StringLike', 'StringLikeIfExists', 'StringNotLike'),
  })
  .map((parts) => ({
    Effect: parts.effect,
    Principal: parts.principal,
    [parts.isNotAction ? 'NotAction' : 'Action']: parts.actions,
    Condition:
      parts.operator === '' ? {} : { [parts.operator]: { [`${issuer}:sub`]: 'system:serviceaccount:a:b' } },
  }))

test('who gets into a role by trial is who its trust admits', () => {
  fc.assert(
    fc.property(fc.array(trustStatement, { minLength: 1, maxLength: 3 }), (statements) => {
      const meaning = meaningOf(statements, role)
      const tried = entrantsByTrial(statements, saml, cluster)
      expect(meaning.is_public).toBe(tried.stranger)
      expect(meaning.admits_any_federated_user).toBe(tried.saml || tried.pod)
      expect(meaning.admits_any_web_identity).toBe(tried.pod)
    }),
    { numRuns: 700 },
  )
})

test('never throws, whatever JSON it is given', () => {
  const names = fc.constantFrom(
    'Statement',
    'Effect',
    'Principal',
    'Action',
    'Resource',
    'Condition',
    'AWS',
    '__proto__',
  )
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('Allow', 'Deny', '*', 's3:*', '${aws:username}', '${', 'arn:aws:iam::*:root'),
      fc.jsonValue(),
      fc.dictionary(names, tie('tree'), { maxKeys: 5 }),
      fc.array(tie('tree'), { maxLength: 3 }),
    ),
  }))
  const wellFormed = fc.record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    Action: tree,
    Principal: tree,
    Condition: tree,
  })
  fc.assert(
    fc.property(fc.oneof(tree, fc.record({ Statement: fc.array(wellFormed, { maxLength: 3 }) })), (value) => {
      for (const document of [JSON.stringify(value), value as JsonObject]) {
        const found = parsePolicy(document, bucketContext)
        if (found.ok) toStatementRows(found.policy)
      }
      parseAcl(value as JsonObject)
    }),
    { numRuns: 700 },
  )
})

test('never throws, whatever text it is given', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => parsePolicy(text, bucketContext) !== undefined),
    runs,
  )
})
