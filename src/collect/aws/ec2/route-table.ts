import type { Route, RouteTable, RouteTableAssociation } from '@aws-sdk/client-ec2'
import { count, flag, text } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { ec2Arn, ownerOf } from './arn.ts'
import { broadRange, isOpenToWorld, prefixLength } from './cidr.ts'
import { eventsAt, idsThatBegin, tagEvents } from './events.ts'
import { nameTag } from './name-tag.ts'

type Association = Stored<RouteTableAssociation>

const routeColumns = {
  destination_cidr_block: 'text',
  destination_ipv6_cidr_block: 'text',
  destination_prefix_list_id: 'text',
  prefix_length: 'bigint',
  is_to_world: 'boolean',
  target_type: 'text',
  target_id: 'text',
  instance_id: 'text',
  instance_account_id: 'text',
  is_active: 'boolean',
  origin: 'text',
  leads_to_internet: 'boolean',
  leads_to_appliance: 'boolean',
} as const

const associationColumns = {
  association_id: 'text',
  is_main: 'boolean',
  subnet_id: 'text',
  gateway_id: 'text',
  association_state: 'text',
} as const

export const routeTable = defineTable<{ list: RouteTable }>({
  name: 'aws_route_table',
  title: 'Route table of a VPC',
  docs: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RouteTable.html',
  provider: 'aws',
  via: 'aws',
  service: 'ec2',
  parts: 'region',
  version: 4,
  identity: {
    key: (table, place) => ec2Arn(place, 'route-table', table.RouteTableId, table.OwnerId),
    native_id: 'RouteTableId',
    in_commands: 'TABLE',
    name: (table) => nameTag(table.Tags) ?? table.RouteTableId,
    owner: ownerOf,
    tags: { group: 'list', from: 'Tags' },
    from_event: idsThatBegin('rtb-'),
  },
  list: {
    read: {
      operation: 'DescribeRouteTables',
      input: { MaxResults: 100 },
      pages: { out: 'NextToken', in: 'NextToken' },
      items: 'RouteTables',
      permission: 'ec2:DescribeRouteTables',
    },
    one: {
      operation: 'DescribeRouteTables',
      input: { RouteTableIds: ['{$id}'] },
      items: 'RouteTables',
      permission: 'ec2:DescribeRouteTables',
      gone: ['InvalidRouteTableID.NotFound'],
    },
    set: ['Tags', 'Routes', 'Associations', 'PropagatingVgws'],
    sent: [
      'OwnerId',
      'Associations',
      'Associations.Main',
      'Associations.RouteTableAssociationId',
      'Routes',
      'Routes.State',
      'Routes.Origin',
    ],
    columns: {
      route_table_id: text('RouteTableId'),
      arn: text((table, place) => ec2Arn(place, 'route-table', table.RouteTableId, table.OwnerId)),
      vpc_id: text('VpcId'),
      is_main: flag(
        (table) => (table.Associations ?? []).some((one) => one.Main === true),
        undefined,
        'It holds for the subnets of its VPC that have no route table of their own',
      ),
      leads_to_internet: flag(
        (table) => (table.Routes ?? []).some(leadsToInternet),
        undefined,
        'An active route to an internet gateway: see leads_to_internet of aws_route_table_route',
      ),
      leads_to_appliance: flag(
        (table) => (table.Routes ?? []).some(leadsToAppliance),
        undefined,
        'An active route for the internet to a firewall: see leads_to_appliance of aws_route_table_route',
      ),
      serves_internet_gateway: flag(
        (table) => (table.Associations ?? []).some((one) => one.GatewayId?.startsWith('igw-')),
        undefined,
        'It holds for what comes in through an internet gateway: by way of a firewall, as a rule',
      ),
      route_count: count((table) => table.Routes?.length ?? 0),
      subnet_count: count(
        (table) => (table.Associations ?? []).filter((one) => one.SubnetId !== undefined).length,
        undefined,
        'Subnets that it is associated with by name',
      ),
    },
  },
  groups: {},
  children: {
    aws_route_table_route: child<RouteTable, typeof routeColumns>({
      title: 'Route of a route table',
      group: 'list',
      columns: routeColumns,
      titles: {
        prefix_length: 'How broad the destination is: 0 is everything, 128 where there is no range',
        is_to_world: `For ${broadRange}`,
        target_type:
          'local, internet_gateway, egress_only_internet_gateway, nat_gateway, virtual_private_gateway, vpc_endpoint, transit_gateway, vpc_peering_connection, network_interface, instance, carrier_gateway, local_gateway, core_network, odb_network, other',
        target_id: 'The gateway, interface or connection that it leads to',
        instance_account_id: 'The account of the instance that it leads to',
        is_active: 'Its target is there; else it is a black hole',
        origin: 'CreateRouteTable, CreateRoute, EnableVgwRoutePropagation or Advertisement',
        leads_to_internet:
          'It is active, leads to an internet gateway, and is for the internet (as is_to_world says) or a prefix list',
        leads_to_appliance:
          '… leads to a VPC endpoint (of a firewall), an instance or a network interface, and is for the internet or a prefix list',
      },
      rows: (table) =>
        (table.Routes ?? []).map(known).map((route) => ({
          destination_cidr_block: route.DestinationCidrBlock ?? '',
          destination_ipv6_cidr_block: route.DestinationIpv6CidrBlock ?? '',
          destination_prefix_list_id: route.DestinationPrefixListId ?? '',
          prefix_length: prefixLength(route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock),
          is_to_world: isToWorld(route),
          ...targetOf(route),
          instance_id: route.InstanceId ?? '',
          instance_account_id: route.InstanceOwnerId ?? '',
          is_active: route.State !== 'blackhole',
          origin: route.Origin ?? '',
          leads_to_internet: leadsToInternet(route),
          leads_to_appliance: leadsToAppliance(route),
        })),
    }),
    aws_route_table_association: child<RouteTable, typeof associationColumns>({
      title: 'What a route table holds for: a subnet, a gateway, or as the main one of its VPC',
      group: 'list',
      columns: associationColumns,
      titles: { association_state: 'associated, associating, disassociating, disassociated or failed' },
      rows: (table) =>
        (table.Associations ?? []).map(tied).map((one) => ({
          association_id: one.RouteTableAssociationId ?? '',
          is_main: one.Main ?? false,
          subnet_id: one.SubnetId ?? '',
          gateway_id: one.GatewayId ?? '',
          association_state: one.AssociationState?.State ?? 'associated',
        })),
    }),
  },
  events: {
    ...tagEvents,
    CreateRouteTable: 'responseElements.routeTable.routeTableId',
    ...eventsAt('requestParameters.routeTableId', [
      'DeleteRouteTable',
      'CreateRoute',
      'DeleteRoute',
      'ReplaceRoute',
      'AssociateRouteTable',
      'ReplaceRouteTableAssociation',
      'EnableVgwRoutePropagation',
      'DisableVgwRoutePropagation',
    ]),
  },
})

/** Every route has a destination and, unless what it led to is gone, a target. */
function known(route: Stored<Route>): Stored<Route> {
  const { DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId } = route
  if ((DestinationCidrBlock ?? DestinationIpv6CidrBlock ?? DestinationPrefixListId) === undefined)
    throw new TypeError('a route says no destination')
  if (route.State !== 'blackhole' && targetOf(route).target_id === '')
    throw new TypeError('a route says no target')
  return route
}

/** The main one holds for its VPC; the others for a subnet or a gateway. */
function tied(one: Association): Association {
  if (one.Main !== true && (one.SubnetId ?? one.GatewayId) === undefined)
    throw new TypeError('an association says neither subnet nor gateway')
  return one
}

function isToWorld(route: Stored<Route>): boolean {
  return isOpenToWorld(route.DestinationCidrBlock) || isOpenToWorld(route.DestinationIpv6CidrBlock)
}

/** A prefix list may hold the world; which ranges a default route was cut into says nothing. */
function isFarReaching(route: Stored<Route>): boolean {
  return route.State !== 'blackhole' && (isToWorld(route) || (route.DestinationPrefixListId ?? '') !== '')
}

function leadsToInternet(route: Stored<Route>): boolean {
  return isFarReaching(route) && targetOf(route).target_type === 'internet_gateway'
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html */
const appliances = new Set(['vpc_endpoint', 'instance', 'network_interface'])

/** Endpoints of gateways (S3, DynamoDB) are reached by AWS's own prefix lists, behind which is no firewall. */
function leadsToAppliance(route: Stored<Route>): boolean {
  const { target_type } = targetOf(route)
  if (target_type === 'vpc_endpoint' && !isToWorld(route)) return false
  return isFarReaching(route) && appliances.has(target_type)
}

/** What the id in GatewayId begins with says what it is. */
const gateways: readonly (readonly [prefix: string, type: string])[] = [
  ['igw-', 'internet_gateway'],
  ['vgw-', 'virtual_private_gateway'],
  ['vpce-', 'vpc_endpoint'],
]

function targetOf(route: Stored<Route>): { target_type: string; target_id: string } {
  const gateway = route.GatewayId
  if (gateway === 'local') return { target_type: 'local', target_id: gateway }
  const named = gateways.find(([prefix]) => gateway?.startsWith(prefix))
  const all: readonly (readonly [type: string, id: string | undefined])[] = [
    [named?.[1] ?? 'other', gateway],
    ['nat_gateway', route.NatGatewayId],
    ['egress_only_internet_gateway', route.EgressOnlyInternetGatewayId],
    ['transit_gateway', route.TransitGatewayId],
    ['vpc_peering_connection', route.VpcPeeringConnectionId],
    ['carrier_gateway', route.CarrierGatewayId],
    ['local_gateway', route.LocalGatewayId],
    ['core_network', route.CoreNetworkArn],
    ['odb_network', route.OdbNetworkArn],
    // A route to an instance names its interface as well.
    ['instance', route.InstanceId],
    ['network_interface', route.NetworkInterfaceId],
  ]
  const [type, id] = all.find(([, one]) => one !== undefined && one !== '') ?? ['other', '']
  return { target_type: type, target_id: id ?? '' }
}
