import type { AccountSeeder } from './account-seeder.ts'
import { accounts, buckets } from './estate.ts'
import { allow, makeBucket, objectsOf } from './make-bucket.ts'
import {
  account,
  awsPolicy,
  makePolicy,
  makeRole,
  makeUser,
  rootOf,
  service,
  withMfa,
} from './make-identity.ts'
import { makeInstance } from './make-instance.ts'
import { makeKey } from './make-key.ts'
import { dropDefaultNetwork, emptyGroup, makeGroup, makeNetwork, type Place, tcp } from './make-network.ts'
import { makeTrail } from './make-trail.ts'
import { trustAuditors } from './trust-auditors.ts'

/** 333344445555: the organization's own account and the archive of its logs. */
export async function makeSecurity(seeder: AccountSeeder): Promise<void> {
  const place: Place = { seeder, region: 'eu-west-1', environment: 'security' }
  const key = await makeKey(seeder, 'eu-west-1', {
    alias: 'trails',
    about: 'Encrypts the archive of trails',
    born: '2024-11-05',
    rotated: true,
    policy: [
      {
        Sid: 'TrailsOfOurAccounts',
        Effect: 'Allow',
        Principal: { Service: 'cloudtrail.amazonaws.com' },
        Action: ['kms:GenerateDataKey*', 'kms:DescribeKey'],
        Resource: '*',
        Condition: {
          StringLike: {
            'kms:EncryptionContext:aws:cloudtrail:arn': [accounts.production, accounts.security].map(
              (id) => `arn:aws:cloudtrail:*:${id}:trail/*`,
            ),
          },
        },
      },
    ],
  })
  await makeKey(seeder, 'eu-central-1', {
    alias: 'evidence',
    about: 'Evidence for audits',
    born: '2025-03-31',
    rotated: true,
  })
  await makeArchive(seeder, key)
  await makeIdentity(seeder)
  for (const region of ['eu-west-1', 'eu-central-1', 'us-east-1']) {
    await dropDefaultNetwork({ ...place, region })
    await seeder.ec2(region).enableEbsEncryptionByDefault({})
  }
  const network = await makeNetwork(place, {
    name: 'tools',
    net: '10.90',
    zones: ['a'],
    privateTiers: ['app'],
    nat: true,
    flowLogBucket: buckets.flowLogs,
    born: '2024-11-25',
  })
  await emptyGroup(place, network.defaultGroupId)
  const group = await makeGroup(place, network.vpcId, 'log-search', 'Search in logs', [
    tcp(9200, '10.90.0.0/16'),
  ])
  await makeInstance(place, {
    name: 'log-search',
    team: 'security',
    type: 'r6i.large',
    subnetId: network.subnets['app-a']!,
    groupIds: [group],
    born: '2025-05-27',
    profile: 'log-search',
    rootGiB: 200,
    userData: '#!/bin/bash\nsystemctl enable --now log-search\n',
  })
  await seeder.s3control.putPublicAccessBlock({
    AccountId: seeder.id,
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
  })
  await makeTrail(seeder, {
    name: 'security-own',
    born: '2024-11-06',
    prefix: 'security',
    objects: 'arn:aws:s3',
    key,
  })
}

async function makeArchive(seeder: AccountSeeder, key: string): Promise<void> {
  const shared = {
    region: 'eu-west-1',
    environment: 'security',
    team: 'security',
    blocked: true,
    versioned: true,
    tlsOnly: true,
  }
  const trails = { Service: 'cloudtrail.amazonaws.com' }
  await makeBucket(seeder, {
    ...shared,
    name: 'larkspur-security-access-logs',
    born: '2024-11-05',
    lifecycleDays: 400,
    acl: 'log-delivery-write',
  })
  await makeBucket(seeder, {
    ...shared,
    name: buckets.trailArchive,
    born: '2024-11-05',
    encryption: key,
    locked: true,
    policy: [
      {
        Sid: 'TrailsLook',
        Effect: 'Allow',
        Principal: trails,
        Action: 's3:GetBucketAcl',
        Resource: `arn:aws:s3:::${buckets.trailArchive}`,
        Condition: { StringEquals: { 'aws:SourceOrgID': 'o-larkspur01' } },
      },
      {
        Sid: 'TrailsWrite',
        Effect: 'Allow',
        Principal: trails,
        Action: 's3:PutObject',
        Resource: objectsOf(buckets.trailArchive),
        Condition: {
          StringEquals: { 'aws:SourceOrgID': 'o-larkspur01', 's3:x-amz-acl': 'bucket-owner-full-control' },
        },
      },
    ],
  })
  await makeBucket(seeder, {
    ...shared,
    name: buckets.flowLogs,
    born: '2024-11-05',
    lifecycleDays: 400,
    logsTo: 'larkspur-security-access-logs',
    policy: [
      {
        Sid: 'FlowLogs',
        Effect: 'Allow',
        Principal: { Service: 'delivery.logs.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: objectsOf(buckets.flowLogs),
        Condition: { StringEquals: { 'aws:SourceAccount': [accounts.production, accounts.security] } },
      },
    ],
  })
  await makeBucket(seeder, {
    ...shared,
    name: 'larkspur-audit-evidence',
    region: 'eu-central-1',
    born: '2025-03-31',
    locked: true,
  })
}

async function makeIdentity(seeder: AccountSeeder): Promise<void> {
  const scan = await makePolicy(seeder, 'assume-stance', '2025-12-01', [
    allow('sts:AssumeRole', 'arn:aws:iam::*:role/stance'),
  ])
  await makeUser(seeder, {
    name: 'ines.carvalho',
    born: '2024-11-05',
    team: 'platform',
    password: { changed: '2026-09-01', used: '2026-11-09' },
    mfa: true,
    attached: [awsPolicy('AdministratorAccess')],
  })
  await makeUser(seeder, {
    name: 'auditor.external',
    born: '2026-10-19',
    team: 'security',
    password: { changed: '2026-10-19', used: '2026-11-06' },
    mfa: true,
    attached: [awsPolicy('SecurityAudit')],
  })
  await makeRole(seeder, {
    name: 'stance-scanner',
    born: '2025-12-01',
    trust: service('ec2.amazonaws.com'),
    attached: [scan, awsPolicy('SecurityAudit')],
    profile: true,
    used: '2026-11-16',
  })
  await makeRole(seeder, {
    name: 'log-search',
    born: '2025-05-27',
    trust: service('ec2.amazonaws.com'),
    inline: {
      read: [
        {
          Effect: 'Allow',
          Action: ['s3:GetObject', 's3:ListBucket'],
          Resource: [`arn:aws:s3:::${buckets.trailArchive}`, objectsOf(buckets.trailArchive)],
        },
      ],
    },
    profile: true,
    used: '2026-11-16',
  })
  await makeRole(seeder, {
    name: 'incident-response',
    born: '2024-11-25',
    trust: account(rootOf(seeder.id), withMfa),
    attached: [awsPolicy('SecurityAudit')],
    used: '2026-07-02',
  })
  await makeRole(seeder, trustAuditors('2025-12-01'))
  await seeder.iam.updateAccountPasswordPolicy({
    MinimumPasswordLength: 16,
    RequireSymbols: true,
    RequireNumbers: true,
    RequireUppercaseCharacters: true,
    RequireLowercaseCharacters: true,
    AllowUsersToChangePassword: true,
    PasswordReusePrevention: 24,
    MaxPasswordAge: 365,
  })
}
