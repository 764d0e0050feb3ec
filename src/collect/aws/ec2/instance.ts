import type {
  InstanceAttribute,
  InstanceNetworkInterface,
  Instance as SdkInstance,
} from '@aws-sdk/client-ec2'
import { count, flag, forever, text, time } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { secretKinds } from '../secret-kinds.ts'
import { ec2Arn } from './arn.ts'
import { isInternetAddress } from './cidr.ts'
import { eventsAt, idsThatBegin, tagEvents } from './events.ts'
import { nameTag } from './name-tag.ts'
import { stoppedAt } from './stopped-at.ts'

type Instance = SdkInstance
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

const deviceColumns = {
  device_name: 'text',
  volume_id: 'text',
  is_root: 'boolean',
  delete_on_termination: 'boolean',
  attached_at: 'timestamptz',
} as const

export const instance = defineTable<{ list: Instance; user_data: InstanceAttribute }>({
  name: 'aws_instance',
  title: 'EC2 instance, unless it is terminated',
  docs: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html',
  provider: 'aws',
  via: 'aws',
  service: 'ec2',
  parts: 'region',
  identity: {
    key: (instance, place) => ec2Arn(place, 'instance', instance.InstanceId),
    native_id: 'InstanceId',
    name: (instance) => nameTag(instance.Tags) ?? instance.InstanceId,
    tags: { group: 'list', from: 'Tags' },
    from_event: idsThatBegin('i-'),
  },
  list: {
    read: {
      operation: 'DescribeInstances',
      input: { MaxResults: 1000 },
      pages: { out: 'NextToken', in: 'NextToken' },
      items: 'Reservations.Instances',
      permission: 'ec2:DescribeInstances',
    },
    one: {
      operation: 'DescribeInstances',
      input: { InstanceIds: ['{$id}'] },
      items: 'Reservations.Instances',
      permission: 'ec2:DescribeInstances',
      gone: ['InvalidInstanceID.NotFound'],
    },
    shape: (instance: Stored<Instance>) => (instance.State?.Name === 'terminated' ? undefined : instance),
    set: [
      'Tags',
      'SecurityGroups',
      'BlockDeviceMappings',
      'NetworkInterfaces',
      'NetworkInterfaces.Groups',
      'NetworkInterfaces.Ipv6Addresses',
      'NetworkInterfaces.PrivateIpAddresses',
      'ProductCodes',
    ],
    sent: [
      'ImageId',
      'RootDeviceType',
      'Architecture',
      'VirtualizationType',
      'EbsOptimized',
      'StateTransitionReason',
      'Monitoring',
      'Monitoring.State',
      'Placement',
      'Placement.AvailabilityZone',
      'Placement.Tenancy',
      'MetadataOptions',
      'MetadataOptions.HttpEndpoint',
      'MetadataOptions.HttpTokens',
      'MetadataOptions.HttpPutResponseHopLimit',
      'SecurityGroups',
      'SecurityGroups.GroupId',
      'SecurityGroups.GroupName',
      'BlockDeviceMappings',
      'BlockDeviceMappings.DeviceName',
      'BlockDeviceMappings.Ebs',
      'BlockDeviceMappings.Ebs.VolumeId',
      'BlockDeviceMappings.Ebs.DeleteOnTermination',
      'BlockDeviceMappings.Ebs.AttachTime',
      'NetworkInterfaces',
      'NetworkInterfaces.NetworkInterfaceId',
      'NetworkInterfaces.VpcId',
      'NetworkInterfaces.SubnetId',
      'NetworkInterfaces.SourceDestCheck',
      'NetworkInterfaces.Groups',
      'NetworkInterfaces.Groups.GroupId',
      'NetworkInterfaces.Groups.GroupName',
      'NetworkInterfaces.Ipv6Addresses',
      'NetworkInterfaces.Ipv6Addresses.Ipv6Address',
      'NetworkInterfaces.PrivateIpAddresses',
    ],
    columns: {
      instance_id: text('InstanceId'),
      arn: text((instance, place) => ec2Arn(place, 'instance', instance.InstanceId)),
      instance_type: text('InstanceType'),
      instance_state: text('State.Name', undefined, 'pending, running, shutting-down, stopping or stopped'),
      image_id: text('ImageId'),
      key_name: text('KeyName', '', 'The key pair it was launched with'),
      launched_at: time('LaunchTime'),
      stopped_at: time(
        (instance) => stoppedAt(instance),
        forever,
        'Since when it is stopped, as far as AWS tells; end of time for an instance that is not stopped',
      ),
      availability_zone: text('Placement.AvailabilityZone'),
      tenancy: text('Placement.Tenancy', undefined, 'default, dedicated or host'),
      vpc_id: text('VpcId', ''),
      subnet_id: text('SubnetId', ''),
      private_ip: text('PrivateIpAddress', ''),
      private_dns_name: text('PrivateDnsName', ''),
      public_ip: text('PublicIpAddress', ''),
      public_dns_name: text('PublicDnsName', ''),
      ipv6_address: text((instance) => interfacesOf(instance).flatMap(ipv6Of)[0], ''),
      public_ip_count: count(
        (instance) => publicOf(instance).length,
        undefined,
        'Public IPv4 addresses on all its network interfaces',
      ),
      ipv6_address_count: count((instance) => interfacesOf(instance).flatMap(ipv6Of).length),
      has_public_address: flag(
        (instance) =>
          publicOf(instance).length > 0 || interfacesOf(instance).flatMap(ipv6Of).some(isInternetAddress),
        undefined,
        'A public IPv4 or an IPv6 address on any of its network interfaces',
      ),
      network_interface_count: count((instance) => interfacesOf(instance).length),
      source_dest_check: flag('SourceDestCheck', true),
      iam_instance_profile_arn: text('IamInstanceProfile.Arn', ''),
      has_instance_profile: flag((instance) => (instance.IamInstanceProfile?.Arn ?? '') !== ''),
      metadata_http_endpoint: text('MetadataOptions.HttpEndpoint', undefined, 'enabled or disabled'),
      metadata_http_tokens: text(
        'MetadataOptions.HttpTokens',
        undefined,
        'required (version 2 of the metadata service only) or optional',
      ),
      metadata_hop_limit: count('MetadataOptions.HttpPutResponseHopLimit'),
      metadata_http_ipv6: text('MetadataOptions.HttpProtocolIpv6', 'disabled', 'enabled or disabled'),
      metadata_tags: text('MetadataOptions.InstanceMetadataTags', 'disabled', 'enabled or disabled'),
      allows_imdsv1: flag(
        ({ MetadataOptions }) =>
          MetadataOptions?.HttpEndpoint !== 'disabled' && MetadataOptions?.HttpTokens !== 'required',
        undefined,
        'The metadata service answers requests without a token',
      ),
      detailed_monitoring: flag((instance) =>
        ['enabled', 'pending'].includes(instance.Monitoring?.State ?? ''),
      ),
      ebs_optimized: flag('EbsOptimized'),
      root_device_type: text('RootDeviceType', undefined, 'ebs or instance-store'),
      root_device_name: text('RootDeviceName', ''),
      architecture: text('Architecture', undefined, 'i386, x86_64, arm64, x86_64_mac or arm64_mac'),
      virtualization_type: text('VirtualizationType', undefined, 'hvm or paravirtual'),
      platform_details: text('PlatformDetails', '', 'What it runs, as it is billed: Linux/UNIX, Windows, …'),
      is_windows: flag((instance) => (instance.Platform ?? '').toLowerCase() === 'windows'),
      lifecycle: text(
        'InstanceLifecycle',
        'on-demand',
        'on-demand, spot, scheduled, capacity-block or interruptible-capacity-reservation',
      ),
      boot_mode: text('CurrentInstanceBootMode', '', 'legacy-bios or uefi'),
      enclave_enabled: flag('EnclaveOptions.Enabled', false),
      hibernation_enabled: flag('HibernationOptions.Configured', false),
      auto_recovery: text('MaintenanceOptions.AutoRecovery', 'default', 'default or disabled'),
      managing_service: text('Operator.Principal', '', 'The AWS service that manages it, if one does'),
    },
  },
  groups: {
    user_data: {
      title: 'User data: whether there is some, and which kinds of secrets stand in it',
      read: {
        operation: 'DescribeInstanceAttribute',
        input: { InstanceId: '{InstanceId}', Attribute: 'userData' },
        permission: 'ec2:DescribeInstanceAttribute',
        gone: ['InvalidInstanceID.NotFound'],
      },
      secret: ['UserData.Value'],
      sent: ['UserData'],
      columns: {
        has_user_data: flag((answer) => answer.UserData?.Value !== undefined),
        user_data_has_secrets: flag((answer) => secretKinds(answer.UserData?.Value).length > 0),
        user_data_secret_kinds: text(
          (answer) => secretKinds(answer.UserData?.Value).join(', '),
          undefined,
          'Which kinds of secrets were seen: aws_access_key, private_key, named_secret, …',
        ),
      },
    },
  },
  children: {
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
          has_public_address: publicOn(one).length > 0 || ipv6Of(one).some(isInternetAddress),
          source_dest_check: one.SourceDestCheck ?? true,
          delete_on_termination: one.Attachment?.DeleteOnTermination ?? false,
        })),
    }),
    aws_instance_block_device: child<Instance, typeof deviceColumns>({
      title: 'EBS volume attached to an instance',
      group: 'list',
      columns: deviceColumns,
      rows: (instance) =>
        (instance.BlockDeviceMappings ?? []).map(({ DeviceName, Ebs }) => ({
          device_name: DeviceName ?? '',
          volume_id: Ebs?.VolumeId ?? '',
          is_root: DeviceName !== undefined && DeviceName === instance.RootDeviceName,
          delete_on_termination: Ebs?.DeleteOnTermination ?? false,
          attached_at: Ebs?.AttachTime ?? instance.LaunchTime ?? forever,
        })),
    }),
  },
  events: {
    ...tagEvents,
    RunInstances: 'responseElements.instancesSet.items.instanceId',
    ...eventsAt('requestParameters.instancesSet.items.instanceId', [
      'StartInstances',
      'StopInstances',
      'TerminateInstances',
      'MonitorInstances',
      'UnmonitorInstances',
    ]),
    ...eventsAt('requestParameters.instanceId', [
      'ModifyInstanceAttribute',
      'ResetInstanceAttribute',
      'AttachVolume',
      'AttachNetworkInterface',
      'AssociateAddress',
    ]),
    DetachVolume: ['requestParameters.instanceId', 'responseElements.instanceId'],
    ModifyInstanceMetadataOptions: 'requestParameters.ModifyInstanceMetadataOptionsRequest.InstanceId',
    ModifyInstanceMaintenanceOptions: 'requestParameters.ModifyInstanceMaintenanceOptionsRequest.InstanceId',
    ModifyInstancePlacement: 'requestParameters.ModifyInstancePlacementRequest.InstanceId',
    AssociateIamInstanceProfile: 'requestParameters.AssociateIamInstanceProfileRequest.InstanceId',
    DisassociateIamInstanceProfile:
      'responseElements.DisassociateIamInstanceProfileResponse.iamInstanceProfileAssociation.instanceId',
    ReplaceIamInstanceProfileAssociation:
      'responseElements.ReplaceIamInstanceProfileAssociationResponse.iamInstanceProfileAssociation.instanceId',
  },
})

function interfacesOf(instance: Stored<Instance>): Interface[] {
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

function publicOf(instance: Stored<Instance>): string[] {
  const all = interfacesOf(instance).flatMap((one) => publicOn(one).map(({ PublicIp }) => PublicIp))
  return [...new Set(instance.PublicIpAddress ? [instance.PublicIpAddress, ...all] : all)]
}

function ipv6Of(one: Interface): string[] {
  return (one.Ipv6Addresses ?? []).flatMap(({ Ipv6Address }) => Ipv6Address ?? [])
}
