import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshMoto, type MotoAccount, motoAccount, motoDescribe } from '../../../test/setup/moto-account.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Transport, TransportAnswer } from '../kernel/transport.ts'
import { parseFaults } from '../transport/faults.ts'
import { injectFaults } from '../transport/inject-faults.ts'
import { identify } from './identify.ts'
import { organizationOf } from './organization.ts'
import { globalRegionOf, partitionOfArn, partitionOfRegion } from './partition.ts'
import { regionsOf } from './regions.ts'
import { createAwsTransport } from './transport.ts'
import { usualError } from './wire-error.ts'

motoDescribe('finding out what there is', () => {
  let account: MotoAccount
  let transport: Transport
  let stop: () => Promise<void>

  beforeAll(async () => {
    const moto = await freshMoto()
    account = await motoAccount({ url: moto.url, accountId: '111122223333' })
    const sdk = await import('@aws-sdk/client-organizations')
    const client = new sdk.OrganizationsClient({
      endpoint: moto.url,
      region: 'us-east-1',
      credentials: account.credentials,
    })
    await client.send(new sdk.CreateOrganizationCommand({ FeatureSet: 'ALL' }))
    const { Roots } = await client.send(new sdk.ListRootsCommand({}))
    const { OrganizationalUnit } = await client.send(
      new sdk.CreateOrganizationalUnitCommand({ ParentId: Roots?.[0]?.Id, Name: 'workloads' }),
    )
    for (const name of ['shop', 'old']) {
      const { CreateAccountStatus } = await client.send(
        new sdk.CreateAccountCommand({ AccountName: name, Email: `${name}@example.com` }),
      )
      const AccountId = CreateAccountStatus?.AccountId
      await client.send(
        new sdk.MoveAccountCommand({
          AccountId,
          SourceParentId: Roots?.[0]?.Id,
          DestinationParentId: OrganizationalUnit?.Id,
        }),
      )
      if (name === 'old') await client.send(new sdk.CloseAccountCommand({ AccountId }))
    }
    client.destroy()
    transport = createAwsTransport({
      connections: [{ name: 'one', endpoint: moto.url, keys: () => account.credentials }],
    })
    stop = moto.stop
  })
  afterAll(async () => {
    await transport.close()
    await stop()
  })

  it('says who a connection is', async () => {
    expect(await identify({ transport, connection: 'one' })).toEqual({
      account_id: '111122223333',
      arn: expect.stringMatching(/^arn:aws:sts::111122223333:/),
      partition: 'aws',
    })
  })

  it('lists the regions, those that are opted out too', async () => {
    const { regions, failed } = await regionsOf({ transport, connection: 'one', partition: 'aws' })
    expect(failed).toBeUndefined()
    expect(regions).toContainEqual({ name: 'us-east-1', status: 'opted in' })
    expect(regions).toContainEqual({ name: 'me-south-1', status: 'opted out' })
  })

  it('keeps unknown regions where none may be listed', async () => {
    const denied = injectFaults(parseFaults('ec2:DescribeRegions=denied account:ListRegions=denied'), {
      usual: usualError,
    })(transport)
    const { regions, failed } = await regionsOf({ transport: denied, connection: 'one', partition: 'aws' })
    expect(failed).toMatchObject({ code: 'UnauthorizedOperation', status: 403 })
    expect(regions).toHaveLength(17)
    expect(new Set(regions.map(({ status }) => status))).toEqual(new Set(['unknown']))
  })

  it('tells the tree of the organization', async () => {
    const found = await organizationOf({ transport, connection: 'one' })
    if ('failed' in found) throw new Error(found.failed.message)
    expect(found.id).toMatch(/^o-/)
    expect(found.management_account_id).toBe('111122223333')
    const by = (name: string) => found.nodes.find((node) => node.name === name)
    const root = found.nodes.find(({ kind }) => kind === 'root')
    expect(root?.parent_id).toBe(found.id)
    expect(by('workloads')).toMatchObject({ kind: 'unit', parent_id: root?.id })
    expect(by('shop')).toMatchObject({ kind: 'account', parent_id: by('workloads')?.id, state: 'active' })
    // The emulator calls a closed account suspended, as AWS calls one that it restricts: test/scan/switched-off.test.ts.
    expect(by('old')).toMatchObject({ kind: 'account', state: 'active' })
  })

  it('keeps the accounts where the tree is denied', async () => {
    const denied = injectFaults(parseFaults('organizations:ListRoots=denied'), { usual: usualError })(
      transport,
    )
    const found = await organizationOf({ transport: denied, connection: 'one' })
    if ('failed' in found) throw new Error(found.failed.message)
    expect(found.tree_failed).toMatchObject({ code: 'AccessDeniedException' })
    expect(found.nodes.filter(({ kind }) => kind === 'account').map(({ parent_id }) => parent_id)).toEqual([
      found.id,
      found.id,
      found.id,
    ])
    const none = injectFaults(parseFaults('organizations=denied'), { usual: usualError })(transport)
    expect(await organizationOf({ transport: none, connection: 'one' })).toHaveProperty('failed')
  })
})

describe('partitions', () => {
  it.each([
    ['arn:aws:sts::111122223333:assumed-role/a/b', 'aws', 'eu-west-1', 'us-east-1'],
    ['arn:aws-cn:iam::111122223333:user/a', 'aws-cn', 'cn-northwest-1', 'cn-north-1'],
    ['arn:aws-us-gov:sts::111122223333:assumed-role/a/b', 'aws-us-gov', 'us-gov-east-1', 'us-gov-west-1'],
    ['arn:aws-iso:iam::111122223333:root', 'aws-iso', 'us-iso-west-1', 'us-iso-east-1'],
    ['arn:aws-iso-b:iam::111122223333:root', 'aws-iso-b', 'us-isob-east-1', 'us-isob-east-1'],
    ['arn:aws-iso-e:iam::111122223333:root', 'aws-iso-e', 'eu-isoe-west-1', 'eu-isoe-west-1'],
    ['arn:aws-iso-f:iam::111122223333:root', 'aws-iso-f', 'us-isof-east-1', 'us-isof-south-1'],
    ['arn:aws-eusc:iam::111122223333:root', 'aws-eusc', 'eusc-de-east-1', 'eusc-de-east-1'],
  ])('%s', (arn, partition, region, home) => {
    expect(partitionOfArn(arn)).toBe(partition)
    expect(partitionOfRegion(region).name).toBe(partition)
    expect(globalRegionOf('iam', region)).toBe(home)
    expect(globalRegionOf('s3', region)).toBe(region)
  })

  it("follow the caller's own word, whatever the endpoint", async () => {
    const transport = answering({
      GetCallerIdentity: { Account: '111122223333', Arn: 'arn:aws-cn:sts::111122223333:assumed-role/a/b' },
      DescribeRegions: { Regions: [{ RegionName: 'cn-north-1', OptInStatus: 'opt-in-not-required' }] },
    })
    const { partition } = await identify({ transport, connection: 'cn' })
    expect(partition).toBe('aws-cn')
    expect(await regionsOf({ transport, connection: 'cn', partition })).toEqual({
      regions: [{ name: 'cn-north-1', status: 'opted in' }],
    })
    const mute = answering({})
    expect((await regionsOf({ transport: mute, connection: 'cn', partition })).regions).toEqual([
      { name: 'cn-north-1', status: 'unknown' },
      { name: 'cn-northwest-1', status: 'unknown' },
    ])
    await expect(identify({ transport: mute, connection: 'cn' })).rejects.toMatchObject({
      code: 'COLLECT_CREDENTIALS_INVALID',
      next: expect.stringContaining('home_region'),
    })
  })
})

function answering(bodies: Record<string, JsonObject>): Transport {
  const send = async ({ operation }: { operation: string }): Promise<TransportAnswer> => {
    const body = bodies[operation]
    if (body !== undefined) return { ok: true, body }
    return {
      ok: false,
      kind: 'answer',
      status: 403,
      code: 'InvalidClientTokenId',
      message: 'The token is invalid.',
    }
  }
  return {
    name: 'aws',
    answers: { declared: [], in_the_way: [], denied_next: '' },
    send,
    bucket: () => '',
    close: async () => {},
  }
}
