import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  EC2Client,
  EnableEbsEncryptionByDefaultCommand,
} from '@aws-sdk/client-ec2'
import {
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  IAMClient,
  UpdateUserCommand,
} from '@aws-sdk/client-iam'
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type MotoAccount, motoAccount, motoDescribe } from '../../test/setup/moto-account.ts'
import { plainSettings } from '../../test/setup/plain-settings.ts'
import { freshDatabase, type TestDatabase } from '../../test/setup/test-database.ts'
import { systemClock } from '../core/clock.ts'
import { type AppliedEvents, type ApplyEventsOptions, applyEvents } from './apply-events.ts'
import { openStance, type Stance } from './open-stance.ts'
import type { ConnectionSettings, RunSettings } from './run-settings.ts'
import { scan } from './scan.ts'

const region = 'us-east-1'
const tables = [
  'aws_account',
  'aws_region',
  'aws_security_group',
  'aws_s3_bucket',
  'aws_iam_user',
  'aws_iam_access_key',
]
const open = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }

const rule = (resource: string, pass: string) => `title: A rule of this test
resource: ${resource}
pass: ${pass}
severity: { attack_vector: no_authorization, impact: high }
why: Only so that the test sees a verdict change.
fix: { console: None., cli: none, terraform: none }
nist_800_53: [AC-3]
topics: [public access]
references: [https://example.com/]
proofs: { pass: [{ name: a }], fail: [{ name: b }] }
`
const rules = {
  'closed.yaml': rule(
    'aws_security_group',
    `not exists (select 1 from aws_security_group_rule r where r.resource_key = aws_security_group.resource_key and r.direction = 'ingress' and r.is_open_to_world)`,
  ),
  'guarded.yaml': rule('aws_s3_bucket', 'has_policy'),
  'used.yaml': rule(
    'aws_iam_user',
    `not has_password or password_last_changed_at > now() - interval '45 days'`,
  ),
  'named.yaml': rule('aws_iam_access_key', `user_name <> ''`),
}

motoDescribe('events of the audit log', () => {
  let database: TestDatabase
  let directory: string
  let stance: Stance
  let settings: RunSettings
  let first: MotoAccount
  let second: MotoAccount
  const bucket = `stance-events-${process.pid}`

  beforeAll(async () => {
    ;[first, second] = await Promise.all([motoAccount({ region }), motoAccount({ region })])
    directory = await mkdtemp(join(tmpdir(), 'stance-events-'))
    await mkdir(join(directory, 'rules', 'aws', 'tried'), { recursive: true })
    for (const [name, text] of Object.entries(rules))
      await writeFile(join(directory, 'rules', 'aws', 'tried', name), text)
    const plain = plainSettings(join(directory, 'data'))
    settings = {
      ...plain,
      connections: [connection('one', first), connection('two', second)],
      collect: { ...plain.collect, inventory: 'off' },
      rules: { ...plain.rules, directories: [join(directory, 'rules')] },
    }
    for (const [at, account] of [first, second].entries()) {
      const s3 = s3Of(account)
      await s3.send(new CreateBucketCommand({ Bucket: `${bucket}-${at}` }))
      await s3.send(
        new PutBucketPolicyCommand({
          Bucket: `${bucket}-${at}`,
          Policy: JSON.stringify({ Version: '2012-10-17', Statement: [] }),
        }),
      )
    }
    const iam = new IAMClient(given(first))
    await iam.send(new CreateUserCommand({ UserName: 'bob' }))
    await iam.send(new CreateAccessKeyCommand({ UserName: 'bob' }))
    iam.destroy()
    database = await freshDatabase('duckdb')
    stance = await openStance(database.db, { settings, clock: systemClock })
    await scan(stance, { settings, narrowing: { regions: [region, 'global'], tables } })
  })
  afterAll(async () => {
    await database?.drop()
    await rm(directory, { recursive: true, force: true })
  })

  it('a group that was opened fails within seconds', async () => {
    const ec2 = ec2Of(first)
    const made = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web' }))
    const GroupId = made.GroupId ?? ''
    const born = await apply([
      record(first, 'ec2', 'CreateSecurityGroup', { responseElements: { groupId: GroupId } }),
    ])
    expect(born.resources).toMatchObject([{ table: 'aws_security_group', outcome: 'changed' }])
    expect(await verdictsOf('aws-tried-closed', GroupId)).toEqual(['pass'])
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [open] }))
    const event = record(first, 'ec2', 'AuthorizeSecurityGroupIngress', {
      requestParameters: { groupId: GroupId },
    })
    const opened = await apply([event, event])
    expect(opened).toMatchObject({ calls: 1, malformed: 0, unrelated: 0 })
    expect(opened.resources).toMatchObject([{ native_id: GroupId, outcome: 'changed' }])
    expect(opened.findings).toContainEqual(
      expect.objectContaining({ rule_id: 'aws-tried-closed', verdict: 'fail', account_id: first.accountId }),
    )
    expect(await verdictsOf('aws-tried-closed', GroupId)).toEqual(['fail'])
    expect(opened.duration_ms).toBeLessThan(5_000)
    expect(await apply([event])).toMatchObject({ resources: [{ outcome: 'same' }], findings: [] })

    await ec2.send(new DeleteSecurityGroupCommand({ GroupId }))
    const deleted = record(first, 'ec2', 'DeleteSecurityGroup', { requestParameters: { groupId: GroupId } })
    const closed = await apply([deleted])
    expect(closed.resources).toMatchObject([{ outcome: 'gone' }])
    expect(closed.findings).toContainEqual(
      expect.objectContaining({ rule_id: 'aws-tried-closed', verdict: null }),
    )
    expect(await verdictsOf('aws-tried-closed', GroupId)).toEqual([])
  })

  it('a bucket whose policy was deleted fails; the other account keeps its own', async () => {
    await s3Of(first).send(new DeleteBucketPolicyCommand({ Bucket: `${bucket}-0` }))
    const event = (account: MotoAccount, at: number) =>
      record(account, 's3', 'DeleteBucketPolicy', { requestParameters: { bucketName: `${bucket}-${at}` } })
    const done = await apply([event(first, 0), event(second, 1), event(second, 0)])
    expect(
      done.resources.map(({ account_id, native_id, outcome }) => [account_id, native_id, outcome]),
    ).toEqual([
      [first.accountId, `${bucket}-0`, 'changed'],
      [second.accountId, `${bucket}-1`, 'same'],
      // The name belongs to the other account: this one has no such bucket.
      [second.accountId, `${bucket}-0`, 'same'],
    ])
    expect(await verdictsOf('aws-tried-guarded', `${bucket}-0`)).toEqual(['fail'])
    expect(await verdictsOf('aws-tried-guarded', `${bucket}-1`)).toEqual(['pass'])
  })

  it('what is listed within another comes with its parent, and goes with it', async () => {
    const iam = new IAMClient({ ...given(first) })
    await iam.send(new CreateUserCommand({ UserName: 'ann' }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }))
    const accessKeyId = AccessKey?.AccessKeyId ?? ''
    const made = record(first, 'iam', 'CreateAccessKey', {
      requestParameters: { userName: 'ann' },
      responseElements: { accessKey: { accessKeyId, userName: 'ann' } },
    })
    expect((await apply([made])).resources).toMatchObject([
      { table: 'aws_iam_user', outcome: 'changed' },
      { table: 'aws_iam_access_key', native_id: accessKeyId, outcome: 'changed' },
    ])
    expect(await verdictsOf('aws-tried-named', accessKeyId)).toEqual(['pass'])
    const owners = ['ann', 'bob'].map((name) => ({
      parent_key: `arn:aws:iam::${first.accountId}:user/${name}`,
    }))
    expect(await keysOf('aws_iam_access_key')).toEqual(owners)

    const orphan = record(first, 'iam', 'UpdateAccessKey', {
      requestParameters: { accessKeyId: 'AKIAOTHER' },
    })
    expect((await apply([orphan])).resources).toMatchObject([{ outcome: 'parent_unknown' }])

    await iam.send(new DeleteAccessKeyCommand({ UserName: 'ann', AccessKeyId: accessKeyId }))
    await iam.send(new DeleteUserCommand({ UserName: 'ann' }))
    const gone = record(first, 'iam', 'DeleteUser', { requestParameters: { userName: 'ann' } })
    expect((await apply([gone])).resources).toMatchObject([{ table: 'aws_iam_user', outcome: 'gone' }])
    expect(await keysOf('aws_iam_access_key')).toEqual(owners.slice(1))
    iam.destroy()
  })

  it('what only a report tells stays as it was, beside what is read of the one user', async () => {
    const bob = () =>
      database.db.query(
        `select u.has_password, u.access_key_1_active, u.access_key_1_last_rotated_at,
           u.password_last_changed_at, u.password_last_used_at, u._read_credentials as is_read
         from lake.aws_iam_user u where u.user_name = 'bob'`,
      )
    const [before] = await bob()
    expect(before).toMatchObject({ has_password: false, access_key_1_active: true, is_read: true })
    const iam = new IAMClient(given(first))
    await iam.send(new CreateLoginProfileCommand({ UserName: 'bob', Password: 'correct-Horse-7' }))
    iam.destroy()
    const event = record(first, 'iam', 'CreateLoginProfile', { requestParameters: { userName: 'bob' } })
    expect((await apply([event])).resources).toMatchObject([{ table: 'aws_iam_user', outcome: 'changed' }])
    const fresh = {
      ...before,
      has_password: true,
      password_last_changed_at: null,
      password_last_used_at: null,
    }
    expect(await bob()).toEqual([fresh])
    const verdict = `select f.verdict, e.evidence from stance.finding f
      join stance.finding e on e.account_id = f.account_id and e.finding_id = f.finding_id
      where f.rule_id = 'aws-tried-used'`
    const [used] = await database.db.query<{ verdict: string; evidence: string }>(verdict)
    expect(used?.verdict).toBe('unknown')
    expect(JSON.parse(used?.evidence ?? '{}')).toMatchObject({
      unread: [{ table: 'aws_iam_user', group: 'credentials', code: 'PARTLY_READ', denied_by: '' }],
    })
  })

  it('a user who was renamed goes, and comes by the new name', async () => {
    const names = () =>
      database.db.query('select user_name from lake.aws_iam_user order by user_name nulls last')
    const iam = new IAMClient(given(first))
    await iam.send(new CreateUserCommand({ UserName: 'eve' }))
    const made = record(first, 'iam', 'CreateUser', { requestParameters: { userName: 'eve' } })
    await apply([made])
    expect(await names()).toEqual([{ user_name: 'bob' }, { user_name: 'eve' }])
    await iam.send(new UpdateUserCommand({ UserName: 'eve', NewUserName: 'eva' }))
    const requestParameters = { userName: 'eve', newUserName: 'eva' }
    const renamed = await apply([record(first, 'iam', 'UpdateUser', { requestParameters })])
    expect(renamed.resources.filter(({ table }) => table === 'aws_iam_user')).toMatchObject([
      { native_id: 'eve', outcome: 'gone' },
      { native_id: 'eva', outcome: 'changed' },
    ])
    expect(await names()).toEqual([{ user_name: 'bob' }, { user_name: 'eva' }])
    const moved = record(first, 'iam', 'UpdateUser', {
      requestParameters: { userName: 'bob', newPath: '/a/' },
    })
    expect((await apply([moved])).resources).toEqual([])
    await iam.send(new DeleteUserCommand({ UserName: 'eva' }))
    await apply([record(first, 'iam', 'DeleteUser', { requestParameters: { userName: 'eva' } })])
    iam.destroy()
  })

  it('a setting of a region is read on the row that the planner made', async () => {
    const ec2 = ec2Of(first)
    await ec2.send(new EnableEbsEncryptionByDefaultCommand({}))
    const event = record(first, 'ec2', 'EnableEbsEncryptionByDefault', {})
    // What the emulator lacks it answers with 500.
    const pace = { retry: { attempts: 1, first_ms: 1, longest_ms: 1, budget: 1 } }
    expect((await apply([event], { settings: full(), pace })).resources).toMatchObject([
      { table: 'aws_region', native_id: region, outcome: 'changed' },
    ])
    const rows = await database.db.query(
      'select ebs_encryption_by_default as value from lake.aws_region where account_id = $1 and region = $2',
      [first.accountId, region],
    )
    expect(rows).toEqual([{ value: true }])
  })

  it('reads nothing for what is unknown, left out, malformed or older than the last read', async () => {
    const group = { requestParameters: { groupId: 'sg-0123456789abcdef0' } }
    const one = (more: object) => record(first, 'ec2', 'AuthorizeSecurityGroupIngress', { ...group, ...more })
    const none = await apply([null, 'x', {}, [], { eventName: 'RunInstances' }, { detail: 7 }])
    expect(none).toMatchObject({ malformed: 6, resources: [], calls: 0 })
    expect(await apply([record(first, 'ec2', 'DescribeInstances', { readOnly: true })])).toMatchObject({
      unrelated: 1,
      resources: [],
      calls: 0,
    })
    const passed = await apply([
      one({ recipientAccountId: '111122223333' }),
      one({ awsRegion: 'eu-central-1' }),
      record(first, 's3', 'DeleteBucketPolicy', {
        eventTime: '2020-01-01T00:00:00Z',
        requestParameters: { bucketName: `${bucket}-0` },
      }),
    ])
    expect(passed.resources.map(({ outcome }) => outcome)).toEqual([
      'account_unknown',
      'never_scanned',
      'already_read',
    ])
    expect(passed.calls).toBe(0)
    const unknown = await apply([one({})])
    expect(unknown).toMatchObject({ resources: [{ outcome: 'same' }], findings: [] })
    expect(unknown.calls).toBe(1)
  })

  it('what cannot be read stays as it was, and says why', async () => {
    const before = await verdictsOf('aws-tried-guarded', `${bucket}-1`)
    const event = record(second, 's3', 'PutBucketPolicy', {
      requestParameters: { bucketName: `${bucket}-1` },
    })
    const done = await apply([event], { settings, faults: 's3:ListBuckets=denied' })
    expect(done.resources).toMatchObject([{ outcome: 'denied', failure: { action: 's3:ListAllMyBuckets' } }])
    expect(await verdictsOf('aws-tried-guarded', `${bucket}-1`)).toEqual(before)
  })

  function apply(
    entries: readonly unknown[],
    options: ApplyEventsOptions = { settings },
  ): Promise<AppliedEvents> {
    return applyEvents(stance, options, entries)
  }

  function full(): RunSettings {
    return { ...settings, collect: { ...settings.collect, inventory: 'full' } }
  }

  async function verdictsOf(rule_id: string, native_id: string): Promise<string[]> {
    const rows = await database.db.query<{ verdict: string }>(
      `select f.verdict from stance.finding f
       where f.rule_id = $1::text and f.resource_key like '%' || $2::text`,
      [rule_id, native_id],
    )
    return rows.map(({ verdict }) => verdict)
  }

  function keysOf(table: string): Promise<{ parent_key: string }[]> {
    return database.db.query(
      `select r.parent_key from stance.resource r where r.table_name = $1::text order by r.parent_key nulls last`,
      [table],
    )
  }
})

function connection(name: string, account: MotoAccount): ConnectionSettings {
  return {
    name,
    endpoint: account.url,
    home_region: region,
    keys: () => account.credentials,
    accounts: 'automatic',
    off_accounts: [],
    organization: false,
    regions: 'automatic',
  }
}

function given(account: MotoAccount) {
  return { endpoint: account.url, region, credentials: account.credentials }
}

function s3Of(account: MotoAccount): S3Client {
  return new S3Client({ ...given(account), forcePathStyle: true })
}

function ec2Of(account: MotoAccount): EC2Client {
  return new EC2Client(given(account))
}

/** As CloudTrail writes it, cut down to what matters. */
function record(account: MotoAccount, service: string, eventName: string, more: object): object {
  return {
    eventVersion: '1.11',
    eventSource: `${service}.amazonaws.com`,
    eventName,
    awsRegion: region,
    eventTime: new Date().toISOString(),
    recipientAccountId: account.accountId,
    readOnly: false,
    ...more,
  }
}
