import { afterAll, beforeAll, expect, it } from 'vitest'
import { type MotoAccount, motoAccount, motoDescribe } from '../setup/moto-account.ts'
import { type Lab, openLab } from './collect-table.ts'
import { expectSameEitherWay } from './same-either-way.ts'
import { seedBalancers } from './seed-balancers.ts'
import { type Network, seedNetwork } from './seed-network.ts'

motoDescribe('tables of load balancing against moto', () => {
  let account: MotoAccount
  let lab: Lab
  let net: Network
  let lb: string
  let group: string
  let other: string
  let http: string
  beforeAll(async () => {
    account = await motoAccount()
    net = await seedNetwork(account)
    ;({ lb, group, other, http } = await seedBalancers(account, net))
    lab = await openLab(account)
  })
  afterAll(() => lab?.close())

  it('aws_lb with attributes', async () => {
    const { rows, children, calls, summary } = await lab.collect('aws_lb')
    expect(summary).toMatchObject({ unread_groups: {} })
    expect(calls).toEqual({
      DescribeLoadBalancers: 1,
      DescribeLoadBalancerAttributes: 2,
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
    })
    expect(rows.find((row) => row.arn !== lb)).toMatchObject({
      load_balancer_type: 'network',
      is_internet_facing: false,
      deletion_protection_enabled: false,
    })
    expect(children.aws_lb_security_group).toMatchObject([{ resource_key: lb, group_id: net.groupId }])
    expect(children.aws_lb_subnet).toHaveLength(3)
    const [{ tags } = { tags: '' }] = await lab.db.query(
      'select tags from stance.resource where resource_key = $1',
      [lb],
    )
    expect(JSON.parse(String(tags))).toEqual({ team: 'shop' })
  })

  it('aws_lb_listener with its rules: a call for each load balancer, and one for each that speaks HTTP', async () => {
    const { rows, children, calls, summary } = await lab.collect('aws_lb_listener')
    expect(summary).toMatchObject({ unread_groups: {} })
    expect(calls).toEqual({ DescribeLoadBalancers: 1, DescribeListeners: 2, DescribeRules: 1 })
    expect(rows.find(({ arn }) => arn === http)).toMatchObject({
      load_balancer_arn: lb,
      port: 80,
      protocol: 'HTTP',
      is_encrypted: false,
      final_action_type: 'redirect',
      redirects_to_https: true,
      rule_count: 1,
    })
    expect(rows.find(({ arn }) => arn !== http)).toMatchObject({
      protocol: 'TCP',
      final_action_type: 'forward',
      rule_count: 0,
    })
    expect(children.aws_lb_listener_target_group).toMatchObject([{ target_group_arn: group, weight: 1 }])
    expect(children.aws_lb_listener_rule).toHaveLength(2)
    expect(children.aws_lb_listener_rule).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          resource_key: http,
          priority: 10,
          is_default: false,
          condition_fields: 'path-pattern, source-ip',
          paths: '/old/*',
          source_ips: '192.0.2.0/24, 198.51.100.0/24',
          final_action_type: 'forward',
          redirects_to_https: false,
        }),
        expect.objectContaining({ is_default: true, redirects_to_https: true }),
      ]),
    )
    expect(children.aws_lb_listener_rule_target_group).toMatchObject([
      { resource_key: http, target_group_arn: other, is_default: false, weight: 1 },
    ])
  })

  it('aws_lb_target_group with targets', async () => {
    const { rows, children, summary } = await lab.collect('aws_lb_target_group')
    expect(summary).toMatchObject({ unread_groups: {} })
    expect(rows.filter(({ arn }) => arn === group)).toMatchObject([
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

  it.each(['aws_lb', 'aws_lb_listener', 'aws_lb_target_group'])(
    '%s: no version of an untouched one, the same columns by itself',
    async (table) => {
      await lab.collect(table)
      const again = await lab.collect(table)
      expect(again.written).toMatchObject({ state: 'ok', versions: 0, inserted: 0, deleted: 0 })
      await expectSameEitherWay(lab, table)
      const { calls } = await lab.collect(table, { part: 'sa-east-1' })
      expect(Object.values(calls)).toEqual([1])
      const known = { aws_lb: lb, aws_lb_listener: http }[table] ?? group
      const missing = known.replace(/[0-9a-f]+$/, '0000000000000000')
      expect(await lab.readOne(table, missing)).toMatchObject({ end: 'gone' })
    },
  )

  it.each([
    ['aws_lb', 'DescribeLoadBalancerAttributes', 'deletion_protection_enabled', 'is_internet_facing'],
    ['aws_lb_listener', 'DescribeRules', 'rule_count', 'protocol'],
  ])('%s: without %s, %s is NULL and the rest stays', async (table, operation, column, known) => {
    lab.denied.add(operation)
    const { rows, children } = await lab.collect(table)
    lab.denied.clear()
    for (const row of rows) {
      // Nothing is asked of a network load balancer's listener.
      if (row.protocol === 'TCP') expect(row[column]).toBe(0)
      else expect(row[column]).toBeNull()
      expect(row[known]).not.toBeNull()
    }
    if (table === 'aws_lb_listener') expect(children.aws_lb_listener_rule).toEqual([])
    await lab.collect(table)
  })

  it.each(['DescribeLoadBalancers', 'DescribeListeners'])(
    'aws_lb_listener without %s is denied whole, and keeps its rows',
    async (operation) => {
      lab.denied.add(operation)
      const { written, rows } = await lab.collect('aws_lb_listener')
      lab.denied.clear()
      expect(written).toMatchObject({ state: 'denied', in_force: false, deleted: 0 })
      expect(rows).toHaveLength(2)
      for (const row of rows) expect(row._listed).toBeNull()
      await lab.collect('aws_lb_listener')
    },
  )
})
