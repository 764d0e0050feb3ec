import type { Instance, InstanceNetworkInterface } from '@aws-sdk/client-ec2'
import { child } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { isInternetAddress } from './cidr.ts'

type Interface = Stored<InstanceNetworkInterface>

const groupColumns = { group_id: 'text', group_name: 'text' } as const

const interfaceColumns = {
  network_interface_id: 'text',
  device_index: 'bigint',
  interface_type: 'text',
  vpc_id: 'text',
  subnet_id: 'text',
  private_ip: 'text',
  public_ip: 'text',
  public_ip_owner_id: 'text',
  ipv6_address: 'text',
  has_public_address: 'boolean',
  source_dest_check: 'boolean',
  delete_on_termination: 'boolean',
} as const

const interfaceGroupColumns = {
  network_interface_id: 'text',
  subnet_id: 'text',
  has_public_address: 'boolean',
  group_id: 'text',
  group_name: 'text',
} as const

const addressColumns = {
  network_interface_id: 'text',
  address: 'text',
  vpc_id: 'text',
  is_ipv6: 'boolean',
} as const

/**
 * An instance's document has its network interfaces with their addresses and groups: who reads it, after an event too, knows
 * all that makes it reachable but what its subnets and groups are like.
 */
export const networkChildren = {
  aws_instance_security_group: child<Instance, typeof groupColumns>({
    title: 'Security group on any network interface of an instance',
    group: 'list',
    columns: groupColumns,
    rows: (instance) => {
      const all = [
        ...(instance.SecurityGroups ?? []),
        ...interfacesOf(instance).flatMap((one) => one.Groups ?? []),
      ]
      const names = new Map(all.map(({ GroupId, GroupName }) => [GroupId ?? '', GroupName ?? '']))
      return [...names].map(([group_id, group_name]) => ({ group_id, group_name }))
    },
  }),
  aws_instance_network_interface: child<Instance, typeof interfaceColumns>({
    title: 'Network interface of an instance',
    group: 'list',
    columns: interfaceColumns,
    titles: {
      public_ip: 'Its first public IPv4 address',
      public_ip_owner_id: 'amazon, or the account that the address belongs to',
      ipv6_address: 'Its first IPv6 address',
      has_public_address: 'It has a public IPv4 or an IPv6 address',
    },
    rows: (instance) =>
      interfacesOf(instance).map((one) => ({
        network_interface_id: one.NetworkInterfaceId ?? '',
        device_index: one.Attachment?.DeviceIndex ?? -1,
        interface_type: one.InterfaceType ?? 'interface',
        vpc_id: one.VpcId ?? '',
        subnet_id: one.SubnetId ?? '',
        private_ip: one.PrivateIpAddress ?? '',
        public_ip: publicOn(one)[0]?.PublicIp ?? '',
        public_ip_owner_id: publicOn(one)[0]?.IpOwnerId ?? '',
        ipv6_address: ipv6Of(one)[0] ?? '',
        has_public_address: isPublic(one),
        source_dest_check: one.SourceDestCheck ?? true,
        delete_on_termination: one.Attachment?.DeleteOnTermination ?? false,
      })),
  }),
  aws_instance_network_interface_security_group: child<Instance, typeof interfaceGroupColumns>({
    title: 'Security group of a network interface of an instance',
    group: 'list',
    columns: interfaceGroupColumns,
    titles: {
      subnet_id: 'The subnet of the network interface',
      has_public_address: 'The network interface has a public IPv4 or an IPv6 address',
    },
    rows: (instance) =>
      interfacesOf(instance).flatMap((one) =>
        (one.Groups ?? []).map(({ GroupId, GroupName }) => ({
          network_interface_id: one.NetworkInterfaceId ?? '',
          subnet_id: one.SubnetId ?? '',
          has_public_address: isPublic(one),
          group_id: GroupId ?? '',
          group_name: GroupName ?? '',
        })),
      ),
  }),
  aws_instance_network_interface_address: child<Instance, typeof addressColumns>({
    title: 'Address of a network interface of an instance, as its VPC knows it',
    group: 'list',
    columns: addressColumns,
    titles: { vpc_id: 'The VPC in which a private address means something' },
    rows: (instance) =>
      interfacesOf(instance).flatMap((one) => {
        const known = { network_interface_id: one.NetworkInterfaceId ?? '', vpc_id: one.VpcId ?? '' }
        const version4 = (one.PrivateIpAddresses ?? []).flatMap((of) => of.PrivateIpAddress ?? [])
        const first = one.PrivateIpAddress ?? version4[0]
        return [...new Set(first === undefined ? [] : [first, ...version4])]
          .map((address) => ({ ...known, address, is_ipv6: false }))
          .concat(ipv6Of(one).map((address) => ({ ...known, address, is_ipv6: true })))
      }),
  }),
}

export function interfacesOf(instance: Stored<Instance>): Interface[] {
  return instance.NetworkInterfaces ?? []
}

/** Associations with a public IPv4 address: of the interface itself, and of its further private addresses. */
function publicOn(one: Interface) {
  const all = [one.Association, ...(one.PrivateIpAddresses ?? []).map((address) => address.Association)]
  const found = new Map(all.map((association) => [association?.PublicIp ?? '', association]))
  found.delete('')
  return [...found.values()].map((association) => ({
    PublicIp: association?.PublicIp ?? '',
    IpOwnerId: association?.IpOwnerId ?? '',
  }))
}

function isPublic(one: Interface): boolean {
  return publicOn(one).length > 0 || ipv6Of(one).some(isInternetAddress)
}

export function publicOf(instance: Stored<Instance>): string[] {
  const all = interfacesOf(instance).flatMap((one) => publicOn(one).map(({ PublicIp }) => PublicIp))
  return [...new Set(instance.PublicIpAddress ? [instance.PublicIpAddress, ...all] : all)]
}

export function ipv6Of(one: Interface): string[] {
  return (one.Ipv6Addresses ?? []).flatMap(({ Ipv6Address }) => Ipv6Address ?? [])
}
