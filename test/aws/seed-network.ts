import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateFlowLogsCommand,
  CreateInternetGatewayCommand,
  CreateManagedPrefixListCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVolumeCommand,
  CreateVpcCommand,
  DescribeNetworkAclsCommand,
  EC2Client,
  ReplaceNetworkAclAssociationCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2'
import type { MotoAccount } from '../setup/moto-account.ts'
import { clientConfig } from './collect-table.ts'

/** One network with everything in it that the tables of EC2 speak of. */
export interface Network {
  vpcId: string
  publicSubnetId: string
  privateSubnetId: string
  groupId: string
  routeTableId: string
  gatewayId: string
  aclId: string
  instanceId: string
  terminatedId: string
  volumeId: string
  flowLogId: string
  prefixListId: string
}

export const userData = '#!/bin/sh\nexport DB_PASSWORD=correct-horse-battery\n'

export async function seedNetwork(account: MotoAccount): Promise<Network> {
  const ec2 = new EC2Client(clientConfig(account))
  try {
    const Tags = [{ Key: 'Name', Value: 'shop' }]
    const { Vpc } = await ec2.send(
      new CreateVpcCommand({
        CidrBlock: '10.7.0.0/16',
        AmazonProvidedIpv6CidrBlock: true,
        TagSpecifications: [{ ResourceType: 'vpc', Tags }],
      }),
    )
    const vpcId = Vpc!.VpcId!
    const subnet = async (CidrBlock: string) =>
      (
        await ec2.send(
          new CreateSubnetCommand({ VpcId: vpcId, CidrBlock, AvailabilityZone: `${account.region}a` }),
        )
      ).Subnet!.SubnetId!
    const publicSubnetId = await subnet('10.7.1.0/24')
    const privateSubnetId = await subnet('10.7.2.0/24')
    const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}))
    const gatewayId = InternetGateway!.InternetGatewayId!
    await ec2.send(new AttachInternetGatewayCommand({ VpcId: vpcId, InternetGatewayId: gatewayId }))
    const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId: vpcId }))
    const routeTableId = RouteTable!.RouteTableId!
    await ec2.send(
      new CreateRouteCommand({
        RouteTableId: routeTableId,
        DestinationCidrBlock: '0.0.0.0/0',
        GatewayId: gatewayId,
      }),
    )
    await ec2.send(new AssociateRouteTableCommand({ RouteTableId: routeTableId, SubnetId: publicSubnetId }))

    const { GroupId } = await ec2.send(
      new CreateSecurityGroupCommand({
        GroupName: 'web',
        Description: 'web servers',
        VpcId: vpcId,
        TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'team', Value: 'shop' }] }],
      }),
    )
    const groupId = GroupId!
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: groupId,
        IpPermissions: [
          {
            IpProtocol: 'tcp',
            FromPort: 443,
            ToPort: 443,
            IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'everyone' }],
            Ipv6Ranges: [{ CidrIpv6: '::/0' }],
          },
          { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: groupId }] },
          { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
        ],
      }),
    )
    await ec2.send(
      new AuthorizeSecurityGroupEgressCommand({
        GroupId: groupId,
        IpPermissions: [
          { IpProtocol: 'udp', FromPort: 53, ToPort: 53, IpRanges: [{ CidrIp: '10.7.0.2/32' }] },
        ],
      }),
    )

    const { NetworkAcl } = await ec2.send(new CreateNetworkAclCommand({ VpcId: vpcId }))
    const aclId = NetworkAcl!.NetworkAclId!
    const entry = (RuleNumber: number, more: object) =>
      ec2.send(
        new CreateNetworkAclEntryCommand({
          NetworkAclId: aclId,
          RuleNumber,
          Protocol: '6',
          RuleAction: 'allow',
          Egress: false,
          CidrBlock: '0.0.0.0/0',
          ...more,
        }),
      )
    await entry(90, { RuleAction: 'deny', PortRange: { From: 3389, To: 3389 } })
    await entry(100, { PortRange: { From: 0, To: 65_535 } })
    await entry(100, { Egress: true, Protocol: '-1' })
    const acls = await ec2.send(
      new DescribeNetworkAclsCommand({
        Filters: [{ Name: 'association.subnet-id', Values: [publicSubnetId] }],
      }),
    )
    const association = acls
      .NetworkAcls!.flatMap((acl) => acl.Associations ?? [])
      .find((one) => one.SubnetId === publicSubnetId)
    await ec2.send(
      new ReplaceNetworkAclAssociationCommand({
        AssociationId: association!.NetworkAclAssociationId!,
        NetworkAclId: aclId,
      }),
    )

    const run = async () =>
      (
        await ec2.send(
          new RunInstancesCommand({
            ImageId: 'ami-12c6146b',
            InstanceType: 't3.micro',
            MinCount: 1,
            MaxCount: 1,
            KeyName: 'ops',
            UserData: Buffer.from(userData).toString('base64'),
            MetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'enabled', HttpPutResponseHopLimit: 2 },
            NetworkInterfaces: [
              { DeviceIndex: 0, SubnetId: publicSubnetId, Groups: [groupId], AssociatePublicIpAddress: true },
            ],
            TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web-1' }] }],
          }),
        )
      ).Instances![0]!.InstanceId!
    const instanceId = await run()
    const terminatedId = await run()
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [terminatedId] }))

    const { VolumeId } = await ec2.send(
      new CreateVolumeCommand({
        AvailabilityZone: `${account.region}a`,
        Size: 8,
        Encrypted: true,
        VolumeType: 'gp3',
      }),
    )
    const logs = await ec2.send(
      new CreateFlowLogsCommand({
        ResourceIds: [vpcId],
        ResourceType: 'VPC',
        TrafficType: 'REJECT',
        LogDestinationType: 'cloud-watch-logs',
        LogGroupName: 'flows',
        DeliverLogsPermissionArn: `arn:aws:iam::${account.accountId}:role/flows`,
      }),
    )
    const { PrefixList } = await ec2.send(
      new CreateManagedPrefixListCommand({
        PrefixListName: 'partners',
        AddressFamily: 'IPv4',
        MaxEntries: 5,
        Entries: [
          { Cidr: '192.0.2.0/24', Description: 'office' },
          { Cidr: '0.0.0.0/0', Description: 'for a day' },
        ],
        TagSpecifications: [{ ResourceType: 'prefix-list', Tags: [{ Key: 'team', Value: 'shop' }] }],
      }),
    )
    return {
      vpcId,
      publicSubnetId,
      privateSubnetId,
      groupId,
      routeTableId,
      gatewayId,
      aclId,
      instanceId,
      terminatedId,
      volumeId: VolumeId!,
      flowLogId: logs.FlowLogIds![0]!,
      prefixListId: PrefixList!.PrefixListId!,
    }
  } finally {
    ec2.destroy()
  }
}
