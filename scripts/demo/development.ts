import type { AccountSeeder } from './account-seeder.ts'
import { accounts, canaries } from './estate.ts'
import { makeBalancer, makeTargetGroup } from './make-balancer.ts'
import { allow, makeBucket, objectsOf } from './make-bucket.ts'
import {
  account,
  awsPolicy,
  makePolicy,
  makeRole,
  makeUser,
  makeUserGroup,
  rootOf,
  service,
} from './make-identity.ts'
import { makeInstance, makeVolume } from './make-instance.ts'
import { makeKey } from './make-key.ts'
import {
  anything,
  makeGroup,
  makeNetwork,
  makePrefixList,
  openDefaultNetwork,
  type Place,
  tcp,
  world,
} from './make-network.ts'
import { trustAuditors } from './trust-auditors.ts'
import { meetGithub, trustGithub } from './trust-github.ts'

/** 222233334444: where things are tried. Nobody cleans up, nobody is told, nothing is logged. */
export async function makeDevelopment(seeder: AccountSeeder): Promise<void> {
  const ireland: Place = { seeder, region: 'eu-west-1', environment: 'development' }
  const key = await makeKey(seeder, 'eu-west-1', {
    alias: 'dev',
    about: 'For trying things',
    born: '2025-02-11',
  })
  await makeKey(seeder, 'eu-west-1', {
    alias: 'staging',
    about: 'Staging data',
    born: '2025-06-03',
    rotated: true,
  })
  await makeKey(seeder, 'us-east-1', {
    alias: 'experiments',
    about: 'Recommendations',
    born: '2026-05-18',
    disabled: true,
  })
  await makeIdentity(seeder)
  await makeBuckets(seeder, key)
  for (const region of ['eu-west-1', 'eu-central-1', 'us-east-1'])
    await openDefaultNetwork({ ...ireland, region })
  await makeStaging(ireland, key)
  await makeExperiments({ ...ireland, region: 'us-east-1' })
  await seeder.s3control.putPublicAccessBlock({
    AccountId: seeder.id,
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: false,
      RestrictPublicBuckets: false,
    },
  })
}

async function makeIdentity(seeder: AccountSeeder): Promise<void> {
  await makeUserGroup(seeder, 'everyone', '2025-02-03', [
    awsPolicy('PowerUserAccess'),
    awsPolicy('AWSCloudShellFullAccess'),
  ])
  await makePolicy(seeder, 'sandbox', '2025-02-03', [
    allow(['ec2:*', 's3:*', 'lambda:*'], '*'),
    {
      Effect: 'Deny',
      Action: 'ec2:RunInstances',
      Resource: '*',
      Condition: { StringNotLike: { 'ec2:InstanceType': 't3.*' } },
    },
  ])
  await makeUser(seeder, {
    name: 'dev.patel',
    born: '2025-04-07',
    team: 'storefront',
    password: { changed: '2025-04-07', used: '2026-11-13' },
    groups: ['everyone'],
    keys: [{ created: '2025-04-08', used: '2026-11-12' }],
  })
  await makeUser(seeder, {
    name: 'hannah.weiss',
    born: '2025-05-12',
    team: 'orders',
    password: { changed: '2025-05-12' },
    groups: ['everyone'],
  })
  await makeUser(seeder, {
    name: 'marek.nowak',
    born: '2025-02-03',
    team: 'platform',
    password: { changed: '2025-02-03', used: '2026-11-02' },
    mfa: true,
    attached: [awsPolicy('AdministratorAccess')],
    keys: [{ created: '2025-02-03', used: '2026-01-21', service: 'iam' }],
  })
  await makeUser(seeder, {
    name: 'intern-2025',
    born: '2025-06-16',
    team: 'storefront',
    password: { changed: '2025-06-16', used: '2025-09-11' },
    groups: ['everyone'],
    keys: [{ created: '2025-06-17', used: '2025-09-10' }],
  })
  await makeUser(seeder, {
    name: 'load-test',
    born: '2026-02-24',
    team: 'orders',
    keys: [{ created: '2026-02-24' }],
    inline: { 'any-function': [allow('lambda:InvokeFunction', '*')] },
  })
  await makeRole(seeder, {
    name: 'staging-shop',
    born: '2025-06-03',
    trust: service('ec2.amazonaws.com'),
    attached: [awsPolicy('AmazonS3FullAccess')],
    profile: true,
    used: '2026-11-16',
  })
  await makeRole(seeder, {
    name: 'notebook',
    born: '2026-05-18',
    trust: service('ec2.amazonaws.com', 'sagemaker.amazonaws.com'),
    attached: [awsPolicy('AdministratorAccess')],
    profile: true,
    used: '2026-10-08',
  })
  await makeRole(seeder, {
    name: 'demo-for-investors',
    born: '2025-11-18',
    trust: account('*'),
    attached: [awsPolicy('ReadOnlyAccess')],
    used: '2025-11-20',
  })
  await makeRole(seeder, {
    name: 'github-preview',
    born: '2025-10-02',
    trust: trustGithub(seeder),
    attached: [awsPolicy('PowerUserAccess')],
    used: '2026-11-15',
  })
  await makeRole(seeder, {
    name: 'cost-reports-vendor',
    born: '2025-08-05',
    trust: account(rootOf(accounts.supplier)),
    attached: [awsPolicy('job-function/Billing')],
  })
  await makeRole(seeder, {
    name: 'prod-copy',
    born: '2025-09-22',
    trust: account(`arn:aws:iam::${accounts.production}:role/nightly-batch`),
    inline: {
      copy: [allow('s3:PutObject', 'arn:aws:s3:::larkspur-dev-prod-copy/*')],
    },
    used: '2026-01-30',
  })
  await makeRole(seeder, trustAuditors('2025-12-01'))
  await meetGithub(seeder)
}

async function makeBuckets(seeder: AccountSeeder, key: string): Promise<void> {
  const shared = { region: 'eu-west-1', environment: 'development' }
  await makeBucket(seeder, {
    ...shared,
    name: 'larkspur-dev-artifacts',
    born: '2025-02-11',
    team: 'platform',
    blocked: true,
    lifecycleDays: 60,
  })
  await makeBucket(seeder, {
    ...shared,
    name: 'larkspur-dev-prod-copy',
    born: '2025-09-22',
    team: 'orders',
    encryption: key,
    policy: [
      {
        Sid: 'OnlyWithOurReferer',
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: objectsOf('larkspur-dev-prod-copy'),
        Condition: { StringLike: { 'aws:Referer': 'https://staging.larkspur.example/*' } },
      },
    ],
  })
  await makeBucket(seeder, {
    ...shared,
    name: 'larkspur-staging-media',
    born: '2025-06-03',
    team: 'storefront',
    blocked: true,
    versioned: true,
    tlsOnly: true,
  })
  await makeBucket(seeder, {
    ...shared,
    name: 'larkspur-dev-scratch',
    born: '2025-03-25',
    team: 'storefront',
    acl: 'public-read',
  })
  await makeBucket(seeder, {
    ...shared,
    name: 'larkspur-models-us',
    region: 'us-east-1',
    born: '2026-05-18',
    team: 'search',
  })
}

async function makeStaging(place: Place, key: string): Promise<void> {
  const network = await makeNetwork(place, {
    name: 'staging',
    net: '10.50',
    zones: ['a', 'b'],
    privateTiers: ['app'],
    mapsPublicAddresses: true,
    born: '2025-06-03',
  })
  const open = await makeGroup(place, network.vpcId, 'launch-wizard-1', 'Made by the launch wizard', [
    tcp(22, world, '::/0'),
    tcp(80, world),
  ])
  const all = await makeGroup(place, network.vpcId, 'temp-allow-all', 'Remove after the demo', [
    anything(world),
  ])
  const homes = await makePrefixList(place, 'home-offices', {
    '198.51.100.0/24': 'the office in Leeds',
    [world]: 'until the VPN is back',
  })
  const inner = await makeGroup(place, network.vpcId, 'staging-app', 'Staging servers', [
    tcp(8080, open),
    tcp(22, homes),
  ])
  const shared = { team: 'storefront', groupIds: [open], imdsv1: true, encrypted: false, monitoring: false }
  const shop = await makeInstance(place, {
    ...shared,
    name: 'staging-shop',
    type: 't3.large',
    subnetId: network.subnets['public-a']!,
    publicAddress: true,
    born: '2025-06-04',
    profile: 'staging-shop',
    userData: [
      '#!/bin/bash',
      `export DB_PASSWORD=${canaries.databasePassword}`,
      `export AWS_ACCESS_KEY_ID=${canaries.accessKey}`,
      `export AWS_SECRET_ACCESS_KEY=${canaries.secretKey}`,
      'systemctl start shop',
    ].join('\n'),
  })
  await makeInstance(place, {
    ...shared,
    name: 'demo-box',
    type: 't3.small',
    subnetId: network.subnets['public-b']!,
    publicAddress: true,
    groupIds: [all],
    born: '2025-11-18',
    keyName: 'marek',
  })
  const apps: string[] = []
  for (const nr of [1, 2])
    apps.push(
      await makeInstance(place, {
        ...shared,
        name: `staging-api-${nr}`,
        type: 't3.medium',
        subnetId: network.subnets[`app-${'ab'[nr - 1]}`]!,
        groupIds: [inner],
        encrypted: nr === 1 ? key : false,
        imdsv1: nr === 2,
        born: '2025-06-05',
      }),
    )
  await makeVolume(place, {
    name: 'prod-copy-2025-09',
    team: 'orders',
    zone: 'a',
    gib: 250,
    born: '2025-09-22',
    encrypted: false,
  })
  const group = await makeTargetGroup(place, {
    name: 'staging',
    vpcId: network.vpcId,
    port: 80,
    protocol: 'HTTP',
    instances: [shop, ...apps],
  })
  await makeBalancer(place, {
    name: 'staging',
    born: '2025-06-05',
    kind: 'application',
    scheme: 'internet-facing',
    subnets: [network.subnets['public-a']!, network.subnets['public-b']!],
    groups: [open],
    listeners: [{ port: 80, protocol: 'HTTP', to: group }],
  })
}

/** A notebook that somebody started in the network that came with the region. */
async function makeExperiments(place: Place): Promise<void> {
  const ec2 = place.seeder.ec2(place.region)
  const { Vpcs } = await ec2.describeVpcs({})
  const { Subnets } = await ec2.describeSubnets({})
  const jupyter = await makeGroup(place, Vpcs?.[0]?.VpcId ?? '', 'jupyter', 'Notebooks', [
    tcp(8888, world, '::/0'),
  ])
  await makeInstance(place, {
    name: 'recommendations-notebook',
    team: 'search',
    type: 'g5.xlarge',
    subnetId: Subnets?.[0]?.SubnetId ?? '',
    groupIds: [jupyter],
    publicAddress: true,
    born: '2026-05-18',
    profile: 'notebook',
    imdsv1: true,
    encrypted: false,
    rootGiB: 200,
    monitoring: false,
  })
}
