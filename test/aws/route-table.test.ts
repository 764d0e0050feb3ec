import { expect, it } from 'vitest'
import { routeTable } from '../../src/collect/aws/ec2/route-table.ts'
import type { Json } from '../../src/core/json.ts'
import { projectWritten } from './check-columns.ts'

const gateway = { GatewayId: 'igw-0a1', State: 'active' }

it.each<[string, { [name: string]: Json }[], boolean]>([
  ['a default route', [{ ...gateway, DestinationCidrBlock: '0.0.0.0/0' }], true],
  ['half of the internet', [{ ...gateway, DestinationCidrBlock: '128.0.0.0/1' }], true],
  ['a default route of IPv6', [{ ...gateway, DestinationIpv6CidrBlock: '::/0' }], true],
  ['a prefix list, which may hold everything', [{ ...gateway, DestinationPrefixListId: 'pl-0a1' }], true],
  ['one partner', [{ ...gateway, DestinationCidrBlock: '198.51.100.0/24' }], false],
  ['a gateway that is gone', [{ ...gateway, DestinationCidrBlock: '0.0.0.0/0', State: 'blackhole' }], false],
  ['a NAT gateway', [{ NatGatewayId: 'nat-0a1', DestinationCidrBlock: '0.0.0.0/0', State: 'active' }], false],
  ['a VPC endpoint', [{ ...gateway, GatewayId: 'vpce-0a1', DestinationPrefixListId: 'pl-0a1' }], false],
])('a route table leads to the internet by %s: %s', (_, Routes, leads) => {
  const routes = Routes.map((route) => ({ Origin: 'CreateRoute', ...route }))
  const list = {
    ...{ RouteTableId: 'rtb-0a1', OwnerId: '111122223333', VpcId: 'vpc-0a1' },
    ...{ Associations: [], Routes: routes },
  }
  const { columns, children } = projectWritten(routeTable, { list })
  expect(columns.leads_to_internet).toBe(leads)
  expect(children.aws_route_table_route).toMatchObject([{ leads_to_internet: leads }])
})

const firewall = { GatewayId: 'vpce-0a1', State: 'active' }

it.each<[string, { [name: string]: Json }, boolean]>([
  ['the endpoint of a firewall', { ...firewall, DestinationCidrBlock: '0.0.0.0/0' }, true],
  ['half of the internet by it', { ...firewall, DestinationCidrBlock: '0.0.0.0/1' }, true],
  [
    'an instance',
    { InstanceId: 'i-0a1', NetworkInterfaceId: 'eni-0a1', DestinationCidrBlock: '0.0.0.0/0' },
    true,
  ],
  ['a network interface', { NetworkInterfaceId: 'eni-0a1', DestinationIpv6CidrBlock: '::/0' }, true],
  ['the endpoint of S3', { ...firewall, DestinationPrefixListId: 'pl-0a1' }, false],
  ['a firewall for one partner', { ...firewall, DestinationCidrBlock: '198.51.100.0/24' }, false],
  ['one that is gone', { ...firewall, DestinationCidrBlock: '0.0.0.0/0', State: 'blackhole' }, false],
  ['the internet gateway', { ...gateway, DestinationCidrBlock: '0.0.0.0/0' }, false],
])('a route table leads to a firewall by %s: %s', (_, route, leads) => {
  const list = {
    ...{ RouteTableId: 'rtb-0a1', OwnerId: '111122223333', VpcId: 'vpc-0a1' },
    ...{ Associations: [], Routes: [{ Origin: 'CreateRoute', State: 'active', ...route }] },
  }
  const { columns, children } = projectWritten(routeTable, { list })
  expect(columns).toMatchObject({ leads_to_appliance: leads, serves_internet_gateway: false })
  expect(children.aws_route_table_route).toMatchObject([{ leads_to_appliance: leads }])
})

it.each([
  ['igw-0a1', true],
  ['vgw-0a1', false],
])('a route table holds for what comes in through %s: %s', (GatewayId, serves) => {
  const list = {
    ...{ RouteTableId: 'rtb-0a1', OwnerId: '111122223333', VpcId: 'vpc-0a1', Routes: [] },
    Associations: [{ RouteTableAssociationId: 'rtbassoc-0a1', Main: false, GatewayId }],
  }
  expect(projectWritten(routeTable, { list }).columns.serves_internet_gateway).toBe(serves)
})
