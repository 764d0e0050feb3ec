import type { InstanceAttribute, Instance as SdkInstance } from '@aws-sdk/client-ec2'
import { count, flag, forever, text, time } from '../../../lake/columns.ts'
import { child, defineTable, type EventPlace } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { valuesAt } from '../../kernel/values-at.ts'
import { secretKinds } from '../secret-kinds.ts'
import { ec2Arn } from './arn.ts'
import { isInternetAddress } from './cidr.ts'
import { eventsAt, tagEvents } from './events.ts'
import { interfacesOf, ipv6Of, networkChildren, publicOf } from './instance-network.ts'
import { nameTag } from './name-tag.ts'
import { stoppedAt } from './stopped-at.ts'

type Instance = SdkInstance

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
    in_commands: 'INSTANCE',
    name: (instance) => nameTag(instance.Tags) ?? instance.InstanceId,
    tags: { group: 'list', from: 'Tags' },
    from_event: instanceOf,
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
      // Events on a network interface do not say whose it is.
      named_by: {
        'eni-': { Filters: [{ Name: 'network-interface.network-interface-id', Values: ['{$id}'] }] },
      },
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
    ...networkChildren,
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
    ]),
    AssociateAddress: ['requestParameters.instanceId', 'requestParameters.networkInterfaceId'],
    ...eventsAt('requestParameters.networkInterfaceId', [
      'ModifyNetworkInterfaceAttribute',
      'ResetNetworkInterfaceAttribute',
      'AssignPrivateIpAddresses',
      'UnassignPrivateIpAddresses',
    ]),
    AssignIpv6Addresses: 'requestParameters.AssignIpv6AddressesRequest.NetworkInterfaceId',
    UnassignIpv6Addresses: 'requestParameters.UnassignIpv6AddressesRequest.NetworkInterfaceId',
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

/** By its own id or by that of a network interface, of which not the tags are meant. */
function instanceOf(found: string, { body }: EventPlace): string | undefined {
  if (found.startsWith('i-')) return found
  const isTagged = valuesAt(body, 'requestParameters.resourcesSet').length > 0
  return found.startsWith('eni-') && !isTagged ? found : undefined
}
