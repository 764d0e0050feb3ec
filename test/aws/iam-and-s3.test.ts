import * as iamSdk from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { motoAccount, motoDescribe } from '../setup/moto-account.ts'
import { clientConfig, type Lab, openLab } from './collect-table.ts'
import { seedBuckets } from './seed-buckets.ts'

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
    await seedBuckets(account, 'larkspur')
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
    lab.denied.add('GetBucketLocation')
    try {
      const { summary } = await lab.collect('aws_s3_bucket')
      expect(summary).toMatchObject({ end: { state: 'denied', failure: { action: 's3:GetBucketLocation' } } })
    } finally {
      lab.denied.clear()
    }
  })

  it('reads users from the bulk sources, and says of one that is none that it is gone', async () => {
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

    expect(await lab.readOne('aws_iam_user', 'nobody')).toMatchObject({ end: 'gone' })
  })

  it('reads groups with their policies', async () => {
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
    expect(await lab.readOne('aws_iam_group', 'nobody')).toMatchObject({ end: 'gone' })
    const again = await lab.collect('aws_iam_group')
    expect(again.written).toMatchObject({ versions: 0, inserted: 0, deleted: 0 })
  })

  it('reads roles', async () => {
    const { rows, children } = await lab.collect('aws_iam_role')
    expect(rows).toMatchObject([{ role_name: 'web', attached_policy_count: 1, is_service_linked: false }])
    expect(children.aws_iam_role_trust_statement).toMatchObject([
      { principals_text: 'Service:ec2.amazonaws.com', admits_everyone: false },
    ])
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
