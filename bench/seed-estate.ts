import {
  AuthorizeSecurityGroupIngressCommand,
  CreateFlowLogsCommand,
  CreateNetworkAclCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2'
import {
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import {
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3'

export interface Emulated {
  url: string
  region: string
}

const clientConfig = ({ url, region }: Emulated) => ({
  endpoint: url,
  region,
  credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
})

/** Runs `make` for 0 … n − 1, a few at a time: the emulator answers one after another anyway. */
async function many<T>(n: number, make: (nr: number) => Promise<T>): Promise<T[]> {
  const made: T[] = new Array(n)
  let next = 0
  const work = async () => {
    for (let nr = next++; nr < n; nr = next++) made[nr] = await make(nr)
  }
  await Promise.all(Array.from({ length: 8 }, work))
  return made
}

const policy = (Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })

/** 1,000 resources in one region: 100 buckets, 400 of IAM, 500 of EC2, its network and KMS. */
export async function seedEstate(at: Emulated): Promise<void> {
  await seedBuckets(at)
  await seedIam(at)
  await seedNetwork(at)
  await seedKeys(at)
}

async function seedBuckets(at: Emulated): Promise<void> {
  const s3 = new S3Client({ ...clientConfig(at), forcePathStyle: true })
  await many(100, async (nr) => {
    const Bucket = `bench-${String(nr).padStart(3, '0')}`
    const where = { LocationConstraint: at.region as 'eu-west-1' }
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: where }))
    if (nr % 3 === 0) {
      const Policy = policy([
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ])
      await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }))
    }
    if (nr % 4 === 0) {
      const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }]
      await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }))
    }
    if (nr % 2 === 0)
      await s3.send(
        new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
      )
    await s3.send(
      new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'team', Value: `t${nr % 7}` }] } }),
    )
  })
  s3.destroy()
}

/** 130 users with 50 keys, 140 roles, 80 policies. */
async function seedIam(at: Emulated): Promise<void> {
  const iam = new IAMClient(clientConfig(at))
  await many(130, async (nr) => {
    await iam.send(new CreateUserCommand({ UserName: `user-${nr}` }))
    if (nr < 50) await iam.send(new CreateAccessKeyCommand({ UserName: `user-${nr}` }))
  })
  await many(140, async (nr) => {
    const AssumeRolePolicyDocument = policy([
      { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ])
    await iam.send(new CreateRoleCommand({ RoleName: `role-${nr}`, AssumeRolePolicyDocument }))
    if (nr % 3 > 0) return
    const PolicyDocument = policy([{ Effect: 'Allow', Action: ['s3:Get*', 's3:List*'], Resource: '*' }])
    await iam.send(new PutRolePolicyCommand({ RoleName: `role-${nr}`, PolicyName: 'reads', PolicyDocument }))
  })
  await many(80, (nr) => {
    const PolicyDocument = policy([
      { Effect: 'Allow', Action: nr % 10 === 0 ? '*' : ['ec2:Describe*', 'iam:PassRole'], Resource: '*' },
    ])
    return iam.send(new CreatePolicyCommand({ PolicyName: `policy-${nr}`, PolicyDocument }))
  })
  iam.destroy()
}

/** 10 VPCs with what comes with each (40), 60 subnets, 130 groups, 65 instances with volume and interface (195). */
async function seedNetwork(at: Emulated): Promise<void> {
  const ec2 = new EC2Client(clientConfig(at))
  await emptyRegion(ec2)
  const vpcs = await many(10, async (nr) => {
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: `10.${nr}.0.0/16` }))
    return Vpc?.VpcId ?? ''
  })
  const subnets = await many(60, async (nr) => {
    const CidrBlock = `10.${nr % 10}.${Math.floor(nr / 10)}.0/24`
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: vpcs[nr % 10], CidrBlock }))
    return Subnet?.SubnetId ?? ''
  })
  const groups = await many(130, async (nr) => {
    const made = await ec2.send(
      new CreateSecurityGroupCommand({
        GroupName: `group-${nr}`,
        Description: 'bench',
        VpcId: vpcs[nr % 10],
      }),
    )
    const CidrIp = nr % 9 === 0 ? '0.0.0.0/0' : '10.0.0.0/8'
    const IpPermissions = [22, 443].map((port) => {
      return { IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp }] }
    })
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: made.GroupId, IpPermissions }))
    return made.GroupId ?? ''
  })
  await many(65, (nr) =>
    ec2.send(
      new RunInstancesCommand({
        ImageId: 'ami-12c6146b',
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        SubnetId: subnets[nr % 60],
        SecurityGroupIds: [groups[nr % 10] ?? ''],
        UserData: Buffer.from('#!/bin/sh\necho hello\n').toString('base64'),
      }),
    ),
  )
  await many(15, (nr) => ec2.send(new CreateNetworkAclCommand({ VpcId: vpcs[nr % 10] })))
  await many(15, (nr) => ec2.send(new CreateRouteTableCommand({ VpcId: vpcs[nr % 10] })))
  await many(5, (nr) =>
    ec2.send(
      new CreateFlowLogsCommand({
        ResourceIds: [vpcs[nr] ?? ''],
        ResourceType: 'VPC',
        TrafficType: 'ALL',
        LogDestinationType: 's3',
        LogDestination: 'arn:aws:s3:::bench-000',
      }),
    ),
  )
  ec2.destroy()
}

async function seedKeys(at: Emulated): Promise<void> {
  const kms = new KMSClient(clientConfig(at))
  await many(40, async (nr) => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: `key ${nr}` }))
    if (nr % 2 === 0)
      await kms.send(
        new CreateAliasCommand({ AliasName: `alias/bench-${nr}`, TargetKeyId: KeyMetadata?.KeyId }),
      )
  })
  kms.destroy()
}

/** The emulator makes a default network in every region; these are to have none. */
export async function emptyRegions(url: string, regions: readonly string[]): Promise<void> {
  for (const region of regions) {
    const ec2 = new EC2Client(clientConfig({ url, region }))
    await emptyRegion(ec2)
    ec2.destroy()
  }
}

async function emptyRegion(ec2: EC2Client): Promise<void> {
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}))
  for (const { SubnetId } of Subnets ?? []) await ec2.send(new DeleteSubnetCommand({ SubnetId }))
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}))
  for (const { VpcId } of Vpcs ?? []) await ec2.send(new DeleteVpcCommand({ VpcId }))
}
