import type { Vpc } from '@aws-sdk/client-ec2'
import { flag, text } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'
import { ec2Arn, ownerOf } from './arn.ts'
import { eventsAt, idsThatBegin, tagEvents } from './events.ts'
import { nameTag } from './name-tag.ts'

const blockColumns = { cidr_block: 'text', is_ipv6: 'boolean', block_state: 'text' } as const

export const vpc = defineTable<{ list: Vpc }>({
  name: 'aws_vpc',
  title: 'VPC, shared ones too',
  docs: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Vpc.html',
  provider: 'aws',
  via: 'aws',
  service: 'ec2',
  parts: 'region',
  identity: {
    key: (vpc, place) => ec2Arn(place, 'vpc', vpc.VpcId, vpc.OwnerId),
    native_id: 'VpcId',
    in_commands: 'VPC_ID',
    name: (vpc) => nameTag(vpc.Tags) ?? vpc.VpcId,
    owner: ownerOf,
    tags: { group: 'list', from: 'Tags' },
    from_event: idsThatBegin('vpc-'),
  },
  list: {
    read: {
      operation: 'DescribeVpcs',
      input: { MaxResults: 1000 },
      pages: { out: 'NextToken', in: 'NextToken' },
      items: 'Vpcs',
      permission: 'ec2:DescribeVpcs',
    },
    one: {
      operation: 'DescribeVpcs',
      input: { VpcIds: ['{$id}'] },
      items: 'Vpcs',
      permission: 'ec2:DescribeVpcs',
      gone: ['InvalidVpcID.NotFound'],
    },
    set: ['Tags', 'CidrBlockAssociationSet', 'Ipv6CidrBlockAssociationSet'],
    sent: [
      'OwnerId',
      'CidrBlock',
      'IsDefault',
      'State',
      'InstanceTenancy',
      'DhcpOptionsId',
      'CidrBlockAssociationSet',
      'CidrBlockAssociationSet.CidrBlock',
      'CidrBlockAssociationSet.CidrBlockState.State',
      'Ipv6CidrBlockAssociationSet.Ipv6CidrBlock',
      'Ipv6CidrBlockAssociationSet.Ipv6CidrBlockState.State',
    ],
    columns: {
      vpc_id: text('VpcId'),
      arn: text((vpc, place) => ec2Arn(place, 'vpc', vpc.VpcId, vpc.OwnerId)),
      cidr_block: text('CidrBlock'),
      is_default: flag('IsDefault'),
      vpc_state: text('State', undefined, 'pending or available'),
      instance_tenancy: text('InstanceTenancy', undefined, 'default, dedicated or host'),
      dhcp_options_id: text('DhcpOptionsId'),
      internet_gateway_block_mode: text(
        'BlockPublicAccessStates.InternetGatewayBlockMode',
        'off',
        'VPC Block Public Access as it applies here: off, block-ingress or block-bidirectional',
      ),
      encryption_control_mode: text(
        'EncryptionControl.Mode',
        'off',
        'off, monitor or enforce: encryption in transit',
      ),
    },
  },
  groups: {},
  children: {
    aws_vpc_cidr_block: child<Vpc, typeof blockColumns>({
      title: 'Address block of a VPC',
      group: 'list',
      columns: blockColumns,
      titles: { block_state: 'associated, associating, disassociating, disassociated, failing or failed' },
      rows: (vpc) => [
        ...(vpc.CidrBlockAssociationSet ?? []).map((one) => ({
          cidr_block: one.CidrBlock ?? '',
          is_ipv6: false,
          block_state: one.CidrBlockState?.State ?? 'associated',
        })),
        ...(vpc.Ipv6CidrBlockAssociationSet ?? []).map((one) => ({
          cidr_block: one.Ipv6CidrBlock ?? '',
          is_ipv6: true,
          block_state: one.Ipv6CidrBlockState?.State ?? 'associated',
        })),
      ],
    }),
  },
  events: {
    ...tagEvents,
    CreateVpc: 'responseElements.vpc.vpcId',
    CreateDefaultVpc: 'responseElements.CreateDefaultVpcResponse.vpc.vpcId',
    ...eventsAt('requestParameters.vpcId', ['DeleteVpc', 'ModifyVpcAttribute', 'AssociateDhcpOptions']),
    AssociateVpcCidrBlock: 'requestParameters.AssociateVpcCidrBlockRequest.VpcId',
    DisassociateVpcCidrBlock: 'responseElements.DisassociateVpcCidrBlockResponse.vpcId',
    ModifyVpcTenancy: 'requestParameters.ModifyVpcTenancyRequest.VpcId',
  },
})
