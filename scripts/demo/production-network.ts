import { buckets } from './estate.ts'
import {
  dropDefaultNetwork,
  emptyGroup,
  makeGroup,
  makeNetwork,
  makePrefixList,
  type Network,
  office,
  type Place,
  tcp,
  world,
} from './make-network.ts'

export interface ProductionNetwork extends Network {
  groups: Record<'edge' | 'web' | 'api' | 'data' | 'bastion' | 'erp' | 'resizer' | 'internal', string>
}

/** Ireland, where the shop runs. */
export async function makeProductionNetwork(place: Place): Promise<ProductionNetwork> {
  await dropDefaultNetwork(place)
  const network = await makeNetwork(place, {
    name: 'larkspur-shop',
    net: '10.20',
    zones: ['a', 'b', 'c'],
    privateTiers: ['app', 'data'],
    nat: true,
    flowLogBucket: buckets.flowLogs,
    born: '2024-11-11',
  })
  const { vpcId } = network
  await emptyGroup(place, network.defaultGroupId)
  const edge = await makeGroup(place, vpcId, 'shop-edge', 'The load balancer of the shop', [
    tcp(443, world, '::/0'),
    tcp(80, world, '::/0'),
  ])
  const offices = await makePrefixList(place, 'offices', { [office]: 'Bristol' })
  const bastion = await makeGroup(place, vpcId, 'bastion', 'SSH from the office', [tcp(22, offices)])
  const web = await makeGroup(place, vpcId, 'shop-web', 'Web servers', [tcp(8080, edge), tcp(22, bastion)])
  const internal = await makeGroup(place, vpcId, 'internal-balancer', 'The balancer of the interfaces', [
    tcp(443, '10.20.0.0/16'),
  ])
  const api = await makeGroup(place, vpcId, 'shop-api', 'Interfaces', [
    tcp(8443, internal, web),
    tcp(22, bastion),
  ])
  const data = await makeGroup(place, vpcId, 'shop-data', 'Databases and search', [
    tcp(5432, api),
    tcp(9200, api, web),
    tcp(6379, web),
  ])
  const erp = await makeGroup(place, vpcId, 'erp-legacy', 'Old ERP, opened for the vendor in a hurry', [
    tcp(3389, world),
    tcp(1433, '10.20.0.0/16'),
  ])
  const resizer = await makeGroup(place, vpcId, 'image-resizer', 'Image resizer', [
    tcp(22, world),
    tcp(8000, world),
  ])
  await makeGroup(place, vpcId, 'old-ftp-sync', 'Suppliers FTP, nobody uses it', [tcp([20, 21], world)])
  await makeDataAcl(place, network)
  return { ...network, groups: { edge, web, api, data, bastion, erp, resizer, internal } }
}

/** Databases have a network ACL of their own, which lets in the network and nobody else. */
async function makeDataAcl({ seeder, region }: Place, network: Network): Promise<void> {
  const ec2 = seeder.ec2(region)
  const { NetworkAcl } = await ec2.createNetworkAcl({ VpcId: network.vpcId })
  const NetworkAclId = NetworkAcl?.NetworkAclId ?? ''
  await ec2.createTags({ Resources: [NetworkAclId], Tags: [{ Key: 'Name', Value: 'larkspur-shop-data' }] })
  for (const Egress of [false, true]) {
    await ec2.createNetworkAclEntry({
      NetworkAclId,
      Egress,
      RuleNumber: 100,
      Protocol: '6',
      RuleAction: 'allow',
      CidrBlock: '10.20.0.0/16',
      PortRange: { From: Egress ? 1024 : 5432, To: Egress ? 65535 : 9300 },
    })
  }
  const { NetworkAcls } = await ec2.describeNetworkAcls({
    Filters: [
      { Name: 'vpc-id', Values: [network.vpcId] },
      { Name: 'default', Values: ['true'] },
    ],
  })
  const wanted = new Set(['data-a', 'data-b', 'data-c'].map((name) => network.subnets[name]))
  for (const { SubnetId, NetworkAclAssociationId } of NetworkAcls?.[0]?.Associations ?? []) {
    if (!wanted.has(SubnetId)) continue
    await ec2.replaceNetworkAclAssociation({ AssociationId: NetworkAclAssociationId!, NetworkAclId })
  }
}
