import type { AccountSeeder } from './account-seeder.ts'
import { buckets } from './estate.ts'

interface TrailPlan {
  name: string
  born: string
  prefix: string
  /** Objects whose reads and writes it has, too. */
  objects: string
  key?: string
  team?: string
}

/** A trail of all regions into the archive, with everything that manages. */
export async function makeTrail(seeder: AccountSeeder, plan: TrailPlan): Promise<void> {
  const trail = seeder.cloudtrail('eu-west-1')
  const Name = plan.name
  await trail.createTrail({
    Name,
    S3BucketName: buckets.trailArchive,
    S3KeyPrefix: plan.prefix,
    IsMultiRegionTrail: true,
    IncludeGlobalServiceEvents: true,
    EnableLogFileValidation: true,
    ...(plan.key === undefined ? {} : { KmsKeyId: plan.key }),
    ...(plan.team === undefined ? {} : { TagsList: [{ Key: 'team', Value: plan.team }] }),
  })
  await trail.startLogging({ Name })
  await trail.putEventSelectors({
    TrailName: Name,
    EventSelectors: [
      {
        ReadWriteType: 'All',
        IncludeManagementEvents: true,
        DataResources: [{ Type: 'AWS::S3::Object', Values: [plan.objects] }],
      },
    ],
  })
  seeder.born(Name, plan.born)
}
