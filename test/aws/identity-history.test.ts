import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import * as iamSdk from '@aws-sdk/client-iam'
import { expect, it } from 'vitest'
import { systemClock } from '../../src/core/clock.ts'
import { openStance } from '../../src/run/open-stance.ts'
import { scan } from '../../src/run/scan.ts'
import { tryRule } from '../../src/run/try-rule.ts'
import { motoAccount, motoDescribe } from '../setup/moto-account.ts'
import { plainSettings } from '../setup/plain-settings.ts'
import { freshDatabase } from '../setup/test-database.ts'
import { clientConfig } from './collect-table.ts'

const everything = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
})
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
})
const tables = ['aws_account', 'aws_iam_role', 'aws_iam_policy']

motoDescribe('the past of identities', () => {
  it('knows which instances got a role, and where a policy was attached', { timeout: 120_000 }, async () => {
    const account = await motoAccount()
    const directory = await mkdtemp(join(tmpdir(), 'stance-identities-'))
    const database = await freshDatabase('duckdb')
    const iam = new iamSdk.IAMClient(clientConfig(account))
    try {
      const RoleName = 'web'
      const InstanceProfileName = 'web'
      await iam.send(new iamSdk.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }))
      await iam.send(new iamSdk.CreateInstanceProfileCommand({ InstanceProfileName }))
      await iam.send(new iamSdk.AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }))
      const made = await iam.send(
        new iamSdk.CreatePolicyCommand({ PolicyName: 'everything', PolicyDocument: everything }),
      )
      const settings = {
        ...plainSettings(join(directory, 'data')),
        connections: [
          {
            name: 'one',
            endpoint: account.url,
            home_region: account.region,
            keys: () => account.credentials,
            accounts: 'automatic' as const,
            off_accounts: [],
            organization: false,
            regions: 'automatic' as const,
          },
        ],
      }
      const stance = await openStance(database.db, { settings, clock: systemClock })
      const read = () => scan(stance, { settings, narrowing: { tables } })
      const tried = async (table: string, text: string, at?: Date) => {
        const { counts } = await tryRule(
          database.db,
          { kind: 'condition', text, table },
          { settings: settings.rules, at, limit: 5 },
        )
        return { pass: counts.pass, fail: counts.fail, unknown: counts.unknown }
      }
      const past = async (at?: Date) => ({
        role: await tried('aws_iam_role', `instance_profile_count > 0 or role_name <> 'web'`, at),
        policy: await tried('aws_iam_policy', `attachment_count = 0 or policy_name <> 'everything'`, at),
      })
      const versions = async () => {
        const rows = await database.db.query<{ resource_key: string }>(
          `select v.resource_key from stance.resource_version v where v.account_id = $1
           order by v.resource_key nulls last`,
          [account.accountId],
        )
        return rows.map(({ resource_key }) => resource_key.split(':').at(-1))
      }

      await read()
      await read()
      expect(await versions()).toEqual([])
      const before = await past()
      expect(before.role).toMatchObject({ fail: 0, unknown: 0 })
      expect(before.policy).toMatchObject({ fail: 0, unknown: 0 })
      const then = new Date()
      await wait(20)
      await iam.send(new iamSdk.RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }))
      await iam.send(new iamSdk.AttachRolePolicyCommand({ RoleName, PolicyArn: made.Policy?.Arn ?? '' }))
      await read()
      const after = await past()
      expect([after.role.fail, after.policy.fail]).toEqual([1, 1])
      expect(await past(then)).toEqual(before)
      expect(new Set(await versions())).toEqual(new Set(['policy/everything', 'role/web']))
    } finally {
      iam.destroy()
      await database.drop()
      await rm(directory, { recursive: true, force: true })
    }
  })
})
