import { Account } from '@aws-sdk/client-account'
import { EC2 } from '@aws-sdk/client-ec2'
import { Organizations } from '@aws-sdk/client-organizations'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { otherGroups } from '../../src/collect/kernel/table-reads.ts'
import * as generated from '../../src/collect/tables.generated.ts'
import { type MotoAccount, motoAccount, motoDescribe } from '../setup/moto-account.ts'
import { s3Control } from '../setup/s3-control.ts'
import { type CollectOptions, clientConfig, type Lab, openLab } from './collect-table.ts'
import { written } from './either-way.data.ts'
import { expectSameEitherWay } from './same-either-way.ts'
import { seedBalancers } from './seed-balancers.ts'
import { seedBuckets } from './seed-buckets.ts'
import { seedIdentities } from './seed-identities.ts'
import { seedKeys } from './seed-keys.ts'
import { seedNetwork } from './seed-network.ts'
import { seedTrails } from './seed-trails.ts'

const { tables } = generated

/** Tables that are not compared, and why. Only those may stand here of which nothing is read by itself. */
const notCompared: Record<string, string> = {
  aws_organizations_organization: 'the planner makes its row, and no call reads anything of it',
}

/** Columns and child tables that single reads fill in their own way and in which no resource has anything, and why. */
const blanks: Record<string, Record<string, string>> = {
  aws_iam_policy: {
    is_aws_managed: 'the emulator holds no policies of AWS; the ARN, which is compared, says it',
  },
}

motoDescribe('every table of the catalogue, read in bulk and one by one from moto', () => {
  let lab: Lab
  beforeAll(async () => {
    const account = await motoAccount()
    const net = await seedNetwork(account)
    await seedBalancers(account, net)
    await seedTrails(account)
    await seedKeys(account)
    await seedBuckets(account, `either-${account.accountId}`)
    await seedIdentities(account)
    await seedAccount(account)
    const organization = await seedOrganization(account)
    lab = await openLab(account, generated, written)
    const planned = { account: { Id: account.accountId, Name: 'production' }, region: regionOf(account) }
    const options: Record<string, CollectOptions> = {
      aws_account: { planned: [planned.account] },
      aws_region: { planned: [planned.region] },
      aws_organizations_account: { account_id: organization },
    }
    for (const { name } of tables) if (!(name in notCompared)) await lab.collect(name, options[name])
  }, 60_000)
  afterAll(() => lab?.close())

  it.each(tables.map(({ name }) => name).filter((name) => !(name in notCompared)))(
    '%s: the same columns and child rows either way',
    async (name) => {
      const { blank } = await expectSameEitherWay(lab, name)
      expect(blank).toEqual(Object.keys(blanks[name] ?? {}).sort())
    },
  )

  it('leaves out nothing of which anything is read by itself', () => {
    const readAlone = tables.filter(
      (table) =>
        table.list.one !== undefined ||
        table.list.within !== undefined ||
        otherGroups(table).some(([, { read }]) => read !== undefined),
    )
    const others = tables.filter((table) => !readAlone.includes(table))
    expect(Object.keys(notCompared).sort()).toEqual(others.map(({ name }) => name).sort())
    expect(Object.keys(blanks).filter((name) => !readAlone.some((table) => table.name === name))).toEqual([])
  })
})

function regionOf({ region }: MotoAccount) {
  return { RegionName: region, OptInStatus: 'opt-in-not-required' }
}

async function seedAccount(account: MotoAccount): Promise<void> {
  const contacts = new Account(clientConfig(account))
  await contacts.putAlternateContact({
    AlternateContactType: 'SECURITY',
    EmailAddress: 'security@example.com',
    Name: 'Sam',
    PhoneNumber: '0',
    Title: 'Security',
  })
  contacts.destroy()
  const ec2 = new EC2(clientConfig(account))
  await ec2.enableEbsEncryptionByDefault({})
  ec2.destroy()
  await blockPublicAccess(account)
}

async function blockPublicAccess(account: MotoAccount): Promise<void> {
  const control = s3Control(clientConfig(account), account.url)
  const AccountId = account.accountId
  const PublicAccessBlockConfiguration = {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  }
  await control.putPublicAccessBlock({ AccountId, PublicAccessBlockConfiguration })
  control.destroy()
}

async function seedOrganization(account: MotoAccount): Promise<string> {
  const organizations = new Organizations(clientConfig(account))
  const { Organization } = await organizations.createOrganization({ FeatureSet: 'ALL' })
  await organizations.createAccount({ AccountName: 'production', Email: 'production@example.com' })
  organizations.destroy()
  return Organization!.Id!
}
