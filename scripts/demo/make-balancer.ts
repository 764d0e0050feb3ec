import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Place } from './make-network.ts'

export interface TargetGroupPlan {
  name: string
  vpcId: string
  port: number
  protocol: 'HTTP' | 'HTTPS' | 'TCP'
  instances: readonly string[]
}

/** Returns its ARN. */
export async function makeTargetGroup(place: Place, plan: TargetGroupPlan): Promise<string> {
  const elb = place.seeder.elb(place.region)
  const { TargetGroups } = await elb.createTargetGroup({
    Name: plan.name,
    VpcId: plan.vpcId,
    Port: plan.port,
    Protocol: plan.protocol,
    TargetType: 'instance',
    ...(plan.protocol === 'TCP' ? {} : { HealthCheckPath: '/health' }),
    Tags: [{ Key: 'environment', Value: place.environment }],
  })
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
  const Targets = plan.instances.map((Id) => ({ Id }))
  if (Targets.length > 0) await elb.registerTargets({ TargetGroupArn, Targets })
  return TargetGroupArn
}

export interface BalancerPlan {
  name: string
  born: string
  kind: 'application' | 'network'
  scheme: 'internet-facing' | 'internal'
  subnets: readonly string[]
  groups: readonly string[]
  listeners: readonly {
    port: number
    protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS'
    /** A target group's ARN; left out: everything is sent on to HTTPS. */
    to?: string
    policy?: string
    /** Paths that go elsewhere: to a target group's ARN. */
    paths?: Readonly<Record<string, string>>
  }[]
  certificate?: string
  attributes?: Record<string, string>
}

export async function makeBalancer(place: Place, plan: BalancerPlan): Promise<string> {
  const elb = place.seeder.elb(place.region)
  const { LoadBalancers } = await elb.createLoadBalancer({
    Name: plan.name,
    Type: plan.kind,
    Scheme: plan.scheme,
    Subnets: [...plan.subnets],
    ...(plan.groups.length === 0 ? {} : { SecurityGroups: [...plan.groups] }),
    Tags: [{ Key: 'environment', Value: place.environment }],
  })
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  place.seeder.born(plan.name, plan.born)
  for (const { port, protocol, to, policy, paths } of plan.listeners) {
    const isSecure = protocol === 'HTTPS' || protocol === 'TLS'
    const { Listeners } = await elb.createListener({
      LoadBalancerArn,
      Port: port,
      Protocol: protocol,
      DefaultActions: [to === undefined ? toHttps : { Type: 'forward', TargetGroupArn: to }],
      ...(isSecure ? { Certificates: [{ CertificateArn: plan.certificate }] } : {}),
      ...(isSecure ? { SslPolicy: policy ?? 'ELBSecurityPolicy-TLS13-1-2-2021-06' } : {}),
    })
    for (const [nr, [path, TargetGroupArn]] of Object.entries(paths ?? {}).entries()) {
      await elb.createRule({
        ListenerArn: Listeners?.[0]?.ListenerArn,
        Priority: 10 * (nr + 1),
        Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: [path] } }],
        Actions: [{ Type: 'forward', TargetGroupArn }],
      })
    }
  }
  if (plan.attributes !== undefined) {
    await elb.modifyLoadBalancerAttributes({
      LoadBalancerArn,
      Attributes: Object.entries(plan.attributes).map(([Key, Value]) => ({ Key, Value })),
    })
  }
  return LoadBalancerArn
}

const toHttps: Action = {
  Type: 'redirect',
  RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' },
}
