import type {
  Listener,
  LoadBalancer,
  Rule,
  TargetGroup,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Stored } from '../../src/lake/stored.ts'
import type { WrittenAnswers } from './check-columns.ts'

// Written by hand after the Elastic Load Balancing API reference, not recorded.

const arn = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333'
const groupArn = (name: string) => `${arn}:targetgroup/${name}/73e2d6bc24d8a067`

const web: Stored<LoadBalancer> = {
  LoadBalancerArn: `${arn}:loadbalancer/app/web/50dc6c495c0c9188`,
  LoadBalancerName: 'web',
  Type: 'application',
  Scheme: 'internet-facing',
  DNSName: 'web-1.eu-west-1.elb.amazonaws.com',
  CanonicalHostedZoneId: 'Z32O12XQLNTSW2',
  State: { Code: 'active' },
  IpAddressType: 'dualstack',
  VpcId: 'vpc-0a1',
  CreatedTime: '2026-01-01T00:00:00.000Z',
  SecurityGroups: ['sg-0a1', 'sg-0b2'],
  AvailabilityZones: [
    {
      ZoneName: 'eu-west-1a',
      SubnetId: 'subnet-0a1',
      LoadBalancerAddresses: [
        {
          IpAddress: '203.0.113.4',
          AllocationId: 'eipalloc-0a1',
          PrivateIPv4Address: '10.0.1.4',
          IPv6Address: '2001:db8::4',
        },
      ],
    },
    { ZoneName: 'eu-west-1b', SubnetId: 'subnet-0b2' },
  ],
}
const inner: Stored<LoadBalancer> = {
  LoadBalancerArn: `${arn}:loadbalancer/net/inner/60dc6c495c0c9188`,
  LoadBalancerName: 'inner',
  Type: 'network',
  Scheme: 'internal',
  CreatedTime: '2026-01-02T00:00:00.000Z',
  EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: 'on',
}

const attributes = (values: Record<string, string>) => ({
  Attributes: Object.entries(values).map(([Key, Value]) => ({ Key, Value })),
})

const allAttributes = attributes({
  'deletion_protection.enabled': 'true',
  'load_balancing.cross_zone.enabled': 'true',
  'access_logs.s3.enabled': 'true',
  'access_logs.s3.bucket': 'logs',
  'access_logs.s3.prefix': 'web',
  'connection_logs.s3.enabled': 'true',
  'connection_logs.s3.bucket': 'logs',
  'health_check_logs.s3.enabled': 'true',
  'health_check_logs.s3.bucket': 'logs',
  'routing.http.drop_invalid_header_fields.enabled': 'true',
  'routing.http.desync_mitigation_mode': 'strictest',
  'waf.fail_open.enabled': 'true',
  'routing.http2.enabled': 'true',
  'routing.http.preserve_host_header.enabled': 'true',
  'routing.http.xff_client_port.enabled': 'true',
  'routing.http.xff_header_processing.mode': 'append',
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'true',
  'idle_timeout.timeout_seconds': '60',
  'client_keep_alive.seconds': '3600',
  'ipv6.deny_all_igw_traffic': 'true',
  'zonal_shift.config.enabled': 'true',
  'dns_record.client_routing_policy': 'any_availability_zone',
})

const oidc = {
  Issuer: 'https://id.example.com',
  AuthorizationEndpoint: 'https://id.example.com/a',
  TokenEndpoint: 'https://id.example.com/t',
  UserInfoEndpoint: 'https://id.example.com/u',
  ClientId: 'shop',
}

const listeners: Stored<Listener>[] = [
  {
    ListenerArn: `${arn}:listener/app/web/50dc6c495c0c9188/0467ef3c8400ae65`,
    LoadBalancerArn: web.LoadBalancerArn!,
    Port: 443,
    Protocol: 'HTTPS',
    SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    Certificates: [{ CertificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/1234' }],
    AlpnPolicy: ['HTTP2Preferred'],
    MutualAuthentication: { Mode: 'verify', TrustStoreArn: `${arn}:truststore/clients/73e2d6bc24d8a067` },
    DefaultActions: [
      {
        Type: 'forward',
        Order: 2,
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn: groupArn('a'), Weight: 9 }, { TargetGroupArn: groupArn('b') }],
        },
      },
      {
        Type: 'authenticate-oidc',
        Order: 1,
        AuthenticateOidcConfig: oidc,
      },
    ],
  },
  {
    ListenerArn: `${arn}:listener/app/web/50dc6c495c0c9188/1467ef3c8400ae65`,
    LoadBalancerArn: web.LoadBalancerArn!,
    Port: 80,
    Protocol: 'HTTP',
    DefaultActions: [
      {
        Type: 'redirect',
        RedirectConfig: { Protocol: 'HTTPS', Port: '443', Host: '#{host}', StatusCode: 'HTTP_301' },
      },
    ],
  },
  {
    ListenerArn: `${arn}:listener/app/web/50dc6c495c0c9188/2467ef3c8400ae65`,
    LoadBalancerArn: web.LoadBalancerArn!,
    Port: 8080,
    Protocol: 'HTTP',
    DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }],
  },
  {
    ListenerArn: `${arn}:listener/net/inner/60dc6c495c0c9188/3467ef3c8400ae65`,
    LoadBalancerArn: inner.LoadBalancerArn!,
    Port: 25,
    Protocol: 'TCP',
    DefaultActions: [{ Type: 'forward', TargetGroupArn: groupArn('mail') }],
  },
]

/** A gateway load balancer's has neither port nor protocol. */
const gateway: Stored<Listener> = {
  ListenerArn: `${arn}:listener/gwy/inspect/70dc6c495c0c9188/4467ef3c8400ae65`,
  LoadBalancerArn: `${arn}:loadbalancer/gwy/inspect/70dc6c495c0c9188`,
  DefaultActions: [{ Type: 'forward', TargetGroupArn: groupArn('inspect') }],
}

const ruleArn = (nr: number) =>
  `${arn}:listener-rule/app/web/50dc6c495c0c9188/0467ef3c8400ae65/${nr}683b2d02a6cabee`
const rules: Stored<Rule>[] = [
  {
    RuleArn: ruleArn(1),
    Priority: '10',
    IsDefault: false,
    Conditions: [
      { Field: 'path-pattern', Values: ['/old/*'], PathPatternConfig: { Values: ['/old/*'] } },
      {
        Field: 'host-header',
        Values: ['shop.example.com'],
        HostHeaderConfig: { Values: ['shop.example.com'] },
      },
      { Field: 'source-ip', SourceIpConfig: { Values: ['192.0.2.0/24'] } },
    ],
    Actions: [
      { Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig: oidc },
      {
        Type: 'forward',
        Order: 2,
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn: groupArn('a'), Weight: 9 }, { TargetGroupArn: groupArn('b') }],
        },
      },
    ],
  },
  {
    RuleArn: ruleArn(2),
    Priority: '20',
    IsDefault: false,
    Conditions: [{ Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['TRACE'] } }],
    Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '405' } }],
  },
  {
    RuleArn: ruleArn(3),
    Priority: 'default',
    IsDefault: true,
    Conditions: [],
    Actions: [
      {
        Type: 'redirect',
        RedirectConfig: { Protocol: 'HTTPS', Port: '443', Host: '#{host}', StatusCode: 'HTTP_301' },
      },
    ],
  },
  {
    RuleArn: ruleArn(4),
    Priority: 'default',
    IsDefault: true,
    Conditions: [],
    Actions: [{ Type: 'forward', TargetGroupArn: groupArn('a') }],
  },
]

const instances: Stored<TargetGroup> = {
  TargetGroupArn: groupArn('a'),
  TargetGroupName: 'a',
  TargetType: 'instance',
  Protocol: 'HTTPS',
  ProtocolVersion: 'GRPC',
  Port: 8443,
  VpcId: 'vpc-0a1',
  IpAddressType: 'ipv6',
  LoadBalancerArns: [web.LoadBalancerArn!],
  HealthCheckEnabled: true,
  HealthCheckProtocol: 'HTTPS',
  HealthCheckPort: 'traffic-port',
  HealthCheckPath: '/health',
  HealthCheckIntervalSeconds: 30,
  HealthCheckTimeoutSeconds: 5,
  HealthyThresholdCount: 3,
  UnhealthyThresholdCount: 2,
  Matcher: { HttpCode: '200' },
}
const functions: Stored<TargetGroup> = {
  TargetGroupArn: groupArn('b'),
  TargetGroupName: 'b',
  TargetType: 'lambda',
}
/** One whose type the answer leaves out. */
const plain: Stored<TargetGroup> = {
  TargetGroupArn: groupArn('c'),
  TargetType: 'ip',
  ...{ Protocol: 'TCP', Port: 53, VpcId: 'vpc-0c3' },
  TargetGroupName: 'c',
  Matcher: { GrpcCode: '12' },
}

const health: Stored<TargetHealthDescription>[] = [
  {
    Target: { Id: 'i-0a1', Port: 8443, AvailabilityZone: 'eu-west-1a' },
    TargetHealth: { State: 'healthy' },
  },
  {
    Target: { Id: 'i-0b2', Port: 8443 },
    TargetHealth: { State: 'unhealthy', Reason: 'Target.FailedHealthChecks' },
  },
]

const groupAttributes = attributes({
  'deregistration_delay.timeout_seconds': '300',
  'stickiness.enabled': 'true',
  'stickiness.type': 'lb_cookie',
  'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
  'load_balancing.algorithm.type': 'round_robin',
  'preserve_client_ip.enabled': 'true',
  'proxy_protocol_v2.enabled': 'true',
  'deregistration_delay.connection_termination.enabled': 'true',
})

const asJson = (content: object) => content as WrittenAnswers[string]
const tags = (ResourceArn: string, Tags: object[]) => asJson({ TagDescriptions: [{ ResourceArn, Tags }] })

export const written: Record<string, WrittenAnswers[]> = {
  aws_lb: [
    {
      list: asJson(web),
      attributes: asJson(allAttributes),
      tags: tags(web.LoadBalancerArn!, [{ Key: 'team', Value: 'shop' }]),
    },
    {
      list: asJson(inner),
      attributes: asJson(attributes({ 'access_logs.s3.bucket': '' })),
      tags: tags(inner.LoadBalancerArn!, []),
    },
  ],
  aws_lb_listener: [
    ...listeners.map((list, nr) => ({
      list: asJson(list),
      rules: nr === 0 ? asJson({ Rules: rules }) : null,
    })),
    { list: asJson(gateway), rules: null },
  ],
  aws_lb_target_group: [
    {
      list: asJson(instances),
      attributes: asJson(groupAttributes),
      health: asJson({ TargetHealthDescriptions: health }),
    },
    {
      list: asJson(functions),
      attributes: asJson(attributes({})),
      health: asJson({
        TargetHealthDescriptions: [
          {
            Target: { Id: 'arn:aws:lambda:eu-west-1:111122223333:function:shop', AvailabilityZone: 'all' },
            TargetHealth: { State: 'unavailable' },
          },
        ],
      }),
    },
    {
      list: asJson(plain),
      attributes: asJson(attributes({})),
      health: asJson({ TargetHealthDescriptions: [] }),
    },
  ],
}
