import { Account } from '@aws-sdk/client-account'
import { CloudTrail } from '@aws-sdk/client-cloudtrail'
import { EC2 } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { IAM } from '@aws-sdk/client-iam'
import { KMS } from '@aws-sdk/client-kms'
import { S3 } from '@aws-sdk/client-s3'
import { type MotoAccount, motoAccount } from '../setup/moto-account.ts'
import { s3Control } from '../setup/s3-control.ts'

import { regions } from './estate.ts'

interface Given {
  endpoint: string
  region: string
  credentials: MotoAccount['credentials']
  maxAttempts: number
}

interface Seeding {
  account: MotoAccount
  /** The same names either way; one account guards them, the other does not. */
  isCareless: boolean
  given: (region: string) => Given
  signingKeys: Set<string>
}

/**
 * Fills one account of an emulator; the names and, from one seed, the ids are the same in every account. Keys that
 * cannot rotate are added to `signingKeys`.
 */
export async function seedAccount(
  url: string,
  accountId: string,
  isCareless: boolean,
  signingKeys: Set<string>,
): Promise<MotoAccount> {
  const account = await motoAccount({ url, accountId, region: 'eu-west-1' })
  const given = (region: string) => ({
    endpoint: url,
    region,
    credentials: account.credentials,
    maxAttempts: 1,
  })
  const seeding: Seeding = { account, isCareless, given, signingKeys }
  // From the same seed the same ids, whatever was made before.
  const seed = (nr: number) => fetch(`${url}/moto-api/seed?a=${nr}`)
  await seed(1)
  await seedIdentities(seeding)
  await seedBuckets(seeding)
  for (const [nr, region] of regions.entries()) {
    await seed(2 + nr)
    await seedRegion(seeding, region)
  }
  await seedTrail(seeding)
  await seedAccountSettings(seeding)
  return account
}

const document = (...statements: object[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements.map((one) => ({ Effect: 'Allow', ...one })) })

async function seedIdentities({ account, isCareless, given }: Seeding): Promise<void> {
  const iam = new IAM(given('us-east-1'))
  const { Policy } = await iam.createPolicy({
    PolicyName: 'operate',
    PolicyDocument: isCareless
      ? document({ Action: '*', Resource: '*' })
      : document({ Action: ['ec2:Describe*', 's3:GetObject'], Resource: '*' }),
  })
  await iam.createPolicy({
    PolicyName: 'unused',
    PolicyDocument: document({ Action: 's3:ListAllMyBuckets', Resource: '*' }),
  })
  const PolicyArn = Policy?.Arn
  await iam.createGroup({ GroupName: 'operators' })
  await iam.attachGroupPolicy({ GroupName: 'operators', PolicyArn })
  await iam.putGroupPolicy({
    GroupName: 'operators',
    PolicyName: 'look',
    PolicyDocument: document({ Action: 's3:GetObject', Resource: '*' }),
  })
  for (const UserName of ['ana', 'ben', 'cid']) await iam.createUser({ UserName })
  await iam.addUserToGroup({ GroupName: 'operators', UserName: 'ana' })
  await iam.createLoginProfile({ UserName: 'ana', Password: 'not-a-real-one-1A!' })
  if (!isCareless) {
    const { VirtualMFADevice } = await iam.createVirtualMFADevice({ VirtualMFADeviceName: 'ana' })
    await iam.enableMFADevice({
      UserName: 'ana',
      SerialNumber: VirtualMFADevice?.SerialNumber,
      AuthenticationCode1: '123456',
      AuthenticationCode2: '654321',
    })
  }
  await iam.createAccessKey({ UserName: 'ben' })
  if (isCareless) {
    await iam.createAccessKey({ UserName: 'ben' })
    await iam.attachUserPolicy({ UserName: 'ben', PolicyArn })
    await iam.putUserPolicy({
      UserName: 'cid',
      PolicyName: 'more',
      PolicyDocument: document({ Action: 'iam:*', Resource: '*' }),
    })
  }
  await iam.createRole({
    RoleName: 'web',
    AssumeRolePolicyDocument: document({
      Principal: { Service: 'ec2.amazonaws.com' },
      Action: 'sts:AssumeRole',
    }),
  })
  await iam.createRole({
    RoleName: 'partner',
    AssumeRolePolicyDocument: document({
      Principal: { AWS: isCareless ? '*' : 'arn:aws:iam::777788889999:root' },
      Action: 'sts:AssumeRole',
      ...(isCareless ? {} : { Condition: { StringEquals: { 'sts:ExternalId': 'larkspur' } } }),
    }),
  })
  await iam.attachRolePolicy({ RoleName: 'web', PolicyArn })
  await iam.createInstanceProfile({ InstanceProfileName: 'web' })
  await iam.addRoleToInstanceProfile({ InstanceProfileName: 'web', RoleName: 'web' })
  if (!isCareless)
    await iam.updateAccountPasswordPolicy({ MinimumPasswordLength: 14, PasswordReusePrevention: 24 })
  await iam.createAccountAlias({ AccountAlias: `estate-${account.accountId.slice(0, 4)}` })
}

const allBlocked = {
  BlockPublicAcls: true,
  BlockPublicPolicy: true,
  IgnorePublicAcls: true,
  RestrictPublicBuckets: true,
}

async function seedBuckets({ isCareless, given, account }: Seeding): Promise<void> {
  const east = new S3({ ...given('us-east-1'), forcePathStyle: true })
  const west = new S3({ ...given('eu-west-1'), forcePathStyle: true })
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' } as const
  await west.createBucket({ Bucket: 'larkspur-images', CreateBucketConfiguration })
  await west.createBucket({ Bucket: 'larkspur-logs', CreateBucketConfiguration })
  await east.createBucket({ Bucket: 'larkspur-plain' })
  const Bucket = 'larkspur-images'
  if (isCareless) {
    await west.putBucketPolicy({
      Bucket,
      Policy: document({ Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` }),
    })
  } else {
    for (const name of [Bucket, 'larkspur-logs'])
      await west.putPublicAccessBlock({ Bucket: name, PublicAccessBlockConfiguration: allBlocked })
    await west.putBucketEncryption({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    })
    await west.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })
    const control = s3Control(given('us-east-1'), account.url)
    await control.putPublicAccessBlock({
      AccountId: account.accountId,
      PublicAccessBlockConfiguration: allBlocked,
    })
  }
  await west.putBucketTagging({ Bucket, Tagging: { TagSet: [{ Key: 'team', Value: 'shop' }] } })
}

async function seedRegion(
  { isCareless, given, account, signingKeys }: Seeding,
  region: string,
): Promise<void> {
  const ec2 = new EC2(given(region))
  const Tags = [{ Key: 'Name', Value: 'shop' }]
  const { Vpc } = await ec2.createVpc({
    CidrBlock: '10.7.0.0/16',
    TagSpecifications: [{ ResourceType: 'vpc', Tags }],
  })
  const VpcId = Vpc?.VpcId
  const subnets: string[] = []
  for (const [nr, zone] of ['a', 'b'].entries()) {
    const { Subnet } = await ec2.createSubnet({
      VpcId,
      CidrBlock: `10.7.${nr}.0/24`,
      AvailabilityZone: region + zone,
    })
    subnets.push(Subnet?.SubnetId ?? '')
  }
  const { InternetGateway } = await ec2.createInternetGateway({})
  const GatewayId = InternetGateway?.InternetGatewayId
  await ec2.attachInternetGateway({ VpcId, InternetGatewayId: GatewayId })
  const { RouteTable } = await ec2.createRouteTable({ VpcId })
  const RouteTableId = RouteTable?.RouteTableId
  await ec2.createRoute({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId })
  await ec2.associateRouteTable({ RouteTableId, SubnetId: subnets[0] })
  const { GroupId } = await ec2.createSecurityGroup({
    GroupName: 'web',
    Description: 'web servers',
    VpcId,
  })
  const everyone = [{ CidrIp: '0.0.0.0/0' }]
  const { PrefixList } = await ec2.createManagedPrefixList({
    PrefixListName: 'offices',
    AddressFamily: 'IPv4',
    MaxEntries: 5,
    Entries: [{ Cidr: isCareless ? '0.0.0.0/0' : '192.0.2.0/24', Description: 'office' }],
  })
  await ec2.authorizeSecurityGroupIngress({
    GroupId,
    IpPermissions: [
      { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: everyone },
      {
        IpProtocol: 'tcp',
        FromPort: 22,
        ToPort: 22,
        IpRanges: isCareless ? everyone : [{ CidrIp: '10.0.0.0/8' }],
      },
      {
        IpProtocol: 'tcp',
        FromPort: 3389,
        ToPort: 3389,
        PrefixListIds: [{ PrefixListId: PrefixList?.PrefixListId }],
      },
    ],
  })
  const { KeyMetadata } = await new KMS(given(region)).createKey({ Description: 'orders' })
  const kms = new KMS(given(region))
  if (!isCareless) await kms.enableKeyRotation({ KeyId: KeyMetadata?.KeyId ?? '' })
  await kms.createAlias({ AliasName: 'alias/orders', TargetKeyId: KeyMetadata?.KeyId ?? '' })
  const signing = await kms.createKey({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' })
  signingKeys.add(signing.KeyMetadata?.KeyId ?? '')
  await ec2.createVolume({
    AvailabilityZone: `${region}a`,
    Size: 8,
    Encrypted: !isCareless,
    VolumeType: 'gp3',
  })
  const { Instances } = await ec2.runInstances({
    ImageId: 'ami-12c6146b',
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    UserData: Buffer.from('#!/bin/sh\nexport DB_PASSWORD=correct-horse-battery\n').toString('base64'),
    MetadataOptions: { HttpTokens: isCareless ? 'optional' : 'required', HttpEndpoint: 'enabled' },
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        SubnetId: subnets[0],
        Groups: [GroupId ?? ''],
        AssociatePublicIpAddress: true,
      },
    ],
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web-1' }] }],
  })
  await ec2.createFlowLogs({
    ResourceIds: [VpcId ?? ''],
    ResourceType: 'VPC',
    TrafficType: isCareless ? 'ACCEPT' : 'REJECT',
    LogDestinationType: 'cloud-watch-logs',
    LogGroupName: 'flows',
    DeliverLogsPermissionArn: `arn:aws:iam::${account.accountId}:role/web`,
  })
  if (region !== 'eu-west-1') return
  const elb = new ElasticLoadBalancingV2(given(region))
  const { LoadBalancers } = await elb.createLoadBalancer({
    Name: 'web',
    Scheme: 'internet-facing',
    Subnets: subnets,
    SecurityGroups: [GroupId ?? ''],
  })
  const { TargetGroups } = await elb.createTargetGroup({
    Name: 'web',
    Protocol: 'HTTP',
    Port: 8080,
    VpcId,
    TargetType: 'instance',
  })
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn
  await elb.registerTargets({ TargetGroupArn, Targets: [{ Id: Instances?.[0]?.InstanceId, Port: 8080 }] })
  const toHttps = {
    Type: 'redirect',
    RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' },
  } as const
  const { Listeners } = await elb.createListener({
    LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 80,
    DefaultActions: isCareless ? [{ Type: 'forward', TargetGroupArn }] : [toHttps],
  })
  await elb.createRule({
    ListenerArn: Listeners?.[0]?.ListenerArn,
    Priority: 10,
    Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/old/*'] } }],
    Actions: [isCareless ? { Type: 'forward', TargetGroupArn } : toHttps],
  })
}

async function seedTrail({ isCareless, given }: Seeding): Promise<void> {
  const trails = new CloudTrail(given('eu-west-1'))
  await trails.createTrail({
    Name: 'all',
    S3BucketName: 'larkspur-logs',
    IsMultiRegionTrail: true,
    EnableLogFileValidation: !isCareless,
  })
  if (!isCareless) await trails.startLogging({ Name: 'all' })
}

async function seedAccountSettings({ isCareless, given }: Seeding): Promise<void> {
  if (isCareless) return
  await new Account(given('us-east-1')).putAlternateContact({
    AlternateContactType: 'SECURITY',
    EmailAddress: 'security@larkspur.example',
    Name: 'Security',
    PhoneNumber: '+353 1 555 0100',
    Title: 'Security',
  })
}
