import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { MotoAccount } from '../setup/moto-account.ts'
import { clientConfig } from './collect-table.ts'
import type { Network } from './seed-network.ts'

/** Two load balancers with listeners, rules and target groups, in a network; ARNs. */
export async function seedBalancers(account: MotoAccount, net: Network) {
  const elb = new ElasticLoadBalancingV2Client(clientConfig(account))
  const made = await elb.send(
    new CreateLoadBalancerCommand({
      Name: 'web',
      Scheme: 'internet-facing',
      Subnets: [net.publicSubnetId, net.privateSubnetId],
      SecurityGroups: [net.groupId],
      Tags: [{ Key: 'team', Value: 'shop' }],
    }),
  )
  const lb = made.LoadBalancers![0]!.LoadBalancerArn!
  const inner = await elb.send(
    new CreateLoadBalancerCommand({
      Name: 'inner',
      Type: 'network',
      Scheme: 'internal',
      Subnets: [net.privateSubnetId],
    }),
  )
  await elb.send(
    new ModifyLoadBalancerAttributesCommand({
      LoadBalancerArn: lb,
      Attributes: [
        { Key: 'deletion_protection.enabled', Value: 'true' },
        { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' },
        { Key: 'routing.http.desync_mitigation_mode', Value: 'strictest' },
      ],
    }),
  )
  const groups = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'web',
      Protocol: 'HTTP',
      Port: 8080,
      VpcId: net.vpcId,
      HealthCheckPath: '/health',
      TargetType: 'instance',
    }),
  )
  const group = groups.TargetGroups![0]!.TargetGroupArn!
  await elb.send(
    new RegisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: net.instanceId, Port: 8080 }] }),
  )
  await elb.send(new AddTagsCommand({ ResourceArns: [group], Tags: [{ Key: 'team', Value: 'shop' }] }))
  const more = await elb.send(
    new CreateTargetGroupCommand({ Name: 'old', Protocol: 'HTTP', Port: 8081, VpcId: net.vpcId }),
  )
  const other = more.TargetGroups![0]!.TargetGroupArn!
  const listener = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: lb,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [
        { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
      ],
    }),
  )
  const http = listener.Listeners![0]!.ListenerArn!
  await elb.send(
    new CreateRuleCommand({
      ListenerArn: http,
      Priority: 10,
      Conditions: [
        { Field: 'path-pattern', PathPatternConfig: { Values: ['/old/*'] } },
        { Field: 'source-ip', SourceIpConfig: { Values: ['192.0.2.0/24', '198.51.100.0/24'] } },
      ],
      Actions: [{ Type: 'forward', TargetGroupArn: other }],
    }),
  )
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: inner.LoadBalancers![0]!.LoadBalancerArn!,
      Protocol: 'TCP',
      Port: 25,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: group }],
    }),
  )
  elb.destroy()
  return { lb, group, other, http }
}
