import type { Json, JsonObject } from '../../../core/json.ts'
import type { PolicyMeaning } from './describe-policy.ts'
import type { Meaning } from './meanings.data.ts'

/** What trusts of roles mean: which providers, which actions, whose tokens. A part of `meanings`. */
const us = '111122223333'
const them = '444455556666'
const context = { accountId: us, partition: 'aws', resourceArn: `arn:aws:iam::${us}:role/deploy` }

function trust(what: string, statements: JsonObject[], means: Partial<PolicyMeaning>): Meaning {
  return { what: `trust: ${what}`, statements, means, context }
}
function allowTo(principal: JsonObject | string, action: Json, condition: JsonObject = {}): JsonObject {
  return { Effect: 'Allow', Principal: principal, Action: action, Condition: condition }
}
function allowAllBut(principal: JsonObject | string, action: Json): JsonObject {
  return { Effect: 'Allow', Principal: principal, NotAction: action }
}
function deny(action: string, condition: JsonObject = {}): JsonObject {
  return { Effect: 'Deny', Principal: '*', Action: action, Condition: condition }
}
const provider = (address: string): string => `arn:aws:iam::${us}:oidc-provider/${address}`

const byToken = 'sts:AssumeRoleWithWebIdentity'
const bySaml = 'sts:AssumeRoleWithSAML'
const byBoth = [bySaml, byToken]
const corp = `arn:aws:iam::${us}:saml-provider/corp`
const cluster = 'oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D'
const gitHub = 'token.actions.githubusercontent.com'
const saml = { Federated: corp }
const eks = { Federated: provider(cluster) }
const workflows = { Federated: provider(gitHub) }
const samlAndEks = { Federated: [corp, provider(cluster)] }
const samlAndGitHub = { Federated: [corp, provider(gitHub)] }
const gitHubAndEks = { Federated: [provider(gitHub), provider(cluster)] }
const onePod = { [`${cluster}:sub`]: 'system:serviceaccount:shop:web' }
const ourWorkflows = { [`${gitHub}:sub`]: 'repo:shop/*' }

const nobody = {
  is_public: false,
  admits_other_accounts: false,
  admits_any_federated_user: false,
  admits_any_web_identity: false,
}
const samlUsers = { is_public: false, admits_any_federated_user: true, admits_any_web_identity: false }
const tokens = { admits_any_federated_user: true, admits_any_web_identity: true }
const ownTokens = { ...tokens, is_public: false }
const everybodysTokens = { ...tokens, is_public: true }
const theirs = { is_public: false, admits_other_accounts: true, other_account_ids: them }
const anybody = { is_public: true }

/** SAML names the role in what it signs; the others leave the choice of the role to the caller. */
const kinds: Meaning[] = [
  trust('SAML', [allowTo(saml, bySaml)], samlUsers),
  trust('a cluster', [allowTo(eks, byToken)], ownTokens),
  trust('SAML and a cluster in one statement', [allowTo(samlAndEks, byBoth)], ownTokens),
  trust(
    'SAML and a cluster in one statement, with audiences, if they are there',
    [
      allowTo(samlAndEks, byBoth, {
        StringEqualsIfExists: {
          'SAML:aud': 'https://signin.aws.amazon.com/saml',
          [`${cluster}:aud`]: 'sts.amazonaws.com',
        },
      }),
    ],
    ownTokens,
  ),
  trust(
    'SAML and a cluster in one statement, with a pod, if it is one',
    [allowTo(samlAndEks, byBoth, { StringEqualsIfExists: onePod })],
    samlUsers,
  ),
  trust(
    'SAML and a cluster in one statement, with a pod, which SAML has not',
    [allowTo(samlAndEks, byBoth, { StringEquals: onePod })],
    nobody,
  ),
  trust('SAML and GitHub in one statement', [allowTo(samlAndGitHub, byBoth)], everybodysTokens),
  trust('SAML and GitHub in one statement, by SAML', [allowTo(samlAndGitHub, bySaml)], samlUsers),
  trust(
    'GitHub and a cluster in one statement, with our workflows, which a pod is not',
    [allowTo(gitHubAndEks, byToken, { StringLike: ourWorkflows })],
    nobody,
  ),
  trust(
    'GitHub and a cluster in one statement, with our workflows, if it is one',
    [allowTo(gitHubAndEks, byToken, { StringLikeIfExists: ourWorkflows })],
    ownTokens,
  ),
  trust('SAML and a cluster in two statements', [allowTo(saml, bySaml), allowTo(eks, byToken)], ownTokens),
  trust(
    'SAML and one pod in two statements',
    [allowTo(saml, bySaml), allowTo(eks, byToken, { StringEquals: onePod })],
    samlUsers,
  ),
  trust('SAML and GitHub, and tokens denied', [allowTo(samlAndGitHub, 'sts:*'), deny(byToken)], samlUsers),
  trust(
    'GitHub by a wildcard, and all but our workflows denied',
    [allowTo(workflows, 'sts:AssumeRole*'), deny(byToken, { StringNotLike: ourWorkflows })],
    nobody,
  ),
]

/** Only what takes the role lets somebody in. */
const waysIn: Meaning[] = [
  ...['sts:AssumeRole', 'sts:Assume*', 'sts:*', '*', 'STS:assumerole', 's*:A?sumeRole', ...byBoth].map(
    (action) =>
      trust(`anybody may ${action}`, [allowTo('*', action)], { ...anybody, public_actions: action }),
  ),
  ...[
    'sts:TagSession',
    'sts:SetSourceIdentity',
    'sts:SetContext',
    'sts:GetCallerIdentity',
    'sts:Get*',
  ].flatMap((action) => [
    trust(`anybody may ${action}`, [allowTo('*', action)], { ...nobody, public_actions: '' }),
    trust(`another account may ${action}`, [allowTo({ AWS: them }, action)], nobody),
    trust(`GitHub may ${action}`, [allowTo(workflows, action)], nobody),
    trust(`a service may ${action}`, [allowTo({ Service: 'ec2.amazonaws.com' }, action)], {
      ...nobody,
      admits_service_for_anyone: false,
    }),
  ]),
  trust('anybody may read S3', [allowTo('*', 's3:GetObject')], nobody),
  trust(
    'another account may tag, too',
    [allowTo({ AWS: them }, ['sts:AssumeRole', 'sts:TagSession'])],
    theirs,
  ),
  trust('anybody may take it and tag', [allowTo('*', ['sts:AssumeRole', 'sts:TagSession'])], {
    ...anybody,
    public_actions: 'sts:AssumeRole',
  }),
  trust(
    'our account, and anybody may tag',
    [allowTo({ AWS: us }, 'sts:AssumeRole'), allowTo('*', 'sts:TagSession')],
    nobody,
  ),
  trust('anybody may all but tag', [allowAllBut('*', 'sts:TagSession')], anybody),
  trust('anybody may all but take it as accounts do', [allowAllBut('*', 'sts:AssumeRole')], anybody),
  trust('anybody may all but take it', [allowAllBut('*', 'sts:AssumeRole*')], nobody),
  trust('anybody may all but that of the token service', [allowAllBut('*', 'sts:*')], nobody),
  trust('another account may all but tag', [allowAllBut({ AWS: them }, 'sts:TagSession')], theirs),
  trust('another account may all but take it', [allowAllBut({ AWS: them }, 'sts:Assume*')], nobody),
  trust('a cluster may all but by token', [allowAllBut(eks, byToken)], nobody),
  trust('a cluster may all but by SAML', [allowAllBut(eks, bySaml)], ownTokens),
  trust('a cluster may take it as accounts do', [allowTo(eks, 'sts:AssumeRole')], nobody),
  trust('SAML may take it by token', [allowTo(saml, byToken)], nobody),
  trust('anybody may all, and taking it is denied', [allowTo('*', 'sts:*'), deny('sts:AssumeRole*')], nobody),
  trust('anybody may all, and tagging is denied', [allowTo('*', 'sts:*'), deny('sts:TagSession')], anybody),
]

/** A provider, and claims under which its tokens are somebody’s in particular, or anybody’s. */
interface Issuer {
  readonly issuer: string
  readonly bound: readonly JsonObject[]
  readonly open: readonly JsonObject[]
}
function issuer(address: string, bound: readonly string[], open: readonly string[]): Issuer {
  const toClaim = (claim: string): JsonObject => {
    const [name = '', value = ''] = claim.split(' ')
    return { [name.includes(':') ? name : `${address}:${name}`]: value }
  }
  return { issuer: address, bound: bound.map(toClaim), open: open.map(toClaim) }
}
const pulumi = [
  'sub pulumi:environments:org:shop:env:prod',
  'sub pulumi:deploy:org:shop:*',
  'sub pulumi:*:org:shop:*',
]
const pulumiOfAll = ['sub pulumi:*', 'sub pulumi:deploy:org:*:project:web:*', 'sub pulumi:deploy:org:shop*']
const personal = 'login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0'
const pods = ['sub system:serviceaccount:t1:web', 'sub system:serviceaccount:t1:*']
const sentinel = ['sts:RoleSessionName MicrosoftSentinel_0a1b']
const sentinelOfAll = [
  'sts:RoleSessionName *',
  'sts:RoleSessionName MicrosoftSentinel_*',
  'aud api://1462b192-27f7-4cb9-8523-0f4ecb54b47e',
]

const sharedIssuers: Issuer[] = [
  issuer(
    'accounts.google.com',
    [
      'google/organization_number 123456',
      'sub 110248495921238986420',
      'email ada@example.com',
      'email *@example.com',
      'email deploy-*@shop.iam.gserviceaccount.com',
    ],
    [
      ...['aud 66677788', 'sub 1*', 'sub 11024849592123898642?', 'google/organization_number 12*'],
      ...['email deploy-*', 'email ada@*', 'email *@*.com', 'email *@gmail.com', 'email *@example.*'],
    ],
  ),
  issuer('graph.facebook.com', ['id 1234'], ['id 1*', 'app_id 1234']),
  issuer(
    'www.amazon.com',
    ['user_id amzn1.account.AF4XWT5'],
    ['user_id amzn1.account.*', 'user_id amzn1*', 'app_id x'],
  ),
  issuer(
    'agent.buildkite.com',
    ['sub organization:shop:pipeline:web:ref:x', 'sub organization:shop:*'],
    ['sub organization:shop*', 'sub *:pipeline:web:*', 'aud sts.amazonaws.com'],
  ),
  issuer('app.terraform.io', ['sub organization:shop:*'], ['sub organization:*:project:web:*', 'aud x']),
  issuer('gitlab.com', ['sub project_path:shop/*'], ['sub project_path:*/web:*', 'aud https://gitlab.com']),
  issuer(
    'vstoken.actions.githubusercontent.com',
    ['sub repo:shop/*'],
    ['sub repo:shop*', 'sub repo:*', 'aud x'],
  ),
  issuer(
    'oidc-configuration.audit-log.githubusercontent.com',
    ['sub https://github.com/shop'],
    ['sub https://github.com/shop*', 'aud sts.amazonaws.com'],
  ),
  issuer(
    'oidc.codefresh.io',
    ['sub account:64aa:pipeline:64bb:*', 'sub account:64aa:*'],
    ['sub account:*:pipeline:64bb:*', 'sub account:64aa*', 'aud https://g.codefresh.io'],
  ),
  issuer('scalr.io', ['sub account:shop:*'], ['sub account:shop*', 'sub account:*', 'aud x']),
  issuer(
    'studio.datachain.ai/api',
    ['sub credentials:shop/web', 'sub credentials:shop/*'],
    ['sub credentials:shop*', 'sub credentials:*/web', 'aud x'],
  ),
  issuer('tokens.cloud.shisho.dev', ['sub job:SHOP:*'], ['sub job:*:web', 'sub job:SHOP*', 'aud x']),
  issuer(
    'proidc.upbound.io',
    ['sub mcp:shop/web:provider:provider-aws', 'sub mcp:shop/*', 'sub mcp:shop:*'],
    ['sub mcp:*/web:provider:provider-aws', 'sub mcp:shop*', 'aud sts.amazonaws.com'],
  ),
  issuer('rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7', pods, ['sub system:*:web']),
  issuer('rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr', pods, ['aud x']),
  issuer('rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg', pods, ['aud x']),
  issuer('rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26', pods, ['aud x']),
  issuer('oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb', pods, ['aud x']),
  issuer('oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu', pods, ['aud x']),
  // Here the audience names the customer, …
  issuer(
    'api.pulumi.com/oidc',
    [...pulumi, 'aud shop', 'aud aws:shop'],
    [...pulumiOfAll, 'aud aws:*', 'aud aws:shop*', 'aud sts.amazonaws.com'],
  ),
  issuer('api.pulumi.com', pulumi, pulumiOfAll),
  issuer(
    'oidc.vercel.com',
    ['sub owner:shop:project:web:*', 'aud https://vercel.com/shop'],
    [
      'sub owner:*:project:web:*',
      'sub owner:shop*',
      'aud https://vercel.com',
      'aud https://vercel.com/*',
      'aud https://vercel.com/shop*',
      'aud sts.amazonaws.com',
    ],
  ),
  issuer('sandboxes.cloud', ['aud shop', 'sub x/y'], ['aud sh*', 'aud sts.amazonaws.com', 'sub x*']),
  // … and here it is what the customer asks for.
  issuer('api.pulumi.com/oidc/v2', pulumi, [...pulumiOfAll, 'aud shop', 'aud aws:shop']),
  issuer('sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d', sentinel, sentinelOfAll),
  issuer('sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d/', sentinel, sentinelOfAll),
  issuer('sts.windows.net/cab8a31a-1906-4287-a0d8-4eef66b95f6e/', sentinel, sentinelOfAll),
  issuer(personal, ['sub x'], ['aud x', 'sub A*', 'oid 00000000-*']),
]

/** The address is the customer’s, or what follows it. */
const privateIssuers = [
  'oidc.circleci.com/org/0a1b2c3d',
  'oidc.vercel.com/shop',
  'token.actions.githubusercontent.com/shop',
  'gitlab.example.com',
  'api.bitbucket.org/2.0/workspaces/shop/pipelines-config/identity/oidc',
  'sts.windows.net/0a1b2c3d-1111-2222-3333-444455556666/',
  'login.microsoftonline.com/0a1b2c3d-1111-2222-3333-444455556666/v2.0',
]

/** Its own users alone sign in at a private provider; what all of their subjects begin with names none of them. */
const gitHubOfShop = 'token.actions.githubusercontent.com/shop'
const circle = 'oidc.circleci.com/org/0a1b2c3d'
const vercel = 'oidc.vercel.com/shop'
const privateSubjects: Issuer[] = [
  issuer(
    cluster,
    [
      'sub system:serviceaccount:shop:web',
      'sub system:serviceaccount:shop:*',
      'sub system:serviceaccount:shop:w?b',
    ],
    [
      ...['system:serviceaccount:*:*', 'system:serviceaccount:*', 'system:serviceaccount:*:web'],
      ...['system:serviceaccount:shop*', 'system:serviceaccount:sh?p:web', 'system:*', 's*', '*:web', 's?*'],
    ].map((value) => `sub ${value}`),
  ),
  issuer(
    gitHubOfShop,
    ['sub repo:shop/*', 'sub repo:shop*', 'sub repo:shop/web:ref:refs/heads/main'],
    ['sub repo:*', 'sub r*', 'sub *:ref:refs/heads/main', 'sub enterprise:*', 'aud sts.amazonaws.com'],
  ),
  issuer(
    'gitlab.example.com',
    ['sub project_path:shop/*', 'email ada@example.com'],
    ['sub project_path:*', 'sub project_path:*/web:*', 'sub p*', 'email *@example.com'],
  ),
  issuer(
    circle,
    ['sub org/0a1b2c3d/project/4e5f/user/6a7b', 'sub org/0a1b2c3d/project/4e5f/*'],
    ['sub org/*', 'sub org/0a1b2c3d/*', 'sub org/0a1b2c3d/project/*', 'sub */user/6a7b'],
  ),
  issuer(
    vercel,
    ['sub owner:shop:project:web:*', 'sub owner:shop:project:web:environment:production'],
    ['sub owner:*', 'sub owner:shop:*', 'sub owner:shop:project:*', 'sub *:environment:production'],
  ),
]

const builtIn = new Set(['accounts.google.com', 'graph.facebook.com', 'www.amazon.com'])

function signedBy(
  address: string,
  what: string,
  condition: JsonObject,
  means: Partial<PolicyMeaning>,
): Meaning {
  const principal = { Federated: builtIn.has(address) ? address : provider(address) }
  return trust(`${address} ${what}`, [allowTo(principal, byToken, condition)], means)
}
const pools = 'cognito-identity.amazonaws.com'
const ofCognito = (claims: JsonObject): JsonObject[] => [
  allowTo({ Federated: pools }, byToken, {
    StringLike: claims,
    'ForAnyValue:StringLike': { [`${pools}:amr`]: 'authenticated' },
  }),
]
const cognitoIdentities: Meaning[] = [
  ...['us-east-1:*', 'us-*', 'us-east-1:0a1b2c3d-*'].flatMap((value) => [
    trust(`identities of any pool: aud ${value}`, ofCognito({ [`${pools}:aud`]: value }), everybodysTokens),
    trust(`identities of any pool: sub ${value}`, ofCognito({ [`${pools}:sub`]: value }), everybodysTokens),
  ]),
  trust(
    'identities of one pool, who signed in',
    ofCognito({ [`${pools}:aud`]: 'us-east-1:0a1b2c3d-1111-2222-3333-444455556666' }),
    nobody,
  ),
]

const issuers: Meaning[] = [
  ...sharedIssuers.flatMap(({ issuer: address, bound, open }) => [
    signedBy(address, 'without a condition', {}, everybodysTokens),
    ...bound.map((claim) =>
      signedBy(address, `bound by ${JSON.stringify(claim)}`, { StringLike: claim }, nobody),
    ),
    ...open.map((claim) =>
      signedBy(address, `left open by ${JSON.stringify(claim)}`, { StringLike: claim }, everybodysTokens),
    ),
  ]),
  signedBy(
    'oidc.vercel.com',
    'with an audience of another provider, if it is there',
    { StringEqualsIfExists: { [`${gitHub}:aud`]: 'sts.amazonaws.com' } },
    everybodysTokens,
  ),
  ...privateIssuers.flatMap((address) => [
    signedBy(address, 'without a condition', {}, ownTokens),
    signedBy(address, 'with a subject', { StringEquals: { [`${address}:sub`]: 'x' } }, nobody),
  ]),
  ...privateSubjects.flatMap(({ issuer: address, bound, open }) => [
    ...bound.map((claim) =>
      signedBy(address, `bound by ${JSON.stringify(claim)}`, { StringLike: claim }, nobody),
    ),
    ...open.map((claim) =>
      signedBy(address, `left open by ${JSON.stringify(claim)}`, { StringLike: claim }, ownTokens),
    ),
  ]),
  ...cognitoIdentities,
]

export const trustMeanings: readonly Meaning[] = [...kinds, ...waysIn, ...issuers]
