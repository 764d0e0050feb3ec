import type { Volume } from '@aws-sdk/client-ec2'
import { count, flag, never, text, time } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'
import { accountOfArn } from '../account-of-arn.ts'
import { ec2Arn } from './arn.ts'
import { eventsAt, idsThatBegin, tagEvents } from './events.ts'
import { nameTag } from './name-tag.ts'

const attachmentColumns = {
  instance_id: 'text',
  device_name: 'text',
  attachment_state: 'text',
  attached_at: 'timestamptz',
  delete_on_termination: 'boolean',
} as const

export const volume = defineTable<{ list: Volume }>({
  name: 'aws_ebs_volume',
  title: 'EBS volume',
  docs: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Volume.html',
  provider: 'aws',
  via: 'aws',
  service: 'ec2',
  parts: 'region',
  identity: {
    key: (volume, place) => ec2Arn(place, 'volume', volume.VolumeId, volume.OwnerId),
    native_id: 'VolumeId',
    in_commands: 'VOLUME',
    name: (volume) => nameTag(volume.Tags) ?? volume.VolumeId,
    owner: (volume) => volume.OwnerId,
    incarnation: 'CreateTime',
    tags: { group: 'list', from: 'Tags' },
    from_event: idsThatBegin('vol-'),
  },
  list: {
    read: {
      operation: 'DescribeVolumes',
      input: { MaxResults: 500 },
      pages: { out: 'NextToken', in: 'NextToken' },
      items: 'Volumes',
      permission: 'ec2:DescribeVolumes',
    },
    one: {
      operation: 'DescribeVolumes',
      input: { VolumeIds: ['{$id}'] },
      items: 'Volumes',
      permission: 'ec2:DescribeVolumes',
      gone: ['InvalidVolume.NotFound'],
    },
    set: ['Tags', 'Attachments'],
    sent: [
      'Attachments',
      'Attachments.State',
      'Attachments.AttachTime',
      'AvailabilityZone',
      'Size',
      'State',
      'VolumeType',
    ],
    columns: {
      volume_id: text('VolumeId'),
      arn: text((volume, place) => ec2Arn(place, 'volume', volume.VolumeId, volume.OwnerId)),
      encrypted: flag('Encrypted'),
      kms_key_arn: text('KmsKeyId', ''),
      kms_key_account_id: text((volume) => accountOfArn(volume.KmsKeyId), ''),
      volume_type: text('VolumeType', undefined, 'gp2, gp3, io1, io2, st1, sc1 or standard'),
      size_gib: count('Size'),
      iops: count('Iops', 0),
      throughput_mib: count('Throughput', 0, 'MiB a second; 0 where the type has no such setting'),
      volume_state: text('State', undefined, 'creating, available, in-use, deleting, deleted or error'),
      is_attached: flag((volume) => (volume.Attachments ?? []).some((one) => one.State !== 'detached')),
      availability_zone: text('AvailabilityZone'),
      snapshot_id: text('SnapshotId', '', 'The snapshot that it was made from'),
      multi_attach_enabled: flag('MultiAttachEnabled', false),
      created_at: time('CreateTime'),
      outpost_arn: text('OutpostArn', ''),
      managing_service: text('Operator.Principal', '', 'The AWS service that manages it, if one does'),
    },
  },
  groups: {},
  children: {
    aws_ebs_volume_attachment: child<Volume, typeof attachmentColumns>({
      title: 'Attachment of an EBS volume to an instance',
      group: 'list',
      columns: attachmentColumns,
      titles: { attachment_state: 'attaching, attached, detaching, detached or busy' },
      rows: (volume) =>
        (volume.Attachments ?? []).map((one) => ({
          instance_id: one.InstanceId ?? '',
          device_name: one.Device ?? '',
          attachment_state: one.State ?? '',
          attached_at: one.AttachTime ?? never,
          delete_on_termination: one.DeleteOnTermination ?? false,
        })),
    }),
  },
  events: {
    ...tagEvents,
    CreateVolume: 'responseElements.volumeId',
    ...eventsAt('requestParameters.volumeId', [
      'DeleteVolume',
      'AttachVolume',
      'DetachVolume',
      'EnableVolumeIO',
    ]),
    ModifyVolume: 'requestParameters.ModifyVolumeRequest.VolumeId',
  },
})
