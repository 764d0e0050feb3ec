import * as iamSdk from '@aws-sdk/client-iam'
import * as s3Sdk from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { motoAccount, motoDescribe } from '../setup/moto-account.ts'
import { clientConfig, type Lab, openLab } from './collect-table.ts'
import { expectSameEitherWay } from './same-either-way.ts'

const open = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::larkspur-images/*' },
  ],
})
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
})
const everything = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
})
const something = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
})

motoDescribe('IAM and S3, read from moto over HTTP', () => {
  let lab: Lab

  beforeAll(async () => {
    const account = await motoAccount()
    await seedBuckets(new s3Sdk.S3Client({ ...clientConfig(account), forcePathStyle: true }))
    await seedIdentities(new iamSdk.IAMClient(clientConfig(account)), account.accountId)
    lab = await openLab(account)
  })
  afterAll(() => lab?.close())

  it('reads a bucket with all its settings, and one that has none', async () => {
    const { rows, children, summary } = await lab.collect('aws_s3_bucket')
    expect(summary).toMatchObject({ end: { state: 'ok' } })
    const [images, plain] = rows
    expect(images).toMatchObject({
      bucket_name: 'larkspur-images',
      policy_is_public: true,
      policy_admits_anonymous: true,
      encryption_algorithm: 'AES256',
      versioning: 'Enabled',
      logs_access: true,
      log_bucket_name: 'larkspur-plain',
      object_ownership: 'BucketOwnerPreferred',
      tag_count: 1,
    })
    expect(plain).toMatchObject({
      has_policy: false,
      policy_is_public: false,
      block_public_acls: false,
      versioning: 'Disabled',
      logs_access: false,
      tag_count: 0,
    })
    expect(children.aws_s3_bucket_policy_statement).toMatchObject([
      { statement_nr: 1, principals_text: '*', admits_everyone: true, actions_text: 's3:GetObject' },
    ])
  })

  it('asks for the region of a bucket where the list leaves it out', async () => {
    const { rows, calls } = await lab.collect('aws_s3_bucket')
    expect(rows.map(({ bucket_name, region }) => [bucket_name, region])).toEqual([
      ['larkspur-images', 'us-east-1'],
      ['larkspur-plain', 'us-east-1'],
      ['larkspur-west', 'eu-west-1'],
    ])
    // The emulator never says it; AWS does, and is not asked twice.
    expect(calls.GetBucketLocation).toBe(3)
    await expectSameEitherWay(lab, 'aws_s3_bucket')
    lab.denied.add('GetBucketLocation')
    try {
      const { summary } = await lab.collect('aws_s3_bucket')
      expect(summary).toMatchObject({ end: { state: 'denied', failure: { action: 's3:GetBucketLocation' } } })
    } finally {
      lab.denied.clear()
    }
  })

  it('reads users from the bulk sources, and the same of one user by single reads', async () => {
    const { rows, children } = await lab.collect('aws_iam_user')
    expect(rows.map((row) => row.user_name)).toEqual(['ana', 'ben'])
    const [ana, ben] = rows
    expect(ana).toMatchObject({
      has_password: true,
      access_key_1_active: true,
      group_count: 1,
      attached_policy_count: 1,
      inline_policy_count: 1,
    })
    expect(ben).toMatchObject({ has_password: false, access_key_1_active: false, group_count: 0 })
    expect(children.aws_iam_user_group_membership).toMatchObject([{ group_name: 'developers' }])

    const single = await lab.readOne('aws_iam_user', 'ana')
    if (!('resource' in single)) throw new Error(JSON.stringify(single))
    const { columns } = lab.project('aws_iam_user', single.resource)
    for (const name of [
      'user_name',
      'user_id',
      'arn',
      'path',
      'created_at',
      'group_count',
      'inline_policy_count',
    ])
      expect(columns[name], name).toEqual(ana?.[name])
    expect(await lab.readOne('aws_iam_user', 'nobody')).toMatchObject({ end: 'gone' })
  })

  it('reads groups with their policies, and the same of one group by single reads', async () => {
    const { rows, children, calls, written } = await lab.collect('aws_iam_group')
    expect(written.state).toBe('ok')
    expect(calls).toEqual({ GetAccountAuthorizationDetails: 1 })
    expect(rows).toMatchObject([
      {
        group_name: 'developers',
        attached_policy_count: 1,
        inline_policy_count: 1,
        inline_grants_administration: false,
      },
    ])
    expect(children.aws_iam_group_policy_attachment).toMatchObject([{ policy_name: 'everything' }])
    expect(children.aws_iam_group_inline_statement).toMatchObject([
      { policy_name: 'some', actions_text: 's3:GetObject', is_admin: false },
    ])
    await expectSameEitherWay(lab, 'aws_iam_group')
    expect(await lab.readOne('aws_iam_group', 'nobody')).toMatchObject({ end: 'gone' })
    const again = await lab.collect('aws_iam_group')
    expect(again.written).toMatchObject({ versions: 0, inserted: 0, deleted: 0 })
  })

  it('reads roles, and the same of one role by single reads', async () => {
    const { rows, children } = await lab.collect('aws_iam_role')
    expect(rows).toMatchObject([{ role_name: 'web', attached_policy_count: 1, is_service_linked: false }])
    expect(children.aws_iam_role_trust_statement).toMatchObject([
      { principals_text: 'Service:ec2.amazonaws.com', admits_everyone: false },
    ])
    const single = await lab.readOne('aws_iam_role', 'web')
    if (!('resource' in single)) throw new Error(JSON.stringify(single))
    const { columns } = lab.project('aws_iam_role', single.resource)
    for (const name of [
      'role_name',
      'role_id',
      'arn',
      'path',
      'attached_policy_count',
      'inline_policy_count',
    ])
      expect(columns[name], name).toEqual(rows[0]?.[name])
  })

  it('reads policies with their statements, keys and the password policy', async () => {
    const policies = await lab.collect('aws_iam_policy')
    expect(policies.rows).toContainEqual(
      expect.objectContaining({ policy_name: 'everything', is_aws_managed: false }),
    )
    const own = policies.rows.find((row) => row.policy_name === 'everything')
    const statements = policies.children.aws_iam_policy_statement ?? []
    expect(statements.filter((row) => row.resource_key === own?.resource_key)).toMatchObject([
      { is_admin: true, allows_all_actions: true },
    ])
    const keys = await lab.collect('aws_iam_access_key')
    expect(keys.rows).toMatchObject([{ user_name: 'ana', is_active: true }])
    const passwords = await lab.collect('aws_iam_account_password_policy')
    expect(passwords.rows).toMatchObject([{ minimum_password_length: 14, password_reuse_prevention: 24 }])
  })

  it('says so when a source is denied, and judges nothing of it', async () => {
    lab.denied.add('GetCredentialReport')
    try {
      const { rows } = await lab.collect('aws_iam_user')
      expect(rows[0]).toMatchObject({
        user_name: 'ana',
        group_count: 1,
        has_password: null,
        _read_credentials: null,
      })
    } finally {
      lab.denied.clear()
    }
    lab.denied.add('GetAccountAuthorizationDetails')
    try {
      const { summary, rows } = await lab.collect('aws_iam_role')
      expect(summary).toMatchObject({
        end: { state: 'denied', failure: { action: 'iam:GetAccountAuthorizationDetails' } },
      })
      expect(rows).toMatchObject([{ _listed: null, role_name: null }])
    } finally {
      lab.denied.clear()
    }
  })

  it('knows an account without a block or a password policy', async () => {
    const bare = await openLab(await motoAccount())
    try {
      for (const table of ['aws_s3_account_public_access_block', 'aws_iam_account_password_policy']) {
        const { rows, summary } = await bare.collect(table)
        expect(summary).toMatchObject({ end: { state: 'ok' } })
        expect(rows).toEqual([])
      }
    } finally {
      await bare.close()
    }
  })
})

async function seedBuckets(s3: s3Sdk.S3Client): Promise<void> {
  const Bucket = 'larkspur-images'
  for (const name of [Bucket, 'larkspur-plain'])
    await s3.send(new s3Sdk.CreateBucketCommand({ Bucket: name }))
  await s3.send(
    new s3Sdk.CreateBucketCommand({
      Bucket: 'larkspur-west',
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  )
  await s3.send(new s3Sdk.PutBucketPolicyCommand({ Bucket, Policy: open }))
  await s3.send(
    new s3Sdk.PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    }),
  )
  await s3.send(
    new s3Sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
  )
  await s3.send(
    new s3Sdk.PutBucketOwnershipControlsCommand({
      Bucket,
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] },
    }),
  )
  const uri = 'http://acs.amazonaws.com/groups/s3/LogDelivery'
  await s3.send(
    new s3Sdk.PutBucketAclCommand({
      Bucket: 'larkspur-plain',
      GrantWrite: `uri="${uri}"`,
      GrantReadACP: `uri="${uri}"`,
    }),
  )
  await s3.send(
    new s3Sdk.PutBucketLoggingCommand({
      Bucket,
      BucketLoggingStatus: { LoggingEnabled: { TargetBucket: 'larkspur-plain', TargetPrefix: 'images/' } },
    }),
  )
  await s3.send(
    new s3Sdk.PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'team', Value: 'shop' }] } }),
  )
}

async function seedIdentities(iam: iamSdk.IAMClient, accountId: string): Promise<void> {
  const policy = await iam.send(
    new iamSdk.CreatePolicyCommand({ PolicyName: 'everything', PolicyDocument: everything }),
  )
  expect(policy.Policy?.Arn).toContain(accountId)
  const PolicyArn = policy.Policy?.Arn
  for (const UserName of ['ana', 'ben']) await iam.send(new iamSdk.CreateUserCommand({ UserName }))
  await iam.send(new iamSdk.CreateGroupCommand({ GroupName: 'developers' }))
  const GroupName = 'developers'
  await iam.send(new iamSdk.AttachGroupPolicyCommand({ GroupName, PolicyArn: PolicyArn! }))
  await iam.send(
    new iamSdk.PutGroupPolicyCommand({ GroupName, PolicyName: 'some', PolicyDocument: something }),
  )
  await iam.send(new iamSdk.AddUserToGroupCommand({ GroupName: 'developers', UserName: 'ana' }))
  await iam.send(new iamSdk.CreateLoginProfileCommand({ UserName: 'ana', Password: 'not-a-real-one-1A!' }))
  await iam.send(new iamSdk.CreateAccessKeyCommand({ UserName: 'ana' }))
  await iam.send(new iamSdk.AttachUserPolicyCommand({ UserName: 'ana', PolicyArn }))
  await iam.send(
    new iamSdk.PutUserPolicyCommand({ UserName: 'ana', PolicyName: 'more', PolicyDocument: everything }),
  )
  await iam.send(new iamSdk.CreateRoleCommand({ RoleName: 'web', AssumeRolePolicyDocument: trust }))
  await iam.send(new iamSdk.AttachRolePolicyCommand({ RoleName: 'web', PolicyArn }))
  await iam.send(
    new iamSdk.UpdateAccountPasswordPolicyCommand({ MinimumPasswordLength: 14, PasswordReusePrevention: 24 }),
  )
}
