import type {
  AdvancedEventSelector,
  EventSelector,
  GetTrailStatusResponse,
  Trail,
} from '@aws-sdk/client-cloudtrail'
import type { Stored } from '../../src/lake/stored.ts'
import type { WrittenAnswers } from './check-columns.ts'

// Written by hand after the CloudTrail API reference, not recorded.

const other = '444455556666'

const everything: Stored<Trail> = {
  Name: 'all',
  TrailARN: `arn:aws:cloudtrail:eu-west-1:${other}:trail/all`,
  HomeRegion: 'eu-west-1',
  IsMultiRegionTrail: true,
  IsOrganizationTrail: true,
  IncludeGlobalServiceEvents: true,
  LogFileValidationEnabled: true,
  S3BucketName: 'trail-logs',
  S3KeyPrefix: 'prod',
  SnsTopicARN: `arn:aws:sns:eu-west-1:${other}:trail`,
  CloudWatchLogsLogGroupArn: `arn:aws:logs:eu-west-1:${other}:log-group:trail:*`,
  CloudWatchLogsRoleArn: `arn:aws:iam::${other}:role/trail`,
  KmsKeyId: `arn:aws:kms:eu-west-1:${other}:key/1234abcd-12ab-34cd-56ef-1234567890ab`,
  HasCustomEventSelectors: true,
  HasInsightSelectors: true,
}
const bare: Stored<Trail> = { Name: 'old', TrailARN: 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/old' }

const status: Stored<GetTrailStatusResponse> = {
  IsLogging: true,
  StartLoggingTime: '2026-01-01T00:00:00.000Z',
  StopLoggingTime: '2025-12-31T00:00:00.000Z',
  LatestDeliveryTime: '2026-02-01T00:00:00.000Z',
  LatestDeliveryError: 'NoSuchBucket',
  LatestDigestDeliveryTime: '2026-02-01T00:00:00.000Z',
  LatestDigestDeliveryError: 'AccessDenied',
  LatestNotificationError: 'AuthorizationError',
  LatestCloudWatchLogsDeliveryTime: '2026-02-01T00:00:00.000Z',
  LatestCloudWatchLogsDeliveryError: 'Access denied.',
}

const basic: Stored<EventSelector>[] = [
  {
    ReadWriteType: 'All',
    IncludeManagementEvents: true,
    ExcludeManagementEventSources: ['kms.amazonaws.com', 'rdsdata.amazonaws.com'],
    DataResources: [
      { Type: 'AWS::S3::Object', Values: ['arn:aws:s3'] },
      { Type: 'AWS::Lambda::Function', Values: ['arn:aws:lambda'] },
    ],
  },
  { ReadWriteType: 'All', IncludeManagementEvents: true, DataResources: [] },
]

export const selector = (
  Name: string,
  fields: Record<string, string[] | object>,
): Stored<AdvancedEventSelector> => ({
  Name,
  FieldSelectors: Object.entries(fields).map(([Field, value]) =>
    Array.isArray(value) ? { Field, Equals: value as string[] } : { Field, ...value },
  ),
})

const advanced = [
  selector('some writes', {
    eventCategory: ['Data'],
    'resources.type': ['AWS::S3::Object'],
    readOnly: ['false'],
    'resources.ARN': { StartsWith: ['arn:aws:s3:::orders/'] },
    eventName: ['DeleteObject'],
  }),
  selector('reads', { eventCategory: ['Data'], 'resources.type': ['AWS::S3::Object'], readOnly: ['true'] }),
]

const asJson = (content: object) => content as WrittenAnswers[string]

export const written: Record<string, WrittenAnswers[]> = {
  aws_cloudtrail: [
    {
      list: asJson(everything),
      status: asJson(status),
      event_selectors: asJson({ EventSelectors: basic }),
      insight_selectors: asJson({
        InsightSelectors: [{ InsightType: 'ApiCallRateInsight' }, { InsightType: 'ApiErrorRateInsight' }],
      }),
      tags: asJson({ Tags: [{ Key: 'team', Value: 'sec' }] }),
    },
    {
      list: asJson(bare),
      status: asJson({ IsLogging: false }),
      event_selectors: asJson({ AdvancedEventSelectors: advanced }),
      insight_selectors: null,
      tags: asJson({ Tags: [] }),
    },
    {
      list: asJson({ ...bare, HomeRegion: 'eu-west-1' }),
      event_selectors: asJson({ EventSelectors: [{ ReadWriteType: 'WriteOnly' }] }),
    },
  ],
}
