import type {
  GetEbsDefaultKmsKeyIdResult,
  GetEbsEncryptionByDefaultResult,
  GetSerialConsoleAccessStatusResult,
  GetSnapshotBlockPublicAccessStateResult,
  InstanceMetadataDefaultsResponse,
} from '@aws-sdk/client-ec2'
import { count, flag, text } from '../../../lake/columns.ts'
import { defineTable } from '../../../lake/define-table.ts'

/** Made by the planner from the regions that the account has. */
export interface PlannedRegion {
  RegionName: string
  /** opt-in-not-required, opted-in, or not-opted-in. */
  OptInStatus: string
}

export const region = defineTable<{
  list: PlannedRegion
  ebs_encryption: GetEbsEncryptionByDefaultResult
  ebs_key: GetEbsDefaultKmsKeyIdResult
  snapshot_block: GetSnapshotBlockPublicAccessStateResult
  serial_console: GetSerialConsoleAccessStatusResult
  metadata_defaults: InstanceMetadataDefaultsResponse
}>({
  name: 'aws_region',
  title: 'Region of an AWS account, with its defaults',
  docs: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Region.html',
  provider: 'aws',
  via: 'aws',
  service: 'ec2',
  parts: 'region',
  planned: 'region',
  identity: {
    key: 'arn:{$partition}:account::{$account}:region/{$region}',
    native_id: 'RegionName',
    name: 'RegionName',
  },
  list: {
    columns: {
      region_name: text('RegionName'),
      opt_in_status: text('OptInStatus', 'opt-in-not-required'),
    },
  },
  groups: {
    ebs_encryption: {
      title: 'Whether new EBS volumes are encrypted by default',
      read: { operation: 'GetEbsEncryptionByDefault', permission: 'ec2:GetEbsEncryptionByDefault' },
      columns: { ebs_encryption_by_default: flag('EbsEncryptionByDefault') },
    },
    ebs_key: {
      title: 'The key that new EBS volumes are encrypted with',
      read: { operation: 'GetEbsDefaultKmsKeyId', permission: 'ec2:GetEbsDefaultKmsKeyId' },
      columns: { ebs_default_kms_key: text('KmsKeyId') },
    },
    snapshot_block: {
      title: 'Whether EBS snapshots may be shared with everyone',
      read: {
        operation: 'GetSnapshotBlockPublicAccessState',
        permission: 'ec2:GetSnapshotBlockPublicAccessState',
      },
      columns: {
        snapshot_block_public_access: text(
          'State',
          undefined,
          'block-all-sharing, block-new-sharing or unblocked',
        ),
      },
    },
    serial_console: {
      title: "Access to instances' serial console",
      read: { operation: 'GetSerialConsoleAccessStatus', permission: 'ec2:GetSerialConsoleAccessStatus' },
      columns: { serial_console_access: flag('SerialConsoleAccessEnabled') },
    },
    metadata_defaults: {
      title: 'Defaults of the instance metadata service',
      read: {
        operation: 'GetInstanceMetadataDefaults',
        pick: 'AccountLevel',
        permission: 'ec2:GetInstanceMetadataDefaults',
      },
      columns: {
        metadata_default_http_tokens: text(
          'HttpTokens',
          'no-preference',
          'required, optional or no-preference',
        ),
        metadata_default_hop_limit: count('HttpPutResponseHopLimit', -1, '-1: no preference'),
      },
    },
  },
  events: {
    EnableEbsEncryptionByDefault: 'awsRegion',
    DisableEbsEncryptionByDefault: 'awsRegion',
    ModifyEbsDefaultKmsKeyId: 'awsRegion',
    ResetEbsDefaultKmsKeyId: 'awsRegion',
    EnableSnapshotBlockPublicAccess: 'awsRegion',
    DisableSnapshotBlockPublicAccess: 'awsRegion',
    EnableSerialConsoleAccess: 'awsRegion',
    DisableSerialConsoleAccess: 'awsRegion',
    ModifyInstanceMetadataDefaults: 'awsRegion',
  },
})
