import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  IAMClient,
  PutGroupPolicyCommand,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type MotoAccount, motoAccount, motoDescribe } from '../../test/setup/moto-account.ts'
import { plainSettings } from '../../test/setup/plain-settings.ts'
import { freshDatabase, type TestDatabase } from '../../test/setup/test-database.ts'
import { systemClock } from '../core/clock.ts'
import { applyEvents } from './apply-events.ts'
import { openStance, type Stance } from './open-stance.ts'
import type { RunSettings } from './run-settings.ts'
import { scan } from './scan.ts'

const region = 'us-east-1'
const tables = ['aws_account', 'aws_region', 'aws_iam_user', 'aws_iam_policy', 'aws_iam_group']
const pace = { retry: { attempts: 1, first_ms: 1, longest_ms: 1, budget: 1 } }

motoDescribe('events that name what cannot be read', () => {
  let database: TestDatabase
  let directory: string
  let stance: Stance
  let settings: RunSettings
  let account: MotoAccount
  let iam: IAMClient

  beforeAll(async () => {
    account = await motoAccount({ region })
    directory = await mkdtemp(join(tmpdir(), 'stance-named-'))
    settings = {
      ...plainSettings(directory),
      connections: [
        {
          ...{ name: 'one', endpoint: account.url, home_region: region, keys: () => account.credentials },
          ...{ accounts: 'automatic', off_accounts: [], organization: false, regions: 'automatic' },
        },
      ],
    }
    iam = new IAMClient({ endpoint: account.url, region, credentials: account.credentials })
    for (const UserName of ['ana', 'ben', 'cid', 'dan']) await iam.send(new CreateUserCommand({ UserName }))
    database = await freshDatabase('duckdb')
    stance = await openStance(database.db, { settings, clock: systemClock })
    await scan(stance, { settings, narrowing: { regions: [region, 'global'], tables } })
  })
  afterAll(async () => {
    iam?.destroy()
    await database?.drop()
    await rm(directory, { recursive: true, force: true })
  })

  const attach = async (UserName: string) => {
    const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::x/*' }
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
    const made = await iam.send(new CreatePolicyCommand({ PolicyName: `of-${UserName}`, PolicyDocument }))
    const policyArn = made.Policy?.Arn ?? ''
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: policyArn }))
    return record('AttachUserPolicy', { userName: UserName, policyArn })
  }

  it.each([
    ['ana', 'iam:GetPolicy=denied'],
    ['ben', 'iam:GetPolicy=error(500:InternalFailure)'],
  ])('a policy that is attached to %s and that nobody could read: %s', async (name, faults) => {
    expect(await admin(name)).toEqual([false, 'pass'])
    const event = await attach(name)
    const done = await applyEvents(stance, { settings, pace, faults }, [event])
    expect(await admin(name)).toEqual([null, 'unknown'])
    expect(done.findings.map(({ verdict }) => verdict)).not.toContain('fail')
    const [row] = await database.db.query<{ state: string }>(
      `select r.state from stance.resource r where r.table_name = 'aws_iam_user' and r.native_id = $1`,
      [name],
    )
    expect(JSON.parse(row?.state ?? '{}')).toMatchObject({
      attached_policies: { state: 'not_collected', failure: { code: 'NOT_IN_LAKE' } },
    })
    // Once the policy is known, so is what the user may do.
    await scan(stance, { settings, narrowing: { regions: [region, 'global'], tables } })
    expect(await admin(name)).toEqual([false, 'pass'])
  })

  it('a policy that is read by the same event is known when the user is written', async () => {
    await applyEvents(stance, { settings, pace }, [await attach('cid')])
    expect(await admin('cid')).toEqual([false, 'pass'])
  })

  it('a group that nobody could read, whatever it allows', async () => {
    const GroupName = 'all'
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    })
    await iam.send(new CreateGroupCommand({ GroupName }))
    await iam.send(new PutGroupPolicyCommand({ GroupName, PolicyName: 'all', PolicyDocument }))
    await iam.send(new AddUserToGroupCommand({ GroupName, UserName: 'dan' }))
    const events = [
      record('CreateGroup', { groupName: GroupName }),
      record('AddUserToGroup', { userName: 'dan', groupName: GroupName }),
    ]
    await applyEvents(stance, { settings, pace, faults: 'iam:GetGroup=denied' }, events)
    expect(await admin('dan')).toEqual([null, 'unknown'])
    await scan(stance, { settings, narrowing: { regions: [region, 'global'], tables } })
    expect(await admin('dan')).toEqual([true, 'fail'])
  })

  async function admin(name: string): Promise<unknown[]> {
    const [row] = await database.db.query<{ is_admin: boolean | null; verdict: string }>(
      `select u.is_admin, f.verdict from lake.aws_iam_user u
       join stance.finding f on f.account_id = u.account_id and f.resource_key = u.resource_key
       where f.rule_id = 'aws-iam-user-is-no-administrator' and u.resource_key like '%/' || $1::text`,
      [name],
    )
    return [row?.is_admin, row?.verdict]
  }

  function record(eventName: string, requestParameters: object): object {
    return {
      ...{ eventVersion: '1.11', eventSource: 'iam.amazonaws.com', eventName, awsRegion: region },
      ...{ eventTime: new Date().toISOString(), recipientAccountId: account.accountId, readOnly: false },
      requestParameters,
    }
  }
})
