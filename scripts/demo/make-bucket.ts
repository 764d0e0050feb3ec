import type { AccountSeeder } from './account-seeder.ts'

export interface Statement {
  Sid?: string
  Effect: 'Allow' | 'Deny'
  Principal?: unknown
  Action: string | string[]
  Resource?: string | string[]
  Condition?: Record<string, Record<string, string | string[]>>
}

export interface BucketPlan {
  name: string
  region: string
  born: string
  team: string
  environment: string
  /** All four switches; `false`: none; undefined: never set. */
  blocked?: boolean
  policy?: readonly Statement[]
  /** Adds the statement that refuses plain HTTP. */
  tlsOnly?: boolean
  acl?: 'public-read' | 'public-read-write' | 'log-delivery-write'
  /** Who else may read, by canonical id. */
  grantRead?: string
  versioned?: boolean
  encryption?: string
  logsTo?: string
  lifecycleDays?: number
  locked?: boolean
  website?: boolean
}

export function allow(Action: string | string[], Resource: string): Statement {
  return { Effect: 'Allow', Action, Resource }
}

export function objectsOf(name: string): string {
  return `arn:aws:s3:::${name}/*`
}

export function policyText(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}

export async function makeBucket(seeder: AccountSeeder, plan: BucketPlan): Promise<void> {
  const { name: Bucket, region } = plan
  const s3 = seeder.s3(region)
  const wantsAcl = plan.acl !== undefined || plan.grantRead !== undefined
  await s3.createBucket({
    Bucket,
    ObjectOwnership: wantsAcl ? 'ObjectWriter' : 'BucketOwnerEnforced',
    ...(region === 'us-east-1'
      ? {}
      : { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } }),
    ...(plan.locked ? { ObjectLockEnabledForBucket: true } : {}),
  })
  seeder.born(Bucket, plan.born)
  seeder.bucketIn(Bucket, region)
  if (plan.acl !== undefined) await s3.putBucketAcl({ Bucket, ACL: plan.acl as 'public-read' })
  if (plan.grantRead !== undefined) await s3.putBucketAcl({ Bucket, GrantRead: `id=${plan.grantRead}` })
  if (plan.blocked !== undefined) {
    const on = plan.blocked
    await s3.putPublicAccessBlock({
      Bucket,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: on,
        IgnorePublicAcls: on,
        BlockPublicPolicy: on,
        RestrictPublicBuckets: on,
      },
    })
  }
  const statements = [...(plan.policy ?? []), ...(plan.tlsOnly ? [tlsOnly(Bucket)] : [])]
  if (statements.length > 0) await s3.putBucketPolicy({ Bucket, Policy: policyText(statements) })
  if (plan.versioned) await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })
  await s3.putBucketEncryption({
    Bucket,
    ServerSideEncryptionConfiguration: {
      Rules: [
        {
          ApplyServerSideEncryptionByDefault:
            plan.encryption === undefined
              ? { SSEAlgorithm: 'AES256' }
              : { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: plan.encryption },
          BucketKeyEnabled: plan.encryption !== undefined,
        },
      ],
    },
  })
  if (plan.logsTo !== undefined) {
    await s3.putBucketLogging({
      Bucket,
      BucketLoggingStatus: { LoggingEnabled: { TargetBucket: plan.logsTo, TargetPrefix: `${Bucket}/` } },
    })
  }
  if (plan.lifecycleDays !== undefined) {
    await s3.putBucketLifecycleConfiguration({
      Bucket,
      LifecycleConfiguration: {
        Rules: [
          {
            ID: 'expire',
            Status: 'Enabled',
            Filter: { Prefix: '' },
            Expiration: { Days: plan.lifecycleDays },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
          },
        ],
      },
    })
  }
  if (plan.locked) {
    await s3.putObjectLockConfiguration({
      Bucket,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 365 } },
      },
    })
  }
  if (plan.website)
    await s3.putBucketWebsite({ Bucket, WebsiteConfiguration: { IndexDocument: { Suffix: 'index.html' } } })
  const tags = { team: plan.team, environment: plan.environment }
  await s3.putBucketTagging({
    Bucket,
    Tagging: { TagSet: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
  })
}

function tlsOnly(bucket: string): Statement {
  return {
    Sid: 'RefusePlainHttp',
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: 's3:*',
    Resource: [`arn:aws:s3:::${bucket}`, objectsOf(bucket)],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  }
}
