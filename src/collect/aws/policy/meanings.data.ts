import type { Json, JsonObject } from '../../../core/json.ts'
import { conditionMeanings } from './condition-meanings.data.ts'
import type { PolicyMeaning } from './describe-policy.ts'
import { escalationMeanings } from './escalation-meanings.data.ts'
import { may, no } from './identity-statements.fixture.ts'
import type { PolicyContext } from './policy.ts'
import { trustMeanings } from './trust-meanings.data.ts'

/**
 * What policies mean, each construct alone and in pairs. The judge of `describePolicy`; the reasons are AWS's
 * evaluation logic, with the sources in docs/guide/meaning-of-public.md. `us` is the owner's account, `them` another.
 */
export interface Meaning {
  readonly what: string
  readonly statements: readonly JsonObject[]
  readonly means: Partial<PolicyMeaning>
  readonly context?: PolicyContext
  readonly version?: string
}

const us = '111122223333'
const them = '444455556666'
const bucketArn = 'arn:aws:s3:::shop'
const objects = 'arn:aws:s3:::shop/*'
const ownFolder = 'arn:aws:s3:::shop/home/${aws:username}/*'
const guestFolder = "arn:aws:s3:::shop/home/${aws:username, 'guest'}/*"

type Condition = JsonObject
/** Elements to set or, when undefined, to leave out. */
type Changes = { readonly [element: string]: Json | undefined }

function change(base: JsonObject, changes: Changes): JsonObject {
  const entries = Object.entries({ ...base, ...changes })
  return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined))
}

/** Allow reading for everyone, if … */
function everyone(condition?: Condition, changes: Changes = {}): JsonObject {
  const base = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: objects }
  return change(base, { Condition: condition, ...changes })
}
/** Deny everything to everyone, if … */
function deny(condition?: Condition, changes: Changes = {}): JsonObject {
  const base = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [bucketArn, objects] }
  return change(base, { Condition: condition, ...changes })
}
function allow(principal: JsonObject | string, changes: Changes = {}): JsonObject {
  return change({ Effect: 'Allow', Principal: principal, Action: 's3:GetObject', Resource: objects }, changes)
}

const isPublic = { is_public: true }
const isPrivate = { is_public: false }
const forAnonymous = { is_public: true, admits_anonymous: true, admits_all_aws_users: true }
const forAwsUsersOnly = { is_public: true, admits_anonymous: false, admits_all_aws_users: true }
const byServiceOnly = { is_public: true, admits_anonymous: false, admits_all_aws_users: false }
const ofOthersOnly = { is_public: false, admits_unknown_accounts: true, admits_other_accounts: true }
const ofUsOnly = { is_public: false, admits_other_accounts: false, admits_unknown_accounts: false }
const ofThem = { is_public: false, admits_other_accounts: true, other_account_ids: them }

function one(what: string, statement: JsonObject, means: Partial<PolicyMeaning>): Meaning {
  return { what, statements: [statement], means }
}
function when(what: string, condition: Condition, means: Partial<PolicyMeaning>): Meaning {
  return { what: `everyone, if ${what}`, statements: [everyone(condition)], means }
}
/** An Allow for everyone beside a Deny. */
function beside(what: string, denied: JsonObject, means: Partial<PolicyMeaning>): Meaning {
  return { what: `everyone; Deny ${what}`, statements: [everyone(), denied], means }
}

const principals: Meaning[] = [
  one('the star', everyone(), { ...forAnonymous, public_statement_nr: 1, public_actions: 's3:GetObject' }),
  one('the star as AWS principal', allow({ AWS: '*' }), forAnonymous),
  one('the star in a list', allow({ AWS: ['*'] }), forAnonymous),
  one('the star among accounts', allow({ AWS: [us, '*'] }), forAnonymous),
  one('our account id', allow({ AWS: us }), ofUsOnly),
  one('our account id as a number', allow({ AWS: 111122223333 }), ofUsOnly),
  one('our root ARN', allow({ AWS: `arn:aws:iam::${us}:root` }), ofUsOnly),
  one('their account id', allow({ AWS: them }), ofThem),
  one('their root ARN', allow({ AWS: `arn:aws:iam::${them}:root` }), ofThem),
  one('their role', allow({ AWS: `arn:aws:iam::${them}:role/reader` }), ofThem),
  one('their session', allow({ AWS: `arn:aws:sts::${them}:assumed-role/reader/me` }), ofThem),
  one('two other accounts', allow({ AWS: [them, us, '999999999999'] }), {
    is_public: false,
    other_account_ids: `${them}, 999999999999`,
  }),
  one('an account with leading zeros, as a number', allow({ AWS: 1234567890 }), {
    other_account_ids: '001234567890',
  }),
  one('root of any account, which AWS refuses', allow({ AWS: 'arn:aws:iam::*:root' }), forAwsUsersOnly),
  one(
    'a role of any account, which AWS refuses',
    allow({ AWS: 'arn:aws:iam::*:role/reader' }),
    forAwsUsersOnly,
  ),
  one('a wildcard in the name of our role', allow({ AWS: `arn:aws:iam::${us}:role/*` }), ofUsOnly),
  one(
    'a canonical user',
    allow({ CanonicalUser: '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be' }),
    ofOthersOnly,
  ),
  one('a deleted role', allow({ AWS: 'AROAEXAMPLEEXAMPLE12' }), ofUsOnly),
  one('a deleted user', allow({ AWS: 'AIDAEXAMPLEEXAMPLE12' }), ofUsOnly),
  one(
    'a CloudFront origin access identity',
    allow({ AWS: 'arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1EXAMPLE' }),
    ofUsOnly,
  ),
  one('a service', allow({ Service: 'logging.s3.amazonaws.com' }), {
    ...ofUsOnly,
    admits_service_for_anyone: true,
  }),
  one('every service', allow({ Service: '*' }), { ...byServiceOnly, admits_service_for_anyone: true }),
  one('Facebook’s users, S3’s own example', allow({ Federated: 'graph.facebook.com' }), isPublic),
  one('a star of no known kind', allow({ Whoever: '*' }), isPublic),
  one('nobody', allow({}), ofUsOnly),
  one('an empty list', allow({ AWS: [] }), ofUsOnly),
  {
    what: 'Allow for all but our account',
    statements: [{ Effect: 'Allow', NotPrincipal: { AWS: us }, Action: 's3:GetObject', Resource: objects }],
    means: forAnonymous,
  },
  {
    what: 'Allow for all but the star',
    statements: [{ Effect: 'Allow', NotPrincipal: '*', Action: 's3:GetObject', Resource: objects }],
    means: isPrivate,
  },
]

const elements: Meaning[] = [
  one('a Deny alone', deny(), isPrivate),
  { what: 'no statements', statements: [], means: ofUsOnly },
  one('every action', everyone(undefined, { Action: '*' }), { ...isPublic, public_actions: '*' }),
  one('a list of one action', everyone(undefined, { Action: ['s3:GetObject'] }), isPublic),
  one('all but one action', everyone(undefined, { Action: undefined, NotAction: 's3:PutObject' }), {
    ...isPublic,
    public_actions: 'all but s3:PutObject',
  }),
  one('all but all actions', everyone(undefined, { Action: undefined, NotAction: '*' }), isPrivate),
  one(
    'all but some objects',
    everyone(undefined, { Resource: undefined, NotResource: `${bucketArn}/secret/*` }),
    isPublic,
  ),
  one('all but all objects', everyone(undefined, { Resource: undefined, NotResource: '*' }), isPrivate),
  one('a wildcard inside the action', everyone(undefined, { Action: 's3:Get*' }), isPublic),
  one('a question mark inside the action', everyone(undefined, { Action: 's3:Ge?Object' }), isPublic),
  one('any resource', everyone(undefined, { Resource: '*' }), isPublic),
  one('no resource named', everyone(undefined, { Resource: undefined }), isPublic),
  one('the caller’s own folder', everyone(undefined, { Resource: ownFolder }), forAwsUsersOnly),
  one(
    'the caller’s own folder, with a default',
    everyone(undefined, { Resource: guestFolder }),
    forAnonymous,
  ),
  {
    what: 'a variable before there were variables',
    version: '2008-10-17',
    statements: [everyone(undefined, { Resource: ownFolder })],
    means: forAnonymous,
  },
]

const conditions: Meaning[] = [
  when('our organization', { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }, ofOthersOnly),
  when('any organization', { StringLike: { 'aws:PrincipalOrgID': '*' } }, forAwsUsersOnly),
  when('an organization beginning so', { StringLike: { 'aws:PrincipalOrgID': 'o-a1*' } }, isPublic),
  when('ours or any organization', { StringLike: { 'aws:PrincipalOrgID': ['o-a1b2c3d4e5', '*'] } }, isPublic),
  when('an asterisk compared as text', { StringEquals: { 'aws:PrincipalOrgID': '*' } }, isPublic),
  when(
    'our organization, if any',
    { StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } },
    forAnonymous,
  ),
  when('not that organization', { StringNotEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }, forAnonymous),
  when('in some organization', { Null: { 'aws:PrincipalOrgID': 'false' } }, forAwsUsersOnly),
  when('in no organization', { Null: { 'aws:PrincipalOrgID': true } }, forAnonymous),
  when('organization in other case', { stringequals: { 'AWS:principalorgid': 'o-a1b2c3d4e5' } }, isPrivate),
  when(
    'an organization path',
    { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*' } },
    ofOthersOnly,
  ),
  when(
    'the whole organization by path',
    { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-a1b2c3d4e5/*' } },
    ofOthersOnly,
  ),
  when(
    'any organization by path',
    { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-*/r-ab12/*' } },
    isPublic,
  ),
  when(
    'all paths ours: none is all',
    { 'ForAllValues:StringLike': { 'aws:PrincipalOrgPaths': 'o-a1b2c3d4e5/*' } },
    forAnonymous,
  ),
  when(
    'all paths ours, and there is one',
    {
      'ForAllValues:StringLike': { 'aws:PrincipalOrgPaths': 'o-a1b2c3d4e5/*' },
      Null: { 'aws:PrincipalOrgPaths': 'false' },
    },
    isPrivate,
  ),
  when('our account', { StringEquals: { 'aws:PrincipalAccount': us } }, ofUsOnly),
  when('our account, as a number', { StringEquals: { 'aws:PrincipalAccount': 111122223333 } }, ofUsOnly),
  when('our account by number', { NumericEquals: { 'aws:PrincipalAccount': us } }, isPrivate),
  when(
    'their account',
    { StringEquals: { 'aws:PrincipalAccount': them } },
    { ...ofThem, admits_unknown_accounts: false },
  ),
  when('an account beginning so', { StringLike: { 'aws:PrincipalAccount': '1111*' } }, isPublic),
  when('not their account', { StringNotEquals: { 'aws:PrincipalAccount': them } }, forAnonymous),
  when(
    'anonymous callers',
    { StringEquals: { 'aws:PrincipalAccount': 'anonymous' } },
    { is_public: true, admits_all_aws_users: false },
  ),
  when('its own account', { StringEquals: { 'aws:PrincipalAccount': '${aws:PrincipalAccount}' } }, isPublic),
  when(
    'the account of the resource',
    { StringEquals: { 'aws:PrincipalAccount': '${aws:ResourceAccount}' } },
    isPrivate,
  ),
  when(
    'the organization of the resource',
    { StringEquals: { 'aws:PrincipalOrgID': '${aws:ResourceOrgID}' } },
    isPrivate,
  ),
  when('the resource is ours, which it is', { StringEquals: { 'aws:ResourceAccount': us } }, forAnonymous),
  when(
    'the resource is theirs, which it is not',
    { StringEquals: { 'aws:ResourceAccount': them } },
    isPrivate,
  ),
  when('a role of ours', { ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::${us}:role/reader` } }, ofUsOnly),
  when('any role of ours', { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${us}:role/*` } }, ofUsOnly),
  when('a role of theirs', { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${them}:role/*` } }, ofThem),
  when(
    'a role of any account',
    { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/reader' } },
    forAwsUsersOnly,
  ),
  when('any ARN', { StringLike: { 'aws:PrincipalArn': '*' } }, forAwsUsersOnly),
  when(
    'a role of ours, if signed',
    { ArnEqualsIfExists: { 'aws:PrincipalArn': `arn:aws:iam::${us}:role/reader` } },
    { ...isPublic, admits_anonymous: true, admits_all_aws_users: false },
  ),
  when('a unique id', { StringEquals: { 'aws:userid': 'AIDAEXAMPLEEXAMPLE12' } }, isPrivate),
  when('sessions of a role', { StringLike: { 'aws:userid': 'AROAEXAMPLEEXAMPLE12:*' } }, isPrivate),
  when('sessions of that name', { StringLike: { 'aws:userid': '*:deploy' } }, isPublic),
  when('a user name', { StringEquals: { 'aws:username': 'alice' } }, forAwsUsersOnly),
  when('a tag of the caller', { StringEquals: { 'aws:PrincipalTag/team': 'shop' } }, forAwsUsersOnly),
  when(
    'a tag of the caller by variable',
    { StringEquals: { 'aws:PrincipalTag/team': '${aws:PrincipalTag/team}' } },
    forAwsUsersOnly,
  ),
  when('the user’s own prefix', { StringLike: { 's3:prefix': '${aws:username}/*' } }, forAwsUsersOnly),
  when(
    'a prefix by tag, with a default',
    { StringEquals: { 's3:prefix': "${aws:PrincipalTag/team, 'x'}" } },
    forAnonymous,
  ),
  when('a literal asterisk as account', { StringLike: { 'aws:PrincipalAccount': '${*}' } }, isPrivate),
  when('multi-factor authentication', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }, forAwsUsersOnly),
  when('a fixed address', { IpAddress: { 'aws:SourceIp': '203.0.113.7' } }, ofOthersOnly),
  when('a fixed range', { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, ofOthersOnly),
  when('a fixed range of IPv6', { IpAddress: { 'aws:SourceIp': '2001:db8::/32' } }, isPrivate),
  when('a /8, S3’s limit', { IpAddress: { 'aws:SourceIp': '3.0.0.0/8' } }, isPrivate),
  when('broader than /8', { IpAddress: { 'aws:SourceIp': '2.0.0.0/7' } }, isPublic),
  when('broader than /32 of IPv6', { IpAddress: { 'aws:SourceIp': '2600::/31' } }, isPublic),
  when('the internet', { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }, forAnonymous),
  when('the internet by IPv6', { IpAddress: { 'aws:SourceIp': '::/0' } }, forAnonymous),
  when(
    'the internet in two halves',
    { IpAddress: { 'aws:SourceIp': ['0.0.0.0/1', '128.0.0.0/1'] } },
    forAnonymous,
  ),
  when('half the internet', { IpAddress: { 'aws:SourceIp': '128.0.0.0/1' } }, isPublic),
  when(
    'an office or the internet',
    { IpAddress: { 'aws:SourceIp': ['203.0.113.0/24', '0.0.0.0/0'] } },
    isPublic,
  ),
  when(
    'private addresses',
    { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'] } },
    isPrivate,
  ),
  when(
    'an office, or through an endpoint',
    { IpAddressIfExists: { 'aws:SourceIp': '203.0.113.0/24' } },
    isPublic,
  ),
  when('not an office', { NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, forAnonymous),
  when(
    'not from the internet, but through any endpoint',
    { NotIpAddress: { 'aws:SourceIp': ['0.0.0.0/0', '::/0'] } },
    isPublic,
  ),
  when('an address that is none', { IpAddress: { 'aws:SourceIp': '*' } }, isPublic),
  when('an address as text', { StringEquals: { 'aws:SourceIp': '203.0.113.7' } }, isPrivate),
  when(
    'an address within a VPC, which anybody may have',
    { IpAddress: { 'aws:VpcSourceIp': '10.1.2.0/24' } },
    isPublic,
  ),
  when('our VPC', { StringEquals: { 'aws:SourceVpc': 'vpc-91237329' } }, ofOthersOnly),
  when('any VPC, S3’s own example', { StringLike: { 'aws:SourceVpc': 'vpc-*' } }, isPublic),
  when('our VPC endpoint', { StringEquals: { 'aws:SourceVpce': 'vpce-1a2b3c4d' } }, ofOthersOnly),
  when(
    'our VPC endpoint, or none',
    { StringEqualsIfExists: { 'aws:SourceVpce': 'vpce-1a2b3c4d' } },
    forAnonymous,
  ),
  when('some VPC endpoint', { Null: { 'aws:SourceVpce': 'false' } }, isPublic),
  when('an endpoint of our account', { StringEquals: { 'aws:VpceAccount': us } }, isPrivate),
  when('HTTPS', { Bool: { 'aws:SecureTransport': 'true' } }, forAnonymous),
  when('HTTPS, as a boolean', { Bool: { 'aws:SecureTransport': true } }, forAnonymous),
  when('plain HTTP', { Bool: { 'aws:SecureTransport': 'false' } }, forAnonymous),
  when('a referer', { StringLike: { 'aws:Referer': 'https://shop.example/*' } }, forAnonymous),
  when('a user agent', { StringEquals: { 'aws:UserAgent': 'a-long-secret' } }, forAnonymous),
  when('a time', { DateLessThan: { 'aws:CurrentTime': '2030-01-01T00:00:00Z' } }, forAnonymous),
  when('a region', { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } }, forAnonymous),
  when('a canned list', { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } }, forAnonymous),
  when('a tag of the request', { StringEquals: { 'aws:RequestTag/team': 'shop' } }, forAnonymous),
  when('a few keys to list', { NumericLessThanEquals: { 's3:max-keys': 10 } }, forAnonymous),
  when('a tag of the object', { StringEquals: { 's3:ExistingObjectTag/public': 'yes' } }, forAnonymous),
  when(
    'signed with version 4',
    { StringEquals: { 's3:signatureversion': 'AWS4-HMAC-SHA256' } },
    forAwsUsersOnly,
  ),
  when(
    'one KMS key of ours',
    {
      StringEquals: {
        's3:x-amz-server-side-encryption-aws-kms-key-id': `arn:aws:kms:eu-west-1:${us}:key/1234`,
      },
    },
    isPrivate,
  ),
  when(
    'access points of ours',
    { StringLike: { 's3:DataAccessPointArn': `arn:aws:s3:eu-west-1:${us}:accesspoint/*` } },
    isPrivate,
  ),
  when(
    'access points of anybody',
    { StringLike: { 's3:DataAccessPointArn': 'arn:aws:s3:eu-west-1:*:accesspoint/shop' } },
    isPublic,
  ),
  when('an access point account of ours', { StringEquals: { 's3:DataAccessPointAccount': us } }, isPrivate),
  when('a source of ours', { ArnLike: { 'aws:SourceArn': `arn:aws:sns:*:${us}:*` } }, isPrivate),
  when('a source of anybody', { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:*:*' } }, byServiceOnly),
  when('a bucket as source', { ArnEquals: { 'aws:SourceArn': 'arn:aws:s3:::orders' } }, isPrivate),
  when(
    'buckets as source, by wildcard',
    { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::orders-*' } },
    byServiceOnly,
  ),
  when('a source account of ours', { StringEquals: { 'aws:SourceAccount': us } }, isPrivate),
  when('an old source owner of ours', { StringEquals: { 'AWS:SourceOwner': us } }, isPrivate),
  when('a service', { Bool: { 'aws:PrincipalIsAWSService': 'true' } }, byServiceOnly),
  when(
    'one service by name',
    { StringEquals: { 'aws:PrincipalServiceName': 'cloudtrail.amazonaws.com' } },
    { ...isPrivate, admits_service_for_anyone: true },
  ),
  when('a service’s organization', { StringEquals: { 'aws:SourceOrgID': 'o-a1b2c3d4e5' } }, isPrivate),
  when('a key that nobody knows', { StringEquals: { 'shop:Secret': 'x' } }, isPublic),
  when('an operator that nobody knows', { StringSmells: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }, isPublic),
  when('a comparison with nothing', { StringEquals: { 'aws:Referer': [] } }, isPrivate),
  when('no conditions in it', {}, isPublic),
  when('an external id, which the caller sends', { StringEquals: { 'sts:ExternalId': '42' } }, isPublic),
  when(
    'our organization, and an address',
    { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' }, IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } },
    isPrivate,
  ),
  when(
    'any organization, and our VPC',
    { StringLike: { 'aws:PrincipalOrgID': '*', 'aws:SourceVpc': 'vpc-91237329' } },
    isPrivate,
  ),
  when(
    'two keys that narrow nobody',
    { StringLike: { 'aws:PrincipalOrgID': '*', 'aws:Referer': 'https://shop.example/*' } },
    isPublic,
  ),
  when(
    'an office and our VPC: never both',
    { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' }, StringEquals: { 'aws:SourceVpc': 'vpc-1' } },
    isPrivate,
  ),
  when('MFA used lately', { NumericLessThan: { 'aws:MultiFactorAuthAge': '3600' } }, forAwsUsersOnly),
]

const denies: Meaning[] = [
  beside('everything', deny(), ofUsOnly),
  beside('everything, as AWS principal', deny(undefined, { Principal: { AWS: '*' } }), isPrivate),
  beside(
    'the same action and objects',
    deny(undefined, { Action: 's3:GetObject', Resource: objects }),
    isPrivate,
  ),
  beside('all objects that can be', deny(undefined, { Resource: 'arn:aws:s3:::shop/?*' }), isPrivate),
  beside(
    'all objects but those of one letter',
    deny(undefined, { Resource: 'arn:aws:s3:::shop/??*' }),
    isPublic,
  ),
  beside('the action in other case', deny(undefined, { Action: 'S3:getobject' }), isPrivate),
  beside('by wildcard s3:Get*', deny(undefined, { Action: 's3:Get*' }), isPrivate),
  beside('by wildcard s3:*Object', deny(undefined, { Action: 's3:*Object' }), isPrivate),
  beside('every action of every service', deny(undefined, { Action: '*', Resource: '*' }), isPrivate),
  beside('another action', deny(undefined, { Action: 's3:PutObject' }), isPublic),
  beside('all but reading', deny(undefined, { Action: undefined, NotAction: 's3:GetObject' }), isPublic),
  beside('all but writing', deny(undefined, { Action: undefined, NotAction: 's3:PutObject' }), isPrivate),
  beside('the bucket, not its objects', deny(undefined, { Resource: bucketArn }), isPublic),
  beside('some objects', deny(undefined, { Resource: `${bucketArn}/secret/*` }), isPublic),
  beside(
    'all but some objects',
    deny(undefined, { Resource: undefined, NotResource: `${bucketArn}/open/*` }),
    isPublic,
  ),
  beside(
    'all but the bucket itself',
    deny(undefined, { Resource: undefined, NotResource: bucketArn }),
    isPrivate,
  ),
  beside('another bucket', deny(undefined, { Resource: 'arn:aws:s3:::other/*' }), isPublic),
  beside('their account', deny(undefined, { Principal: { AWS: them } }), isPublic),
  beside(
    'all but our account',
    deny(undefined, { Principal: undefined, NotPrincipal: { AWS: us } }),
    ofUsOnly,
  ),
  beside(
    'all but a role of ours',
    deny(undefined, {
      Principal: undefined,
      NotPrincipal: { AWS: `arn:aws:iam::${us}:role/reader` },
    }),
    isPrivate,
  ),
  beside(
    'all but one service',
    deny(undefined, { Principal: undefined, NotPrincipal: { Service: 'cloudtrail.amazonaws.com' } }),
    { ...isPrivate, admits_service_for_anyone: true },
  ),
  beside(
    'all but one service by name',
    deny({ StringNotEqualsIfExists: { 'aws:PrincipalServiceName': 'cloudtrail.amazonaws.com' } }),
    { ...isPrivate, admits_service_for_anyone: true },
  ),
  beside('all but the star', deny(undefined, { Principal: undefined, NotPrincipal: '*' }), isPublic),
  beside(
    'outside our organization',
    deny({ StringNotEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }),
    ofOthersOnly,
  ),
  beside(
    'outside our organization, if in one',
    deny({ StringNotEqualsIfExists: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }),
    ofOthersOnly,
  ),
  beside(
    'inside our organization',
    deny({ StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }),
    forAnonymous,
  ),
  beside('outside any organization', deny({ StringNotLike: { 'aws:PrincipalOrgID': '*' } }), forAwsUsersOnly),
  beside('without an organization', deny({ Null: { 'aws:PrincipalOrgID': 'true' } }), forAwsUsersOnly),
  beside('with an organization', deny({ Null: { 'aws:PrincipalOrgID': 'false' } }), forAnonymous),
  beside(
    'all paths not ours',
    deny({ 'ForAllValues:StringNotLike': { 'aws:PrincipalOrgPaths': 'o-a1b2c3d4e5/*' } }),
    isPrivate,
  ),
  beside(
    'any path not ours: who has none is not denied',
    deny({ 'ForAnyValue:StringNotLike': { 'aws:PrincipalOrgPaths': 'o-a1b2c3d4e5/*' } }),
    forAnonymous,
  ),
  beside('outside our account', deny({ StringNotEquals: { 'aws:PrincipalAccount': us } }), ofUsOnly),
  beside(
    'all ARNs but ours',
    deny({ ArnNotLike: { 'aws:PrincipalArn': `arn:aws:iam::${us}:role/*` } }),
    isPrivate,
  ),
  beside(
    'all ARNs but some of any account',
    deny({ ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/reader' } }),
    forAwsUsersOnly,
  ),
  beside(
    'all but sessions of our role',
    deny({ StringNotLike: { 'aws:userid': ['AROAEXAMPLEEXAMPLE12:*', us] } }),
    isPrivate,
  ),
  beside(
    'outside our VPC endpoint',
    deny({ StringNotEquals: { 'aws:SourceVpce': 'vpce-1a2b3c4d' } }),
    ofOthersOnly,
  ),
  beside(
    'through another VPC endpoint',
    deny({ StringNotEquals: { 'aws:SourceVpce': 'vpce-1a2b3c4d' }, Null: { 'aws:SourceVpce': 'false' } }),
    forAnonymous,
  ),
  beside('outside an office', deny({ NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }), ofOthersOnly),
  beside(
    'outside an office, unless through a service',
    deny({ NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' }, Bool: { 'aws:ViaAWSService': 'false' } }),
    forAwsUsersOnly,
  ),
  beside('outside half the internet', deny({ NotIpAddress: { 'aws:SourceIp': '0.0.0.0/1' } }), isPublic),
  beside('from an office', deny({ IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }), forAnonymous),
  beside('from all of IPv4', deny({ IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }), forAnonymous),
  beside(
    'from the internet: an endpoint is left',
    deny({ IpAddress: { 'aws:SourceIp': ['0.0.0.0/0', '::/0'] } }),
    isPublic,
  ),
  beside('plain HTTP', deny({ Bool: { 'aws:SecureTransport': 'false' } }), {
    ...forAnonymous,
    denies_insecure_transport: true,
  }),
  beside('HTTPS', deny({ Bool: { 'aws:SecureTransport': 'true' } }), forAnonymous),
  beside('old TLS', deny({ NumericLessThan: { 's3:TlsVersion': 1.2 } }), {
    ...forAnonymous,
    denies_insecure_transport: false,
  }),
  beside('a user agent', deny({ StringLike: { 'aws:UserAgent': 'curl/*' } }), isPublic),
  beside('all but a referer', deny({ StringNotLike: { 'aws:Referer': 'https://shop.example/*' } }), isPublic),
  beside('after a time', deny({ DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } }), isPublic),
  beside('without MFA', deny({ BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } }), forAwsUsersOnly),
  beside(
    'without MFA, where it could be',
    deny({ Bool: { 'aws:MultiFactorAuthPresent': 'false' } }),
    forAnonymous,
  ),
  beside(
    'callers without a certain tag',
    deny({ StringNotEquals: { 'aws:PrincipalTag/team': 'shop' } }),
    forAwsUsersOnly,
  ),
  beside(
    'who is no service',
    deny({ BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' } }),
    byServiceOnly,
  ),
  beside('who signed and is no service', deny({ Bool: { 'aws:PrincipalIsAWSService': 'false' } }), {
    ...isPublic,
    admits_anonymous: true,
  }),
  beside(
    'who is outside organization and no service',
    deny({
      StringNotEqualsIfExists: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' },
      BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
    }),
    byServiceOnly,
  ),
  beside('with an unknown operator', deny({ StringSmells: { 'aws:PrincipalOrgID': 'x' } }), isPublic),
  beside(
    'an asterisk compared as text',
    deny({ StringNotEquals: { 'aws:PrincipalOrgID': '*' } }),
    forAwsUsersOnly,
  ),
  beside('if compared with nothing', deny({ StringEquals: { 'aws:Referer': [] } }), isPublic),
  beside('if not compared with nothing', deny({ StringNotEquals: { 'aws:Referer': [] } }), isPrivate),
  beside('the caller’s own folder', deny(undefined, { Resource: ownFolder }), isPublic),
]

const pairs: Meaning[] = [
  { what: 'Deny first, Allow after', statements: [deny(), everyone()], means: isPrivate },
  {
    what: 'halves of the internet denied one by one: IPv6 is left',
    statements: [
      everyone({ IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }),
      deny({ IpAddress: { 'aws:SourceIp': '0.0.0.0/1' } }),
      deny({ IpAddress: { 'aws:SourceIp': '128.0.0.0/1' } }),
    ],
    means: isPrivate,
  },
  {
    what: 'the internet, less a half',
    statements: [
      everyone({ IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }),
      deny({ IpAddress: { 'aws:SourceIp': '0.0.0.0/1' } }),
    ],
    means: isPublic,
  },
  {
    what: 'two offices denied but their common part',
    statements: [
      everyone(),
      deny({ NotIpAddress: { 'aws:SourceIp': '203.0.112.0/20' } }),
      deny({ NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }),
    ],
    means: isPrivate,
  },
  {
    what: 'plain HTTP denied, and HTTPS',
    statements: [
      everyone(),
      deny({ Bool: { 'aws:SecureTransport': 'false' } }),
      deny({ Bool: { 'aws:SecureTransport': true } }),
    ],
    means: isPrivate,
  },
  {
    what: 'allowed over plain HTTP, which is denied',
    statements: [
      everyone({ Bool: { 'aws:SecureTransport': 'false' } }),
      deny({ Bool: { 'aws:SecureTransport': 'false' } }),
    ],
    means: isPrivate,
  },
  {
    what: 'a referer allowed, and denied',
    statements: [
      everyone({ StringEquals: { 'aws:Referer': 'x' } }),
      deny({ StringEquals: { 'aws:Referer': 'x' } }),
    ],
    means: isPrivate,
  },
  {
    what: 'a referer allowed, all others denied',
    statements: [
      everyone({ StringEquals: { 'aws:Referer': 'x' } }),
      deny({ StringNotEquals: { 'aws:Referer': 'x' } }),
    ],
    means: isPublic,
  },
  {
    what: 'one referer or another allowed, one denied',
    statements: [
      everyone({ StringEquals: { 'aws:Referer': ['x', 'y'] } }),
      deny({ StringEquals: { 'aws:Referer': 'x' } }),
    ],
    means: isPublic,
  },
  {
    what: 'one referer or another allowed, both denied',
    statements: [
      everyone({ StringEquals: { 'aws:Referer': ['x', 'y'] } }),
      deny({ StringEquals: { 'aws:Referer': 'x' } }),
      deny({ StringEquals: { 'aws:Referer': 'y' } }),
    ],
    means: isPrivate,
  },
  {
    what: 'few keys allowed, few denied',
    statements: [
      everyone({ NumericLessThan: { 's3:max-keys': 10 } }),
      deny({ NumericLessThan: { 's3:max-keys': 10 } }),
    ],
    means: isPrivate,
  },
  {
    what: 'few keys allowed, very few denied',
    statements: [
      everyone({ NumericLessThan: { 's3:max-keys': 10 } }),
      deny({ NumericLessThan: { 's3:max-keys': 5 } }),
    ],
    means: isPublic,
  },
  {
    what: 'a folder allowed, all but it denied',
    statements: [
      everyone(undefined, { Resource: `${bucketArn}/open/*` }),
      deny(undefined, { Resource: undefined, NotResource: `${bucketArn}/open/*` }),
    ],
    means: isPublic,
  },
  {
    what: 'a folder allowed, all but another denied',
    statements: [
      everyone(undefined, { Resource: `${bucketArn}/open/*` }),
      deny(undefined, { Resource: undefined, NotResource: `${bucketArn}/other/*` }),
    ],
    means: isPrivate,
  },
  {
    what: 'the own folder allowed and denied',
    statements: [everyone(undefined, { Resource: ownFolder }), deny(undefined, { Resource: ownFolder })],
    means: isPrivate,
  },
  {
    what: 'the own folder allowed, all folders denied',
    statements: [
      everyone(undefined, { Resource: ownFolder }),
      deny(undefined, { Resource: `${bucketArn}/home/*` }),
    ],
    means: isPrivate,
  },
  {
    what: 'the own folder allowed, one-letter folders denied',
    statements: [
      everyone(undefined, { Resource: ownFolder }),
      deny(undefined, { Resource: `${bucketArn}/home/?/*` }),
    ],
    means: isPublic,
  },
  {
    what: 's3:Get* allowed, s3:*Object denied',
    statements: [everyone(undefined, { Action: 's3:Get*' }), deny(undefined, { Action: 's3:*Object' })],
    means: { ...isPublic, public_actions: 's3:Get*' },
  },
  {
    what: 's3:Get*Object allowed, s3:*Object denied',
    statements: [everyone(undefined, { Action: 's3:Get*Object' }), deny(undefined, { Action: 's3:*Object' })],
    means: isPrivate,
  },
  {
    what: 's3:* allowed, reading and all but reading denied',
    statements: [
      everyone(undefined, { Action: 's3:*' }),
      deny(undefined, { Action: 's3:Get*' }),
      deny(undefined, { Action: undefined, NotAction: 's3:Get*' }),
    ],
    means: isPrivate,
  },
  {
    what: 'two actions allowed, one denied',
    statements: [
      everyone(undefined, { Action: ['s3:GetObject', 's3:PutObject'] }),
      deny(undefined, { Action: 's3:PutObject' }),
    ],
    means: { ...isPublic, public_actions: 's3:GetObject' },
  },
  {
    what: 'two actions allowed, both denied, each apart',
    statements: [
      everyone(undefined, { Action: ['s3:GetObject', 's3:PutObject'] }),
      deny(undefined, { Action: 's3:PutObject' }),
      deny(undefined, { Action: 's3:GetObject' }),
    ],
    means: isPrivate,
  },
  {
    what: 'bucket and objects allowed, each denied apart',
    statements: [
      everyone(undefined, { Action: 's3:*', Resource: [bucketArn, objects] }),
      deny(undefined, { Resource: bucketArn }),
      deny(undefined, { Resource: objects }),
    ],
    means: isPrivate,
  },
  {
    what: 'any resource allowed, bucket and objects denied',
    statements: [everyone(undefined, { Action: '*', Resource: '*' }), deny()],
    means: isPrivate,
  },
  {
    what: 'reading denied on one folder, writing on all: reading is left elsewhere',
    statements: [
      everyone(undefined, { Action: ['s3:GetObject', 's3:PutObject'] }),
      deny(undefined, { Action: 's3:GetObject', Resource: `${bucketArn}/a/*` }),
      deny(undefined, { Action: 's3:PutObject' }),
    ],
    means: { ...isPublic, public_actions: 's3:GetObject' },
  },
  {
    what: 'all but reading allowed, all but writing denied',
    statements: [
      everyone(undefined, { Action: undefined, NotAction: 's3:GetObject' }),
      deny(undefined, { Action: undefined, NotAction: 's3:PutObject' }),
    ],
    means: isPublic,
  },
  {
    what: 'all but reading allowed, all but reading denied',
    statements: [
      everyone(undefined, { Action: undefined, NotAction: 's3:GetObject' }),
      deny(undefined, { Action: undefined, NotAction: 's3:GetObject' }),
    ],
    means: isPrivate,
  },
  {
    what: 'organization and VPC endpoint denied apart: the insider of both is left',
    statements: [
      everyone(),
      deny({ StringNotEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }),
      deny({ StringNotEquals: { 'aws:SourceVpce': 'vpce-1a2b3c4d' } }),
    ],
    means: ofOthersOnly,
  },
  {
    what: 'outside organization and outside endpoint, both at once',
    statements: [
      everyone(),
      deny({ StringNotEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5', 'aws:SourceVpce': 'vpce-1a2b3c4d' } }),
    ],
    means: isPrivate,
  },
  {
    what: 'a narrowed Allow beside an open one',
    statements: [everyone({ StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }), everyone()],
    means: { ...isPublic, public_statement_nr: 2 },
  },
  {
    what: 'their account allowed, and denied',
    statements: [allow({ AWS: them }), deny(undefined, { Principal: { AWS: them } })],
    means: ofUsOnly,
  },
  {
    what: 'their role allowed, their account denied',
    statements: [
      allow({ AWS: `arn:aws:iam::${them}:role/reader` }),
      deny(undefined, { Principal: { AWS: `arn:aws:iam::${them}:root` } }),
    ],
    means: ofUsOnly,
  },
  {
    what: 'their account allowed, one role denied',
    statements: [
      allow({ AWS: them }),
      deny(undefined, { Principal: { AWS: `arn:aws:iam::${them}:role/reader` } }),
    ],
    means: ofThem,
  },
  {
    what: 'their account allowed, all outside our organization denied',
    statements: [allow({ AWS: them }), deny({ StringNotEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } })],
    means: ofThem,
  },
  {
    what: 'their account allowed, all but our account denied',
    statements: [allow({ AWS: them }), deny({ StringNotEquals: { 'aws:PrincipalAccount': us } })],
    means: ofUsOnly,
  },
  {
    what: 'their account allowed, if it is ours',
    statements: [allow({ AWS: them }, { Condition: { StringEquals: { 'aws:PrincipalAccount': us } } })],
    means: ofUsOnly,
  },
  {
    what: 'their role allowed, all ARNs but it denied',
    statements: [
      allow({ AWS: `arn:aws:iam::${them}:role/reader` }),
      deny({ ArnNotEquals: { 'aws:PrincipalArn': `arn:aws:iam::${them}:role/reader` } }),
    ],
    means: ofThem,
  },
  {
    what: 'their role allowed, all ARNs but another denied',
    statements: [
      allow({ AWS: `arn:aws:iam::${them}:role/reader` }),
      deny({ ArnNotEquals: { 'aws:PrincipalArn': `arn:aws:iam::${them}:role/other` } }),
    ],
    means: ofUsOnly,
  },
  {
    what: 'the same key twice, in two spellings',
    statements: [
      everyone({
        StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' },
        stringequals: { 'aws:principalorgid': 'o-zzzzzzzzzz' },
      }),
    ],
    means: isPrivate,
  },
  {
    what: 'Null and a value',
    statements: [
      everyone({ Null: { 'aws:SourceVpc': 'false' }, StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } }),
    ],
    means: isPublic,
  },
]

const role = { accountId: us, partition: 'aws', resourceArn: `arn:aws:iam::${us}:role/deploy` }
const trail = { Service: 'cloudtrail.amazonaws.com' }
const gitHub = { Federated: `arn:aws:iam::${us}:oidc-provider/token.actions.githubusercontent.com` }
const subject = 'token.actions.githubusercontent.com:sub'
const cluster = 'oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D'
function trust(
  what: string,
  principal: JsonObject | string,
  condition: Condition,
  means: Partial<PolicyMeaning>,
): Meaning {
  const statement = { Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole*', Condition: condition }
  return { what: `trust of ${what}`, statements: [statement], means, context: role }
}
const eks = { Federated: `arn:aws:iam::${us}:oidc-provider/${cluster}` }
const saml = { Federated: `arn:aws:iam::${us}:saml-provider/corp` }
const samlAudience = { 'SAML:aud': 'https://signin.aws.amazon.com/saml' }
const audience = { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' }
const isOpenToAll = { is_public: true, admits_any_federated_user: true }
const isOpenToUsers = { is_public: false, admits_any_federated_user: true }
const isBound = { is_public: false, admits_any_federated_user: false }

const trusts: Meaning[] = [
  trust('anybody', '*', {}, isPublic),
  trust('anybody with an external id', { AWS: '*' }, { StringEquals: { 'sts:ExternalId': '42' } }, isPublic),
  trust(
    'anybody of the organization',
    { AWS: '*' },
    { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } },
    ofOthersOnly,
  ),
  trust('another account', { AWS: them }, {}, ofThem),
  trust('a service', { Service: 'ec2.amazonaws.com' }, {}, { ...isPrivate, admits_service_for_anyone: true }),
  trust(
    'a service for our account',
    trail,
    { StringEquals: { 'aws:SourceAccount': us } },
    { admits_service_for_anyone: false },
  ),
  trust(
    'a service for our trails',
    trail,
    { ArnLike: { 'aws:SourceArn': `arn:aws:cloudtrail:*:${us}:trail/*` } },
    { admits_service_for_anyone: false },
  ),
  trust(
    'a service for anybody’s trails',
    trail,
    { ArnLike: { 'aws:SourceArn': 'arn:aws:cloudtrail:*:*:trail/*' } },
    { admits_service_for_anyone: true },
  ),
  trust(
    'a service for our account, if it says so',
    trail,
    { StringEqualsIfExists: { 'aws:SourceAccount': us } },
    { admits_service_for_anyone: true },
  ),
  trust(
    'a service for our organization',
    trail,
    { StringEquals: { 'aws:SourceOrgID': 'o-a1b2c3d4e5' } },
    { admits_service_for_anyone: false },
  ),
  trust('GitHub without a subject', gitHub, { StringEquals: audience }, isOpenToAll),
  trust('GitHub without any condition', gitHub, {}, isOpenToAll),
  trust(
    'GitHub, one branch',
    gitHub,
    { StringEquals: { ...audience, [subject]: 'repo:shop/web:ref:refs/heads/main' } },
    isBound,
  ),
  trust('GitHub, one organization', gitHub, { StringLike: { [subject]: 'repo:shop/*' } }, isBound),
  trust(
    'GitHub, key in other case',
    gitHub,
    { StringLike: { 'Token.Actions.GitHubUserContent.com:Sub': 'repo:shop/*' } },
    isBound,
  ),
  trust(
    'GitHub, organizations beginning so',
    gitHub,
    { StringLike: { [subject]: 'repo:shop*' } },
    isOpenToAll,
  ),
  trust(
    'GitHub, any repository of that name',
    gitHub,
    { StringLike: { [subject]: 'repo:*/web:*' } },
    isOpenToAll,
  ),
  trust('GitHub, any subject', gitHub, { StringLike: { [subject]: '*' } }, isOpenToAll),
  trust('GitHub, not that subject', gitHub, { StringNotLike: { [subject]: 'repo:evil/*' } }, isOpenToAll),
  trust(
    'GitHub, that environment of any repository',
    gitHub,
    { StringLike: { [subject]: 'environment:production*' } },
    isOpenToAll,
  ),
  trust(
    'GitHub, one owner by claim',
    gitHub,
    { StringEquals: { 'token.actions.githubusercontent.com:repository_owner': 'shop' } },
    isBound,
  ),
  trust(
    'GitHub, one owner by claim, if there',
    gitHub,
    { StringEqualsIfExists: { 'token.actions.githubusercontent.com:repository_owner': 'shop' } },
    isOpenToAll,
  ),
  trust(
    'GitHub, the subject among all values',
    gitHub,
    { 'ForAllValues:StringEquals': { [subject]: 'repo:shop/web:ref:refs/heads/main' } },
    isBound,
  ),
  trust(
    'Google’s users of an app',
    { Federated: 'accounts.google.com' },
    { StringEquals: { 'accounts.google.com:aud': '66677788' } },
    isOpenToAll,
  ),
  trust(
    'one Google user',
    { Federated: 'accounts.google.com' },
    { StringEquals: { 'accounts.google.com:sub': '1234' } },
    isBound,
  ),
  trust(
    'one Cognito pool, its guests among them',
    { Federated: 'cognito-identity.amazonaws.com' },
    { StringEquals: { 'cognito-identity.amazonaws.com:aud': 'eu-west-1:1234' } },
    isOpenToAll,
  ),
  trust(
    'those who signed in at one Cognito pool',
    { Federated: 'cognito-identity.amazonaws.com' },
    {
      StringEquals: { 'cognito-identity.amazonaws.com:aud': 'eu-west-1:1234' },
      'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': 'authenticated' },
    },
    isBound,
  ),
  trust(
    'guests of one Cognito pool',
    { Federated: 'cognito-identity.amazonaws.com' },
    {
      StringEquals: { 'cognito-identity.amazonaws.com:aud': 'eu-west-1:1234' },
      'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': 'unauthenticated' },
    },
    isOpenToAll,
  ),
  trust(
    'who is in one Cognito pool, signed in or not',
    { Federated: 'cognito-identity.amazonaws.com' },
    {
      StringEquals: { 'cognito-identity.amazonaws.com:aud': 'eu-west-1:1234' },
      'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': '*authenticated' },
    },
    isOpenToAll,
  ),
  trust(
    'one identity of a Cognito pool',
    { Federated: 'cognito-identity.amazonaws.com' },
    { StringEquals: { 'cognito-identity.amazonaws.com:sub': 'eu-west-1:abcd' } },
    isBound,
  ),
  trust(
    'any Cognito pool',
    { Federated: 'cognito-identity.amazonaws.com' },
    { 'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': 'authenticated' } },
    isOpenToAll,
  ),
  trust('any provider at all', { Federated: '*' }, {}, isOpenToAll),
  trust(
    'a cluster without a subject',
    eks,
    { StringEquals: { [`${cluster}:aud`]: 'sts.amazonaws.com' } },
    isOpenToUsers,
  ),
  trust(
    'one service account of a cluster',
    eks,
    { StringEquals: { [`${cluster}:sub`]: 'system:serviceaccount:shop:web' } },
    isBound,
  ),
  trust(
    'service accounts of one namespace',
    eks,
    { StringLike: { [`${cluster}:sub`]: 'system:serviceaccount:shop:*' } },
    isBound,
  ),
  trust('SAML without a subject', saml, { StringEquals: samlAudience }, isOpenToUsers),
  trust('one SAML subject', saml, { StringEquals: { ...samlAudience, 'SAML:sub': 'alice' } }, isBound),
  trust(
    'GitHub without a subject, from an office',
    gitHub,
    { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
    isBound,
  ),
]

const lambda = { accountId: us, partition: 'aws', resourceArn: `arn:aws:lambda:eu-west-1:${us}:function:web` }
const queue = { accountId: us, partition: 'aws', resourceArn: `arn:aws:sqs:eu-west-1:${us}:orders` }
const key = { accountId: us, partition: 'aws', resourceArn: `arn:aws:kms:eu-west-1:${us}:key/1234` }
const fileSystem = {
  accountId: us,
  partition: 'aws',
  resourceArn: `arn:aws:elasticfilesystem:eu-west-1:${us}:file-system/fs-1`,
}
function at(
  what: string,
  context: PolicyContext,
  action: string,
  principal: JsonObject | string,
  condition: Condition,
  means: Partial<PolicyMeaning>,
): Meaning {
  const statement = {
    Effect: 'Allow',
    Principal: principal,
    Action: action,
    Resource: '*',
    Condition: condition,
  }
  return { what, statements: [statement], means, context }
}

const services: Meaning[] = [
  at(
    'a function URL without authentication',
    lambda,
    'lambda:InvokeFunctionUrl',
    '*',
    { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } },
    forAnonymous,
  ),
  at(
    'a function URL with authentication, for all',
    lambda,
    'lambda:InvokeFunctionUrl',
    '*',
    { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
    forAwsUsersOnly,
  ),
  at(
    'a function for S3 of anybody',
    lambda,
    'lambda:InvokeFunction',
    { Service: 's3.amazonaws.com' },
    {},
    { ...isPrivate, admits_service_for_anyone: true },
  ),
  at(
    'a function for S3 of ours',
    lambda,
    'lambda:InvokeFunction',
    { Service: 's3.amazonaws.com' },
    { StringEquals: { 'AWS:SourceAccount': us }, ArnLike: { 'AWS:SourceArn': 'arn:aws:s3:::orders' } },
    { admits_service_for_anyone: false },
  ),
  at(
    'a queue for one topic',
    queue,
    'SQS:SendMessage',
    { AWS: '*' },
    { ArnEquals: { 'aws:SourceArn': `arn:aws:sns:eu-west-1:${us}:orders` } },
    isPrivate,
  ),
  at(
    'a queue, as the console once made it',
    queue,
    'SQS:*',
    { AWS: '*' },
    {},
    { ...isPublic, public_actions: 'SQS:*' },
  ),
  at(
    'a KMS key of AWS’s own making',
    key,
    'kms:Decrypt',
    { AWS: '*' },
    { StringEquals: { 'kms:CallerAccount': us, 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } },
    ofUsOnly,
  ),
  at(
    'a KMS key through a service only',
    key,
    'kms:Decrypt',
    { AWS: '*' },
    { StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } },
    forAwsUsersOnly,
  ),
  at('a file system for all', fileSystem, 'elasticfilesystem:ClientMount', { AWS: '*' }, {}, isPublic),
  at(
    'a file system through its mount target',
    fileSystem,
    'elasticfilesystem:ClientMount',
    { AWS: '*' },
    { Bool: { 'elasticfilesystem:AccessedViaMountTarget': 'true' } },
    isPrivate,
  ),
]

const identity = { accountId: us, partition: 'aws' }
function held(what: string, statements: JsonObject[], means: Partial<PolicyMeaning>): Meaning {
  return {
    what: `an identity with ${what}`,
    statements,
    means: { is_public: false, ...means },
    context: identity,
  }
}
function heldBy(
  belongsTo: string,
  what: string,
  statements: JsonObject[],
  means: Partial<PolicyMeaning>,
): Meaning {
  return { ...held(`${what} (${belongsTo})`, statements, means), context: { ...identity, belongsTo } }
}
function allBut(action: string | string[]): JsonObject {
  return { Effect: 'Allow', NotAction: action, Resource: '*' }
}
/** The statement, on all resources but one. */
function sparing(statement: JsonObject, resource: string): JsonObject {
  return change(statement, { Resource: undefined, NotResource: resource })
}
const users = `arn:aws:iam::${us}:user/`
const itself = 'arn:aws:iam::*:user/${aws:username}'
const ofItsAccount = 'arn:aws:iam::${aws:PrincipalAccount}:'
const web = `arn:aws:iam::${us}:role/web`
const staff = `arn:aws:iam::${us}:group/staff`
const narrow = `arn:aws:iam::${us}:policy/narrow`
const alphabet = [...'abcdefghijklmnopqrstuvwxyz']
const admin = { is_admin: true, allows_all_but_iam: true, allows_privilege_escalation: true }
const escalates = { is_admin: false, allows_privilege_escalation: true }
const modest = { is_admin: false, allows_all_but_iam: false, allows_privilege_escalation: false }
const power = { is_admin: false, allows_all_but_iam: true, allows_privilege_escalation: false }

/** What runs with a role that is passed: one action, or several that are it together. */
const starts = [
  'apigateway:POST apigateway:PUT',
  'apprunner:CreateService',
  'autoscaling:CreateLaunchConfiguration autoscaling:CreateAutoScalingGroup',
  'autoscaling:CreateLaunchConfiguration autoscaling:UpdateAutoScalingGroup',
  'batch:RegisterJobDefinition batch:SubmitJob',
  'bedrock-agentcore:CreateAgentRuntime bedrock-agentcore:InvokeAgentRuntime',
  'bedrock-agentcore:CreateAgentRuntime bedrock-agentcore:InvokeAgentRuntimeCommand',
  'bedrock-agentcore:CreateCodeInterpreter bedrock-agentcore:InvokeCodeInterpreter',
  'braket:CreateJob',
  'cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet',
  'cloudformation:CreateStack',
  'cloudformation:CreateStackSet cloudformation:CreateStackInstances',
  'cloudformation:UpdateStack',
  'cloudformation:UpdateStackSet',
  'codebuild:CreateProject',
  'codebuild:UpdateProject',
  'cognito-identity:SetIdentityPoolRoles',
  'ec2:RequestSpotFleet',
  'ec2:RequestSpotInstances',
  'ecs:RegisterTaskDefinition ecs:CreateService',
  'ecs:RegisterTaskDefinition ecs:UpdateService',
  'ecs:RegisterTaskDefinition ecs:RunTask',
  'ecs:RunTask',
  'ecs:StartTask',
  'elasticmapreduce:RunJobFlow',
  'emr-serverless:StartJobRun',
  'gamelift:CreateBuild gamelift:CreateFleet',
  'glue:CreateSession glue:RunStatement',
  'glue:UpdateJob',
  'imagebuilder:CreateComponent imagebuilder:CreateImageRecipe imagebuilder:CreateInfrastructureConfiguration imagebuilder:CreateImage',
  'kinesisanalytics:CreateApplication kinesisanalytics:StartApplication',
  'lambda:CreateFunction',
  'lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration',
  'omics:CreateWorkflow omics:StartRun',
  'sagemaker:CreateHyperParameterTuningJob',
  'sagemaker:CreateProcessingJob',
  'sagemaker:CreateUserProfile sagemaker:CreatePresignedDomainUrl',
  'sagemaker:UpdateUserProfile sagemaker:CreatePresignedDomainUrl',
  'scheduler:CreateSchedule',
  'scheduler:UpdateSchedule',
  'states:TestState',
  'states:UpdateStateMachine',
]
/** By themselves they run nothing of their holder's, or not with a role of their choice. */
const halves = [
  'apprunner:ListServices',
  'batch:SubmitJob',
  'ecs:CreateService',
  'ecs:RegisterTaskDefinition',
  'ecs:UpdateService',
  'glue:RunStatement',
  'lambda:UpdateFunctionCode',
  'states:StartExecution',
]

const identities: Meaning[] = [
  held('everything', [may('*')], admin),
  held('everything in lists', [may(['*'], ['*'])], admin),
  held('everything, with a colon', [may('*:*')], admin),
  held('everything, by ARN', [may('*', 'arn:aws:*')], admin),
  held('everything, with MFA', [may('*', '*', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } })], admin),
  held(
    'everything on what has a tag',
    [may('*', '*', { StringEquals: { 'aws:ResourceTag/team': 'shop' } })],
    { is_admin: false },
  ),
  held('everything, and all denied', [may('*'), { Effect: 'Deny', Action: '*', Resource: '*' }], modest),
  held(
    'everything, and billing denied',
    [may('*'), { Effect: 'Deny', Action: 'billing:*', Resource: '*' }],
    admin,
  ),
  held('everything but billing', [{ Effect: 'Allow', NotAction: 'billing:*', Resource: '*' }], admin),
  held(
    'a power user’s rights',
    [{ Effect: 'Allow', NotAction: ['iam:*', 'organizations:*', 'account:*'], Resource: '*' }],
    power,
  ),
  held(
    'PowerUserAccess of AWS',
    [
      { Effect: 'Allow', NotAction: ['iam:*', 'organizations:*', 'account:*'], Resource: '*' },
      may(['account:ListRegions', 'iam:CreateServiceLinkedRole', 'iam:ListRoles']),
    ],
    power,
  ),
  held(
    'nearly everything, letter by letter',
    [
      may([
        ...alphabet.filter((letter) => letter !== 'i').map((letter) => `${letter}*:*`),
        'i?t*:*',
        'im*:*',
      ]),
    ],
    modest,
  ),
  held(
    'a power user’s rights, all denied',
    [
      { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' },
      { Effect: 'Deny', Action: '*', Resource: '*' },
    ],
    modest,
  ),
  held('IAMFullAccess of AWS', [may(['iam:*', 'organizations:DescribeAccount'])], {
    is_admin: false,
    allows_all_but_iam: false,
    allows_privilege_escalation: true,
  }),
  held('all of two services', [may(['s3:*', 'ec2:*'])], modest),
  held(
    'a power user’s rights, and IAM',
    [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }, may('iam:*')],
    admin,
  ),
  held(
    'everything but one bucket',
    [{ Effect: 'Allow', Action: '*', NotResource: [bucketArn, objects] }],
    admin,
  ),
  held(
    'everything but one role',
    [{ Effect: 'Allow', Action: '*', NotResource: `arn:aws:iam::${us}:role/root` }],
    { is_admin: true },
  ),
  held(
    'everything but all of IAM, by resource',
    [{ Effect: 'Allow', Action: '*', NotResource: 'arn:aws:iam::*' }],
    power,
  ),
  held('nothing but what is everything', [{ Effect: 'Allow', Action: '*', NotResource: '*' }], modest),
  held('everything, letter by letter', [may(alphabet.map((letter) => `${letter}*:*`))], admin),
  held(
    'everything, letter by letter, in two statements',
    [
      may(alphabet.slice(0, 13).map((letter) => `${letter}*:*`)),
      may(alphabet.slice(13).map((letter) => `${letter}*:*`)),
    ],
    admin,
  ),
  held(
    'everything but a letter',
    [may(alphabet.filter((letter) => letter !== 's').map((letter) => `${letter}*:*`))],
    escalates,
  ),
  held(
    'all that begins with another letter than S3, and S3',
    [may([...alphabet.filter((letter) => letter !== 's').map((letter) => `${letter}*:*`), 's*'])],
    admin,
  ),
  held(
    'everything on every service, by ARN letter by letter',
    [
      may(
        '*',
        alphabet.map((letter) => `arn:aws:${letter}*`),
      ),
    ],
    admin,
  ),
  held(
    'a power user’s rights, one more service left out, and IAM',
    [{ Effect: 'Allow', NotAction: ['iam:*', 'billing:*'], Resource: '*' }, may('iam:*')],
    admin,
  ),
  held('many services by name', [may(['ec2:*', 's3:*', 'lambda:*', 'rds:*'])], modest),
  held('everything on one bucket', [may('*', [bucketArn, objects])], modest),
  held('all of IAM', [may('iam:*')], escalates),
  held('all of IAM but denied', [may('iam:*'), { Effect: 'Deny', Action: 'iam:*', Resource: '*' }], modest),
  held('its own access keys', [may('iam:CreateAccessKey', 'arn:aws:iam::*:user/${aws:username}')], modest),
  ...['iam:PutUserPolicy', 'iam:AttachUserPolicy', 'iam:*'].flatMap((action) =>
    [
      '${aws:username}',
      '*/${aws:username}',
      '*${aws:username}',
      'team/${aws:username}',
      '${aws:username}*',
    ].map((name) =>
      held(`${action} on itself, user/${name}`, [may(action, `arn:aws:iam::*:user/${name}`)], escalates),
    ),
  ),
  held(
    'policies of itself, by a default',
    [may('iam:PutUserPolicy', `${users}\${aws:username, 'none'}`)],
    escalates,
  ),
  held('policies of itself, and all but IAM', [may('iam:*', itself), allBut('iam:*')], admin),
  held('policies of itself, taken back', [may('iam:*', itself), no('iam:*Policy', itself)], modest),
  held(
    'policies of itself, others taken back',
    [may('iam:*', itself), no('iam:*', `${users}team/*`)],
    escalates,
  ),
  held('policies of itself, all users taken back', [may('iam:*', itself), no('iam:*', `${users}*`)], modest),
  held('policies of users of its name', [may('iam:PutUserPolicy', `${users}\${aws:username}-*`)], modest),
  held('policies of users in a path of its name', [may('iam:*Policy', `${users}\${aws:username}/*`)], modest),
  held('policies of users by a tag', [may('iam:*Policy', `${users}\${aws:PrincipalTag/team}`)], modest),
  held(
    'policies of itself, taken back by the account',
    [may('iam:*', itself), no('iam:*', `${users}\${aws:username}`)],
    modest,
  ),
  held('keys and passwords of itself', [may(['iam:*AccessKey*', 'iam:*LoginProfile'], itself)], modest),
  {
    ...held('policies of itself, before variables', [may('iam:*', itself)], modest),
    version: '2008-10-17',
  },
  held('policies of one user', [may('iam:PutUserPolicy', `${users}ada`)], modest),
  heldBy(`${users}ada`, 'policies of its own', [may('iam:PutUserPolicy', `${users}ada`)], escalates),
  heldBy(`${users}ada`, 'policies of itself', [may('iam:PutUserPolicy', itself)], escalates),
  heldBy(
    `${users}ada`,
    'policies of what begins as it does',
    [may('iam:AttachUserPolicy', `${users}a*`)],
    escalates,
  ),
  heldBy(`${users}ada`, 'policies of another user', [may('iam:PutUserPolicy', `${users}bob`)], modest),
  heldBy(`${users}ada`, 'keys of its own', [may('iam:CreateAccessKey', `${users}ada`)], modest),
  heldBy(
    `${users}ada`,
    'policies of its own, taken back',
    [may('iam:*', itself), no('iam:*', `${users}ada`)],
    modest,
  ),
  heldBy(`${users}team/ada`, 'policies of itself without a path', [may('iam:PutUserPolicy', itself)], modest),
  heldBy(
    `${users}team/ada`,
    'policies of itself with a path',
    [may('iam:PutUserPolicy', `${users}team/\${aws:username}`)],
    escalates,
  ),
  heldBy(web, 'policies of its own', [may('iam:PutRolePolicy', web)], escalates),
  heldBy(web, 'attaching to what is of its kind', [may('iam:AttachRolePolicy', `${web}*`)], escalates),
  heldBy(web, 'its own trust', [may('iam:UpdateAssumeRolePolicy', web)], modest),
  heldBy(web, 'policies of a user that it has none of', [may('iam:PutUserPolicy', itself)], modest),
  heldBy(
    web,
    'policies of another role',
    [may('iam:PutRolePolicy', `arn:aws:iam::${us}:role/deploy`)],
    modest,
  ),
  heldBy(staff, 'policies of its own', [may('iam:PutGroupPolicy', staff)], escalates),
  heldBy(staff, 'attaching to itself', [may('iam:AttachGroupPolicy', staff)], escalates),
  heldBy(staff, 'policies of each member', [may('iam:PutUserPolicy', itself)], escalates),
  heldBy(staff, 'members of its own', [may('iam:AddUserToGroup', staff)], modest),
  heldBy(narrow, 'versions of itself', [may('iam:CreatePolicyVersion', narrow)], escalates),
  heldBy(narrow, 'which version of itself counts', [may('iam:SetDefaultPolicyVersion', narrow)], escalates),
  heldBy(narrow, 'versions of another one', [may('iam:CreatePolicyVersion', `${narrow}er`)], modest),
  held('anybody’s keys but one’s', [sparing(may('iam:CreateAccessKey'), `${users}root`)], escalates),
  held('anybody’s keys but its own', [sparing(may('iam:CreateAccessKey'), itself)], escalates),
  held('keys of all but users', [sparing(may('iam:CreateAccessKey'), `${users}*`)], modest),
  held(
    'anybody’s keys but one’s, the others’ taken back',
    [sparing(may('iam:CreateAccessKey'), `${users}root`), sparing(no('iam:*'), `${users}root`)],
    modest,
  ),
  held(
    'passing all roles but one, and functions',
    [sparing(may('iam:PassRole'), web), may('lambda:*')],
    escalates,
  ),
  ...['*', `${users}*`, `${users}?*`, 'arn:aws:iam::*:user/*'].flatMap((all) =>
    [
      `${users}\${aws:username}`,
      `${users}*/\${aws:username}`,
      `${users}\${aws:username, 'none'}`,
      'arn:aws:iam::${aws:PrincipalAccount}:user/${aws:username}',
      itself,
    ].flatMap((self) => {
      const denied = sparing(no('iam:*'), self)
      const what = `${all}, but for ${self} taken back`
      return [
        held(`policies of ${what}`, [may('iam:PutUserPolicy', all), denied], escalates),
        held(`attaching to ${what}`, [may('iam:AttachUserPolicy', all), denied], escalates),
        held(`keys of ${what}`, [may(['iam:CreateAccessKey', 'iam:*LoginProfile'], all), denied], modest),
      ]
    }),
  ),
  ...[`${users}ada`, staff, narrow].flatMap((holder) =>
    [`${users}\${aws:username}`, itself].flatMap((self) => {
      const denied = sparing(no('iam:*'), self)
      const what = `all, but for ${self} taken back`
      return [
        heldBy(holder, `policies of ${what}`, [may('iam:PutUserPolicy'), denied], escalates),
        heldBy(holder, `keys of ${what}`, [may('iam:CreateAccessKey'), denied], modest),
      ]
    }),
  ),
  heldBy(
    web,
    'policies of all, but for those of a user that it has none of taken back',
    [may('iam:PutUserPolicy', `${users}*`), no('iam:*', `${users}?*`)],
    modest,
  ),
  held(
    'policies of all, but for itself and others taken back',
    [may('iam:*'), sparing(no('iam:*'), itself), no('iam:*Policy', itself)],
    modest,
  ),
  held(
    'policies of all, but for users of its name taken back',
    [may('iam:PutUserPolicy', `${users}*`), sparing(no('iam:*'), `${users}\${aws:username}-*`)],
    modest,
  ),
  held(
    'policies of all, but for users in a path of its name taken back',
    [may('iam:PutUserPolicy', `${users}*`), sparing(no('iam:*'), `${users}\${aws:username}/*`)],
    modest,
  ),
  held(
    'all of IAM, but for devices of all accounts taken back',
    [may('iam:*'), sparing(no('iam:*'), 'arn:aws:iam::*:mfa/*')],
    modest,
  ),
  heldBy(
    web,
    'policies of all, but for its own taken back',
    [may('iam:PutRolePolicy'), sparing(no('iam:*'), web)],
    escalates,
  ),
  heldBy(
    web,
    'trust of all, but for its own taken back',
    [may('iam:UpdateAssumeRolePolicy'), sparing(no('iam:*'), web)],
    modest,
  ),
  held(
    'policies of all, but for a tag of its own taken back',
    [may('iam:PutUserPolicy', `${users}*`), sparing(no('iam:*'), `${users}\${aws:PrincipalTag/team}`)],
    modest,
  ),
  held('policies of all, taken back by a name', [may('iam:*'), no('iam:*', `arn:aws:iam::${us}:?*`)], modest),
  held(
    'policies of all users, taken back by a name',
    [may('iam:PutUserPolicy'), no('iam:*', `${users}?*`)],
    modest,
  ),
  held('policies of itself, taken back by a name', [may('iam:*', itself), no('iam:*', `${users}?*`)], modest),
  held('all of IAM in its account', [may('iam:*', `${ofItsAccount}*`)], escalates),
  held('keys in its account', [may('iam:CreateAccessKey', `${ofItsAccount}user/*`)], escalates),
  held('keys of one in its account', [may('iam:CreateAccessKey', `${ofItsAccount}user/ada`)], modest),
  held(
    'passing any role in its account, and functions',
    [may('iam:PassRole', `${ofItsAccount}role/*`), may('lambda:*')],
    escalates,
  ),
  held(
    'passing one role in its account, and functions',
    [may('iam:PassRole', `${ofItsAccount}role/web`), may('lambda:*')],
    modest,
  ),
  held(
    'policies of itself in its account',
    [may('iam:PutUserPolicy', `${ofItsAccount}user/\${aws:username}`)],
    escalates,
  ),
  held(
    'keys of itself in its account',
    [may('iam:CreateAccessKey', `${ofItsAccount}user/\${aws:username}`)],
    modest,
  ),
  held('all of IAM, taken back in its account', [may('iam:*'), no('iam:*', `${ofItsAccount}*`)], modest),
  held(
    'all of IAM where the account is its own',
    [may('iam:*', '*', { StringEquals: { 'aws:ResourceAccount': '${aws:PrincipalAccount}' } })],
    escalates,
  ),
  heldBy(
    web,
    'policies of its own account',
    [may('iam:PutRolePolicy', `${ofItsAccount}role/web`)],
    escalates,
  ),
  held('policies of every user with a name', [may('iam:PutUserPolicy', `${users}?*`)], escalates),
  held(
    'all but IAM, and roles that it makes and gives policies',
    [allBut('iam:*'), may(['iam:CreateRole', 'iam:PutRolePolicy'], `${web}*`)],
    admin,
  ),
  held(
    'all but IAM, and roles that it gives policies and assumes',
    [allBut('iam:*'), may('iam:AttachRolePolicy', web)],
    admin,
  ),
  held(
    'all but IAM, and roles that it makes within a boundary',
    [
      allBut('iam:*'),
      may(['iam:CreateRole', 'iam:PutRolePolicy'], `${web}*`, {
        StringEquals: { 'iam:PermissionsBoundary': narrow },
      }),
    ],
    power,
  ),
  held('everything but deleting users', [allBut('iam:DeleteUser')], admin),
  held('everything, and deleting users denied', [may('*'), no('iam:DeleteUser')], admin),
  held('everything but making what IAM has', [allBut('iam:Create*')], admin),
  held('everything but writing IAM', [allBut(['iam:A*', 'iam:C*', 'iam:P*', 'iam:S*', 'iam:U*'])], power),
  held('everything, and IAM denied, as written', [may('*'), no('iam:*')], { is_admin: true }),
  held('anybody’s access keys', [may('iam:CreateAccessKey', `arn:aws:iam::${us}:user/*`)], escalates),
  held('a wildcard in the name of IAM', [may('i*:Put*Policy')], escalates),
  held('a wildcard that hits', [may('iam:Put*Policy')], escalates),
  held('passing any role and starting instances', [may(['iam:PassRole', 'ec2:RunInstances'])], escalates),
  held(
    'passing any role by a question mark, and functions',
    [may('iam:Pass?ole'), may('lambda:*')],
    escalates,
  ),
  held(
    'passing one role and starting instances',
    [may('iam:PassRole', `arn:aws:iam::${us}:role/web`), may('ec2:RunInstances')],
    modest,
  ),
  held('passing any role, nothing to pass it to', [may('iam:PassRole')], modest),
  ...starts.flatMap((way) => [
    held(`passing any role and ${way}`, [may(['iam:PassRole', ...way.split(' ')])], escalates),
    held(
      `passing any role, and ${way} in statements of their own`,
      [may('iam:PassRole'), ...way.split(' ').map((action) => may(action))],
      escalates,
    ),
    held(
      `passing one role and ${way}`,
      [may('iam:PassRole', `arn:aws:iam::${us}:role/web`), may(way.split(' '))],
      modest,
    ),
  ]),
  ...halves.map((action) => held(`passing any role and ${action}`, [may(['iam:PassRole', action])], modest)),
  held('reading S3', [may(['s3:Get*', 's3:List*'])], modest),
]

const http = { 'aws:SecureTransport': 'false' }
function transport(what: string, statements: JsonObject[], denied: boolean): Meaning {
  return { what: `plain HTTP: ${what}`, statements, means: { denies_insecure_transport: denied } }
}

const transports: Meaning[] = [
  transport('nothing said', [allow({ AWS: us })], false),
  transport('as CIS writes it', [deny({ Bool: http })], true),
  transport('as a boolean', [deny({ Bool: { 'aws:SecureTransport': false } })], true),
  transport('AWS principal', [deny({ Bool: http }, { Principal: { AWS: '*' } })], true),
  transport('any action', [deny({ Bool: http }, { Action: '*' })], true),
  transport('any resource', [deny({ Bool: http }, { Resource: '*' })], true),
  transport(
    'bucket and objects by one wildcard',
    [deny({ Bool: http }, { Resource: 'arn:aws:s3:::shop*' })],
    true,
  ),
  transport('if it exists', [deny({ BoolIfExists: http })], true),
  transport('as text', [deny({ StringEquals: http })], true),
  transport('as not true', [deny({ StringNotEquals: { 'aws:SecureTransport': 'true' } })], true),
  transport('as not like true', [deny({ StringNotLike: { 'AWS:securetransport': 'true' } })], true),
  transport(
    'two statements',
    [deny({ Bool: http }, { Resource: bucketArn }), deny({ Bool: http }, { Resource: objects })],
    true,
  ),
  transport('the bucket only', [deny({ Bool: http }, { Resource: bucketArn })], false),
  transport('the objects only', [deny({ Bool: http }, { Resource: objects })], false),
  transport('reading only', [deny({ Bool: http }, { Action: 's3:GetObject' })], false),
  transport(
    'reading, and all but reading',
    [
      deny({ Bool: http }, { Action: 's3:Get*' }),
      deny({ Bool: http }, { Action: undefined, NotAction: 's3:Get*' }),
    ],
    true,
  ),
  transport('one account only', [deny({ Bool: http }, { Principal: { AWS: us } })], false),
  transport('the wrong way round', [deny({ Bool: { 'aws:SecureTransport': 'true' } })], false),
  transport(
    'and from an office',
    [deny({ Bool: http, IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } })],
    false,
  ),
  transport(
    'all but a role',
    [deny({ Bool: http, ArnNotEquals: { 'aws:PrincipalArn': `arn:aws:iam::${us}:role/legacy` } })],
    false,
  ),
  transport('a floor for TLS only', [deny({ NumericLessThan: { 's3:TlsVersion': '1.2' } })], false),
  transport('an Allow over HTTPS only', [everyone({ Bool: { 'aws:SecureTransport': 'true' } })], false),
  transport(
    'another bucket',
    [deny({ Bool: http }, { Resource: ['arn:aws:s3:::other', 'arn:aws:s3:::other/*'] })],
    false,
  ),
]

export const meanings: readonly Meaning[] = [
  ...principals,
  ...elements,
  ...conditions,
  ...denies,
  ...pairs,
  ...trusts,
  ...trustMeanings,
  ...services,
  ...identities,
  ...escalationMeanings,
  ...conditionMeanings,
  ...transports,
]

export const bucketContext: PolicyContext = { accountId: us, partition: 'aws', resourceArn: bucketArn }
