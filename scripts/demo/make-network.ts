import type { IpPermission, Tag } from '@aws-sdk/client-ec2'
import type { AccountSeeder } from './account-seeder.ts'

export interface Place {
  seeder: AccountSeeder
  region: string
  environment: string
}

export function tagged(
  resource: string,
  name: string,
  environment: string,
  more: Record<string, string> = {},
): { TagSpecifications: { ResourceType: never; Tags: Tag[] }[] } {
  const all = { Name: name, environment, ...more }
  const Tags = Object.entries(all).map(([Key, Value]) => ({ Key, Value }))
  return { TagSpecifications: [{ ResourceType: resource as never, Tags }] }
}

export interface Network {
  vpcId: string
  /** By tier and zone: `public-a`. */
  subnets: Record<string, string>
  gatewayId: string
  defaultGroupId: string
}

export interface NetworkPlan {
  name: string
  /** The first two numbers of its addresses: `10.20`. */
  net: string
  zones: readonly string[]
  /** Beside the public one. */
  privateTiers: readonly string[]
  nat?: boolean
  /** Instances in public subnets get addresses by themselves. */
  mapsPublicAddresses?: boolean
  flowLogBucket?: string
  born: string
}

/** A VPC with public and private subnets, gateways, route tables, and flow logs where the plan says so. */
export async function makeNetwork(place: Place, plan: NetworkPlan): Promise<Network> {
  const { seeder, region, environment } = place
  const ec2 = seeder.ec2(region)
  const { Vpc } = await ec2.createVpc({
    CidrBlock: `${plan.net}.0.0/16`,
    ...tagged('vpc', plan.name, environment),
  })
  const VpcId = Vpc?.VpcId ?? ''
  await ec2.modifyVpcAttribute({ VpcId, EnableDnsHostnames: { Value: true } })
  const { InternetGateway } = await ec2.createInternetGateway(
    tagged('internet-gateway', plan.name, environment),
  )
  const InternetGatewayId = InternetGateway?.InternetGatewayId ?? ''
  await ec2.attachInternetGateway({ VpcId, InternetGatewayId })
  const subnets: Record<string, string> = {}
  for (const [tier, tierName] of ['public', ...plan.privateTiers].entries()) {
    for (const [nr, zone] of plan.zones.entries()) {
      const { Subnet } = await ec2.createSubnet({
        VpcId,
        CidrBlock: `${plan.net}.${tier * 32 + nr * 4}.0/22`,
        AvailabilityZone: region + zone,
        ...tagged('subnet', `${plan.name}-${tierName}-${zone}`, environment, { tier: tierName }),
      })
      subnets[`${tierName}-${zone}`] = Subnet?.SubnetId ?? ''
    }
  }
  const open = await makeRouteTable(place, VpcId, `${plan.name}-public`, { GatewayId: InternetGatewayId })
  for (const zone of plan.zones) {
    const SubnetId = subnets[`public-${zone}`]!
    await ec2.associateRouteTable({ RouteTableId: open, SubnetId })
    if (plan.mapsPublicAddresses)
      await ec2.modifySubnetAttribute({ SubnetId, MapPublicIpOnLaunch: { Value: true } })
  }
  if (plan.privateTiers.length > 0) {
    const route = plan.nat ? { NatGatewayId: await makeNat(place, plan, subnets) } : undefined
    const inner = await makeRouteTable(place, VpcId, `${plan.name}-private`, route)
    for (const tier of plan.privateTiers)
      for (const zone of plan.zones)
        await ec2.associateRouteTable({ RouteTableId: inner, SubnetId: subnets[`${tier}-${zone}`]! })
  }
  if (plan.flowLogBucket !== undefined) {
    const { FlowLogIds } = await ec2.createFlowLogs({
      ResourceIds: [VpcId],
      ResourceType: 'VPC',
      TrafficType: 'REJECT',
      LogDestinationType: 's3',
      LogDestination: `arn:aws:s3:::${plan.flowLogBucket}`,
      ...tagged('vpc-flow-log', `${plan.name}-rejects`, environment),
    })
    seeder.born(FlowLogIds?.[0], plan.born)
  }
  return {
    vpcId: VpcId,
    subnets,
    gatewayId: InternetGatewayId,
    defaultGroupId: await defaultGroupOf(place, VpcId),
  }
}

async function makeRouteTable(
  { seeder, region, environment }: Place,
  VpcId: string,
  name: string,
  route?: { GatewayId: string } | { NatGatewayId: string },
): Promise<string> {
  const ec2 = seeder.ec2(region)
  const { RouteTable } = await ec2.createRouteTable({ VpcId, ...tagged('route-table', name, environment) })
  const RouteTableId = RouteTable?.RouteTableId ?? ''
  if (route !== undefined)
    await ec2.createRoute({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', ...route })
  return RouteTableId
}

async function makeNat(
  { seeder, region, environment }: Place,
  plan: NetworkPlan,
  subnets: Record<string, string>,
): Promise<string> {
  const ec2 = seeder.ec2(region)
  const { AllocationId } = await ec2.allocateAddress({ Domain: 'vpc' })
  const { NatGateway } = await ec2.createNatGateway({
    AllocationId,
    SubnetId: subnets[`public-${plan.zones[0]}`]!,
    ...tagged('natgateway', plan.name, environment),
  })
  return NatGateway?.NatGatewayId ?? ''
}

async function defaultGroupOf({ seeder, region }: Place, vpcId: string): Promise<string> {
  const { SecurityGroups } = await seeder.ec2(region).describeSecurityGroups({
    Filters: [
      { Name: 'vpc-id', Values: [vpcId] },
      { Name: 'group-name', Values: ['default'] },
    ],
  })
  return SecurityGroups?.[0]?.GroupId ?? ''
}

/** A default group that lets nothing through, as the benchmarks want it. */
export async function emptyGroup({ seeder, region }: Place, GroupId: string): Promise<void> {
  const ec2 = seeder.ec2(region)
  const { SecurityGroups } = await ec2.describeSecurityGroups({ GroupIds: [GroupId] })
  const { IpPermissions = [], IpPermissionsEgress = [] } = SecurityGroups?.[0] ?? {}
  if (IpPermissions.length > 0) await ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions })
  if (IpPermissionsEgress.length > 0)
    await ec2.revokeSecurityGroupEgress({ GroupId, IpPermissions: IpPermissionsEgress })
}

export const world = '0.0.0.0/0'
export const office = '203.0.113.0/24'

/** `tcp(443, world)`, `tcp(8080, groupId)`, `tcp([8000, 8100], '10.0.0.0/8')` */
export function tcp(ports: number | readonly [number, number], ...from: readonly string[]): IpPermission {
  const [FromPort, ToPort] = typeof ports === 'number' ? [ports, ports] : ports
  return { IpProtocol: 'tcp', FromPort, ToPort, ...sourcesOf(from) }
}

export function anything(...from: readonly string[]): IpPermission {
  return { IpProtocol: '-1', ...sourcesOf(from) }
}

function sourcesOf(from: readonly string[]): IpPermission {
  const groups = from.filter((one) => one.startsWith('sg-')).map((GroupId) => ({ GroupId }))
  const lists = from.filter((one) => one.startsWith('pl-')).map((PrefixListId) => ({ PrefixListId }))
  const v6 = from.filter((one) => one.includes(':')).map((CidrIpv6) => ({ CidrIpv6 }))
  const v4 = from.filter((one) => /^[\d.]+\//.test(one)).map((CidrIp) => ({ CidrIp }))
  return {
    ...(lists.length === 0 ? {} : { PrefixListIds: lists }),
    ...(groups.length === 0 ? {} : { UserIdGroupPairs: groups }),
    ...(v6.length === 0 ? {} : { Ipv6Ranges: v6 }),
    ...(v4.length === 0 ? {} : { IpRanges: v4 }),
  }
}

export async function makeGroup(
  { seeder, region, environment }: Place,
  vpcId: string,
  name: string,
  about: string,
  ingress: readonly IpPermission[],
): Promise<string> {
  const ec2 = seeder.ec2(region)
  const { GroupId = '' } = await ec2.createSecurityGroup({
    GroupName: name,
    Description: about,
    VpcId: vpcId,
    ...tagged('security-group', name, environment),
  })
  if (ingress.length > 0) await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [...ingress] })
  return GroupId
}

/** Ranges of addresses under one name, each with what it is. */
export async function makePrefixList(
  { seeder, region, environment }: Place,
  PrefixListName: string,
  entries: Record<string, string>,
): Promise<string> {
  const { PrefixList } = await seeder.ec2(region).createManagedPrefixList({
    PrefixListName,
    AddressFamily: 'IPv4',
    MaxEntries: 10,
    Entries: Object.entries(entries).map(([Cidr, Description]) => ({ Cidr, Description })),
    ...tagged('prefix-list', PrefixListName, environment),
  })
  return PrefixList?.PrefixListId ?? ''
}

/** The emulator's default network lacks what leads AWS's into the internet. */
export async function openDefaultNetwork({ seeder, region }: Place): Promise<void> {
  const ec2 = seeder.ec2(region)
  const { Vpcs } = await ec2.describeVpcs({ Filters: [{ Name: 'isDefault', Values: ['true'] }] })
  const VpcId = Vpcs?.[0]?.VpcId ?? ''
  const { InternetGateway } = await ec2.createInternetGateway({})
  const GatewayId = InternetGateway?.InternetGatewayId ?? ''
  await ec2.attachInternetGateway({ VpcId, InternetGatewayId: GatewayId })
  const { RouteTables } = await ec2.describeRouteTables({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] })
  const RouteTableId = RouteTables?.[0]?.RouteTableId ?? ''
  await ec2.createRoute({ RouteTableId, DestinationCidrBlock: world, GatewayId })
}

/** The network that AWS puts into each region; a careful company takes it away. */
export async function dropDefaultNetwork({ seeder, region }: Place): Promise<void> {
  const ec2 = seeder.ec2(region)
  const { Vpcs } = await ec2.describeVpcs({ Filters: [{ Name: 'isDefault', Values: ['true'] }] })
  for (const { VpcId = '' } of Vpcs ?? []) {
    const filters = { Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }
    const { Subnets } = await ec2.describeSubnets(filters)
    for (const { SubnetId } of Subnets ?? []) await ec2.deleteSubnet({ SubnetId: SubnetId! })
    const { InternetGateways } = await ec2.describeInternetGateways({
      Filters: [{ Name: 'attachment.vpc-id', Values: [VpcId] }],
    })
    for (const { InternetGatewayId } of InternetGateways ?? []) {
      await ec2.detachInternetGateway({ VpcId, InternetGatewayId: InternetGatewayId! })
      await ec2.deleteInternetGateway({ InternetGatewayId: InternetGatewayId! })
    }
    await ec2.deleteVpc({ VpcId })
  }
}
