import type {
  LoadBalancer as SdkLoadBalancer,
  TagDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { count, flag, text, time } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { type Attributes, attributeCount, attributeFlag, attributeText } from './attributes.ts'
import { loadBalancerOf } from './events.ts'

type LoadBalancer = SdkLoadBalancer
const gone = ['LoadBalancerNotFound']

const groupColumns = { group_id: 'text' } as const
const subnetColumns = {
  subnet_id: 'text',
  availability_zone: 'text',
  public_ip: 'text',
  allocation_id: 'text',
  private_ip: 'text',
  ipv6_address: 'text',
} as const

export const loadBalancer = defineTable<{
  list: LoadBalancer
  attributes: Attributes
  tags: { TagDescriptions: TagDescription[] }
}>({
  name: 'aws_lb',
  title: 'Application, network or gateway load balancer',
  docs: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html',
  provider: 'aws',
  via: 'aws',
  service: 'elasticloadbalancingv2',
  parts: 'region',
  identity: {
    key: '{LoadBalancerArn}',
    native_id: 'LoadBalancerArn',
    in_commands: 'LOAD_BALANCER_ARN',
    name: 'LoadBalancerName',
    incarnation: 'CreatedTime',
    tags: { group: 'tags', from: 'TagDescriptions.0.Tags' },
    from_event: loadBalancerOf,
  },
  list: {
    read: {
      operation: 'DescribeLoadBalancers',
      input: { PageSize: 400 },
      pages: { out: 'NextMarker', in: 'Marker' },
      items: 'LoadBalancers',
      permission: 'elasticloadbalancing:DescribeLoadBalancers',
    },
    one: {
      operation: 'DescribeLoadBalancers',
      input: { LoadBalancerArns: ['{$id}'] },
      items: 'LoadBalancers',
      permission: 'elasticloadbalancing:DescribeLoadBalancers',
      gone,
    },
    set: ['AvailabilityZones', 'AvailabilityZones.LoadBalancerAddresses', 'SecurityGroups'],
    sent: [
      'State',
      'State.Code',
      'IpAddressType',
      'VpcId',
      'AvailabilityZones',
      'AvailabilityZones.SubnetId',
      'AvailabilityZones.ZoneName',
    ],
    columns: {
      load_balancer_name: text('LoadBalancerName'),
      arn: text('LoadBalancerArn'),
      load_balancer_type: text('Type', undefined, 'application, network or gateway'),
      is_internet_facing: flag(
        (lb) =>
          lb.Scheme === undefined && lb.Type !== 'gateway' ? undefined : lb.Scheme === 'internet-facing',
        undefined,
        'Gateway load balancers have no scheme: FALSE',
      ),
      dns_name: text('DNSName', ''),
      hosted_zone_id: text('CanonicalHostedZoneId', ''),
      load_balancer_state: text('State.Code', undefined, 'active, provisioning, active_impaired or failed'),
      ip_address_type: text('IpAddressType', undefined, 'ipv4, dualstack or dualstack-without-public-ipv4'),
      vpc_id: text('VpcId'),
      created_at: time('CreatedTime'),
      availability_zone_count: count(
        (lb) => new Set((lb.AvailabilityZones ?? []).map((zone) => zone.ZoneName)).size,
      ),
      security_group_count: count((lb) => groupsOf(lb).length),
      has_security_groups: flag((lb) => groupsOf(lb).length > 0),
      enforces_security_group_on_private_link: flag(
        (lb) => lb.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic === 'on',
      ),
    },
  },
  groups: {
    attributes: {
      title: 'Attributes; those that its type does not have are FALSE, 0 or empty',
      read: {
        operation: 'DescribeLoadBalancerAttributes',
        input: { LoadBalancerArn: '{LoadBalancerArn}' },
        permission: 'elasticloadbalancing:DescribeLoadBalancerAttributes',
        gone,
      },
      set: ['Attributes'],
      sent: ['Attributes', 'Attributes.Key', 'Attributes.Value'],
      columns: {
        deletion_protection_enabled: attributeFlag('deletion_protection.enabled'),
        cross_zone_enabled: attributeFlag('load_balancing.cross_zone.enabled'),
        access_logs_enabled: attributeFlag('access_logs.s3.enabled'),
        access_logs_bucket: attributeText('access_logs.s3.bucket'),
        access_logs_prefix: attributeText('access_logs.s3.prefix'),
        connection_logs_enabled: attributeFlag(
          'connection_logs.s3.enabled',
          'Application load balancers only',
        ),
        connection_logs_bucket: attributeText('connection_logs.s3.bucket'),
        health_check_logs_enabled: attributeFlag(
          'health_check_logs.s3.enabled',
          'Application load balancers only',
        ),
        health_check_logs_bucket: attributeText('health_check_logs.s3.bucket'),
        drop_invalid_header_fields: attributeFlag(
          'routing.http.drop_invalid_header_fields.enabled',
          'Application load balancers only',
        ),
        desync_mitigation_mode: attributeText(
          'routing.http.desync_mitigation_mode',
          'monitor, defensive or strictest; empty where it is no application load balancer',
        ),
        waf_fail_open: attributeFlag(
          'waf.fail_open.enabled',
          'Requests reach targets when the web application firewall does not answer',
        ),
        http2_enabled: attributeFlag('routing.http2.enabled', 'Application load balancers only'),
        preserve_host_header: attributeFlag('routing.http.preserve_host_header.enabled'),
        xff_client_port_enabled: attributeFlag('routing.http.xff_client_port.enabled'),
        xff_header_processing_mode: attributeText(
          'routing.http.xff_header_processing.mode',
          'append, preserve or remove; empty where it is no application load balancer',
        ),
        tls_headers_enabled: attributeFlag('routing.http.x_amzn_tls_version_and_cipher_suite.enabled'),
        idle_timeout_seconds: attributeCount('idle_timeout.timeout_seconds', 0),
        client_keep_alive_seconds: attributeCount('client_keep_alive.seconds', 0),
        denies_internet_gateway_traffic: attributeFlag('ipv6.deny_all_igw_traffic'),
        zonal_shift_enabled: attributeFlag('zonal_shift.config.enabled'),
        client_routing_policy: attributeText(
          'dns_record.client_routing_policy',
          'availability_zone_affinity, partial_availability_zone_affinity or any_availability_zone; network load balancers only',
        ),
      },
    },
    tags: {
      read: {
        operation: 'DescribeTags',
        input: { ResourceArns: ['{LoadBalancerArn}'] },
        permission: 'elasticloadbalancing:DescribeTags',
        gone,
      },
      set: ['TagDescriptions.Tags'],
      columns: {},
    },
  },
  children: {
    aws_lb_security_group: child<LoadBalancer, typeof groupColumns>({
      title: 'Security group of a load balancer',
      group: 'list',
      columns: groupColumns,
      rows: (lb) => groupsOf(lb).map((group_id) => ({ group_id })),
    }),
    aws_lb_subnet: child<LoadBalancer, typeof subnetColumns>({
      title: 'Subnet of a load balancer, with the addresses that were given to it there',
      group: 'list',
      columns: subnetColumns,
      titles: { public_ip: 'Only where an Elastic IP address was given to a network load balancer' },
      rows: (lb) =>
        (lb.AvailabilityZones ?? []).flatMap((zone) => {
          const addresses = zone.LoadBalancerAddresses ?? []
          return (addresses.length > 0 ? addresses : [{}]).map((address) => ({
            subnet_id: zone.SubnetId ?? '',
            availability_zone: zone.ZoneName ?? '',
            public_ip: address.IpAddress ?? '',
            allocation_id: address.AllocationId ?? '',
            private_ip: address.PrivateIPv4Address ?? '',
            ipv6_address: address.IPv6Address ?? '',
          }))
        }),
    }),
  },
  events: {
    CreateLoadBalancer: 'responseElements.loadBalancers.loadBalancerArn',
    DeleteLoadBalancer: 'requestParameters.loadBalancerArn',
    ModifyLoadBalancerAttributes: 'requestParameters.loadBalancerArn',
    SetSecurityGroups: 'requestParameters.loadBalancerArn',
    SetSubnets: 'requestParameters.loadBalancerArn',
    SetIpAddressType: 'requestParameters.loadBalancerArn',
    // Nothing of its own, but the one that a listener is listed within.
    CreateListener: 'requestParameters.loadBalancerArn',
    AddTags: 'requestParameters.resourceArns',
    RemoveTags: 'requestParameters.resourceArns',
  },
})

/** Application load balancers have some; the others may have none, and no list. */
function groupsOf(lb: Stored<LoadBalancer>): string[] {
  if (lb.SecurityGroups === undefined && lb.Type === 'application')
    throw new TypeError('an application load balancer says no security groups')
  return lb.SecurityGroups ?? []
}
