import {
  AddTagsCommand,
  CloudTrailClient,
  CreateTrailCommand,
  PutEventSelectorsCommand,
  PutInsightSelectorsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import type { MotoAccount } from '../setup/moto-account.ts'
import { clientConfig } from './collect-table.ts'

/** A trail with everything and one that is stopped; the ARN of the first. */
export async function seedTrails(account: MotoAccount): Promise<string> {
  const bucket = `trail-${account.accountId}`
  const s3 = new S3Client({ ...clientConfig(account), forcePathStyle: true })
  await s3.send(new CreateBucketCommand({ Bucket: bucket }))
  s3.destroy()
  const cloudtrail = new CloudTrailClient(clientConfig(account))
  const made = await cloudtrail.send(
    new CreateTrailCommand({
      Name: 'everything',
      S3BucketName: bucket,
      IsMultiRegionTrail: true,
      EnableLogFileValidation: true,
    }),
  )
  const arn = made.TrailARN!
  await cloudtrail.send(new CreateTrailCommand({ Name: 'stopped', S3BucketName: bucket }))
  await cloudtrail.send(new StartLoggingCommand({ Name: 'everything' }))
  await cloudtrail.send(
    new PutEventSelectorsCommand({
      TrailName: 'everything',
      EventSelectors: [
        {
          ReadWriteType: 'All',
          IncludeManagementEvents: true,
          DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3'] }],
        },
      ],
    }),
  )
  await cloudtrail.send(
    new PutInsightSelectorsCommand({
      TrailName: 'everything',
      InsightSelectors: [{ InsightType: 'ApiCallRateInsight' }],
    }),
  )
  await cloudtrail.send(new AddTagsCommand({ ResourceId: arn, TagsList: [{ Key: 'team', Value: 'sec' }] }))
  cloudtrail.destroy()
  return arn
}
