import type { NetworkAcl } from '@aws-sdk/client-ec2'
import { count, flag, text } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'
import { ec2Arn, ownerOf } from './arn.ts'
import { breadth, broadRange } from './cidr.ts'
import { eventsAt, idsThatBegin, tagEvents } from './events.ts'
import { nameTag } from './name-tag.ts'
import { hasAllPorts, toTraffic, trafficColumns, trafficTitles } from './traffic.ts'
import { walkAcl } from './walk-acl.ts'

const entryColumns = {
  rule_number: 'bigint',
  direction: 'text',
  is_allow: 'boolean',
  ...trafficColumns,
  allows_all_ports: 'boolean',
  cidr_block: 'text',
  ipv6_cidr_block: 'text',
  prefix_length: 'bigint',
  is_open_to_world: 'boolean',
} as const

/** Less may be somebody: walkAcl. */
const stretch = 'a stretch longer than a /8 of IPv4 or a /12 of IPv6'

const associationColumns = { association_id: 'text', subnet_id: 'text' } as const

export const networkAcl = defineTable<{ list: NetworkAcl }>({
  name: 'aws_network_acl',
  title: 'Network ACL of a VPC',
  docs: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkAcl.html',
  provider: 'aws',
  via: 'aws',
  service: 'ec2',
  parts: 'region',
  version: 2,
  identity: {
    key: (acl, place) => ec2Arn(place, 'network-acl', acl.NetworkAclId, acl.OwnerId),
    native_id: 'NetworkAclId',
    in_commands: 'ACL',
    name: (acl) => nameTag(acl.Tags) ?? acl.NetworkAclId,
    owner: ownerOf,
    tags: { group: 'list', from: 'Tags' },
    from_event: idsThatBegin('acl-'),
  },
  list: {
    read: {
      operation: 'DescribeNetworkAcls',
      input: { MaxResults: 1000 },
      pages: { out: 'NextToken', in: 'NextToken' },
      items: 'NetworkAcls',
      permission: 'ec2:DescribeNetworkAcls',
    },
    one: {
      operation: 'DescribeNetworkAcls',
      input: { NetworkAclIds: ['{$id}'] },
      items: 'NetworkAcls',
      permission: 'ec2:DescribeNetworkAcls',
      gone: ['InvalidNetworkAclID.NotFound'],
    },
    set: ['Tags', 'Entries', 'Associations'],
    sent: [
      'OwnerId',
      'IsDefault',
      'Associations',
      'Associations.SubnetId',
      'Associations.NetworkAclAssociationId',
      'Entries',
      'Entries.Egress',
      'Entries.Protocol',
      'Entries.RuleAction',
      'Entries.RuleNumber',
      'Entries.PortRange.From',
      'Entries.PortRange.To',
    ],
    columns: {
      network_acl_id: text('NetworkAclId'),
      arn: text((acl, place) => ec2Arn(place, 'network-acl', acl.NetworkAclId, acl.OwnerId)),
      vpc_id: text('VpcId'),
      is_default: flag('IsDefault'),
      subnet_count: count((acl) => acl.Associations?.length ?? 0),
      allows_ingress_from_world: flag(
        (acl) => walkAcl(acl.Entries ?? [], 'ingress').any,
        undefined,
        `Some traffic (ICMP apart) comes in from the internet (${stretch}), entries taken in their order`,
      ),
      allows_all_ingress_from_world: flag(
        (acl) => walkAcl(acl.Entries ?? [], 'ingress').all,
        undefined,
        `Every port of every protocol is open to the internet (${stretch})`,
      ),
      allows_egress_to_world: flag(
        (acl) => walkAcl(acl.Entries ?? [], 'egress').any,
        undefined,
        `Some traffic (ICMP apart) goes out to the internet (${stretch})`,
      ),
      world_can_reach_port_22: flag(
        (acl) => walkAcl(acl.Entries ?? [], 'ingress').port('tcp', 22),
        undefined,
        `TCP to port 22 (SSH) comes in from the internet (${stretch})`,
      ),
      world_can_reach_port_3389: flag(
        (acl) =>
          ['tcp' as const, 'udp' as const].some((protocol) =>
            walkAcl(acl.Entries ?? [], 'ingress').port(protocol, 3389),
          ),
        undefined,
        `TCP or UDP to port 3389 (RDP) comes in from the internet (${stretch})`,
      ),
    },
  },
  groups: {},
  children: {
    aws_network_acl_entry: child<NetworkAcl, typeof entryColumns>({
      title: 'Entry of a network ACL; the first that fits, by number, decides',
      group: 'list',
      columns: entryColumns,
      titles: {
        ...trafficTitles,
        direction: 'ingress or egress',
        is_allow: 'It lets traffic through; else it stops it',
        allows_all_ports: 'It is about every port of its protocol, or every protocol',
        prefix_length: 'How broad the range is: 0 is everything',
        is_open_to_world: `From (or to) ${broadRange}`,
      },
      rows: (acl) =>
        (acl.Entries ?? []).map((entry) => {
          const cidr = entry.CidrBlock ?? entry.Ipv6CidrBlock
          if (cidr === undefined) throw new TypeError('an entry says no range of addresses')
          const { PortRange, IcmpTypeCode } = entry
          const traffic = toTraffic(entry.Protocol, PortRange?.From, PortRange?.To, IcmpTypeCode ?? {})
          return {
            rule_number: entry.RuleNumber ?? 0,
            direction: entry.Egress === true ? 'egress' : 'ingress',
            is_allow: entry.RuleAction === 'allow',
            ...traffic,
            allows_all_ports: hasAllPorts(traffic),
            cidr_block: entry.CidrBlock ?? '',
            ipv6_cidr_block: entry.Ipv6CidrBlock ?? '',
            ...breadth(cidr),
          }
        }),
    }),
    aws_network_acl_association: child<NetworkAcl, typeof associationColumns>({
      title: 'Subnet that a network ACL holds for',
      group: 'list',
      columns: associationColumns,
      rows: (acl) =>
        (acl.Associations ?? []).map((one) => ({
          association_id: one.NetworkAclAssociationId ?? '',
          subnet_id: one.SubnetId ?? '',
        })),
    }),
  },
  events: {
    ...tagEvents,
    CreateNetworkAcl: 'responseElements.networkAcl.networkAclId',
    ...eventsAt('requestParameters.networkAclId', [
      'DeleteNetworkAcl',
      'CreateNetworkAclEntry',
      'DeleteNetworkAclEntry',
      'ReplaceNetworkAclEntry',
      'ReplaceNetworkAclAssociation',
    ]),
  },
})
