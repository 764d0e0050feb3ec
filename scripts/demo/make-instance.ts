import { type Place, tagged } from './make-network.ts'

export interface InstancePlan {
  name: string
  team: string
  type: string
  subnetId: string
  groupIds: readonly string[]
  born: string
  /** The name of its instance profile. */
  profile?: string
  publicAddress?: boolean
  /** Version 1 of the metadata service answers, too. */
  imdsv1?: boolean
  /** A key's ARN; `true`: the account's usual key. */
  encrypted?: string | boolean
  rootGiB?: number
  userData?: string
  monitoring?: boolean
  keyName?: string
  windows?: boolean
  stopped?: string
}

const linux = 'ami-12c6146b'
const windows = 'ami-56ec3e2f'

export async function makeInstance(place: Place, plan: InstancePlan): Promise<string> {
  const { seeder, region, environment } = place
  const ec2 = seeder.ec2(region)
  const { encrypted = true } = plan
  const more = { team: plan.team }
  const tags = ['instance', 'volume', 'network-interface'].flatMap(
    (kind) => tagged(kind, plan.name, environment, more).TagSpecifications,
  )
  const { Instances } = await ec2.runInstances({
    ImageId: plan.windows ? windows : linux,
    InstanceType: plan.type as never,
    MinCount: 1,
    MaxCount: 1,
    // Else one is drawn, and each recording another.
    ClientToken: plan.name,
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        SubnetId: plan.subnetId,
        Groups: [...plan.groupIds],
        AssociatePublicIpAddress: plan.publicAddress ?? false,
      },
    ],
    MetadataOptions: {
      HttpEndpoint: 'enabled',
      HttpTokens: plan.imdsv1 ? 'optional' : 'required',
      HttpPutResponseHopLimit: plan.imdsv1 ? 2 : 1,
    },
    BlockDeviceMappings: [
      {
        DeviceName: plan.windows ? '/dev/sda1' : '/dev/xvda',
        Ebs: {
          VolumeSize: plan.rootGiB ?? 20,
          VolumeType: 'gp3',
          DeleteOnTermination: true,
          Encrypted: encrypted !== false,
          ...(typeof encrypted === 'string' ? { KmsKeyId: encrypted } : {}),
        },
      },
    ],
    Monitoring: { Enabled: plan.monitoring ?? true },
    TagSpecifications: tags,
    ...(plan.profile === undefined ? {} : { IamInstanceProfile: { Name: plan.profile } }),
    ...(plan.keyName === undefined ? {} : { KeyName: plan.keyName }),
    ...(plan.userData === undefined ? {} : { UserData: Buffer.from(plan.userData).toString('base64') }),
  })
  const InstanceId = Instances?.[0]?.InstanceId ?? ''
  seeder.born(InstanceId, plan.born)
  const { Volumes } = await ec2.describeVolumes({
    Filters: [{ Name: 'attachment.instance-id', Values: [InstanceId] }],
  })
  for (const { VolumeId } of Volumes ?? []) seeder.born(VolumeId, plan.born)
  if (plan.stopped !== undefined) {
    await ec2.stopInstances({ InstanceIds: [InstanceId] })
    seeder.stopped(InstanceId, plan.stopped)
  }
  return InstanceId
}

export interface VolumePlan {
  name: string
  team: string
  zone: string
  gib: number
  born: string
  encrypted?: string | boolean
  attach?: { instanceId: string; device: string }
}

export async function makeVolume(place: Place, plan: VolumePlan): Promise<string> {
  const { seeder, region, environment } = place
  const ec2 = seeder.ec2(region)
  const { encrypted = true } = plan
  const { VolumeId = '' } = await ec2.createVolume({
    AvailabilityZone: region + plan.zone,
    Size: plan.gib,
    VolumeType: 'gp3',
    Encrypted: encrypted !== false,
    ...(typeof encrypted === 'string' ? { KmsKeyId: encrypted } : {}),
    ...tagged('volume', plan.name, environment, { team: plan.team }),
  })
  seeder.born(VolumeId, plan.born)
  if (plan.attach !== undefined) {
    const { instanceId: InstanceId, device: Device } = plan.attach
    await ec2.attachVolume({ VolumeId, InstanceId, Device })
  }
  return VolumeId
}
