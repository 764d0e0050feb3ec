import type { NetworkInterface, NetworkInterfacePrivateIpAddress } from '@aws-sdk/client-ec2'
import { count, flag, never, text, time } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { ec2Arn, ownerOf } from './arn.ts'
import { isInternetAddress } from './cidr.ts'
import { eventsAt, idsThatBegin, tagEvents } from './events.ts'
import { nameTag } from './name-tag.ts'

const groupColumns = { group_id: 'text', group_name: 'text' } as const

const addressColumns = {
  address: 'text',
  vpc_id: 'text',
  is_ipv6: 'boolean',
  is_primary: 'boolean',
  is_public: 'boolean',
  public_ip: 'text',
  public_ip_owner_id: 'text',
  allocation_id: 'text',
} as const

export const networkInterface = defineTable<{ list: NetworkInterface }>({
  name: 'aws_network_interface',
  title: 'Network interface, of an instance or of an AWS service',
  docs: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html',
  provider: 'aws',
  via: 'aws',
  service: 'ec2',
  parts: 'region',
  version: 2,
  identity: {
    key: (one, place) => ec2Arn(place, 'network-interface', one.NetworkInterfaceId, one.OwnerId),
    native_id: 'NetworkInterfaceId',
    name: (one) => nameTag(one.TagSet) ?? one.NetworkInterfaceId,
    owner: ownerOf,
    tags: { group: 'list', from: 'TagSet' },
    from_event: idsThatBegin('eni-'),
  },
  list: {
    read: {
      operation: 'DescribeNetworkInterfaces',
      input: { MaxResults: 1000 },
      pages: { out: 'NextToken', in: 'NextToken' },
      items: 'NetworkInterfaces',
      permission: 'ec2:DescribeNetworkInterfaces',
    },
    one: {
      operation: 'DescribeNetworkInterfaces',
      input: { NetworkInterfaceIds: ['{$id}'] },
      items: 'NetworkInterfaces',
      permission: 'ec2:DescribeNetworkInterfaces',
      gone: ['InvalidNetworkInterfaceID.NotFound'],
    },
    set: ['TagSet', 'Groups', 'Ipv6Addresses', 'PrivateIpAddresses'],
    sent: [
      'OwnerId',
      'InterfaceType',
      'Status',
      'VpcId',
      'SubnetId',
      'AvailabilityZone',
      'SourceDestCheck',
      'RequesterManaged',
      'Groups',
      'Groups.GroupId',
      'Groups.GroupName',
      'Ipv6Addresses',
      'Ipv6Addresses.Ipv6Address',
      'PrivateIpAddresses',
      'PrivateIpAddresses.PrivateIpAddress',
      'PrivateIpAddresses.Primary',
      'Attachment.Status',
      'Attachment.AttachmentId',
      'Attachment.DeleteOnTermination',
      'Attachment.DeviceIndex',
    ],
    columns: {
      network_interface_id: text('NetworkInterfaceId'),
      arn: text((one, place) => ec2Arn(place, 'network-interface', one.NetworkInterfaceId, one.OwnerId)),
      description: text('Description', ''),
      interface_type: text(
        'InterfaceType',
        undefined,
        'interface, efa, lambda, load_balancer, nat_gateway, network_load_balancer, vpc_endpoint, …',
      ),
      interface_state: text('Status', undefined, 'available, associated, attaching, in-use or detaching'),
      vpc_id: text('VpcId'),
      subnet_id: text('SubnetId'),
      availability_zone: text('AvailabilityZone'),
      private_ip: text('PrivateIpAddress', ''),
      public_ip: text('Association.PublicIp', ''),
      ipv6_address_count: count((one) => one.Ipv6Addresses?.length ?? 0),
      has_public_address: flag(
        (one) => addressesOf(one).some((known) => known.is_public),
        undefined,
        'A public IPv4 or an IPv6 address',
      ),
      source_dest_check: flag('SourceDestCheck'),
      denies_internet_gateway_traffic: flag('DenyAllIgwTraffic', false),
      requester_id: text('RequesterId', '', 'Who asked for it: an AWS service, or the account'),
      is_requester_managed: flag('RequesterManaged', undefined, 'An AWS service manages it'),
      is_attached: flag((one) => ['attached', 'attaching'].includes(one.Attachment?.Status ?? '')),
      attachment_id: text('Attachment.AttachmentId', ''),
      instance_id: text('Attachment.InstanceId', '', 'The instance that it is attached to'),
      instance_account_id: text(
        'Attachment.InstanceOwnerId',
        '',
        'The account, or the AWS service, of that instance',
      ),
      device_index: count('Attachment.DeviceIndex', -1),
      delete_on_termination: flag('Attachment.DeleteOnTermination', false),
      attached_at: time('Attachment.AttachTime', never),
    },
  },
  groups: {},
  children: {
    aws_network_interface_security_group: child<NetworkInterface, typeof groupColumns>({
      title: 'Security group of a network interface',
      group: 'list',
      columns: groupColumns,
      rows: (one) =>
        (one.Groups ?? []).map(({ GroupId, GroupName }) => ({
          group_id: GroupId ?? '',
          group_name: GroupName ?? '',
        })),
    }),
    aws_network_interface_address: child<NetworkInterface, typeof addressColumns>({
      title: 'Address of a network interface, with the public one that leads to it',
      group: 'list',
      columns: addressColumns,
      titles: {
        vpc_id: 'The VPC in which a private address means something',
        is_public: 'It is an address of the internet (IPv6), or one leads to it (IPv4)',
        public_ip: 'Public IPv4 address that leads to it',
        public_ip_owner_id: 'amazon, or the account that the public address belongs to',
        allocation_id: 'The Elastic IP address, if it is one',
      },
      rows: addressesOf,
    }),
  },
  events: {
    ...tagEvents,
    CreateNetworkInterface: 'responseElements.networkInterface.networkInterfaceId',
    RunInstances: 'responseElements.instancesSet.items.networkInterfaceSet.items.networkInterfaceId',
    ...eventsAt('requestParameters.networkInterfaceId', [
      'DeleteNetworkInterface',
      'ModifyNetworkInterfaceAttribute',
      'ResetNetworkInterfaceAttribute',
      'AttachNetworkInterface',
      'AssociateAddress',
      'AssignPrivateIpAddresses',
      'UnassignPrivateIpAddresses',
    ]),
    AssignIpv6Addresses: 'requestParameters.AssignIpv6AddressesRequest.NetworkInterfaceId',
    UnassignIpv6Addresses: 'requestParameters.UnassignIpv6AddressesRequest.NetworkInterfaceId',
  },
})

function addressesOf(one: Stored<NetworkInterface>) {
  const known = one.PrivateIpAddresses ?? []
  const primary = { PrivateIpAddress: one.PrivateIpAddress, Primary: true }
  const listed = known.length > 0 || one.PrivateIpAddress === undefined ? known : [primary]
  // The interface's own association is that of its primary address.
  const version4 = listed.map(
    (address): Stored<NetworkInterfacePrivateIpAddress> =>
      address.Primary === true ? { Association: one.Association, ...address } : address,
  )
  return [
    ...version4.map((address) => ({
      address: address.PrivateIpAddress ?? '',
      vpc_id: one.VpcId ?? '',
      is_ipv6: false,
      is_primary: address.Primary ?? false,
      is_public: (address.Association?.PublicIp ?? '') !== '',
      public_ip: address.Association?.PublicIp ?? '',
      public_ip_owner_id: address.Association?.IpOwnerId ?? '',
      allocation_id: address.Association?.AllocationId ?? '',
    })),
    ...(one.Ipv6Addresses ?? []).map((address) => ({
      address: address.Ipv6Address ?? '',
      vpc_id: one.VpcId ?? '',
      is_ipv6: true,
      is_primary: address.IsPrimaryIpv6 ?? false,
      is_public: isInternetAddress(address.Ipv6Address ?? ''),
      public_ip: '',
      public_ip_owner_id: '',
      allocation_id: '',
    })),
  ]
}
