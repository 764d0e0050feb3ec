import type { FlowLog } from '@aws-sdk/client-ec2'
import { count, flag, text, time } from '../../../lake/columns.ts'
import { defineTable } from '../../../lake/define-table.ts'
import { ec2Arn } from './arn.ts'
import { idsThatBegin, tagEvents } from './events.ts'
import { nameTag } from './name-tag.ts'

export const flowLog = defineTable<{ list: FlowLog }>({
  name: 'aws_flow_log',
  title: 'Flow log of a VPC, subnet, network interface or gateway',
  docs: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html',
  provider: 'aws',
  via: 'aws',
  service: 'ec2',
  parts: 'region',
  identity: {
    key: (log, place) => ec2Arn(place, 'vpc-flow-log', log.FlowLogId),
    native_id: 'FlowLogId',
    name: (log) => nameTag(log.Tags) ?? log.FlowLogId,
    incarnation: 'CreationTime',
    tags: { group: 'list', from: 'Tags' },
    from_event: idsThatBegin('fl-'),
  },
  list: {
    read: {
      operation: 'DescribeFlowLogs',
      input: { MaxResults: 1000 },
      pages: { out: 'NextToken', in: 'NextToken' },
      items: 'FlowLogs',
      permission: 'ec2:DescribeFlowLogs',
    },
    one: {
      operation: 'DescribeFlowLogs',
      input: { FlowLogIds: ['{$id}'] },
      items: 'FlowLogs',
      permission: 'ec2:DescribeFlowLogs',
      gone: ['InvalidFlowLogId.NotFound'],
    },
    set: ['Tags'],
    sent: ['FlowLogStatus', 'ResourceId', 'LogDestinationType', 'LogFormat', 'MaxAggregationInterval'],
    columns: {
      flow_log_id: text('FlowLogId'),
      arn: text((log, place) => ec2Arn(place, 'vpc-flow-log', log.FlowLogId)),
      resource_id: text(
        'ResourceId',
        undefined,
        'The VPC, subnet, network interface or gateway that is watched',
      ),
      is_active: flag((log) => log.FlowLogStatus === 'ACTIVE'),
      traffic_type: text('TrafficType', 'ALL', 'ACCEPT, REJECT or ALL'),
      log_destination_type: text(
        'LogDestinationType',
        undefined,
        'cloud-watch-logs, s3 or kinesis-data-firehose',
      ),
      log_destination: text('LogDestination', '', 'The ARN of the bucket, log group or delivery stream'),
      log_group_name: text('LogGroupName', ''),
      log_format: text('LogFormat'),
      max_aggregation_seconds: count('MaxAggregationInterval'),
      deliver_logs_role_arn: text('DeliverLogsPermissionArn', ''),
      delivers: flag(
        (log) => log.DeliverLogsStatus !== 'FAILED',
        undefined,
        'The last delivery did not fail',
      ),
      delivery_error: text('DeliverLogsErrorMessage', '', 'Access error, Rate limited or Unknown error'),
      created_at: time('CreationTime'),
    },
  },
  groups: {},
  events: {
    ...tagEvents,
    CreateFlowLogs: 'responseElements.CreateFlowLogsResponse.flowLogIdSet.item',
    DeleteFlowLogs: [
      'requestParameters.DeleteFlowLogsRequest.FlowLogId.content',
      'requestParameters.DeleteFlowLogsRequest.FlowLogId',
    ],
  },
})
