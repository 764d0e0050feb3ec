import type {
  TargetGroup as SdkTargetGroup,
  TagDescription,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { count, flag, text } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { type Attributes, attributeCount, attributeFlag, attributeText } from './attributes.ts'
import { targetGroupOf } from './events.ts'

type TargetGroup = SdkTargetGroup
interface Health {
  TargetHealthDescriptions: TargetHealthDescription[]
}

const gone = ['TargetGroupNotFound']

const targetColumns = {
  target_id: 'text',
  target_type: 'text',
  vpc_id: 'text',
  instance_id: 'text',
  port: 'bigint',
  availability_zone: 'text',
  health_state: 'text',
  health_reason: 'text',
} as const

export const targetGroup = defineTable<{
  list: TargetGroup
  attributes: Attributes
  health: Health
  tags: { TagDescriptions: TagDescription[] }
}>({
  name: 'aws_lb_target_group',
  title: 'Target group of load balancers',
  docs: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroup.html',
  provider: 'aws',
  via: 'aws',
  service: 'elasticloadbalancingv2',
  parts: 'region',
  version: 2,
  identity: {
    key: '{TargetGroupArn}',
    native_id: 'TargetGroupArn',
    in_commands: 'OLD_GROUP_ARN',
    name: 'TargetGroupName',
    tags: { group: 'tags', from: 'TagDescriptions.0.Tags' },
    from_event: targetGroupOf,
  },
  list: {
    read: {
      operation: 'DescribeTargetGroups',
      input: { PageSize: 400 },
      pages: { out: 'NextMarker', in: 'Marker' },
      items: 'TargetGroups',
      permission: 'elasticloadbalancing:DescribeTargetGroups',
    },
    one: {
      operation: 'DescribeTargetGroups',
      input: { TargetGroupArns: ['{$id}'] },
      items: 'TargetGroups',
      permission: 'elasticloadbalancing:DescribeTargetGroups',
      gone,
    },
    set: ['LoadBalancerArns'],
    sent: ['TargetType', 'LoadBalancerArns', 'HealthCheckEnabled'],
    columns: {
      target_group_name: text('TargetGroupName'),
      arn: text('TargetGroupArn'),
      target_type: text('TargetType', undefined, 'instance, ip, lambda or alb'),
      protocol: text(
        (group) => group.Protocol ?? unlessLambda(group, ''),
        undefined,
        'HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP, QUIC, TCP_QUIC or GENEVE; empty for lambda',
      ),
      protocol_version: text(
        'ProtocolVersion',
        '',
        'HTTP1, HTTP2 or GRPC; empty where the protocol has none',
      ),
      port: count((group) => group.Port ?? unlessLambda(group, 0), undefined, '0 for lambda'),
      is_encrypted: flag(
        (group) => {
          const protocol = group.Protocol ?? unlessLambda(group, '')
          return protocol === undefined ? undefined : ['HTTPS', 'TLS', 'QUIC'].includes(protocol)
        },
        undefined,
        'What goes to its targets is encrypted: HTTPS, TLS or QUIC',
      ),
      vpc_id: text((group) => group.VpcId ?? unlessLambda(group, '')),
      ip_address_type: text('IpAddressType', 'ipv4', 'ipv4 or ipv6'),
      load_balancer_arn: text(
        (group) => group.LoadBalancerArns?.[0],
        '',
        'The load balancer that sends traffic to it, by a default action or a rule; empty: none',
      ),
      is_in_use: flag((group) => (group.LoadBalancerArns?.length ?? 0) > 0),
      health_check_enabled: flag('HealthCheckEnabled'),
      health_check_protocol: text('HealthCheckProtocol', ''),
      health_check_port: text('HealthCheckPort', ''),
      health_check_path: text('HealthCheckPath', ''),
      health_check_codes: text((group) => group.Matcher?.HttpCode ?? group.Matcher?.GrpcCode, ''),
      health_check_interval_seconds: count('HealthCheckIntervalSeconds', 0),
      health_check_timeout_seconds: count('HealthCheckTimeoutSeconds', 0),
      healthy_threshold: count('HealthyThresholdCount', 0),
      unhealthy_threshold: count('UnhealthyThresholdCount', 0),
    },
  },
  groups: {
    attributes: {
      title: 'Attributes; those that its type does not have are FALSE, 0 or empty',
      read: {
        operation: 'DescribeTargetGroupAttributes',
        input: { TargetGroupArn: '{TargetGroupArn}' },
        permission: 'elasticloadbalancing:DescribeTargetGroupAttributes',
        gone,
      },
      set: ['Attributes'],
      sent: ['Attributes', 'Attributes.Key', 'Attributes.Value'],
      columns: {
        deregistration_delay_seconds: attributeCount('deregistration_delay.timeout_seconds', 0),
        stickiness_enabled: attributeFlag('stickiness.enabled'),
        stickiness_type: attributeText(
          'stickiness.type',
          'lb_cookie, app_cookie, source_ip, source_ip_dest_ip or source_ip_dest_ip_proto',
        ),
        cross_zone: attributeText(
          'load_balancing.cross_zone.enabled',
          'true, false or use_load_balancer_configuration',
        ),
        algorithm: attributeText(
          'load_balancing.algorithm.type',
          'round_robin, least_outstanding_requests or weighted_random',
        ),
        preserve_client_ip: attributeFlag('preserve_client_ip.enabled'),
        proxy_protocol_v2: attributeFlag('proxy_protocol_v2.enabled'),
        terminates_connections_on_deregistration: attributeFlag(
          'deregistration_delay.connection_termination.enabled',
        ),
      },
    },
    health: {
      title: 'Targets with their health; a target that is not registered any more is not there',
      read: {
        operation: 'DescribeTargetHealth',
        input: { TargetGroupArn: '{TargetGroupArn}' },
        permission: 'elasticloadbalancing:DescribeTargetHealth',
        gone,
      },
      volatile: [
        'TargetHealthDescriptions.TargetHealth',
        'TargetHealthDescriptions.AnomalyDetection',
        'TargetHealthDescriptions.AdministrativeOverride',
      ],
      set: ['TargetHealthDescriptions'],
      sent: [
        'TargetHealthDescriptions.Target',
        'TargetHealthDescriptions.Target.Id',
        'TargetHealthDescriptions.TargetHealth',
        'TargetHealthDescriptions.TargetHealth.State',
      ],
      columns: {
        target_count: count(({ TargetHealthDescriptions }) => TargetHealthDescriptions.length),
        healthy_target_count: count(
          ({ TargetHealthDescriptions }) =>
            TargetHealthDescriptions.filter((one) => one.TargetHealth?.State === 'healthy').length,
        ),
      },
    },
    tags: {
      read: {
        operation: 'DescribeTags',
        input: { ResourceArns: ['{TargetGroupArn}'] },
        permission: 'elasticloadbalancing:DescribeTags',
        gone,
      },
      set: ['TagDescriptions.Tags'],
      columns: {},
    },
  },
  children: {
    aws_lb_target_group_target: child<Health, typeof targetColumns>({
      title: 'Target that a load balancer sends traffic to',
      group: 'health',
      columns: targetColumns,
      titles: {
        target_id: 'The id of an instance, an IP address, or the ARN of a function or load balancer',
        target_type: 'instance, ip, lambda or alb',
        vpc_id: 'The VPC of the target group, in which an IP address means something; empty for lambda',
        instance_id: 'The instance, where targets are instances; else empty',
        port: '0 where the target has none',
        health_state: 'initial, healthy, unhealthy, unhealthy.draining, unused, draining or unavailable',
        health_reason: 'Target.FailedHealthChecks, Elb.InternalError, …; empty of a healthy target',
      },
      rows: ({ TargetHealthDescriptions }, place) => {
        const { TargetType: target_type = 'instance', VpcId: vpc_id = '' } = place.item as Stored<TargetGroup>
        return TargetHealthDescriptions.map(({ Target, TargetHealth }) => ({
          target_id: Target?.Id ?? '',
          target_type,
          vpc_id,
          instance_id: target_type === 'instance' ? (Target?.Id ?? '') : '',
          port: Target?.Port ?? 0,
          availability_zone: Target?.AvailabilityZone ?? '',
          health_state: TargetHealth?.State ?? '',
          health_reason: TargetHealth?.Reason ?? '',
        }))
      },
    }),
  },
  events: {
    CreateTargetGroup: 'responseElements.targetGroups.targetGroupArn',
    DeleteTargetGroup: 'requestParameters.targetGroupArn',
    ModifyTargetGroup: 'requestParameters.targetGroupArn',
    ModifyTargetGroupAttributes: 'requestParameters.targetGroupArn',
    RegisterTargets: 'requestParameters.targetGroupArn',
    DeregisterTargets: 'requestParameters.targetGroupArn',
    // Which load balancer a target group belongs to hangs on who forwards to it.
    CreateListener: forwardedTo('requestParameters.defaultActions'),
    ModifyListener: forwardedTo('requestParameters.defaultActions'),
    CreateRule: forwardedTo('requestParameters.actions'),
    ModifyRule: forwardedTo('requestParameters.actions'),
    AddTags: 'requestParameters.resourceArns',
    RemoveTags: 'requestParameters.resourceArns',
  },
})

function forwardedTo(actions: string): readonly string[] {
  return [`${actions}.targetGroupArn`, `${actions}.forwardConfig.targetGroups.targetGroupArn`]
}

/** Functions have neither protocol, port nor VPC; everything else has all three. */
function unlessLambda<T>(group: Stored<TargetGroup>, none: T): T | undefined {
  return group.TargetType === 'lambda' ? none : undefined
}
