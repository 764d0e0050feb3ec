import type { Subnet } from '@aws-sdk/client-ec2'
import { count, flag, text } from '../../../lake/columns.ts'
import { defineTable } from '../../../lake/define-table.ts'
import { ec2Arn, ownerOf } from './arn.ts'
import { eventsAt, idsThatBegin, tagEvents } from './events.ts'
import { nameTag } from './name-tag.ts'

export const subnet = defineTable<{ list: Subnet }>({
  name: 'aws_subnet',
  title: 'VPC subnet, shared ones too',
  docs: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Subnet.html',
  provider: 'aws',
  via: 'aws',
  service: 'ec2',
  parts: 'region',
  identity: {
    key: (subnet, place) => ec2Arn(place, 'subnet', subnet.SubnetId, subnet.OwnerId),
    native_id: 'SubnetId',
    in_commands: 'SUBNET',
    name: (subnet) => nameTag(subnet.Tags) ?? subnet.SubnetId,
    owner: ownerOf,
    tags: { group: 'list', from: 'Tags' },
    from_event: idsThatBegin('subnet-'),
  },
  list: {
    read: {
      operation: 'DescribeSubnets',
      input: { MaxResults: 1000 },
      pages: { out: 'NextToken', in: 'NextToken' },
      items: 'Subnets',
      permission: 'ec2:DescribeSubnets',
    },
    one: {
      operation: 'DescribeSubnets',
      input: { SubnetIds: ['{$id}'] },
      items: 'Subnets',
      permission: 'ec2:DescribeSubnets',
      gone: ['InvalidSubnetID.NotFound'],
    },
    volatile: ['AvailableIpAddressCount'],
    set: ['Tags', 'Ipv6CidrBlockAssociationSet'],
    sent: [
      'OwnerId',
      'AvailabilityZone',
      'AvailabilityZoneId',
      'State',
      'DefaultForAz',
      'MapPublicIpOnLaunch',
      'AssignIpv6AddressOnCreation',
      'Ipv6Native',
      'AvailableIpAddressCount',
      'Ipv6CidrBlockAssociationSet',
      'Ipv6CidrBlockAssociationSet.Ipv6CidrBlock',
      'Ipv6CidrBlockAssociationSet.Ipv6CidrBlockState.State',
    ],
    columns: {
      subnet_id: text('SubnetId'),
      arn: text((subnet, place) => ec2Arn(place, 'subnet', subnet.SubnetId, subnet.OwnerId)),
      vpc_id: text('VpcId'),
      cidr_block: text('CidrBlock', '', 'Empty in a subnet of IPv6 only'),
      ipv6_cidr_block: text(
        (subnet) =>
          subnet.Ipv6CidrBlockAssociationSet?.find((one) => one.Ipv6CidrBlockState?.State === 'associated')
            ?.Ipv6CidrBlock,
        '',
      ),
      availability_zone: text('AvailabilityZone'),
      availability_zone_id: text('AvailabilityZoneId'),
      subnet_state: text(
        'State',
        undefined,
        'pending, available, unavailable, failed or failed-insufficient-capacity',
      ),
      is_default_for_az: flag('DefaultForAz'),
      map_public_ip_on_launch: flag(
        'MapPublicIpOnLaunch',
        undefined,
        'What is launched in it gets a public IPv4 address',
      ),
      assign_ipv6_address_on_creation: flag('AssignIpv6AddressOnCreation'),
      is_ipv6_native: flag('Ipv6Native'),
      enable_dns64: flag('EnableDns64', false),
      internet_gateway_block_mode: text(
        'BlockPublicAccessStates.InternetGatewayBlockMode',
        'off',
        'VPC Block Public Access as it applies here: off, block-ingress or block-bidirectional',
      ),
      available_ip_address_count: count('AvailableIpAddressCount'),
      outpost_arn: text('OutpostArn', ''),
    },
  },
  groups: {},
  events: {
    ...tagEvents,
    CreateSubnet: 'responseElements.subnet.subnetId',
    CreateDefaultSubnet: 'responseElements.CreateDefaultSubnetResponse.subnet.subnetId',
    ...eventsAt('requestParameters.subnetId', ['DeleteSubnet', 'ModifySubnetAttribute']),
    AssociateSubnetCidrBlock: 'requestParameters.AssociateSubnetCidrBlockRequest.SubnetId',
    DisassociateSubnetCidrBlock: 'responseElements.DisassociateSubnetCidrBlockResponse.subnetId',
  },
})
