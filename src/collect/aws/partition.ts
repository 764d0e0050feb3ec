/**
 * The walled-off parts of AWS. Each has endpoints, ARNs and accounts of its own; credentials of one are unknown
 * in the others. Prefixes and home regions: the endpoints pages of the AWS General Reference.
 */
export interface Partition {
  name: string
  /** What its regions begin with; `aws` is all the rest. */
  regions: readonly string[]
  /** Where the calls of IAM, Organizations and other services without regions go. */
  home_region: string
  /** Regions that every account has without opting in. */
  enabled_by_default: readonly string[]
}

const aws: Partition = {
  name: 'aws',
  regions: [],
  home_region: 'us-east-1',
  enabled_by_default: [
    'ap-northeast-1',
    'ap-northeast-2',
    'ap-northeast-3',
    'ap-south-1',
    'ap-southeast-1',
    'ap-southeast-2',
    'ca-central-1',
    'eu-central-1',
    'eu-north-1',
    'eu-west-1',
    'eu-west-2',
    'eu-west-3',
    'sa-east-1',
    'us-east-1',
    'us-east-2',
    'us-west-1',
    'us-west-2',
  ],
}

export const partitions: readonly Partition[] = [
  aws,
  partition('aws-cn', 'cn-', 'cn-north-1', ['cn-north-1', 'cn-northwest-1']),
  partition('aws-us-gov', 'us-gov-', 'us-gov-west-1', ['us-gov-east-1', 'us-gov-west-1']),
  partition('aws-iso', 'us-iso-', 'us-iso-east-1', ['us-iso-east-1', 'us-iso-west-1']),
  partition('aws-iso-b', 'us-isob-', 'us-isob-east-1', ['us-isob-east-1', 'us-isob-west-1']),
  partition('aws-iso-e', 'eu-isoe-', 'eu-isoe-west-1', ['eu-isoe-west-1']),
  partition('aws-iso-f', 'us-isof-', 'us-isof-south-1', ['us-isof-east-1', 'us-isof-south-1']),
  partition('aws-eusc', 'eusc-', 'eusc-de-east-1', ['eusc-de-east-1']),
]

function partition(name: string, prefix: string, home: string, regions: readonly string[]): Partition {
  return { name, regions: [prefix], home_region: home, enabled_by_default: regions }
}

export function partitionOfRegion(region: string): Partition {
  return partitions.find((one) => one.regions.some((prefix) => region.startsWith(prefix))) ?? aws
}

/** `arn:aws-cn:sts::…` → `aws-cn`. Partitions that are not known yet are taken at their word. */
export function partitionOfArn(arn: string): string {
  const name = /^arn:([a-z][a-z0-9-]*):/.exec(arn)?.[1]
  if (name === undefined) throw new Error(`not an ARN: ${arn}`)
  return name
}

/** Services with one place per partition, whatever the region of who asks. */
const withoutRegions = new Set(['iam', 'organizations', 'account'])

/** Where a call to `global` goes. */
export function globalRegionOf(service: string, connectionRegion: string): string {
  return withoutRegions.has(service) ? partitionOfRegion(connectionRegion).home_region : connectionRegion
}
