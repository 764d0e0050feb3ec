import { afterAll, beforeAll, expect, it } from 'vitest'
import { type MotoAccount, motoAccount, motoDescribe } from '../setup/moto-account.ts'
import { type Lab, openLab } from './collect-table.ts'
import { expectSameEitherWay } from './same-either-way.ts'
import { type SeededKeys, seedKeys } from './seed-keys.ts'

motoDescribe('aws_kms_key against moto', () => {
  let account: MotoAccount
  let lab: Lab
  let keys: SeededKeys
  beforeAll(async () => {
    account = await motoAccount()
    keys = await seedKeys(account)
    lab = await openLab(account)
  })
  afterAll(() => lab?.close())

  it('keys with rotation, policy, aliases and tags', async () => {
    const { rows, children, calls, summary } = await lab.collect('aws_kms_key')
    expect(summary).toMatchObject({ unread_groups: {} })
    const of = (key: keyof SeededKeys) => rows.find((row) => row.key_id === keys[key])!
    expect(of('orders')).toMatchObject({
      description: 'orders',
      is_customer_managed: true,
      key_state: 'Enabled',
      supports_rotation: true,
      rotation_enabled: true,
      has_alias: true,
      alias_name: 'alias/archive',
      policy_is_public: false,
    })
    expect(of('plain')).toMatchObject({
      rotation_enabled: false,
      supports_rotation: true,
      has_alias: false,
      alias_name: '',
      has_policy: true,
      policy_is_public: true,
    })
    expect(of('signing')).toMatchObject({
      supports_rotation: false,
      rotation_enabled: false,
      key_spec: 'RSA_2048',
    })
    expect(of('leaving')).toMatchObject({
      is_pending_deletion: true,
      is_enabled: false,
      rotation_enabled: false,
    })
    expect(children.aws_kms_key_alias!.map((one) => one.alias_name).sort()).toEqual([
      'alias/archive',
      'alias/orders',
      'alias/signing',
    ])
    const open = children.aws_kms_key_policy_statement!.filter((one) => one.sid === 'open')
    expect(open).toMatchObject([{ resource_key: of('plain').resource_key, admits_everyone: true }])
    // Neither for a key that cannot rotate nor for one that is leaving.
    expect(calls).toEqual({
      ListKeys: 1,
      DescribeKey: 4,
      GetKeyRotationStatus: 2,
      GetKeyPolicy: 4,
      ListAliases: 1,
      ListResourceTags: 4,
    })
  })

  it('makes no version of untouched keys, and the same columns by themselves', async () => {
    await lab.collect('aws_kms_key')
    const again = await lab.collect('aws_kms_key')
    expect(again.written).toMatchObject({ state: 'ok', versions: 0, inserted: 0, deleted: 0 })
    await expectSameEitherWay(lab, 'aws_kms_key')
    const { calls } = await lab.collect('aws_kms_key', { part: 'sa-east-1' })
    expect(calls).toEqual({ ListKeys: 1 })
    const missing = '00000000-0000-0000-0000-000000000000'
    expect(await lab.readOne('aws_kms_key', missing)).toMatchObject({ end: 'gone' })
  })

  it('reads what rotation waits for along with it', async () => {
    const { calls } = await lab.collect('aws_kms_key', { groups: ['rotation'] })
    expect(calls).toEqual({ ListKeys: 1, DescribeKey: 4, GetKeyRotationStatus: 2 })
  })

  it.each([
    [
      'DescribeKey',
      ['key_state', 'supports_rotation'],
      ['policy_is_public', 'alias_name', 'rotation_enabled'],
    ],
    ['GetKeyRotationStatus', ['rotation_enabled'], ['key_state']],
    ['GetKeyPolicy', ['policy_is_public', 'has_policy'], ['key_state']],
    ['ListAliases', ['alias_name', 'has_alias'], ['key_state']],
  ])('without %s, %j are NULL and %j are not', async (operation, gone, kept) => {
    lab.denied.add(operation)
    const { rows } = await lab.collect('aws_kms_key')
    lab.denied.clear()
    const plain = rows.find((row) => row.key_id === keys.plain)!
    for (const column of gone) expect(plain[column], column).toBeNull()
    for (const column of kept) expect(plain[column], column).not.toBeNull()
    await lab.collect('aws_kms_key')
  })
})
