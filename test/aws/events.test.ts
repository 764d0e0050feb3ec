import { describe, expect, it } from 'vitest'
import { parseEvent } from '../../src/collect/aws/parse-event.ts'
import { resolveEvent } from '../../src/collect/kernel/resolve-event.ts'
import { tables } from '../../src/collect/tables.generated.ts'

// Records as CloudTrail writes them, by hand and cut down to what matters.

const kmsKey = '1234abcd-12ab-34cd-56ef-1234567890ab'
const elb = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333'
const lb = `${elb}:loadbalancer/app/web/50dc6c495c0c9188`
const group = `${elb}:targetgroup/web/73e2d6bc24d8a067`
const trail = 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/all'

function touched(service: string, eventName: string, body: object): Record<string, string[]> {
  const event = parseEvent({
    eventVersion: '1.11',
    eventSource: `${service}.amazonaws.com`,
    eventName,
    awsRegion: 'eu-west-1',
    eventTime: '2026-02-01T10:00:00Z',
    recipientAccountId: '111122223333',
    userIdentity: { accountId: '111122223333' },
    readOnly: false,
    ...body,
  })
  const found: Record<string, string[]> = {}
  for (const { table, native_id, part, account_id } of resolveEvent(tables, event!)) {
    expect([part, account_id]).toEqual(['eu-west-1', '111122223333'])
    found[table] = [...(found[table] ?? []), native_id]
  }
  return found
}
const asked = (requestParameters: object) => ({ requestParameters, responseElements: null })
const answered = (responseElements: object) => ({ requestParameters: {}, responseElements })
const items = (...all: object[]) => ({ items: all })

describe('events name what to read again', () => {
  it.each<[string, string, object, Record<string, string[]>]>([
    [
      'ec2',
      'RunInstances',
      answered({
        instancesSet: items(
          { instanceId: 'i-0a1', networkInterfaceSet: items({ networkInterfaceId: 'eni-0a1' }) },
          { instanceId: 'i-0b2' },
        ),
      }),
      { aws_instance: ['i-0a1', 'i-0b2'], aws_network_interface: ['eni-0a1'] },
    ],
    [
      'ec2',
      'TerminateInstances',
      asked({ instancesSet: items({ instanceId: 'i-0a1' }) }),
      { aws_instance: ['i-0a1'] },
    ],
    [
      'ec2',
      'CreateTags',
      asked({
        resourcesSet: items(
          { resourceId: 'i-0a1' },
          { resourceId: 'vpc-0a1' },
          { resourceId: 'acl-0a1' },
          { resourceId: 'ami-0a1' },
          { resourceId: 'eni-0a1' },
        ),
      }),
      {
        aws_instance: ['i-0a1'],
        aws_vpc: ['vpc-0a1'],
        aws_network_acl: ['acl-0a1'],
        aws_network_interface: ['eni-0a1'],
      },
    ],
    // An interface is a part of its instance, which is named by it.
    [
      'ec2',
      'ModifyNetworkInterfaceAttribute',
      asked({ networkInterfaceId: 'eni-0a1', groupSet: items({ groupId: 'sg-0a1' }) }),
      { aws_instance: ['eni-0a1'], aws_network_interface: ['eni-0a1'] },
    ],
    [
      'ec2',
      'AssignIpv6Addresses',
      asked({ AssignIpv6AddressesRequest: { NetworkInterfaceId: 'eni-0a1', Ipv6AddressCount: 1 } }),
      { aws_instance: ['eni-0a1'], aws_network_interface: ['eni-0a1'] },
    ],
    [
      'ec2',
      'AssociateAddress',
      asked({ networkInterfaceId: 'eni-0a1', allocationId: 'eipalloc-0a1' }),
      { aws_instance: ['eni-0a1'], aws_network_interface: ['eni-0a1'] },
    ],
    [
      'ec2',
      'AssociateAddress',
      asked({ instanceId: 'i-0a1', allocationId: 'eipalloc-0a1' }),
      { aws_instance: ['i-0a1'] },
    ],
    [
      'ec2',
      'StartInstances',
      asked({ instancesSet: items({ instanceId: 'i-0a1' }) }),
      { aws_instance: ['i-0a1'] },
    ],
    [
      'ec2',
      'ModifyInstanceMetadataOptions',
      asked({ ModifyInstanceMetadataOptionsRequest: { InstanceId: 'i-0a1', HttpTokens: 'optional' } }),
      { aws_instance: ['i-0a1'] },
    ],
    [
      'ec2',
      'AttachVolume',
      asked({ volumeId: 'vol-0a1', instanceId: 'i-0a1' }),
      { aws_instance: ['i-0a1'], aws_ebs_volume: ['vol-0a1'] },
    ],
    [
      'ec2',
      'AuthorizeSecurityGroupIngress',
      asked({ groupId: 'sg-0a1' }),
      { aws_security_group: ['sg-0a1'] },
    ],
    [
      'ec2',
      'ModifySecurityGroupRules',
      asked({ ModifySecurityGroupRulesRequest: { GroupId: 'sg-0a1' } }),
      { aws_security_group: ['sg-0a1'] },
    ],
    [
      'ec2',
      'ModifyManagedPrefixList',
      asked({ ModifyManagedPrefixListRequest: { PrefixListId: 'pl-0a1', CurrentVersion: 3 } }),
      { aws_ec2_managed_prefix_list: ['pl-0a1'] },
    ],
    ['ec2', 'CreateRoute', asked({ routeTableId: 'rtb-0a1' }), { aws_route_table: ['rtb-0a1'] }],
    ['ec2', 'ReplaceNetworkAclEntry', asked({ networkAclId: 'acl-0a1' }), { aws_network_acl: ['acl-0a1'] }],
    [
      'ec2',
      'CreateFlowLogs',
      answered({ CreateFlowLogsResponse: { flowLogIdSet: { item: 'fl-0a1' } } }),
      { aws_flow_log: ['fl-0a1'] },
    ],
    [
      'ec2',
      'DeleteFlowLogs',
      asked({ DeleteFlowLogsRequest: { FlowLogId: { tag: 1, content: 'fl-0a1' } } }),
      { aws_flow_log: ['fl-0a1'] },
    ],
    [
      'elasticloadbalancing',
      'DeleteListener',
      asked({ listenerArn: `${elb}:listener/app/web/50dc6c495c0c9188/1` }),
      { aws_lb_listener: [`${elb}:listener/app/web/50dc6c495c0c9188/1`] },
    ],
    [
      'elasticloadbalancing',
      'CreateListener',
      {
        requestParameters: { loadBalancerArn: lb, defaultActions: [{ targetGroupArn: group }] },
        responseElements: { listeners: [{ listenerArn: `${elb}:listener/app/web/50dc6c495c0c9188/1` }] },
      },
      {
        aws_lb: [lb],
        aws_lb_listener: [`${elb}:listener/app/web/50dc6c495c0c9188/1`],
        aws_lb_target_group: [group],
      },
    ],
    [
      'elasticloadbalancing',
      'ModifyListener',
      asked({
        listenerArn: `${elb}:listener/app/web/50dc6c495c0c9188/1`,
        defaultActions: [{ type: 'forward', forwardConfig: { targetGroups: [{ targetGroupArn: group }] } }],
      }),
      {
        aws_lb_listener: [`${elb}:listener/app/web/50dc6c495c0c9188/1`],
        aws_lb_target_group: [group],
      },
    ],
    [
      'elasticloadbalancing',
      'ModifyRule',
      asked({
        ruleArn: `${elb}:listener-rule/app/web/50dc6c495c0c9188/1/9683b2d02a6cabee`,
        actions: [{ type: 'forward', targetGroupArn: group }],
      }),
      {
        aws_lb_listener: [`${elb}:listener/app/web/50dc6c495c0c9188/1`],
        aws_lb_target_group: [group],
      },
    ],
    [
      'elasticloadbalancing',
      'SetRulePriorities',
      asked({
        rulePriorities: [
          { ruleArn: `${elb}:listener-rule/app/web/50dc6c495c0c9188/1/9683b2d02a6cabee`, priority: 5 },
        ],
      }),
      { aws_lb_listener: [`${elb}:listener/app/web/50dc6c495c0c9188/1`] },
    ],
    [
      'elasticloadbalancing',
      'AddTags',
      asked({ resourceArns: [lb, group] }),
      { aws_lb: [lb], aws_lb_target_group: [group] },
    ],
    [
      'elasticloadbalancing',
      'RegisterTargets',
      asked({ targetGroupArn: group }),
      { aws_lb_target_group: [group] },
    ],
    [
      'kms',
      'PutKeyPolicy',
      {
        ...asked({ keyId: 'alias/orders' }),
        resources: [{ ARN: `arn:aws:kms:eu-west-1:111122223333:key/${kmsKey}` }],
      },
      { aws_kms_key: [kmsKey] },
    ],
    ['kms', 'DisableKey', asked({ keyId: kmsKey }), { aws_kms_key: [kmsKey] }],
    [
      'kms',
      'CreateAlias',
      {
        ...asked({ aliasName: 'alias/orders', targetKeyId: kmsKey }),
        resources: [
          { ARN: 'arn:aws:kms:eu-west-1:111122223333:alias/orders' },
          { ARN: `arn:aws:kms:eu-west-1:111122223333:key/${kmsKey}` },
        ],
      },
      { aws_kms_key: [kmsKey] },
    ],
    ['cloudtrail', 'StopLogging', asked({ name: trail }), { aws_cloudtrail: [trail] }],
    ['cloudtrail', 'StopLogging', asked({ name: 'all' }), { aws_cloudtrail: [trail] }],
    [
      'cloudtrail',
      'PutEventSelectors',
      { ...asked({ trailName: 'all' }), responseElements: { trailARN: trail } },
      { aws_cloudtrail: [trail] },
    ],
    ['ec2', 'StopLogging', asked({ name: trail }), {}],
    ['kms', 'TagResource', asked({ keyId: '../../x' }), {}],
  ])('%s %s', (service, name, body, expected) => {
    expect(touched(service, name, body)).toEqual(expected)
  })

  it('nothing, when the call failed', () => {
    expect(touched('kms', 'DisableKey', { ...asked({ keyId: kmsKey }), errorCode: 'AccessDenied' })).toEqual(
      {},
    )
  })
})
