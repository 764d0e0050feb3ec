import type {
  FlowLog,
  Instance,
  ManagedPrefixList,
  NetworkAcl,
  NetworkInterface,
  RouteTable,
  SecurityGroup,
  Subnet,
  Volume,
  Vpc,
} from '@aws-sdk/client-ec2'
import type { Stored } from '../../src/lake/stored.ts'
import type { WrittenAnswers } from './check-columns.ts'

// Written by hand after the EC2 API reference, not recorded: what the emulator leaves out is here.

const owner = '111122223333'
const other = '444455556666'
const tags = [
  { Key: 'Name', Value: 'shop' },
  { Key: 'team', Value: 'web' },
]

const securityGroups: Stored<SecurityGroup>[] = [
  {
    GroupId: 'sg-0a1',
    GroupName: 'web',
    Description: 'web servers',
    OwnerId: owner,
    VpcId: 'vpc-0a1',
    Tags: tags,
    IpPermissions: [
      {
        IpProtocol: 'tcp',
        FromPort: 22,
        ToPort: 22,
        IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'everyone' }, { CidrIp: '192.0.2.0/24' }],
        Ipv6Ranges: [{ CidrIpv6: '::/0', Description: 'everyone' }],
        PrefixListIds: [{ PrefixListId: 'pl-0a1' }],
      },
      { IpProtocol: 'icmp', FromPort: 8, ToPort: 0, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
      { IpProtocol: 'icmpv6', FromPort: -1, ToPort: -1, Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }] },
      { IpProtocol: '50', IpRanges: [{ CidrIp: '198.51.100.7/32' }] },
      {
        IpProtocol: '-1',
        UserIdGroupPairs: [
          { GroupId: 'sg-0a1', UserId: owner },
          { GroupId: 'sg-0b2', UserId: other, VpcPeeringConnectionId: 'pcx-0a1', Description: 'partner' },
        ],
      },
    ],
    IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
  },
  { GroupId: 'sg-0c3', GroupName: 'default', OwnerId: owner },
]

const instances: Stored<Instance>[] = [
  {
    InstanceId: 'i-0a1',
    InstanceType: 't3.micro',
    State: { Name: 'stopped', Code: 80 },
    StateTransitionReason: 'User initiated (2026-01-31 08:15:00 GMT)',
    ImageId: 'ami-0a1',
    KeyName: 'ops',
    LaunchTime: '2025-12-01T10:00:00.000Z',
    Placement: { AvailabilityZone: 'eu-west-1a', Tenancy: 'dedicated' },
    VpcId: 'vpc-0a1',
    SubnetId: 'subnet-0a1',
    PrivateIpAddress: '10.0.1.4',
    PrivateDnsName: 'ip-10-0-1-4.eu-west-1.compute.internal',
    PublicIpAddress: '203.0.113.4',
    PublicDnsName: 'ec2-203-0-113-4.eu-west-1.compute.amazonaws.com',
    SourceDestCheck: false,
    IamInstanceProfile: { Arn: `arn:aws:iam::${owner}:instance-profile/web`, Id: 'AIPA' },
    MetadataOptions: {
      HttpEndpoint: 'disabled',
      HttpTokens: 'required',
      HttpPutResponseHopLimit: 2,
      HttpProtocolIpv6: 'enabled',
      InstanceMetadataTags: 'enabled',
    },
    Monitoring: { State: 'enabled' },
    EbsOptimized: true,
    RootDeviceType: 'ebs',
    RootDeviceName: '/dev/xvda',
    Architecture: 'arm64',
    VirtualizationType: 'hvm',
    PlatformDetails: 'Windows',
    Platform: 'Windows',
    InstanceLifecycle: 'spot',
    CurrentInstanceBootMode: 'uefi',
    EnclaveOptions: { Enabled: true },
    HibernationOptions: { Configured: true },
    MaintenanceOptions: { AutoRecovery: 'disabled' },
    Operator: { Managed: true, Principal: 'eks.amazonaws.com' },
    SecurityGroups: [{ GroupId: 'sg-0a1', GroupName: 'web' }],
    NetworkInterfaces: [
      {
        NetworkInterfaceId: 'eni-0a1',
        Attachment: { DeviceIndex: 0, DeleteOnTermination: true },
        InterfaceType: 'efa',
        VpcId: 'vpc-0a1',
        SubnetId: 'subnet-0a1',
        PrivateIpAddress: '10.0.1.4',
        SourceDestCheck: false,
        Association: { PublicIp: '203.0.113.4', IpOwnerId: 'amazon' },
        PrivateIpAddresses: [
          {
            PrivateIpAddress: '10.0.1.4',
            Primary: true,
            Association: { PublicIp: '203.0.113.4', IpOwnerId: 'amazon' },
          },
          { PrivateIpAddress: '10.0.1.5', Association: { PublicIp: '203.0.113.5', IpOwnerId: owner } },
        ],
        Ipv6Addresses: [{ Ipv6Address: '2001:db8::4' }],
        Groups: [{ GroupId: 'sg-0a1', GroupName: 'web' }],
      },
      { NetworkInterfaceId: 'eni-0b2', Groups: [{ GroupId: 'sg-0b2', GroupName: 'admin' }] },
    ],
    BlockDeviceMappings: [
      {
        DeviceName: '/dev/xvda',
        Ebs: { VolumeId: 'vol-0a1', DeleteOnTermination: true, AttachTime: '2025-12-01T10:00:01.000Z' },
      },
      { DeviceName: '/dev/sdf', Ebs: { VolumeId: 'vol-0b2', DeleteOnTermination: false } },
    ],
    Tags: tags,
  },
  {
    InstanceId: 'i-0b2',
    InstanceType: 'm7g.large',
    State: { Name: 'running', Code: 16 },
    LaunchTime: '2026-01-01T00:00:00.000Z',
    Monitoring: { State: 'disabled' },
  },
  {
    InstanceId: 'i-0c3',
    InstanceType: 'm7g.large',
    State: { Name: 'running', Code: 16 },
    LaunchTime: '2026-01-01T00:00:00.000Z',
    NetworkInterfaces: [{ NetworkInterfaceId: 'eni-0c3', Ipv6Addresses: [{ Ipv6Address: 'fd00::3' }] }],
  },
]

const vpcs: Stored<Vpc>[] = [
  {
    VpcId: 'vpc-0a1',
    OwnerId: other,
    CidrBlock: '10.0.0.0/16',
    IsDefault: true,
    State: 'available',
    InstanceTenancy: 'dedicated',
    DhcpOptionsId: 'dopt-0a1',
    BlockPublicAccessStates: { InternetGatewayBlockMode: 'block-bidirectional' },
    EncryptionControl: { Mode: 'enforce' },
    CidrBlockAssociationSet: [{ CidrBlock: '10.0.0.0/16', CidrBlockState: { State: 'associated' } }],
    Ipv6CidrBlockAssociationSet: [
      { Ipv6CidrBlock: '2001:db8::/56', Ipv6CidrBlockState: { State: 'disassociated' } },
    ],
    Tags: tags,
  },
  { VpcId: 'vpc-0b2', OwnerId: owner },
]

const subnets: Stored<Subnet>[] = [
  {
    SubnetId: 'subnet-0a1',
    OwnerId: other,
    VpcId: 'vpc-0a1',
    CidrBlock: '10.0.1.0/24',
    Ipv6CidrBlockAssociationSet: [
      { Ipv6CidrBlock: '2001:db8:1::/64', Ipv6CidrBlockState: { State: 'disassociated' } },
      { Ipv6CidrBlock: '2001:db8::/64', Ipv6CidrBlockState: { State: 'associated' } },
    ],
    AvailabilityZone: 'eu-west-1a',
    AvailabilityZoneId: 'euw1-az1',
    State: 'available',
    DefaultForAz: true,
    MapPublicIpOnLaunch: true,
    AssignIpv6AddressOnCreation: true,
    Ipv6Native: true,
    EnableDns64: true,
    BlockPublicAccessStates: { InternetGatewayBlockMode: 'block-ingress' },
    AvailableIpAddressCount: 251,
    OutpostArn: `arn:aws:outposts:eu-west-1:${owner}:outpost/op-0a1`,
    Tags: tags,
  },
  { SubnetId: 'subnet-0b2', OwnerId: owner, VpcId: 'vpc-0b2' },
]

const routeTables: Stored<RouteTable>[] = [
  {
    RouteTableId: 'rtb-0a1',
    OwnerId: owner,
    VpcId: 'vpc-0a1',
    Associations: [
      { RouteTableAssociationId: 'rtbassoc-0a1', Main: true, AssociationState: { State: 'associated' } },
      {
        RouteTableAssociationId: 'rtbassoc-0b2',
        SubnetId: 'subnet-0a1',
        AssociationState: { State: 'failed' },
      },
      { RouteTableAssociationId: 'rtbassoc-0c3', GatewayId: 'igw-0a1' },
    ],
    Routes: [
      {
        DestinationCidrBlock: '10.0.0.0/16',
        GatewayId: 'local',
        Origin: 'CreateRouteTable',
        State: 'active',
      },
      { DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-0a1', Origin: 'CreateRoute', State: 'active' },
      { DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: 'eigw-0a1', State: 'active' },
      { DestinationPrefixListId: 'pl-0a1', GatewayId: 'vpce-0a1', State: 'active' },
      { DestinationCidrBlock: '10.1.0.0/16', VpcPeeringConnectionId: 'pcx-0a1', State: 'blackhole' },
      { DestinationCidrBlock: '10.2.0.0/16', TransitGatewayId: 'tgw-0a1', State: 'active' },
      { DestinationCidrBlock: '10.3.0.0/16', NatGatewayId: 'nat-0a1', State: 'active' },
      { DestinationCidrBlock: '10.4.0.0/16', GatewayId: 'vgw-0a1', Origin: 'EnableVgwRoutePropagation' },
      {
        DestinationCidrBlock: '10.5.0.0/16',
        InstanceId: 'i-0a1',
        InstanceOwnerId: other,
        NetworkInterfaceId: 'eni-0a1',
        State: 'active',
      },
      { DestinationCidrBlock: '10.6.0.0/16', NetworkInterfaceId: 'eni-0b2', State: 'active' },
      { DestinationCidrBlock: '128.0.0.0/1', GatewayId: 'vpce-0b2', State: 'active' },
    ],
    Tags: tags,
  },
  {
    RouteTableId: 'rtb-0b2',
    OwnerId: owner,
    VpcId: 'vpc-0b2',
    Routes: [{ DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-0b2', State: 'blackhole' }],
  },
]

const networkAcls: Stored<NetworkAcl>[] = [
  {
    NetworkAclId: 'acl-0a1',
    OwnerId: owner,
    VpcId: 'vpc-0a1',
    IsDefault: true,
    Associations: [
      { NetworkAclAssociationId: 'aclassoc-0a1', SubnetId: 'subnet-0a1' },
      { NetworkAclAssociationId: 'aclassoc-0b2', SubnetId: 'subnet-0b2' },
    ],
    Entries: [
      { RuleNumber: 100, Egress: false, Protocol: '-1', RuleAction: 'allow', CidrBlock: '0.0.0.0/0' },
      { RuleNumber: 101, Egress: false, Protocol: '-1', RuleAction: 'allow', Ipv6CidrBlock: '::/0' },
      { RuleNumber: 100, Egress: true, Protocol: '-1', RuleAction: 'allow', CidrBlock: '0.0.0.0/0' },
      {
        RuleNumber: 90,
        Egress: false,
        Protocol: '1',
        IcmpTypeCode: { Type: 8, Code: 0 },
        RuleAction: 'deny',
        CidrBlock: '192.0.2.0/24',
      },
      {
        RuleNumber: 95,
        Egress: false,
        Protocol: '6',
        PortRange: { From: 25, To: 26 },
        RuleAction: 'deny',
        CidrBlock: '192.0.2.0/24',
      },
    ],
    Tags: tags,
  },
  { NetworkAclId: 'acl-0b2', OwnerId: owner, VpcId: 'vpc-0b2' },
]

const networkInterfaces: Stored<NetworkInterface>[] = [
  {
    NetworkInterfaceId: 'eni-0a1',
    OwnerId: owner,
    Description: 'Primary network interface',
    InterfaceType: 'vpc_endpoint',
    Status: 'in-use',
    VpcId: 'vpc-0a1',
    SubnetId: 'subnet-0a1',
    AvailabilityZone: 'eu-west-1a',
    PrivateIpAddress: '10.0.1.4',
    Association: { PublicIp: '203.0.113.4', IpOwnerId: 'amazon' },
    PrivateIpAddresses: [
      { PrivateIpAddress: '10.0.1.4', Primary: true },
      {
        PrivateIpAddress: '10.0.1.5',
        Association: { PublicIp: '203.0.113.5', IpOwnerId: owner, AllocationId: 'eipalloc-0a1' },
      },
      { PrivateIpAddress: '10.0.1.6' },
    ],
    Ipv6Addresses: [{ Ipv6Address: '2001:db8::4', IsPrimaryIpv6: true }, { Ipv6Address: 'fd00::4' }],
    SourceDestCheck: false,
    DenyAllIgwTraffic: true,
    RequesterId: 'amazon-elb',
    RequesterManaged: true,
    Attachment: {
      AttachmentId: 'eni-attach-0a1',
      Status: 'attached',
      InstanceId: 'i-0a1',
      InstanceOwnerId: other,
      DeviceIndex: 1,
      DeleteOnTermination: true,
      AttachTime: '2026-01-01T00:00:00.000Z',
    },
    Groups: [
      { GroupId: 'sg-0a1', GroupName: 'web' },
      { GroupId: 'sg-0b2', GroupName: 'admin' },
    ],
    TagSet: tags,
  },
  { NetworkInterfaceId: 'eni-0b2', OwnerId: owner, PrivateIpAddress: '10.0.1.9' },
  { NetworkInterfaceId: 'eni-0c3', OwnerId: owner },
]

const volumes: Stored<Volume>[] = [
  {
    VolumeId: 'vol-0a1',
    Encrypted: true,
    KmsKeyId: `arn:aws:kms:eu-west-1:${other}:key/1234abcd-12ab-34cd-56ef-1234567890ab`,
    VolumeType: 'gp3',
    Size: 8,
    Iops: 3000,
    Throughput: 125,
    State: 'in-use',
    AvailabilityZone: 'eu-west-1a',
    SnapshotId: 'snap-0a1',
    MultiAttachEnabled: true,
    CreateTime: '2026-01-01T00:00:00.000Z',
    OutpostArn: `arn:aws:outposts:eu-west-1:${owner}:outpost/op-0a1`,
    Operator: { Managed: true, Principal: 'eks.amazonaws.com' },
    Attachments: [
      {
        InstanceId: 'i-0a1',
        Device: '/dev/xvda',
        State: 'attached',
        AttachTime: '2026-01-01T00:00:00.000Z',
        DeleteOnTermination: true,
      },
      { InstanceId: 'i-0b2', Device: '/dev/sdf', State: 'detaching' },
    ],
    Tags: tags,
  },
  { VolumeId: 'vol-0b2', CreateTime: '2026-01-02T00:00:00.000Z', Encrypted: false },
]

const flowLogs: Stored<FlowLog>[] = [
  {
    FlowLogId: 'fl-0a1',
    ResourceId: 'vpc-0a1',
    FlowLogStatus: 'ACTIVE',
    TrafficType: 'REJECT',
    LogDestinationType: 's3',
    LogDestination: 'arn:aws:s3:::flows',
    LogGroupName: 'flows',
    LogFormat: '${version} ${srcaddr}',
    MaxAggregationInterval: 60,
    DeliverLogsPermissionArn: `arn:aws:iam::${owner}:role/flows`,
    DeliverLogsStatus: 'FAILED',
    DeliverLogsErrorMessage: 'Access error',
    CreationTime: '2026-01-01T00:00:00.000Z',
    Tags: tags,
  },
  { FlowLogId: 'fl-0b2', DeliverLogsStatus: 'SUCCESS', CreationTime: '2026-01-02T00:00:00.000Z' },
]

const prefixLists: Stored<ManagedPrefixList>[] = [
  {
    PrefixListId: 'pl-0a1',
    PrefixListArn: `arn:aws:ec2:eu-west-1:${other}:prefix-list/pl-0a1`,
    PrefixListName: 'partners',
    AddressFamily: 'IPv4',
    State: 'modify-complete',
    MaxEntries: 10,
    Version: 3,
    OwnerId: other,
    Tags: tags,
  },
  {
    PrefixListId: 'pl-0b2',
    PrefixListArn: 'arn:aws:ec2:eu-west-1:aws:prefix-list/pl-0b2',
    OwnerId: 'AWS',
  },
]
const prefixListEntries = [
  {
    Entries: [
      { Cidr: '192.0.2.0/24', Description: 'office' },
      { Cidr: '128.0.0.0/1' },
      { Cidr: '::/0', Description: 'everyone' },
    ],
  },
  null,
]

/** What stands where user data stood once its secrets are replaced. */
const mark = {
  $secret: { length: 40, hash: '0'.repeat(32), kinds: ['aws_access_key', 'named_secret'], detector: 1 },
}

const lists = (contents: readonly object[]): WrittenAnswers[] =>
  contents.map((list) => ({ list: list as WrittenAnswers[string] }))

export const written: Record<string, WrittenAnswers[]> = {
  aws_security_group: lists(securityGroups),
  aws_instance: lists(instances).map((answers, nr) => ({
    ...answers,
    user_data: { InstanceId: `i-${nr}`, UserData: nr === 0 ? { Value: mark } : {} } as WrittenAnswers[string],
  })),
  aws_vpc: lists(vpcs),
  aws_subnet: lists(subnets),
  aws_route_table: lists(routeTables),
  aws_network_acl: lists(networkAcls),
  aws_network_interface: lists(networkInterfaces),
  aws_ebs_volume: lists(volumes),
  aws_flow_log: lists(flowLogs),
  aws_ec2_managed_prefix_list: lists(prefixLists).map((answers, nr) => ({
    ...answers,
    entries: prefixListEntries[nr] as WrittenAnswers[string],
  })),
}
