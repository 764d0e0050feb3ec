import type { SecurityGroup } from '@aws-sdk/client-ec2'
import { flag, text } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'

export const securityGroup = defineTable<{ list: SecurityGroup }>({
  name: 'aws_security_group',
  title: 'EC2 security group',
  docs: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroup.html',
  provider: 'aws',
  via: 'aws',
  service: 'ec2',
  parts: 'region',
  identity: {
    key: 'arn:{$partition}:ec2:{$region}:{OwnerId}:security-group/{GroupId}',
    native_id: 'GroupId',
    name: 'GroupName',
    owner: (group) => group.OwnerId,
    tags: { group: 'list', from: 'Tags' },
  },
  list: {
    read: {
      operation: 'DescribeSecurityGroups',
      input: { MaxResults: 1000 },
      pages: { out: 'NextToken', in: 'NextToken' },
      items: 'SecurityGroups',
      permission: 'ec2:DescribeSecurityGroups',
    },
    one: {
      operation: 'DescribeSecurityGroups',
      input: { GroupIds: ['{$id}'] },
      items: 'SecurityGroups',
      permission: 'ec2:DescribeSecurityGroups',
      gone: ['InvalidGroup.NotFound'],
    },
    set: ['IpPermissions', 'IpPermissionsEgress', 'Tags'],
    columns: {
      group_id: text('GroupId'),
      group_name: text('GroupName'),
      description: text('Description', ''),
      vpc_id: text('VpcId', ''),
      is_default: flag((group) => group.GroupName === 'default'),
    },
  },
  groups: {},
  children: {
    aws_security_group_rule: child<SecurityGroup, { direction: 'text' }>({
      title: 'Rule of a security group',
      group: 'list',
      columns: { direction: 'text' },
      rows: (group) => (group.IpPermissions ?? []).map(() => ({ direction: 'ingress' })),
    }),
  },
  events: {
    AuthorizeSecurityGroupIngress: 'requestParameters.groupId',
  },
})
