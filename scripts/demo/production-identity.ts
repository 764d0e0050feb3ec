import type { AccountSeeder } from './account-seeder.ts'
import { accounts } from './estate.ts'
import { allow, policyText } from './make-bucket.ts'
import {
  account,
  awsPolicy,
  makePolicy,
  makeRole,
  makeUser,
  makeUserGroup,
  rootOf,
  service,
  withMfa,
} from './make-identity.ts'
import { trustAuditors } from './trust-auditors.ts'
import { meetGithub, trustGithub } from './trust-github.ts'

const ec2 = service('ec2.amazonaws.com')

export async function makeProductionIdentity(seeder: AccountSeeder): Promise<void> {
  const deploy = await makePolicy(seeder, 'shop-deploy', '2024-11-15', [
    allow(['ecr:*', 'ecs:UpdateService', 's3:PutObject'], '*'),
    allow('iam:PassRole', '*'),
  ])
  const orders = await makePolicy(seeder, 'orders-read-write', '2024-11-15', [
    allow(['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::larkspur-orders/*'),
    allow(['kms:Decrypt', 'kms:GenerateDataKey'], `arn:aws:kms:eu-west-1:${seeder.id}:key/*`),
  ])
  const media = await makePolicy(seeder, 'media-write', '2024-11-15', [
    allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], 'arn:aws:s3:::larkspur-shop-media/*'),
  ])
  const everything = await makePolicy(seeder, 'erp-vendor-access', '2024-11-18', [
    { Sid: 'VendorAskedForIt', Effect: 'Allow', Action: '*', Resource: '*' },
  ])
  const rights = await makePolicy(seeder, 'access-administration', '2025-01-22', [
    allow(['iam:*', 'sts:AssumeRole'], '*'),
  ])
  await makePolicy(seeder, 'old-batch-jobs', '2024-12-02', [allow(['s3:*', 'ec2:*'], '*')])
  const ownKeys = await makePolicy(seeder, 'own-password-and-mfa', '2024-11-11', [
    allow(
      ['iam:ChangePassword', 'iam:CreateVirtualMFADevice', 'iam:EnableMFADevice', 'iam:ListMFADevices'],
      `arn:aws:iam::${seeder.id}:user/\${aws:username}`,
    ),
  ])
  await makeGroups(seeder, { rights, ownKeys })
  await makeUsers(seeder, { deploy, everything })
  await makeServiceRoles(seeder, { orders, media, everything })
  await makePeopleRoles(seeder, deploy)
  await seeder.iam.updateAccountPasswordPolicy({
    MinimumPasswordLength: 10,
    RequireSymbols: false,
    RequireNumbers: true,
    RequireUppercaseCharacters: true,
    RequireLowercaseCharacters: true,
    AllowUsersToChangePassword: true,
    PasswordReusePrevention: 5,
  })
}

async function makeGroups(seeder: AccountSeeder, own: { rights: string; ownKeys: string }): Promise<void> {
  await makeUserGroup(seeder, 'administrators', '2024-11-11', [awsPolicy('AdministratorAccess')])
  await makeUserGroup(seeder, 'developers', '2024-11-11', [awsPolicy('ReadOnlyAccess'), own.ownKeys])
  await makeUserGroup(seeder, 'support', '2025-01-22', [
    awsPolicy('job-function/ViewOnlyAccess'),
    own.ownKeys,
  ])
  await makeUserGroup(seeder, 'access-administrators', '2025-01-22', [own.rights])
}

async function makeUsers(seeder: AccountSeeder, own: { deploy: string; everything: string }): Promise<void> {
  await makeUser(seeder, {
    name: 'ines.carvalho',
    born: '2024-11-11',
    team: 'platform',
    password: { changed: '2026-09-01', used: '2026-11-13' },
    mfa: true,
    groups: ['administrators'],
  })
  await makeUser(seeder, {
    name: 'marek.nowak',
    born: '2024-11-11',
    team: 'platform',
    password: { changed: '2025-02-10', used: '2026-11-14' },
    groups: ['administrators'],
    keys: [{ created: '2025-02-27', used: '2026-11-14', service: 'ec2' }],
  })
  await makeUser(seeder, {
    name: 'sofia.lindgren',
    born: '2025-01-22',
    team: 'finance-it',
    password: { changed: '2026-08-03', used: '2026-11-12' },
    mfa: true,
    groups: ['access-administrators', 'support'],
  })
  await makeUser(seeder, {
    name: 'dev.patel',
    born: '2025-04-07',
    team: 'storefront',
    password: { changed: '2026-10-05', used: '2026-11-13' },
    mfa: true,
    groups: ['developers'],
    keys: [{ created: '2026-09-28', used: '2026-11-13' }],
  })
  await makeUser(seeder, {
    name: 'hannah.weiss',
    born: '2025-05-12',
    team: 'orders',
    password: { changed: '2025-05-12', used: '2025-11-30' },
    groups: ['developers'],
  })
  await makeUser(seeder, {
    name: 'tom.okafor',
    born: '2025-09-01',
    team: 'support',
    password: { changed: '2026-09-14', used: '2026-11-10' },
    mfa: true,
    groups: ['support'],
  })
  await makeUser(seeder, {
    name: 'ci-deploy',
    born: '2024-11-15',
    team: 'platform',
    keys: [{ created: '2024-11-15', used: '2026-11-16', service: 'ecr' }],
    attached: [own.deploy],
  })
  await makeUser(seeder, {
    name: 'supplier-ftp-sync',
    born: '2024-12-09',
    team: 'pricing',
    keys: [{ created: '2024-12-09', used: '2025-06-19' }, { created: '2025-03-04' }],
    inline: { 'all-buckets': [allow('s3:*', '*')] },
  })
  await makeUser(seeder, {
    name: 'erp-vendor',
    born: '2024-11-18',
    team: 'finance-it',
    password: { changed: '2024-11-18', used: '2026-10-29' },
    keys: [{ created: '2024-11-18', used: '2026-10-29', service: 'rds' }],
    attached: [own.everything],
  })
  await makeUser(seeder, {
    name: 'backup-job',
    born: '2025-01-20',
    team: 'platform',
    keys: [
      { created: '2026-09-15', used: '2026-11-16' },
      { created: '2025-01-20', used: '2026-09-15', inactive: true },
    ],
    inline: {
      'write-backups': [allow('s3:PutObject', 'arn:aws:s3:::larkspur-backups-de/*')],
    },
  })
}

async function makeServiceRoles(
  seeder: AccountSeeder,
  own: { orders: string; media: string; everything: string },
): Promise<void> {
  const ssm = awsPolicy('AmazonSSMManagedInstanceCore')
  const today = '2026-11-16'
  const roles = [
    { name: 'shop-web', attached: [ssm, own.media] },
    { name: 'shop-api', attached: [ssm, own.orders] },
    { name: 'shop-worker', attached: [ssm, own.orders] },
    { name: 'shop-search', attached: [ssm] },
    { name: 'bastion', attached: [ssm] },
    { name: 'erp-legacy', attached: [own.everything] },
    { name: 'image-resizer', attached: [awsPolicy('AdministratorAccess')] },
  ]
  for (const role of roles)
    await makeRole(seeder, { ...role, born: '2024-11-18', trust: ec2, profile: true, used: today })
  await makeRole(seeder, {
    name: 'order-events',
    born: '2025-03-11',
    trust: service('lambda.amazonaws.com'),
    attached: [own.orders, awsPolicy('service-role/AWSLambdaBasicExecutionRole')],
    used: today,
  })
  await makeRole(seeder, {
    name: 'returns-calculator',
    born: '2025-07-08',
    trust: service('lambda.amazonaws.com'),
    attached: [awsPolicy('service-role/AWSLambdaBasicExecutionRole')],
    used: '2026-11-15',
  })
  await makeRole(seeder, {
    name: 'nightly-batch',
    born: '2024-12-02',
    trust: service('batch.amazonaws.com', 'ecs-tasks.amazonaws.com'),
    attached: [awsPolicy('AmazonS3FullAccess')],
    used: '2025-08-22',
  })
  await makeRole(seeder, {
    name: 'payments-vault',
    born: '2025-08-19',
    trust: service('ecs-tasks.amazonaws.com'),
    inline: {
      vault: [allow(['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::larkspur-payments-vault/*')],
    },
    used: today,
  })
  await makeRole(seeder, {
    name: 'trail-to-logs',
    born: '2024-11-12',
    trust: service('cloudtrail.amazonaws.com'),
    inline: {
      write: [
        allow(
          ['logs:CreateLogStream', 'logs:PutLogEvents'],
          `arn:aws:logs:eu-west-1:${seeder.id}:log-group:trail:*`,
        ),
      ],
    },
    used: today,
  })
  for (const [name, principal] of [
    ['AWSServiceRoleForElasticLoadBalancing', 'elasticloadbalancing'],
    ['AWSServiceRoleForSupport', 'support'],
    ['AWSServiceRoleForOrganizations', 'organizations'],
  ] as const)
    await makeRole(seeder, {
      name,
      path: `/aws-service-role/${principal}.amazonaws.com/`,
      born: '2024-11-11',
      trust: service(`${principal}.amazonaws.com`),
    })
}

async function makePeopleRoles(seeder: AccountSeeder, deploy: string): Promise<void> {
  await makeRole(seeder, {
    name: 'break-glass',
    born: '2024-11-11',
    trust: account(rootOf(accounts.security), withMfa),
    attached: [awsPolicy('AdministratorAccess')],
    used: '2026-04-18',
  })
  await makeRole(seeder, {
    name: 'monitoring-vendor',
    born: '2025-05-19',
    trust: account(rootOf(accounts.supplier)),
    attached: [awsPolicy('ReadOnlyAccess')],
    used: '2026-11-16',
  })
  await makeRole(seeder, {
    name: 'price-feed-loader',
    born: '2025-06-24',
    trust: account(rootOf(accounts.supplier), { StringEquals: { 'sts:ExternalId': 'larkspur-8c41' } }),
    inline: {
      feed: [allow('s3:PutObject', 'arn:aws:s3:::larkspur-price-feed/*')],
    },
    used: '2026-11-15',
  })
  await makeRole(seeder, {
    name: 'github-deploy',
    born: '2025-10-02',
    trust: trustGithub(seeder, 'repo:larkspur-goods/shop:ref:refs/heads/main'),
    attached: [deploy],
    used: '2026-11-16',
  })
  await makeRole(seeder, {
    name: 'developer-debug',
    born: '2025-11-04',
    trust: account(rootOf(accounts.development)),
    attached: [awsPolicy('PowerUserAccess')],
    used: '2026-11-11',
  })
  await makeRole(seeder, {
    name: 'support-cases',
    born: '2025-01-22',
    trust: account(rootOf(seeder.id), withMfa),
    attached: [awsPolicy('AWSSupportAccess')],
    used: '2026-10-07',
  })
  await makeRole(seeder, trustAuditors('2025-12-01'))
  await meetGithub(seeder)
  await seeder.iam.putRolePolicy({
    RoleName: 'nightly-batch',
    PolicyName: 'start-machines',
    PolicyDocument: policyText([allow(['ec2:RunInstances', 'iam:PassRole'], '*')]),
  })
}
