import { Account } from '@aws-sdk/client-account'
import { CloudTrail } from '@aws-sdk/client-cloudtrail'
import { EC2 } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { IAM } from '@aws-sdk/client-iam'
import { KMS } from '@aws-sdk/client-kms'
import { Organizations } from '@aws-sdk/client-organizations'
import { S3 } from '@aws-sdk/client-s3'
import { S3Control } from '@aws-sdk/client-s3-control'
import { STS } from '@aws-sdk/client-sts'
import type { Chronicle, Credentials } from './chronicle.ts'

export interface Keys {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
}

/** One account of the emulator, with the clients that fill it. */
export interface AccountSeeder {
  id: string
  keys: Keys
  iam: IAM
  organizations: Organizations
  account: Account
  s3control: S3Control
  ec2(region: string): EC2
  s3(region: string): S3
  kms(region: string): KMS
  elb(region: string): ElasticLoadBalancingV2
  cloudtrail(region: string): CloudTrail
  /** Says when something came to be. */
  born(thing: string | undefined, day: string): void
  stopped(instanceId: string, day: string): void
  bucketIn(name: string, region: string): void
  accessKey(id: string, created: string, used: string | undefined, service: string): void
  roleUsed(name: string, day: string): void
  credentials(of: Credentials): void
}

/** The emulator knows an account by the keys that it gave out for it. */
export async function enterAccount(url: string, id: string, chronicle: Chronicle): Promise<AccountSeeder> {
  const sts = new STS({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'demo', secretAccessKey: 'demo' },
  })
  const { Credentials } = await sts.assumeRole({
    RoleArn: `arn:aws:iam::${id}:role/demo`,
    RoleSessionName: 'demo',
  })
  sts.destroy()
  const keys: Keys = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  }
  const given = (region: string) => ({ endpoint: url, region, credentials: keys, maxAttempts: 1 })
  const each = <T>(make: (region: string) => T) => {
    const made = new Map<string, T>()
    return (region: string) => {
      const known = made.get(region) ?? make(region)
      made.set(region, known)
      return known
    }
  }
  return {
    id,
    keys,
    iam: new IAM(given('us-east-1')),
    organizations: new Organizations(given('us-east-1')),
    account: new Account(given('us-east-1')),
    s3control: controlWithoutPrefix(url, given('us-east-1')),
    ec2: each((region) => new EC2(given(region))),
    s3: each((region) => new S3({ ...given(region), forcePathStyle: true })),
    kms: each((region) => new KMS(given(region))),
    elb: each((region) => new ElasticLoadBalancingV2(given(region))),
    cloudtrail: each((region) => new CloudTrail(given(region))),
    born: (thing, day) => chronicle.born(id, thing, day),
    stopped: (instanceId, day) => chronicle.stopped.set(instanceId, day),
    bucketIn: (name, region) => chronicle.bucketRegions.set(name, region),
    accessKey: (key, created, used, service) => {
      chronicle.born(id, key, created)
      chronicle.keyIds.push(key)
      if (used !== undefined) chronicle.keyUses.set(key, { day: used, service, region: 'eu-west-1' })
    },
    roleUsed: (name, day) => {
      chronicle.roleUses.set(`${id} ${name}`, { day, service: '', region: 'eu-west-1' })
    },
    credentials: (of) => {
      chronicle.credentials.set(id, [...(chronicle.credentials.get(id) ?? []), of])
    },
  }
}

/** S3 Control puts the account before the host, which one address does not have. */
function controlWithoutPrefix(url: string, given: object): S3Control {
  const control = new S3Control({ ...given, endpoint: url.replace('127.0.0.1', 'localhost') })
  control.middlewareStack.add(
    (next) => (args) => {
      const request = (args as { request?: { hostname: string } }).request
      if (request !== undefined) request.hostname = '127.0.0.1'
      return next(args)
    },
    { step: 'build', name: 'keepHost', priority: 'high' },
  )
  return control
}
