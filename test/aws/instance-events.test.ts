import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as ec2Sdk from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/core/clock.ts'
import { applyEvents } from '../../src/run/apply-events.ts'
import { openStance, type Stance } from '../../src/run/open-stance.ts'
import type { RunSettings } from '../../src/run/run-settings.ts'
import { scan } from '../../src/run/scan.ts'
import { type MotoAccount, motoAccount, motoDescribe } from '../setup/moto-account.ts'
import { plainSettings } from '../setup/plain-settings.ts'
import { freshDatabase, type TestDatabase } from '../setup/test-database.ts'
import { clientConfig } from './collect-table.ts'

const region = 'us-east-1'
const tables = [
  ...['aws_account', 'aws_region', 'aws_vpc', 'aws_subnet', 'aws_route_table', 'aws_network_acl'],
  ...['aws_security_group', 'aws_instance', 'aws_lb', 'aws_lb_target_group'],
]

motoDescribe('events that name an instance or its network interface', () => {
  let database: TestDatabase
  let directory: string
  let stance: Stance
  let settings: RunSettings
  let account: MotoAccount
  let ec2: ec2Sdk.EC2Client
  let groups: { open: string; closed: string }
  let subnetId: string
  let inFront: Server
  const owners = new Map<string, string>()

  beforeAll(async () => {
    account = await motoAccount({ region })
    directory = await mkdtemp(join(tmpdir(), 'stance-instances-'))
    inFront = await knowingInterfaces(account.url, owners)
    settings = { ...plainSettings(join(directory, 'data')), connections: [connection()] }
    ec2 = new ec2Sdk.EC2Client(clientConfig(account))
    subnetId = await seedPublicSubnet()
    groups = { open: await seedGroup('open', true), closed: await seedGroup('closed', false) }
    database = await freshDatabase('duckdb')
    stance = await openStance(database.db, { settings, clock: systemClock })
  }, 120_000)
  afterAll(async () => {
    ec2?.destroy()
    await database?.drop()
    inFront?.close()
    await rm(directory, { recursive: true, force: true })
  })

  it('tell whether the internet reaches it, at once and both ways', { timeout: 120_000 }, async () => {
    const addressed = await run(groups.closed, true)
    const hidden = await run(groups.open, false)
    const later = await run(groups.open, true)
    await scan(stance, { settings, narrowing: { regions: [region, 'global'], tables } })
    const reached = async () => {
      const rows = await database.db.query<{ instance_id: string; is_public: boolean | null }>(
        'select i.instance_id, i.is_public from lake.aws_instance i where i.account_id = $1',
        [account.accountId],
      )
      return new Map(rows.map((row) => [row.instance_id, row.is_public]))
    }
    expect(await reached()).toEqual(
      new Map([
        [addressed.id, false],
        [hidden.id, false],
        [later.id, true],
      ]),
    )

    await ec2.send(
      new ec2Sdk.ModifyInstanceAttributeCommand({ InstanceId: addressed.id, Groups: [groups.open] }),
    )
    const opened = await apply('ModifyInstanceAttribute', {
      instanceId: addressed.id,
      groupSet: { items: [{ groupId: groups.open }] },
    })
    expect(opened.resources).toMatchObject([{ table: 'aws_instance', outcome: 'changed' }])
    expect((await reached()).get(addressed.id)).toBe(true)

    const { AllocationId } = await ec2.send(new ec2Sdk.AllocateAddressCommand({ Domain: 'vpc' }))
    await ec2.send(new ec2Sdk.AssociateAddressCommand({ InstanceId: hidden.id, AllocationId }))
    await apply('AssociateAddress', { instanceId: hidden.id, allocationId: AllocationId })
    expect((await reached()).get(hidden.id)).toBe(true)

    // The record names the interface alone.
    const close = (one: { eni: string }, group: string) =>
      ec2.send(
        new ec2Sdk.ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: one.eni, Groups: [group] }),
      )
    await close(later, groups.closed)
    const closed = await apply('ModifyNetworkInterfaceAttribute', {
      networkInterfaceId: later.eni,
      groupSet: { items: [{ groupId: groups.closed }] },
    })
    expect(closed.resources).toContainEqual(
      expect.objectContaining({ table: 'aws_instance', native_id: later.eni, outcome: 'changed' }),
    )
    expect((await reached()).get(later.id)).toBe(false)

    const nobodys = await apply('ModifyNetworkInterfaceAttribute', {
      networkInterfaceId: 'eni-0123456789abcdef0',
    })
    expect(nobodys.resources).toContainEqual(
      expect.objectContaining({ table: 'aws_instance', outcome: 'same' }),
    )
    const before = await reached()
    await scan(stance, { settings, narrowing: { regions: [region, 'global'], tables } })
    expect(await reached()).toEqual(before)
  })

  function apply(eventName: string, requestParameters: object) {
    return applyEvents(stance, { settings }, [
      {
        eventVersion: '1.11',
        eventSource: 'ec2.amazonaws.com',
        eventName,
        awsRegion: region,
        eventTime: new Date().toISOString(),
        recipientAccountId: account.accountId,
        readOnly: false,
        requestParameters,
      },
    ])
  }

  async function run(group: string, hasAddress: boolean): Promise<{ id: string; eni: string }> {
    const { Instances } = await ec2.send(
      new ec2Sdk.RunInstancesCommand({
        ImageId: 'ami-12c6146b',
        MinCount: 1,
        MaxCount: 1,
        NetworkInterfaces: [
          { DeviceIndex: 0, SubnetId: subnetId, Groups: [group], AssociatePublicIpAddress: hasAddress },
        ],
      }),
    )
    const id = Instances?.[0]?.InstanceId ?? ''
    const told = await ec2.send(new ec2Sdk.DescribeInstancesCommand({ InstanceIds: [id] }))
    const eni = told.Reservations?.[0]?.Instances?.[0]?.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? ''
    owners.set(eni, id)
    return { id, eni }
  }

  async function seedGroup(GroupName: string, isOpen: boolean): Promise<string> {
    const { GroupId = '' } = await ec2.send(
      new ec2Sdk.CreateSecurityGroupCommand({ GroupName, Description: GroupName }),
    )
    if (!isOpen) return GroupId
    const IpPermissions = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }]
    await ec2.send(new ec2Sdk.AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }))
    return GroupId
  }

  async function seedPublicSubnet(): Promise<string> {
    const { Subnets } = await ec2.send(new ec2Sdk.DescribeSubnetsCommand({}))
    const { SubnetId = '', VpcId = '' } = Subnets?.[0] ?? {}
    const { InternetGateway } = await ec2.send(new ec2Sdk.CreateInternetGatewayCommand({}))
    const GatewayId = InternetGateway?.InternetGatewayId ?? ''
    await ec2.send(new ec2Sdk.AttachInternetGatewayCommand({ VpcId, InternetGatewayId: GatewayId }))
    const { RouteTables } = await ec2.send(new ec2Sdk.DescribeRouteTablesCommand({}))
    const RouteTableId = RouteTables?.find((one) => one.VpcId === VpcId)?.RouteTableId ?? ''
    await ec2.send(
      new ec2Sdk.CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId }),
    )
    return SubnetId
  }

  function connection() {
    return {
      name: 'one',
      endpoint: `http://127.0.0.1:${(inFront.address() as AddressInfo).port}`,
      home_region: region,
      keys: () => account.credentials,
      accounts: 'automatic' as const,
      off_accounts: [],
      organization: false,
      regions: 'automatic' as const,
    }
  }
})

/** The emulator, which cannot look for an instance by its network interface. */
async function knowingInterfaces(url: string, owners: ReadonlyMap<string, string>): Promise<Server> {
  const byInterface = /Filter\.1\.Name=network-interface\.network-interface-id&Filter\.1\.Value\.1=([\w-]+)/
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
      .toString()
      .replace(
        byInterface,
        (_, eni) => `Filter.1.Name=instance-id&Filter.1.Value.1=${owners.get(eni) ?? 'i-0'}`,
      )
    const { host, connection, 'content-length': _, ...headers } = request.headers
    const answer = await fetch(new URL(request.url ?? '/', url), {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...(body === '' ? {} : { body }),
    })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/xml' })
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
