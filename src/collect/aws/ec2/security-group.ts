import type { IpPermission, SecurityGroup } from '@aws-sdk/client-ec2'
import type { Place } from '../../../lake/columns.ts'
import { count, flag, text } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { ec2Arn, ownerOf } from './arn.ts'
import { breadth, broadRange, noPrefix } from './cidr.ts'
import { eventsAt, idsThatBegin, tagEvents } from './events.ts'
import { hasAllPorts, toTraffic, trafficColumns, trafficTitles } from './traffic.ts'

const permissions = (list: 'IpPermissions' | 'IpPermissionsEgress') => [
  list,
  ...[
    'IpProtocol',
    ...['IpRanges', 'IpRanges.CidrIp', 'Ipv6Ranges', 'Ipv6Ranges.CidrIpv6'],
    ...['PrefixListIds', 'PrefixListIds.PrefixListId', 'UserIdGroupPairs', 'UserIdGroupPairs.GroupId'],
  ].map((field) => `${list}.${field}`),
]

const ruleColumns = {
  direction: 'text',
  ...trafficColumns,
  allows_all_ports: 'boolean',
  source_type: 'text',
  cidr_ipv4: 'text',
  cidr_ipv6: 'text',
  prefix_length: 'bigint',
  prefix_list_id: 'text',
  referenced_group_id: 'text',
  referenced_account_id: 'text',
  vpc_peering_connection_id: 'text',
  is_self_reference: 'boolean',
  is_open_to_world: 'boolean',
  description: 'text',
} as const

export const securityGroup = defineTable<{ list: SecurityGroup }>({
  name: 'aws_security_group',
  title: 'EC2 security group',
  docs: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroup.html',
  provider: 'aws',
  via: 'aws',
  service: 'ec2',
  parts: 'region',
  version: 3,
  identity: {
    key: (group, place) => ec2Arn(place, 'security-group', group.GroupId, group.OwnerId),
    native_id: 'GroupId',
    in_commands: 'GROUP',
    name: 'GroupName',
    owner: ownerOf,
    tags: { group: 'list', from: 'Tags' },
    from_event: idsThatBegin('sg-'),
  },
  list: {
    read: {
      operation: 'DescribeSecurityGroups',
      input: { MaxResults: 1000 },
      pages: { out: 'NextToken', in: 'NextToken' },
      items: 'SecurityGroups',
      permission: 'ec2:DescribeSecurityGroups',
    },
    one: {
      operation: 'DescribeSecurityGroups',
      input: { GroupIds: ['{$id}'] },
      items: 'SecurityGroups',
      permission: 'ec2:DescribeSecurityGroups',
      gone: ['InvalidGroup.NotFound'],
    },
    set: [
      'Tags',
      ...['IpPermissions', 'IpPermissionsEgress'].flatMap((list) => [
        list,
        ...['IpRanges', 'Ipv6Ranges', 'PrefixListIds', 'UserIdGroupPairs'].map(
          (source) => `${list}.${source}`,
        ),
      ]),
    ],
    // Empty lists, too: `<ipPermissions/>`.
    sent: ['OwnerId', 'Description', ...permissions('IpPermissions'), ...permissions('IpPermissionsEgress')],
    columns: {
      group_id: text('GroupId'),
      arn: text((group, place) => ec2Arn(place, 'security-group', group.GroupId, group.OwnerId)),
      group_name: text('GroupName'),
      description: text('Description'),
      vpc_id: text('VpcId', ''),
      is_default: flag((group) => group.GroupName === 'default', undefined, "The VPC's default group"),
      ingress_rule_count: count(
        (group) => sum(group.IpPermissions),
        undefined,
        'Rules for incoming traffic, each source counted',
      ),
      egress_rule_count: count(
        (group) => sum(group.IpPermissionsEgress),
        undefined,
        'Rules for outgoing traffic, each destination counted',
      ),
    },
  },
  groups: {},
  children: {
    aws_security_group_rule: child<SecurityGroup, typeof ruleColumns>({
      title: 'Rule of a security group, one row for each source or destination',
      group: 'list',
      columns: ruleColumns,
      titles: {
        ...trafficTitles,
        direction: 'ingress or egress',
        allows_all_ports: 'Every port of its protocol, or every protocol',
        source_type: 'cidr_ipv4, cidr_ipv6, prefix_list or security_group; for egress the destination',
        prefix_length:
          'How broad the range is: 0 is everything, 32 or 128 one address; 128 where there is no range',
        referenced_group_id: 'The security group whose members are let through',
        referenced_account_id: 'The account of that group',
        is_open_to_world: `From (or to) ${broadRange}; of a prefix list, see aws_ec2_managed_prefix_list`,
      },
      rows: (group, place) => [
        ...toRules('ingress', group, group.IpPermissions, place),
        ...toRules('egress', group, group.IpPermissionsEgress, place),
      ],
    }),
  },
  events: {
    ...tagEvents,
    ...eventsAt('requestParameters.groupId', [
      'AuthorizeSecurityGroupIngress',
      'AuthorizeSecurityGroupEgress',
      'RevokeSecurityGroupIngress',
      'RevokeSecurityGroupEgress',
      'DeleteSecurityGroup',
    ]),
    CreateSecurityGroup: 'responseElements.groupId',
    ModifySecurityGroupRules: 'requestParameters.ModifySecurityGroupRulesRequest.GroupId',
    UpdateSecurityGroupRuleDescriptionsIngress:
      'requestParameters.UpdateSecurityGroupRuleDescriptionsIngressRequest.GroupId',
    UpdateSecurityGroupRuleDescriptionsEgress:
      'requestParameters.UpdateSecurityGroupRuleDescriptionsEgressRequest.GroupId',
  },
})

type Permission = Stored<IpPermission>

function sum(permissions: Permission[] | undefined): number {
  return (permissions ?? []).reduce((total, one) => {
    const lists = [one.IpRanges, one.Ipv6Ranges, one.PrefixListIds, one.UserIdGroupPairs]
    return total + lists.reduce((all, list) => all + (list?.length ?? 0), 0)
  }, 0)
}

function toRules(
  direction: string,
  group: Stored<SecurityGroup>,
  permissions: Permission[] | undefined,
  place: Place,
) {
  return (permissions ?? []).flatMap((permission) => {
    const traffic = toTraffic(permission.IpProtocol, permission.FromPort, permission.ToPort)
    const rule = {
      direction,
      ...traffic,
      allows_all_ports: hasAllPorts(traffic),
      cidr_ipv4: '',
      cidr_ipv6: '',
      prefix_length: noPrefix,
      prefix_list_id: '',
      referenced_group_id: '',
      referenced_account_id: '',
      vpc_peering_connection_id: '',
      is_self_reference: false,
      is_open_to_world: false,
    }
    return [
      ...(permission.IpRanges ?? []).map(({ CidrIp, Description }) => ({
        ...rule,
        ...breadth(CidrIp),
        source_type: 'cidr_ipv4',
        cidr_ipv4: CidrIp ?? '',
        description: Description ?? '',
      })),
      ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6, Description }) => ({
        ...rule,
        ...breadth(CidrIpv6),
        source_type: 'cidr_ipv6',
        cidr_ipv6: CidrIpv6 ?? '',
        description: Description ?? '',
      })),
      ...(permission.PrefixListIds ?? []).map(({ PrefixListId, Description }) => ({
        ...rule,
        source_type: 'prefix_list',
        prefix_list_id: PrefixListId ?? '',
        description: Description ?? '',
      })),
      ...(permission.UserIdGroupPairs ?? []).map((pair) => ({
        ...rule,
        source_type: 'security_group',
        referenced_group_id: pair.GroupId ?? '',
        referenced_account_id: pair.UserId ?? group.OwnerId ?? place.account_id,
        vpc_peering_connection_id: pair.VpcPeeringConnectionId ?? '',
        is_self_reference: pair.GroupId === group.GroupId,
        description: pair.Description ?? '',
      })),
    ]
  })
}
