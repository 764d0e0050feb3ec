import type { JsonObject } from '../../../core/json.ts'
import { may, no, sparing, when } from './identity-statements.fixture.ts'
import type { Meaning } from './meanings.data.ts'

/** Rights over certain others that are all rights: who writes what another may do, and becomes it. */
const us = '111122223333'
const iam = `arn:aws:iam::${us}:`
const app = `${iam}role/app-*`
const one = `${iam}role/one`
const fresh = `${iam}user/new/*`
const ops = `${iam}group/ops`
const edge = `${iam}policy/edge`
const ofAws = 'arn:aws:iam::aws:policy/'
const anybody = { accountId: us, partition: 'aws' }

function held(what: string, statements: JsonObject[], escalates: boolean, belongsTo = ''): Meaning {
  const context = belongsTo === '' ? anybody : { ...anybody, belongsTo }
  const means = { is_admin: false, allows_privilege_escalation: escalates }
  return { what: `write and become: ${what}`, statements, means, context }
}
function is(what: string, ...statements: JsonObject[]): Meaning {
  return held(what, statements, true)
}
function isNot(what: string, ...statements: JsonObject[]): Meaning {
  return held(what, statements, false)
}

const bounded = when('StringEquals', 'iam:PermissionsBoundary', edge)
const making = ['iam:CreateRole', 'iam:PutRolePolicy']
const attaching = ['iam:CreateRole', 'iam:AttachRolePolicy']
const narrowed = (...policies: string[]) => when('ArnEquals', 'iam:PolicyARN', policies)
const tagged = when('StringEquals', 'aws:ResourceTag/team', 'shop')

/** Each right that writes with each that becomes; alone neither is it. */
const kinds = [
  {
    target: app,
    elsewhere: `${iam}role/web-*`,
    writes: ['iam:PutRolePolicy', 'iam:AttachRolePolicy'],
    becomes: ['iam:CreateRole', 'iam:UpdateAssumeRolePolicy', 'sts:AssumeRole'],
  },
  {
    target: fresh,
    elsewhere: `${iam}user/old/*`,
    writes: ['iam:PutUserPolicy', 'iam:AttachUserPolicy'],
    becomes: ['iam:CreateAccessKey', 'iam:CreateLoginProfile', 'iam:UpdateLoginProfile'],
  },
  {
    target: ops,
    elsewhere: `${iam}group/dev`,
    writes: ['iam:PutGroupPolicy', 'iam:AttachGroupPolicy'],
    becomes: ['iam:AddUserToGroup'],
  },
]
const crossed = kinds.flatMap(({ target, elsewhere, writes, becomes }) => [
  ...writes.flatMap((write) =>
    becomes.flatMap((become) => [
      is(`${write} and ${become}`, may([write, become], target)),
      is(`${write}, and ${become} in another statement`, may(write, target), may(become, target)),
      isNot(`${write}, and ${become} of others`, may(write, target), may(become, elsewhere)),
      isNot(`${write}, and ${become} taken back`, may([write, become], target), no(become, target)),
      isNot(`${write} taken back, and ${become}`, may([write, become], target), no(write, target)),
    ]),
  ),
  ...[...writes, ...becomes].map((action) => isNot(`${action} alone`, may(action, target))),
  isNot(`all of ${becomes.join(', ')} alone`, may(becomes, target)),
  isNot(`all of ${writes.join(', ')} alone`, may(writes, target)),
])

const passing = [
  is('policies, and passing to functions', may(['iam:PutRolePolicy', 'iam:PassRole'], one), may('lambda:*')),
  is('all of IAM on some roles, and functions', may('iam:*', app), may('lambda:CreateFunction')),
  is(
    'policies of some, passing any, and stacks',
    may('iam:AttachRolePolicy', app),
    may(['iam:PassRole', 'cloudformation:CreateStack']),
  ),
  isNot('policies, and passing to nothing', may(['iam:PutRolePolicy', 'iam:PassRole'], one)),
  isNot(
    'policies, and passing to what takes code only',
    may(['iam:PutRolePolicy', 'iam:PassRole'], one),
    may('lambda:UpdateFunctionCode'),
  ),
  isNot(
    'policies of one, passing another',
    may('iam:PutRolePolicy', one),
    may('iam:PassRole', `${iam}role/two`),
    may('lambda:*'),
  ),
  isNot(
    'policies, and passing, functions taken back',
    may(['iam:PutRolePolicy', 'iam:PassRole', 'lambda:*'], [one, 'arn:aws:lambda:*']),
    no('lambda:CreateFunction'),
    no('lambda:Update*'),
  ),
]

const patterns = [
  is(
    'patterns that cross',
    may('iam:PutRolePolicy', `${iam}role/app-*`),
    may('iam:CreateRole', `${iam}role/*-dev`),
  ),
  is('a pattern and a name', may('iam:PutRolePolicy', app), may('sts:AssumeRole', `${iam}role/app-web`)),
  is(
    'question marks',
    may('iam:PutRolePolicy', `${iam}role/app-??`),
    may('iam:CreateRole', `${iam}role/app-?*1`),
  ),
  is('any account', may(making, 'arn:aws:iam::*:role/app-*')),
  is('a star that reaches into the kind', may(making, `${iam}*/app-*`)),
  is(
    'one of several',
    may('iam:PutRolePolicy', [one, app]),
    may('iam:CreateRole', [`${iam}role/x`, `${app}-y`]),
  ),
  is('all but some', sparing(may('iam:PutRolePolicy', app)), may('iam:CreateRole', [app, one])),
  is('wildcards in actions', may(['iam:Put*Policy', 'iam:Cr?ateRole'], app)),
  is('all but an action', { Effect: 'Allow', NotAction: ['iam:Delete*', 's3:*'], Resource: app }),
  is('users by a tag of its own', may('iam:*', `${iam}user/\${aws:PrincipalTag/team}`)),
  is(
    'users in a path of its name',
    may(['iam:PutUserPolicy', 'iam:*AccessKey'], `${iam}user/\${aws:username}/*`),
  ),
  isNot(
    'endings that differ',
    may('iam:PutRolePolicy', `${iam}role/*-dev`),
    may('iam:CreateRole', `${iam}role/*-test`),
  ),
  isNot(
    'beginnings that differ',
    may('iam:PutRolePolicy', `${iam}role/a*`),
    may('iam:CreateRole', `${iam}role/b*`),
  ),
  isNot(
    'lengths that differ',
    may('iam:PutRolePolicy', `${iam}role/app-?`),
    may('iam:CreateRole', `${iam}role/app-???*`),
  ),
  isNot(
    'middles that differ',
    may('iam:PutRolePolicy', `${iam}role/*a*b`),
    may('iam:CreateRole', `${iam}role/a?b?c`),
  ),
  isNot('kinds that differ', may('iam:PutRolePolicy', app), may('iam:CreateAccessKey', `${iam}user/app-*`)),
  isNot('roles and keys', may(['iam:PutRolePolicy', 'iam:CreateAccessKey'], [app, fresh])),
  isNot('another account', may(making, 'arn:aws:iam::444455556666:role/app-*')),
  isNot('roles that are AWS’s own', may('iam:*', `${iam}role/aws-service-role/*`), may('lambda:*')),
  isNot('roles of Identity Center', may(making, `${iam}role/aws-reserved/*`)),
  isNot(
    'users by a tag, keys by another',
    may('iam:PutUserPolicy', `${iam}user/\${aws:PrincipalTag/a}`),
    may('iam:CreateAccessKey', `${iam}user/\${aws:PrincipalTag/b}`),
  ),
  isNot('a name that has a colon', may(making, `${iam}role/a:b`)),
]

const taken = [
  is('one taken back of some', may(making, app), no('iam:PutRolePolicy', `${iam}role/app-prod-*`)),
  is(
    'each taken back of others',
    may(making, app),
    no('iam:PutRolePolicy', `${app}-a`),
    no('iam:CreateRole', `${app}-b`),
  ),
  is(
    'taken back without MFA',
    may(making, app),
    no('iam:*', '*', when('BoolIfExists', 'aws:MultiFactorAuthPresent', 'false')),
  ),
  is('with a tag', may(making, app, tagged)),
  is('with MFA', may(making, app, when('Bool', 'aws:MultiFactorAuthPresent', 'true'))),
  isNot(
    'each taken back of a half',
    may(making, app),
    no('iam:PutRolePolicy', `${iam}role/app-a*`),
    sparing(no('iam:CreateRole', `${iam}role/app-a*`)),
  ),
  isNot('taken back of all but others', may(making, app), sparing(no('iam:Put*', `${iam}role/web-*`))),
  isNot(
    'a condition that is never met',
    may(making, app, when('StringEquals', 'aws:ResourceAccount', '444455556666')),
  ),
  isNot(
    'all taken back, in its account',
    may(making, app),
    no('iam:*', 'arn:aws:iam::${aws:PrincipalAccount}:*'),
  ),
]

const boundaries = [
  isNot('with a boundary', may(making, app, bounded)),
  isNot('policies with a boundary', may('iam:CreateRole', app), may('iam:PutRolePolicy', app, bounded)),
  isNot('made with a boundary', may('iam:CreateRole', app, bounded), may('iam:PutRolePolicy', app)),
  isNot(
    'users with a boundary',
    may(['iam:CreateUser', 'iam:PutUserPolicy'], fresh, bounded),
    may('iam:CreateAccessKey', fresh),
  ),
  isNot(
    'taken back without a boundary',
    may(making, app),
    no(making, '*', when('StringNotEquals', 'iam:PermissionsBoundary', edge)),
  ),
  isNot(
    'taken back without any boundary, and with that which is everything',
    may(making, app),
    no(making, '*', when('Null', 'iam:PermissionsBoundary', 'true')),
    no(making, '*', when('ArnNotLike', 'iam:PermissionsBoundary', `${edge}*`)),
  ),
  isNot('any role, with a boundary', may(making, '*', bounded)),
  isNot(
    'any user, with a boundary that stays',
    may(['iam:PutUserPolicy', 'iam:PutUserPermissionsBoundary'], '*', bounded),
    no('iam:DeleteUserPermissionsBoundary'),
  ),
  isNot(
    'its own policies, with a boundary',
    may('iam:PutUserPolicy', 'arn:aws:iam::*:user/${aws:username}', bounded),
  ),
  isNot(
    'with a boundary that may be removed of others',
    may(making, app, bounded),
    may('iam:DeleteRolePermissionsBoundary', one),
  ),
  isNot(
    'trust where no boundary is told',
    may('iam:PutRolePolicy', app),
    may('iam:UpdateAssumeRolePolicy', app, bounded),
  ),
  is(
    'with a boundary, if any',
    may(making, app, when('StringEqualsIfExists', 'iam:PermissionsBoundary', edge)),
  ),
  is('with any boundary', may(making, app, when('StringLike', 'iam:PermissionsBoundary', '*'))),
  is(
    'with a boundary that is everything',
    may(making, app, when('ArnEquals', 'iam:PermissionsBoundary', [edge, `${ofAws}AdministratorAccess`])),
  ),
  is('with any boundary but one', may(making, app, when('StringNotEquals', 'iam:PermissionsBoundary', edge))),
  is(
    'with a boundary that may be removed',
    may(making, app, bounded),
    may('iam:DeleteRolePermissionsBoundary', app),
  ),
  is(
    'with a boundary that may be replaced',
    may(making, app, bounded),
    may('iam:PutRolePermissionsBoundary', `${iam}role/*-x`),
  ),
  is(
    'with a boundary that it writes',
    may(making, app, bounded),
    may('iam:CreatePolicyVersion', `${iam}policy/e*`),
  ),
  is('any role, with a boundary that may be removed', may([...making, 'iam:Delete*'], '*', bounded)),
  is('a boundary for making users, and roles without', may('iam:CreateUser', '*', bounded), may(making, app)),
]

const attached = [
  is('attaching AWS’s policies', may(attaching, app, when('ArnLike', 'iam:PolicyARN', `${ofAws}*`))),
  is(
    'attaching all but one',
    may(attaching, app, when('ArnNotEquals', 'iam:PolicyARN', `${ofAws}AdministratorAccess`)),
  ),
  is(
    'attaching what gives IAM',
    may(attaching, app, narrowed(`${ofAws}ReadOnlyAccess`, `${ofAws}IAMFullAccess`)),
  ),
  is(
    'attaching the account’s policies',
    may(attaching, app, when('ArnLike', 'iam:PolicyARN', `${iam}policy/*`)),
  ),
  is(
    'attaching what it makes',
    may(attaching, app, when('ArnLike', 'iam:PolicyARN', `${iam}policy/app-*`)),
    may('iam:CreatePolicy', `${iam}policy/app-*`),
  ),
  is('attaching what it writes', may(attaching, app, narrowed(edge)), may('iam:CreatePolicyVersion', edge)),
  is(
    'attaching what it chooses the version of',
    may(attaching, app, narrowed(edge)),
    may('iam:SetDefaultPolicyVersion', edge),
  ),
  is(
    'attaching to users all but what is taken back',
    may(['iam:AttachUserPolicy', 'iam:CreateAccessKey'], fresh),
    no('iam:AttachUserPolicy', '*', narrowed(`${ofAws}AdministratorAccess`)),
  ),
  isNot('attaching one', may(attaching, app, narrowed(`${ofAws}ReadOnlyAccess`))),
  isNot(
    'attaching one to users',
    may('iam:AttachUserPolicy', fresh, narrowed(`${ofAws}ReadOnlyAccess`)),
    may('iam:CreateAccessKey', fresh),
  ),
  isNot(
    'attaching one to a group',
    may('iam:AttachGroupPolicy', ops, narrowed(`${ofAws}ReadOnlyAccess`)),
    may('iam:AddUserToGroup', ops),
  ),
  is(
    'attaching policies of a path',
    may(attaching, app, when('ArnLike', 'iam:PolicyARN', `${ofAws}service-role/*`)),
  ),
  isNot(
    'attaching some, writing others',
    may(attaching, app, narrowed(edge)),
    may('iam:CreatePolicyVersion', `${iam}policy/other`),
  ),
  isNot(
    'attaching what it writes, taken back',
    may(attaching, app, narrowed(edge)),
    may('iam:CreatePolicyVersion', edge),
    no('iam:CreatePolicyVersion'),
  ),
  isNot(
    'attaching anything but one taken back',
    may(attaching, app),
    no('iam:AttachRolePolicy', '*', when('ArnNotEquals', 'iam:PolicyARN', `${ofAws}ReadOnlyAccess`)),
  ),
  isNot(
    'attaching what it writes, with a boundary',
    may(attaching, app, {
      ArnEquals: { 'iam:PolicyARN': `${iam}policy/x`, 'iam:PermissionsBoundary': edge },
    }),
    may('iam:CreatePolicyVersion', `${iam}policy/x`),
  ),
]

/** As tools that deploy are given them. */
const deploying = [
  is(
    'Serverless Framework',
    may(['cloudformation:*', 'lambda:*', 's3:*', 'logs:*']),
    may(
      [
        'iam:GetRole',
        'iam:CreateRole',
        'iam:DeleteRole',
        'iam:PutRolePolicy',
        'iam:DeleteRolePolicy',
        'iam:PassRole',
      ],
      'arn:aws:iam::*:role/*-lambdaRole',
    ),
  ),
  is(
    'Terraform for roles of a prefix',
    may(
      [
        'iam:CreateRole',
        'iam:DeleteRole',
        'iam:AttachRolePolicy',
        'iam:DetachRolePolicy',
        'iam:PassRole',
        'iam:TagRole',
      ],
      app,
    ),
    may(['ec2:*', 'ecs:*']),
  ),
  is(
    'CloudFormation for users of a path',
    may(['iam:CreateUser', 'iam:AttachUserPolicy', 'iam:CreateAccessKey'], fresh),
  ),
  isNot(
    'Terraform for roles of a prefix, with a boundary',
    may(['iam:CreateRole', 'iam:AttachRolePolicy', 'iam:PutRolePolicy'], app, bounded),
    may(['iam:GetRole', 'iam:DeleteRole', 'iam:PassRole'], app),
    may(['ec2:*', 'ecs:*']),
  ),
  isNot('who deploys with CDK', may('sts:AssumeRole', `${iam}role/cdk-*`)),
  isNot(
    'CDK’s role that deploys',
    may(['cloudformation:CreateStack', 'cloudformation:ExecuteChangeSet', 'cloudformation:CreateChangeSet']),
    may('iam:PassRole', `${iam}role/cdk-hnb659fds-cfn-exec-role-${us}-eu-west-1`),
  ),
  isNot(
    'roles that services make for themselves',
    may('iam:CreateServiceLinkedRole'),
    may(
      ['iam:AttachRolePolicy', 'iam:PutRolePolicy'],
      'arn:aws:iam::*:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS',
    ),
    may(['iam:PassRole', 'lambda:InvokeFunction']),
  ),
]

const own = [
  held(
    'a role’s trust and policies of another',
    [may(['iam:UpdateAssumeRolePolicy', 'iam:PutRolePolicy'], one)],
    true,
    `${iam}role/web`,
  ),
  held(
    'a group’s policies and members',
    [may(['iam:PutGroupPolicy', 'iam:AddUserToGroup'], ops)],
    true,
    `${iam}user/ada`,
  ),
  held(
    'a user’s keys, and policies of another',
    [may('iam:CreateAccessKey', `${iam}user/ada`), may('iam:PutUserPolicy', `${iam}user/bob`)],
    false,
    `${iam}user/ada`,
  ),
  held(
    'its own trust, and policies of another',
    [may('iam:UpdateAssumeRolePolicy', `${iam}role/web`), may('iam:PutRolePolicy', one)],
    false,
    `${iam}role/web`,
  ),
]

/** What a boundary that says this bounds. */
function sheds(
  what: string,
  statements: JsonObject[],
  users: boolean,
  roles: boolean,
  belongsTo = '',
): Meaning {
  const context = belongsTo === '' ? anybody : { ...anybody, belongsTo }
  const means = { lets_users_shed_boundary: users, lets_roles_shed_boundary: roles }
  return { what: `as a boundary: ${what}`, statements, means, context }
}
const shed = [
  sheds(
    'removing any',
    [may(['iam:DeleteUserPermissionsBoundary', 'iam:DeleteRolePermissionsBoundary'])],
    true,
    true,
  ),
  sheds('everything', [may('*')], true, true),
  sheds('all of IAM', [may('iam:*')], true, true),
  sheds('replacing that of users', [may('iam:PutUserPermissionsBoundary', `${iam}user/*`)], true, false),
  sheds('replacing that of roles', [may('iam:Put*'), no('iam:PutUser*')], false, true),
  sheds('removing its own', [may('iam:Delete*', 'arn:aws:iam::*:user/${aws:username}')], true, false),
  sheds('removing that of some', [may('iam:DeleteRolePermissionsBoundary', app)], false, true),
  sheds(
    'removing, with MFA',
    [may('iam:Delete*', '*', when('Bool', 'aws:MultiFactorAuthPresent', 'true'))],
    true,
    true,
  ),
  sheds('versions of itself', [may('iam:CreatePolicyVersion', edge)], true, true, edge),
  sheds('versions of another', [may('iam:CreatePolicyVersion', `${iam}policy/x`)], false, false, edge),
  sheds('replacing by one', [may('iam:PutUserPermissionsBoundary', '*', bounded)], false, false),
  sheds(
    'replacing by any but one',
    [may('iam:PutUserPermissionsBoundary', '*', when('StringNotEquals', 'iam:PermissionsBoundary', edge))],
    true,
    false,
  ),
  sheds(
    'all of IAM, removing taken back',
    [may('iam:*'), no(['iam:Delete*Boundary', 'iam:Put*Boundary', 'iam:*PolicyVersion'])],
    false,
    false,
  ),
  sheds('everything, removing taken back', [may('*'), no('iam:*PermissionsBoundary')], false, false),
  sheds('a power user’s rights', [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }], false, false),
  sheds('removing, of nothing that has one', [may('iam:Delete*Boundary', `${iam}group/*`)], false, false),
  sheds('nothing of IAM', [may(['s3:*', 'ec2:*'])], false, false),
  sheds('keys', [may('iam:*AccessKey*')], false, false),
]

export const escalationMeanings: readonly Meaning[] = [
  ...crossed,
  ...passing,
  ...patterns,
  ...taken,
  ...boundaries,
  ...attached,
  ...deploying,
  ...own,
  ...shed,
]
