import type { Json, JsonObject } from '../../../core/json.ts'
import type { PolicyMeaning } from './describe-policy.ts'
import { may, no, sparing, type Texts, when } from './identity-statements.fixture.ts'
import type { Meaning } from './meanings.data.ts'

/** What conditions, and wildcards where an account or a partition stands, leave of an identity's rights. */
const us = '111122223333'
const them = '444455556666'
const iam = `arn:aws:iam::${us}:`
const ofAll = 'arn:aws:iam::*:'
const digits = `arn:aws:iam::${'?'.repeat(12)}:`
const ofAws = 'arn:aws:iam::aws:policy/'
const app = `${iam}role/app-*`
const itself = 'arn:aws:iam::*:user/${aws:username}'
const anybody = { accountId: us, partition: 'aws' }

function held(
  what: string,
  statements: JsonObject[],
  means: Partial<PolicyMeaning>,
  belongsTo = '',
): Meaning {
  const context = belongsTo === '' ? anybody : { ...anybody, belongsTo }
  return { what: `conditions: ${what}`, statements, means, context }
}
const escalates = { is_admin: false, allows_privilege_escalation: true }
const modest = { is_admin: false, allows_privilege_escalation: false }
const admin = { is_admin: true, allows_all_but_iam: true, allows_privilege_escalation: true }
const power = { is_admin: false, allows_all_but_iam: true, allows_privilege_escalation: false }

/** Rights that a condition narrows to certain policies, by each of the two keys; and a boundary that may be replaced by certain ones. */
const narrowedBy = (operator: string, policies: Texts): { what: string; statements: JsonObject[] }[] => [
  {
    what: `attaching if ${operator} ${policies}`,
    statements: [
      may('iam:CreateRole', app),
      may('iam:AttachRolePolicy', app, when(operator, 'iam:PolicyARN', policies)),
    ],
  },
  {
    what: `writing if the boundary is ${operator} ${policies}`,
    statements: [
      may(['iam:CreateRole', 'iam:PutRolePolicy'], app, when(operator, 'iam:PermissionsBoundary', policies)),
    ],
  },
  {
    what: `replacing the boundary if ${operator} ${policies}`,
    statements: [
      may(
        ['iam:CreateRole', 'iam:PutRolePolicy'],
        app,
        when('StringEquals', 'iam:PermissionsBoundary', `${iam}policy/fixed`),
      ),
      may('iam:PutRolePermissionsBoundary', app, when(operator, 'iam:PermissionsBoundary', policies)),
    ],
  },
]

const namesThatMeet = [
  ...[`${ofAll}policy/app-*`, `${ofAll}policy/app-boundary`, `${digits}policy/app-*`, '*:policy/app-*'],
  ...['*app-boundary', '*/app-*', 'arn:*:iam::*:policy/app-*', 'arn:*:*:*:*:*/app-b*'],
  ...[
    `${iam}policy/app-*`,
    `${iam}policy/app-boundary`,
    `${iam}*app-b*`,
    'arn:aws:iam::${aws:PrincipalAccount}:policy/app-*',
  ],
]
const writtenThatMeet = [
  ...['*', `${ofAll}policy/*`, `${ofAll}policy/app-*`, `${digits}policy/app-*`, 'arn:*:iam::*:policy/app-*'],
  ...[
    '*:policy/app-b*',
    `${iam}policy/*`,
    `${iam}policy/app-*`,
    'arn:aws:iam::${aws:PrincipalAccount}:policy/app-*',
  ],
]
const writing = ['iam:CreatePolicy', 'iam:CreatePolicyVersion']
const wildcards = namesThatMeet.flatMap((named) =>
  narrowedBy('StringLike', named).flatMap(({ what, statements }) => [
    ...writtenThatMeet.map((written) =>
      held(`${what}, and it writes ${written}`, [...statements, may(writing, written)], escalates),
    ),
    held(
      `${what}, and it writes all but others`,
      [...statements, sparing(may(writing, `${ofAll}policy/web-*`))],
      // All versions of all policies but some are everything by themselves.
      escalates,
    ),
    held(
      `${what}, and it makes all but others`,
      [...statements, sparing(may('iam:CreatePolicy', `${ofAll}policy/web-*`))],
      escalates,
    ),
    held(`${what}, and it writes nothing`, statements, modest),
    held(`${what}, and it writes others`, [...statements, may(writing, `${ofAll}policy/web`)], modest),
    held(
      `${what}, and it writes those of another account`,
      [...statements, may(writing, `arn:aws:iam::${them}:policy/app-*`)],
      modest,
    ),
    held(
      `${what}, and it writes those of another partition`,
      [...statements, may(writing, 'arn:aws-cn:iam::*:policy/app-*')],
      modest,
    ),
    held(
      `${what}, and writing is taken back`,
      [...statements, may(writing, `${ofAll}policy/app-*`), no(writing, `${ofAll}policy/app-*`)],
      modest,
    ),
    held(
      `${what}, and writing is taken back in its account`,
      [
        ...statements,
        may(writing, `${ofAll}policy/app-*`),
        no(writing, 'arn:aws:iam::${aws:PrincipalAccount}:policy/*'),
      ],
      modest,
    ),
  ]),
)

const variables = narrowedBy('StringLike', `${ofAll}policy/\${aws:PrincipalTag/team}-b`).flatMap(
  ({ what, statements }) => [
    ...['*', `${ofAll}policy/*`, `${iam}policy/\${aws:PrincipalTag/team}-*`, '*-b'].map((written) =>
      held(`${what}, and it writes ${written}`, [...statements, may('iam:CreatePolicy', written)], escalates),
    ),
    held(`${what}, and it writes nothing`, statements, modest),
    held(`${what}, and it writes others`, [...statements, may('iam:CreatePolicy', '*-c')], modest),
    held(
      `${what}, and it writes those of another tag`,
      [...statements, may('iam:CreatePolicy', `${iam}policy/\${aws:PrincipalTag/unit}-*`)],
      modest,
    ),
  ],
)

const lists = [
  ...narrowedBy('StringEqualsIgnoreCase', `ARN:aws:IAM::${us}:policy/APP`).flatMap(({ what, statements }) => [
    held(
      `${what}, and it writes app`,
      [...statements, may('iam:CreatePolicy', `${ofAll}policy/app`)],
      escalates,
    ),
    held(`${what}, and it writes all`, [...statements, may('iam:CreatePolicy')], escalates),
    held(
      `${what}, and it writes web`,
      [...statements, may('iam:CreatePolicy', `${ofAll}policy/web`)],
      modest,
    ),
  ]),
  held(
    'attaching one of AWS’s, or what it makes',
    [
      may('iam:CreateRole', app),
      may(
        'iam:AttachRolePolicy',
        app,
        when('ArnLike', 'iam:PolicyARN', [`${ofAws}ReadOnlyAccess`, `${ofAll}policy/app-*`]),
      ),
      may('iam:CreatePolicy', `${ofAll}policy/app-*`),
    ],
    escalates,
  ),
  held(
    'attaching what it makes, but not in the path that is left to it',
    [
      may('iam:CreateRole', app),
      may('iam:AttachRolePolicy', app, when('ArnLike', 'iam:PolicyARN', `${ofAll}policy/*-b`)),
      may('iam:CreatePolicy', `${ofAll}policy/*-b`),
      sparing(no('iam:CreatePolicy', `${ofAll}policy/team/*`)),
    ],
    escalates,
  ),
  held(
    'attaching what another account makes',
    [
      may('iam:CreateRole', app),
      may('iam:AttachRolePolicy', app, when('ArnLike', 'iam:PolicyARN', `arn:aws:iam::${them}:policy/app-*`)),
      may('iam:CreatePolicy', `${ofAll}policy/app-*`),
    ],
    modest,
  ),
]

/** AWS's own policies, by name. */
const some = [`${ofAws}AmazonS3FullAccess`, `${ofAws}ReadOnlyAccess`]
const everything = [`${ofAws}AdministratorAccess`, `${ofAws}IAMFullAccess`]
const butEverything = (policies: string, key: string): JsonObject => ({
  ArnLike: { [key]: policies },
  ArnNotEquals: { [key]: everything },
})
const managed = [
  ...[
    ...[`${ofAws}AdministratorAccess`, `${ofAws}IAMFullAccess`, `${ofAws}AWSLambda_FullAccess`],
    ...[
      `${ofAws}AmazonECS_FullAccess`,
      `${ofAws}job-function/DataScientist`,
      `${ofAws}AWS*`,
      `${ofAws}A?ministratorAccess`,
    ],
    ...[`${ofAws}*`, `${ofAws}job-function/*`, `${ofAws}service-role/*`, `${ofAll}policy/A*`, '*FullAccess'],
  ].flatMap((policies) =>
    narrowedBy('StringLike', policies).map(({ what, statements }) => held(what, statements, escalates)),
  ),
  ...[
    ...[
      `${ofAws}ReadOnlyAccess`,
      `${ofAws}PowerUserAccess`,
      `${ofAws}AmazonS3*`,
      `${ofAws}*ReadOnly*`,
      '*ReadOnlyAccess',
    ],
    ...[
      `${ofAws}job-function/ViewOnlyAccess`,
      `${ofAws}service-role/AWSLambda*`,
      `${iam}policy/AdministratorAccess`,
    ],
    ...['arn:aws-cn:iam::aws:policy/AdministratorAccess', `arn:aws:iam::${them}:policy/*`],
  ].flatMap((policies) =>
    narrowedBy('StringLike', policies).map(({ what, statements }) => held(what, statements, modest)),
  ),
  held(
    'attaching AWS’s policies but two',
    [
      may('iam:CreateRole', app),
      may('iam:AttachRolePolicy', app, butEverything(`${ofAws}*`, 'iam:PolicyARN')),
    ],
    escalates,
  ),
  held(
    'attaching some of AWS’s policies but two',
    [
      may('iam:CreateRole', app),
      may('iam:AttachRolePolicy', app, butEverything(`${ofAws}AmazonS3*`, 'iam:PolicyARN')),
    ],
    modest,
  ),
  held(
    'attaching, two of AWS’s policies taken back',
    [
      may(['iam:CreateRole', 'iam:AttachRolePolicy'], app),
      no('iam:AttachRolePolicy', '*', when('ArnEquals', 'iam:PolicyARN', everything)),
    ],
    escalates,
  ),
  held(
    'attaching, all but two harmless ones taken back',
    [
      may(['iam:CreateRole', 'iam:AttachRolePolicy'], app),
      no('iam:AttachRolePolicy', '*', when('ArnNotEquals', 'iam:PolicyARN', some)),
    ],
    modest,
  ),
]

/** To attach to oneself, or to anybody: what may be attached is what counts. */
const targets = [
  { to: 'a user of its own', action: 'iam:AttachUserPolicy', resource: itself, belongsTo: '' },
  { to: 'any user', action: 'iam:AttachUserPolicy', resource: '*', belongsTo: '' },
  { to: 'any role', action: 'iam:AttachRolePolicy', resource: '*', belongsTo: '' },
  { to: 'any group', action: 'iam:AttachGroupPolicy', resource: '*', belongsTo: '' },
  { to: 'itself', action: 'iam:AttachUserPolicy', resource: `${iam}user/ada`, belongsTo: `${iam}user/ada` },
  { to: 'itself', action: 'iam:AttachRolePolicy', resource: `${iam}role/web`, belongsTo: `${iam}role/web` },
  {
    to: 'itself',
    action: 'iam:AttachGroupPolicy',
    resource: `${iam}group/ops`,
    belongsTo: `${iam}group/ops`,
  },
]
const attached = targets.flatMap(({ to, action, resource, belongsTo }) => {
  const what = `${action} to ${to}`
  const limited = (...policies: string[]) => may(action, resource, when('ArnLike', 'iam:PolicyARN', policies))
  return [
    held(what, [may(action, resource)], escalates, belongsTo),
    held(`${what}, of harmless ones`, [limited(...some)], modest, belongsTo),
    held(`${what}, of one of the account`, [limited(`${iam}policy/shop`)], modest, belongsTo),
    held(`${what}, of AWS’s`, [limited(`${ofAws}*`)], escalates, belongsTo),
    held(`${what}, of the account’s`, [limited(`${ofAll}policy/*`)], escalates, belongsTo),
    held(`${what}, of one that gives IAM`, [limited(...some, ...everything)], escalates, belongsTo),
    held(
      `${what}, of what it makes`,
      [limited(`${ofAll}policy/app-*`), may('iam:CreatePolicy', `${ofAll}policy/app-*`)],
      escalates,
      belongsTo,
    ),
    held(
      `${what}, all but harmless ones taken back`,
      [may(action, resource), no(action, '*', when('ArnNotLike', 'iam:PolicyARN', some))],
      modest,
      belongsTo,
    ),
    held(
      `${what}, and texts of its own, where a policy is asked for that such a request never has`,
      [may([action, action.replace('Attach', 'Put')], resource, when('ArnLike', 'iam:PolicyARN', some))],
      modest,
      belongsTo,
    ),
  ]
})

const others = [
  held('any SAML provider', [may('iam:UpdateSAMLProvider')], escalates),
  held('any SAML provider of the account', [may('iam:UpdateSAML*', `${ofAll}saml-provider/*`)], escalates),
  held(
    'all SAML providers but one',
    [sparing(may('iam:UpdateSAMLProvider', `${iam}saml-provider/x`))],
    escalates,
  ),
  held('one SAML provider', [may('iam:UpdateSAMLProvider', `${iam}saml-provider/corp`)], modest),
  held('any SAML provider, taken back', [may('iam:UpdateSAMLProvider'), no('iam:Update*')], modest),
  held('new SAML providers', [may(['iam:CreateSAMLProvider', 'iam:DeleteSAMLProvider'])], modest),
  held(
    'a new user, and one group',
    [
      may(['iam:CreateUser', 'iam:CreateAccessKey'], `${iam}user/app-*`),
      may('iam:AddUserToGroup', `${iam}group/admins`),
    ],
    modest,
  ),
  held('permission sets of the organization', [may('sso:*')], modest),
]

/** Everything, as long as a condition holds. */
function all(operator: string, key: string, value: Json): Meaning[] {
  const condition = when(operator, key, value)
  const what = `if ${operator} ${key} is ${JSON.stringify(value)}`
  return [
    held(`everything ${what}`, [may('*', '*', condition)], admin),
    held(
      `a power user’s rights ${what}, and all of IAM`,
      [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*', Condition: condition }, may('iam:*')],
      admin,
    ),
    held(
      `a power user’s rights ${what}`,
      [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*', Condition: condition }],
      power,
    ),
    held(
      `everything ${what}, as two statements`,
      [
        may(
          ['a*', 'b*', 'c*'].map((begin) => `${begin}:*`),
          '*',
          condition,
        ),
        may('*', '*', condition),
      ],
      admin,
    ),
  ]
}
/** … which few requests meet. */
function few(operator: string, key: string, value: Json): Meaning {
  const what = `everything if ${operator} ${key} is ${JSON.stringify(value)}`
  return held(what, [may('*', '*', when(operator, key, value))], {
    is_admin: false,
    allows_all_but_iam: false,
  })
}

const conditions = [
  ...all('StringNotEquals', 'aws:ResourceTag/protected', 'true'),
  ...all('StringNotEqualsIfExists', 'aws:ResourceTag/protected', 'true'),
  ...all('StringNotLike', 'ec2:InstanceType', ['p3.*', 'p4*']),
  ...all('ArnNotLike', 'iam:PolicyARN', `${ofAws}*`),
  ...all('Null', 'aws:ResourceTag/prod', 'true'),
  ...all('StringEqualsIfExists', 'iam:PassedToService', 'ec2.amazonaws.com'),
  ...all('StringEqualsIfExists', 'ec2:Region', 'eu-west-1'),
  ...all('BoolIfExists', 'kms:GrantIsForAWSResource', 'true'),
  ...all('NumericLessThanIfExists', 's3:max-keys', '10'),
  ...all('ForAllValues:StringEquals', 'aws:TagKeys', ['team', 'stage']),
  few('StringEquals', 'aws:ResourceTag/team', 'shop'),
  few('StringEquals', 'aws:RequestTag/team', 'shop'),
  few('StringLike', 'ec2:InstanceType', 't3.*'),
  few('Null', 'aws:ResourceTag/team', 'false'),
  few('ForAnyValue:StringEquals', 'aws:TagKeys', 'team'),
  few('ForAnyValue:StringNotEquals', 'aws:TagKeys', 'team'),
  few('StringEquals', 'iam:PassedToService', 'ec2.amazonaws.com'),
  few('Bool', 'kms:GrantIsForAWSResource', 'true'),
  few('StringEquals', 'sts:ExternalId', 'x'),
  few('StringEquals', 'sts:RoleSessionName', 'x'),
  held(
    'everything on what has a tag and not another',
    [
      may('*', '*', {
        StringEquals: { 'aws:ResourceTag/team': 'shop' },
        StringNotEquals: { 'aws:ResourceTag/stage': 'prod' },
      }),
    ],
    escalates,
  ),
  held(
    'everything if a key is there and is not',
    [
      may('*', '*', {
        Null: { 'aws:ResourceTag/team': 'false' },
        StringNotEquals: { 'aws:ResourceTag/team': 'shop' },
      }),
    ],
    escalates,
  ),
  held(
    'everything, with MFA, on what is not protected',
    [
      may('*', '*', {
        Bool: { 'aws:MultiFactorAuthPresent': 'true' },
        StringNotEquals: { 'aws:ResourceTag/protected': 'true' },
      }),
    ],
    admin,
  ),
]

/** Of the caller, whatever the value. */
const ofCaller = [
  ...[
    'aws:PrincipalTag/admin',
    'aws:PrincipalArn',
    'aws:userid',
    'aws:username',
    'aws:SourceVpce',
    'aws:VpceOrgID',
  ],
  ...[
    'aws:Ec2InstanceSourceVpc',
    'aws:Ec2InstanceSourcePrivateIPv4',
    'ec2:SourceInstanceARN',
    'ec2:RoleDelivery',
  ],
  ...[
    'ssm:SourceInstanceARN',
    'lambda:SourceFunctionArn',
    'glue:CredentialIssuingService',
    'aws:SignInSessionArn',
  ],
  ...[
    'aws:ChatbotSourceArn',
    'identitystore:UserId',
    'identitycenter:ApplicationArn',
    'saml:aud',
    'saml:sub',
  ],
  ...[
    'token.actions.githubusercontent.com:sub',
    'oidc.eks.eu-west-1.amazonaws.com/id/0A1B:sub',
    'accounts.google.com:aud',
  ],
  ...[
    'aws:RequestedRegion',
    'aws:UserAgent',
    'aws:CalledVia',
    'aws:ViaAWSMCPService',
    'codebuild:projectArn',
  ],
].flatMap((key) => all('StringLike', key, 'some-value*'))

/** Everything of the account, and everything in other words. */
const whole = [
  ...[
    `arn:aws:*:*:${us}:*`,
    `arn:*:*:*:${us}:*`,
    `*:${us}:*`,
    'arn:aws:*:*:${aws:PrincipalAccount}:*',
    `arn:aws:*:${us}:*`,
  ],
  ...['?*', '*:*', 'a*', 'arn:aws*', 'arn:aws:*:*:*:?*', 'arn:*:*:*:*:?*'],
].map((resource) => held(`everything on ${resource}`, [may('*', resource)], admin))
const words = [
  ...whole,
  ...['?*', '*:?*', '?*:*', '?*:?*', '**:**'].map((action) => held(`all of ${action}`, [may(action)], admin)),
  held(
    'everything on the account, and billing denied',
    [may('*', `arn:aws:*:*:${us}:*`), no('billing:*')],
    admin,
  ),
  held('everything on another account', [may('*', `arn:aws:*:*:${them}:*`)], modest),
  held('everything on a region of the account', [may('*', `arn:aws:*:eu-west-1:${us}:*`)], modest),
  held('everything on all of IAM', [may('*', 'arn:aws:iam::*')], escalates),
  held(
    'everything on services by name',
    [may('*', ['arn:aws:s3:::*', `${iam}*`, 'arn:aws:ec2:*:*:*', 'arn:aws:kms:*:*:*'])],
    escalates,
  ),
  held('services by name', [may(['iam:*', 's3:*', 'ec2:*', 'kms:*', 'lambda:*'])], escalates),
  held('all that has a letter', [may('*:*e*')], escalates),
]

export const conditionMeanings: readonly Meaning[] = [
  ...wildcards,
  ...variables,
  ...lists,
  ...managed,
  ...attached,
  ...others,
  ...conditions,
  ...ofCaller,
  ...words,
]
