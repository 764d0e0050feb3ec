import type {
  GetEventSelectorsResponse,
  GetInsightSelectorsResponse,
  GetTrailStatusResponse,
  Trail as SdkTrail,
  Tag,
} from '@aws-sdk/client-cloudtrail'
import { flag, never, text, time } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { accountOfArn } from '../account-of-arn.ts'
import { logsAll, toSelectorRows } from './selector-rows.ts'
import { trailOf } from './trail-of-event.ts'

type Trail = SdkTrail

const selectorColumns = {
  selector_name: 'text',
  is_advanced: 'boolean',
  event_category: 'text',
  logs_reads: 'boolean',
  logs_writes: 'boolean',
  resource_type: 'text',
  resource_arn: 'text',
  is_all_resources: 'boolean',
  excluded_event_sources: 'text',
  narrowed_by: 'text',
  is_narrowed: 'boolean',
} as const

const s3 = 'AWS::S3::Object'
const lambda = 'AWS::Lambda::Function'

export const trail = defineTable<{
  list: Trail
  status: GetTrailStatusResponse
  event_selectors: GetEventSelectorsResponse
  insight_selectors: GetInsightSelectorsResponse
  tags: { Tags: Tag[] }
}>({
  name: 'aws_cloudtrail',
  title: "CloudTrail trail, the organization's too, in its home region",
  docs: 'https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html',
  provider: 'aws',
  via: 'aws',
  service: 'cloudtrail',
  parts: 'region',
  version: 2,
  identity: {
    key: '{TrailARN}',
    native_id: 'TrailARN',
    in_commands: 'TRAIL',
    name: 'Name',
    region: (trail, place) => trail.HomeRegion ?? place.region,
    owner: (trail) => accountOfArn(trail.TrailARN),
    tags: { group: 'tags', from: 'Tags' },
    from_event: trailOf,
  },
  list: {
    read: {
      operation: 'DescribeTrails',
      // Without shadow trails, an organization's trail would be missing in its member accounts.
      input: { includeShadowTrails: true },
      items: 'trailList',
      permission: 'cloudtrail:DescribeTrails',
    },
    one: {
      operation: 'DescribeTrails',
      input: { includeShadowTrails: true, trailNameList: ['{$id}'] },
      items: 'trailList',
      permission: 'cloudtrail:DescribeTrails',
      gone: ['TrailNotFoundException'],
    },
    shape: (trail: Stored<Trail>, place) => {
      if (trail.HomeRegion === undefined) throw new TypeError('the trail has no HomeRegion')
      return trail.HomeRegion === place.region ? trail : undefined
    },
    sent: [
      'HomeRegion',
      'IsMultiRegionTrail',
      'IsOrganizationTrail',
      'IncludeGlobalServiceEvents',
      'LogFileValidationEnabled',
      'S3BucketName',
      'HasCustomEventSelectors',
      'HasInsightSelectors',
    ],
    columns: {
      trail_name: text('Name'),
      arn: text('TrailARN'),
      home_region: text('HomeRegion'),
      is_multi_region: flag('IsMultiRegionTrail'),
      is_organization_trail: flag('IsOrganizationTrail'),
      include_global_service_events: flag('IncludeGlobalServiceEvents'),
      log_file_validation_enabled: flag('LogFileValidationEnabled'),
      s3_bucket_name: text('S3BucketName'),
      s3_key_prefix: text('S3KeyPrefix', ''),
      sns_topic_arn: text('SnsTopicARN', ''),
      sns_topic_account_id: text((trail) => accountOfArn(trail.SnsTopicARN)),
      cloudwatch_log_group_arn: text('CloudWatchLogsLogGroupArn', ''),
      cloudwatch_log_group_account_id: text((trail) => accountOfArn(trail.CloudWatchLogsLogGroupArn)),
      cloudwatch_role_arn: text('CloudWatchLogsRoleArn', ''),
      kms_key_arn: text('KmsKeyId', '', 'Empty: log files are encrypted by S3 alone'),
      kms_key_account_id: text((trail) => accountOfArn(trail.KmsKeyId)),
      has_custom_event_selectors: flag('HasCustomEventSelectors'),
      has_insight_selectors: flag('HasInsightSelectors'),
    },
  },
  groups: {
    status: {
      title: 'Whether it logs, and how deliveries went',
      read: {
        operation: 'GetTrailStatus',
        input: { Name: '{TrailARN}' },
        permission: 'cloudtrail:GetTrailStatus',
      },
      volatile: [
        'LatestDeliveryTime',
        'LatestNotificationTime',
        'LatestCloudWatchLogsDeliveryTime',
        'LatestDigestDeliveryTime',
        'LatestDeliveryAttemptTime',
        'LatestNotificationAttemptTime',
        'LatestNotificationAttemptSucceeded',
        'LatestDeliveryAttemptSucceeded',
      ],
      columns: {
        is_logging: flag('IsLogging'),
        logging_started_at: time('StartLoggingTime', never),
        logging_stopped_at: time('StopLoggingTime', never, 'The last time that it was stopped'),
        latest_delivery_at: time('LatestDeliveryTime', never),
        latest_delivery_error: text('LatestDeliveryError', ''),
        latest_digest_delivery_at: time('LatestDigestDeliveryTime', never),
        latest_digest_delivery_error: text('LatestDigestDeliveryError', ''),
        latest_notification_error: text('LatestNotificationError', ''),
        latest_cloudwatch_delivery_at: time('LatestCloudWatchLogsDeliveryTime', never),
        latest_cloudwatch_delivery_error: text('LatestCloudWatchLogsDeliveryError', ''),
      },
    },
    event_selectors: {
      title: 'Which events it logs',
      read: {
        operation: 'GetEventSelectors',
        input: { TrailName: '{TrailARN}' },
        permission: 'cloudtrail:GetEventSelectors',
      },
      sent: [
        'EventSelectors.ReadWriteType',
        'EventSelectors.IncludeManagementEvents',
        'EventSelectors.DataResources',
        'EventSelectors.DataResources.Type',
        'EventSelectors.DataResources.Values',
        'AdvancedEventSelectors.FieldSelectors',
        'AdvancedEventSelectors.FieldSelectors.Field',
      ],
      columns: {
        logs_all_management_reads: flag(
          (answer) => logsAll(toSelectorRows(answer), 'reads', 'Management'),
          undefined,
          'No service is left out, but for SQL that is sent to databases (rdsdata.amazonaws.com)',
        ),
        logs_all_management_writes: flag(
          (answer) => logsAll(toSelectorRows(answer), 'writes', 'Management'),
          undefined,
          'No service is left out, KMS neither, but for SQL that is sent to databases (rdsdata.amazonaws.com)',
        ),
        excludes_management_event_sources: flag(
          (answer) => toSelectorRows(answer).some((row) => row.excluded_event_sources !== ''),
          undefined,
          'A selector leaves out services such as KMS; see excluded_event_sources of aws_cloudtrail_event_selector',
        ),
        logs_all_s3_object_reads: flag(
          (answer) => logsAll(toSelectorRows(answer), 'reads', 'Data', s3),
          undefined,
          'Reading any object of any bucket is logged',
        ),
        logs_all_s3_object_writes: flag(
          (answer) => logsAll(toSelectorRows(answer), 'writes', 'Data', s3),
          undefined,
          'Writing any object of any bucket is logged',
        ),
        logs_all_lambda_invocations: flag((answer) =>
          logsAll(toSelectorRows(answer), 'writes', 'Data', lambda),
        ),
      },
    },
    insight_selectors: {
      title: 'CloudTrail Insights',
      read: {
        operation: 'GetInsightSelectors',
        input: { TrailName: '{TrailARN}' },
        permission: 'cloudtrail:GetInsightSelectors',
        absent: ['InsightNotEnabledException'],
      },
      set: ['InsightSelectors', 'InsightSelectors.EventCategories'],
      sent: ['InsightSelectors.InsightType'],
      columns: {
        logs_api_call_rate_insights: flag(
          (answer) => (answer.InsightSelectors ?? []).some((one) => one.InsightType === 'ApiCallRateInsight'),
          false,
        ),
        logs_api_error_rate_insights: flag(
          (answer) =>
            (answer.InsightSelectors ?? []).some((one) => one.InsightType === 'ApiErrorRateInsight'),
          false,
        ),
      },
    },
    tags: {
      applies: (trail, place) => accountOfArn(trail.TrailARN) === place.account_id,
      read: {
        reads: {
          list: {
            operation: 'ListTags',
            input: { ResourceIdList: ['{TrailARN}'] },
            pages: { out: 'NextToken', in: 'NextToken' },
            pick: 'ResourceTagList',
            permission: 'cloudtrail:ListTags',
          },
        },
        shape: ({ list }: { list: { TagsList?: Tag[] }[] }) => ({
          Tags: list.flatMap((one) => one.TagsList ?? []),
        }),
      },
      set: ['Tags'],
      columns: {},
    },
  },
  children: {
    aws_cloudtrail_event_selector: child<GetEventSelectorsResponse, typeof selectorColumns>({
      title: 'What a trail logs, one row for each selector and resource that it names',
      group: 'event_selectors',
      columns: selectorColumns,
      titles: {
        selector_name: 'Advanced selectors may have a name',
        event_category: 'Management, Data, NetworkActivity or Insight',
        resource_type:
          'AWS::S3::Object, AWS::Lambda::Function, AWS::DynamoDB::Table, …; empty of management events',
        resource_arn: 'The resource, or what its ARN begins with; empty where none is named',
        is_all_resources: 'It is about every resource of its type',
        excluded_event_sources: 'Services whose management events it leaves out: kms.amazonaws.com, …',
        narrowed_by: 'What an event must have beside: eventName Equals DeleteObject; …',
        is_narrowed: 'It logs some of these events only: certain resources, names or callers',
      },
      rows: toSelectorRows,
    }),
  },
  events: {
    CreateTrail: ['responseElements.trailARN', 'requestParameters.name'],
    UpdateTrail: ['responseElements.trailARN', 'requestParameters.name'],
    DeleteTrail: 'requestParameters.name',
    StartLogging: 'requestParameters.name',
    StopLogging: 'requestParameters.name',
    PutEventSelectors: ['responseElements.trailARN', 'requestParameters.trailName'],
    PutInsightSelectors: ['responseElements.trailARN', 'requestParameters.trailName'],
    AddTags: 'requestParameters.resourceId',
    RemoveTags: 'requestParameters.resourceId',
  },
})
