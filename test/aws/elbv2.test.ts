import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type MotoAccount, motoAccount, motoDescribe } from '../setup/moto-account.ts'
import { clientConfig, type Lab, openLab } from './collect-table.ts'
import { expectSameEitherWay } from './same-either-way.ts'
import { type Network, seedNetwork } from './seed-network.ts'

motoDescribe('tables of load balancing against moto', () => {
  let account: MotoAccount
  let lab: Lab
  let net: Network
  let lb: string
  let group: string
  beforeAll(async () => {
    account = await motoAccount()
    net = await seedNetwork(account)
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
    lb = made.LoadBalancers![0]!.LoadBalancerArn!
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
    group = groups.TargetGroups![0]!.TargetGroupArn!
    await elb.send(
      new RegisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: net.instanceId, Port: 8080 }] }),
    )
    await elb.send(new AddTagsCommand({ ResourceArns: [group], Tags: [{ Key: 'team', Value: 'shop' }] }))
    await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: lb,
        Protocol: 'HTTP',
        Port: 80,
        DefaultActions: [
          { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
        ],
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
    lab = await openLab(account)
  })
  afterAll(() => lab?.close())

  it('aws_lb with attributes and listeners', async () => {
    const { rows, children, calls, summary } = await lab.collect('aws_lb')
    expect(summary).toMatchObject({ unread_groups: {} })
    expect(calls).toEqual({
      DescribeLoadBalancers: 1,
      DescribeLoadBalancerAttributes: 2,
      DescribeListeners: 2,
      DescribeTags: 2,
    })
    const web = rows.find((row) => row.arn === lb)
    expect(web).toMatchObject({
      load_balancer_name: 'web',
      load_balancer_type: 'application',
      is_internet_facing: true,
      vpc_id: net.vpcId,
      has_security_groups: true,
      deletion_protection_enabled: true,
      access_logs_enabled: false,
      drop_invalid_header_fields: true,
      desync_mitigation_mode: 'strictest',
      listener_count: 1,
    })
    expect(rows.find((row) => row.arn !== lb)).toMatchObject({
      load_balancer_type: 'network',
      is_internet_facing: false,
      deletion_protection_enabled: false,
    })
    expect(children.aws_lb_security_group).toMatchObject([{ resource_key: lb, group_id: net.groupId }])
    expect(children.aws_lb_subnet).toHaveLength(3)
    const listeners = children.aws_lb_listener!
    expect(listeners.find((one) => one.resource_key === lb)).toMatchObject({
      port: 80,
      protocol: 'HTTP',
      is_encrypted: false,
      final_action_type: 'redirect',
      redirects_to_https: true,
    })
    expect(children.aws_lb_listener_target_group).toMatchObject([{ target_group_arn: group, weight: 1 }])
    const [{ tags } = { tags: '' }] = await lab.db.query(
      'select tags from stance.resource where resource_key = $1',
      [lb],
    )
    expect(JSON.parse(String(tags))).toEqual({ team: 'shop' })
  })

  it('aws_lb_target_group with targets', async () => {
    const { rows, children, summary } = await lab.collect('aws_lb_target_group')
    expect(summary).toMatchObject({ unread_groups: {} })
    expect(rows).toMatchObject([
      {
        target_group_name: 'web',
        target_type: 'instance',
        protocol: 'HTTP',
        port: 8080,
        is_encrypted: false,
        is_in_use: true,
        health_check_path: '/health',
        stickiness_enabled: false,
        target_count: 1,
      },
    ])
    expect(children.aws_lb_target_group_target).toMatchObject([
      { resource_key: group, target_id: net.instanceId, instance_id: net.instanceId, port: 8080 },
    ])
  })

  it.each(['aws_lb', 'aws_lb_target_group'])(
    '%s: no version of an untouched one, the same columns by itself',
    async (table) => {
      await lab.collect(table)
      const again = await lab.collect(table)
      expect(again.written).toMatchObject({ state: 'ok', versions: 0, inserted: 0, deleted: 0 })
      await expectSameEitherWay(lab, table)
      const { calls } = await lab.collect(table, { part: 'sa-east-1' })
      expect(Object.values(calls)).toEqual([1])
      const missing = (table === 'aws_lb' ? lb : group).replace(/[0-9a-f]+$/, '0000000000000000')
      expect(await lab.readOne(table, missing)).toMatchObject({ end: 'gone' })
    },
  )

  it.each([
    ['DescribeLoadBalancerAttributes', 'deletion_protection_enabled'],
    ['DescribeListeners', 'listener_count'],
  ])('without %s, %s is NULL and the rest stays', async (operation, column) => {
    lab.denied.add(operation)
    const { rows } = await lab.collect('aws_lb')
    lab.denied.clear()
    for (const row of rows) {
      expect(row[column]).toBeNull()
      expect(row.is_internet_facing).not.toBeNull()
    }
    await lab.collect('aws_lb')
  })
})
