import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Row } from '../../src/db/database.ts'
import { type MotoAccount, motoAccount, motoDescribe } from '../setup/moto-account.ts'
import { type Lab, openLab } from './collect-table.ts'
import { expectSameEitherWay } from './same-either-way.ts'
import { type Network, seedNetwork, userData } from './seed-network.ts'

motoDescribe('tables of EC2 against moto', () => {
  let account: MotoAccount
  let lab: Lab
  let net: Network
  beforeAll(async () => {
    account = await motoAccount({ region: 'eu-west-1' })
    net = await seedNetwork(account)
    lab = await openLab(account)
  })
  afterAll(() => lab?.close())

  const only = (rows: readonly Row[], key: string, value: unknown): Row => {
    const found = rows.filter((row) => row[key] === value)
    expect(found, `${key} = ${value}`).toHaveLength(1)
    return found[0]!
  }

  it('aws_security_group, its rules one by one', async () => {
    const { rows, children, calls, written } = await lab.collect('aws_security_group')
    expect(written.state).toBe('ok')
    expect(calls).toEqual({ DescribeSecurityGroups: 1 })
    const web = only(rows, 'group_id', net.groupId)
    expect(web).toMatchObject({
      account_id: account.accountId,
      owner_account_id: account.accountId,
      region: 'eu-west-1',
      group_name: 'web',
      is_default: false,
      ingress_rule_count: 4,
    })
    expect(rows.filter((row) => row.is_default === true)).not.toHaveLength(0)
    const rules = children.aws_security_group_rule!.filter((rule) => rule.resource_key === web.resource_key)
    const ingress = rules.filter((rule) => rule.direction === 'ingress')
    expect(ingress).toHaveLength(4)
    expect(only(ingress, 'cidr_ipv4', '0.0.0.0/0')).toMatchObject({
      protocol: 'tcp',
      from_port: 443,
      to_port: 443,
      prefix_length: 0,
      is_open_to_world: true,
      allows_all_ports: false,
      description: 'everyone',
    })
    expect(only(ingress, 'cidr_ipv6', '::/0')).toMatchObject({
      is_open_to_world: true,
      source_type: 'cidr_ipv6',
    })
    expect(only(ingress, 'source_type', 'security_group')).toMatchObject({
      protocol: 'all',
      from_port: 0,
      to_port: 65_535,
      referenced_group_id: net.groupId,
      referenced_account_id: account.accountId,
      is_self_reference: true,
      is_open_to_world: false,
    })
    expect(only(ingress, 'protocol', 'icmp')).toMatchObject({ icmp_type: 8, icmp_code: -1, from_port: -1 })
    expect(only(rules, 'protocol', 'udp')).toMatchObject({
      direction: 'egress',
      to_port: 53,
      prefix_length: 32,
    })
  })

  it('aws_instance without the terminated one, its user data replaced', async () => {
    const { rows, children, calls } = await lab.collect('aws_instance')
    expect(calls).toEqual({ DescribeInstances: 1, DescribeInstanceAttribute: 1 })
    expect(rows.map((row) => row.instance_id)).toEqual([net.instanceId])
    expect(rows[0]).toMatchObject({
      instance_state: 'running',
      key_name: 'ops',
      subnet_id: net.publicSubnetId,
      vpc_id: net.vpcId,
      has_public_address: true,
      public_ip_count: 1,
      metadata_http_tokens: 'required',
      metadata_hop_limit: 2,
      allows_imdsv1: false,
      has_instance_profile: false,
      has_user_data: true,
      user_data_has_secrets: true,
      user_data_secret_kinds: 'named_secret',
    })
    expect(children.aws_instance_security_group).toMatchObject([{ group_id: net.groupId }])
    expect(children.aws_instance_network_interface).toMatchObject([
      { has_public_address: true, device_index: 0 },
    ])
    expect(children.aws_instance_block_device).toMatchObject([{ is_root: true }])
    const stored = JSON.stringify(await lab.db.query('select * from stance.resource'))
    expect(stored).not.toContain('correct-horse')
    expect(stored).not.toContain(Buffer.from(userData).toString('base64'))
    const [named] = await lab.db.query('select name, tags from stance.resource where native_id = $1', [
      net.instanceId,
    ])
    expect(named).toMatchObject({ name: 'web-1' })
  })

  it('aws_subnet, aws_vpc, aws_route_table: what leads to the internet', async () => {
    const subnets = await lab.collect('aws_subnet')
    expect(only(subnets.rows, 'subnet_id', net.publicSubnetId)).toMatchObject({
      vpc_id: net.vpcId,
      cidr_block: '10.7.1.0/24',
      availability_zone: 'eu-west-1a',
      internet_gateway_block_mode: 'off',
    })
    const vpcs = await lab.collect('aws_vpc')
    const vpc = only(vpcs.rows, 'vpc_id', net.vpcId)
    expect(vpc).toMatchObject({ cidr_block: '10.7.0.0/16', is_default: false })
    const blocks = vpcs.children.aws_vpc_cidr_block!.filter((one) => one.resource_key === vpc.resource_key)
    expect(blocks.map((one) => one.is_ipv6)).toEqual([false, true])
    const tables = await lab.collect('aws_route_table')
    const open = only(tables.rows, 'route_table_id', net.routeTableId)
    expect(open).toMatchObject({ is_main: false, leads_to_internet: true, subnet_count: 1 })
    const ofNet = tables.rows.filter((row) => row.vpc_id === net.vpcId)
    expect(only(ofNet, 'is_main', true)).toMatchObject({ leads_to_internet: false })
    expect(only(tables.children.aws_route_table_route!, 'target_id', net.gatewayId)).toMatchObject({
      resource_key: open.resource_key,
      destination_cidr_block: '0.0.0.0/0',
      target_type: 'internet_gateway',
      is_to_world: true,
      is_active: true,
      leads_to_internet: true,
    })
    expect(only(tables.children.aws_route_table_association!, 'subnet_id', net.publicSubnetId)).toMatchObject(
      {
        resource_key: open.resource_key,
        is_main: false,
      },
    )
  })

  it('aws_network_acl in the order of its entries', async () => {
    const { rows, children } = await lab.collect('aws_network_acl')
    const acl = only(rows, 'network_acl_id', net.aclId)
    expect(acl).toMatchObject({
      is_default: false,
      subnet_count: 1,
      allows_ingress_from_world: true,
      allows_all_ingress_from_world: false,
      allows_egress_to_world: true,
      world_can_reach_port_22: true,
      world_can_reach_port_3389: false,
    })
    const entries = children.aws_network_acl_entry!.filter((one) => one.resource_key === acl.resource_key)
    expect(only(entries, 'rule_number', 90)).toMatchObject({
      direction: 'ingress',
      is_allow: false,
      protocol: 'tcp',
      from_port: 3389,
      is_open_to_world: true,
    })
    expect(only(children.aws_network_acl_association!, 'subnet_id', net.publicSubnetId)).toMatchObject({
      resource_key: acl.resource_key,
    })
  })

  it('aws_network_interface, aws_ebs_volume, aws_flow_log', async () => {
    const interfaces = await lab.collect('aws_network_interface')
    const primary = only(interfaces.rows, 'instance_id', net.instanceId)
    expect(primary).toMatchObject({
      has_public_address: true,
      is_attached: true,
      subnet_id: net.publicSubnetId,
    })
    const key = primary.resource_key
    expect(
      interfaces.children.aws_network_interface_security_group!.filter((one) => one.resource_key === key),
    ).toMatchObject([{ group_id: net.groupId }])
    expect(
      interfaces.children.aws_network_interface_address!.filter((one) => one.resource_key === key),
    ).toMatchObject([{ is_primary: true, is_public: true, is_ipv6: false, public_ip: primary.public_ip }])
    const volumes = await lab.collect('aws_ebs_volume')
    expect(only(volumes.rows, 'volume_id', net.volumeId)).toMatchObject({
      encrypted: true,
      is_attached: false,
      kms_key_account_id: account.accountId,
    })
    expect(volumes.children.aws_ebs_volume_attachment).toMatchObject([{ instance_id: net.instanceId }])
    const logs = await lab.collect('aws_flow_log')
    expect(logs.rows).toMatchObject([{ resource_id: net.vpcId, traffic_type: 'REJECT', is_active: true }])
  })

  it('aws_ec2_managed_prefix_list with its entries; of the lists of AWS, without', async () => {
    const { rows, children, calls } = await lab.collect('aws_ec2_managed_prefix_list')
    expect(calls).toEqual({ DescribeManagedPrefixLists: 1, GetManagedPrefixListEntries: 1 })
    expect(only(rows, 'prefix_list_id', net.prefixListId)).toMatchObject({
      owner_account_id: account.accountId,
      prefix_list_name: 'partners',
      address_family: 'IPv4',
      is_aws_managed: false,
      holds_ipv4_internet: true,
      holds_ipv6_internet: false,
    })
    expect(only(rows, 'prefix_list_name', 'com.amazonaws.eu-west-1.s3')).toMatchObject({
      owner_account_id: 'aws',
      is_aws_managed: true,
      holds_ipv4_internet: false,
    })
    expect(children.aws_ec2_managed_prefix_list_entry).toMatchObject([
      { cidr: '192.0.2.0/24', prefix_length: 24, is_open_to_world: false, description: 'office' },
      { cidr: '0.0.0.0/0', prefix_length: 0, is_open_to_world: true, is_ipv6: false },
    ])
    lab.denied.add('GetManagedPrefixListEntries')
    const denied = await lab.collect('aws_ec2_managed_prefix_list')
    lab.denied.clear()
    expect(only(denied.rows, 'prefix_list_id', net.prefixListId)).toMatchObject({
      prefix_list_name: 'partners',
      holds_ipv4_internet: null,
    })
    expect(denied.rows).toContainEqual(
      expect.objectContaining({ is_aws_managed: true, holds_ipv4_internet: false }),
    )
    await lab.collect('aws_ec2_managed_prefix_list')
  })

  const regional = [
    'aws_security_group',
    'aws_instance',
    'aws_subnet',
    'aws_vpc',
    'aws_route_table',
    'aws_network_acl',
    'aws_network_interface',
    'aws_ebs_volume',
    'aws_flow_log',
    'aws_ec2_managed_prefix_list',
  ]

  it.each(regional)('%s: a second scan makes no version, a single read the same columns', async (table) => {
    await lab.collect(table)
    const again = await lab.collect(table)
    expect(again.written).toMatchObject({ state: 'ok', versions: 0, inserted: 0, deleted: 0 })
    await expectSameEitherWay(lab, table)
  })

  it.each(regional)('%s: one call where a region has none', async (table) => {
    const { calls, written } = await lab.collect(table, { part: 'sa-east-1' })
    expect(written.state).toBe('ok')
    expect(Object.values(calls)).toEqual([1])
  })

  // Of a network ACL, the emulator answers with the code of a route table.
  const answering = regional.filter((table) => table !== 'aws_network_acl')
  it.each(answering)('%s: what does not exist is gone', async (table) => {
    const [{ native_id } = { native_id: '' }] = await lab.db.query(
      'select native_id from stance.resource where table_name = $1 limit 1',
      [table],
    )
    const missing = String(native_id).replace(/-.*/, '-00000000000000000')
    expect(await lab.readOne(table, missing)).toMatchObject({ end: 'gone' })
  })

  it('a terminated instance is gone, too', async () => {
    expect(await lab.readOne('aws_instance', net.terminatedId)).toMatchObject({ end: 'gone' })
  })

  it('user data that may not be read leaves its columns NULL and the rest as they are', async () => {
    lab.denied.add('DescribeInstanceAttribute')
    const { rows, summary } = await lab.collect('aws_instance')
    lab.denied.clear()
    expect(summary).toMatchObject({ unread_groups: { user_data: { denied: 1 } } })
    expect(rows[0]).toMatchObject({ has_user_data: null, user_data_secret_kinds: null, key_name: 'ops' })
    await lab.collect('aws_instance')
  })
})
