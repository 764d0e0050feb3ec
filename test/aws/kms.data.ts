import type { AliasListEntry, KeyListEntry, KeyMetadata } from '@aws-sdk/client-kms'
import type { Stored } from '../../src/lake/stored.ts'
import type { WrittenAnswers } from './check-columns.ts'

// Written by hand after the KMS API reference, not recorded.

const id = '1234abcd-12ab-34cd-56ef-1234567890ab'
const arn = `arn:aws:kms:eu-west-1:111122223333:key/${id}`
const list: Stored<KeyListEntry> = { KeyId: id, KeyArn: arn }

const own: Stored<KeyMetadata> = {
  KeyId: id,
  Arn: arn,
  AWSAccountId: '111122223333',
  KeyManager: 'CUSTOMER',
  Description: 'orders',
  KeyState: 'Enabled',
  Enabled: true,
  KeyUsage: 'ENCRYPT_DECRYPT',
  KeySpec: 'SYMMETRIC_DEFAULT',
  Origin: 'AWS_KMS',
  CreationDate: '2026-01-01T00:00:00.000Z',
  MultiRegion: true,
  MultiRegionConfiguration: {
    MultiRegionKeyType: 'PRIMARY',
    PrimaryKey: { Arn: arn, Region: 'eu-west-1' },
    ReplicaKeys: [],
  },
}
const leaving: Stored<KeyMetadata> = {
  KeyId: id,
  KeyManager: 'CUSTOMER',
  KeyState: 'PendingDeletion',
  KeyUsage: 'SIGN_VERIFY',
  KeySpec: 'RSA_2048',
  Origin: 'EXTERNAL',
  CustomKeyStoreId: 'cks-1',
  CreationDate: '2026-01-02T00:00:00.000Z',
  DeletionDate: '2026-03-01T00:00:00.000Z',
  ValidTo: '2026-04-01T00:00:00.000Z',
}
const managed: Stored<KeyMetadata> = {
  KeyId: id,
  KeyManager: 'AWS',
  KeyState: 'Enabled',
  KeySpec: 'SYMMETRIC_DEFAULT',
  Origin: 'AWS_KMS',
  CreationDate: '2026-01-02T00:00:00.000Z',
}

const alias = (name: string): Stored<AliasListEntry> => ({
  AliasName: `alias/${name}`,
  AliasArn: `arn:aws:kms:eu-west-1:111122223333:alias/${name}`,
  TargetKeyId: id,
})

const policy = (...Statement: object[]) =>
  asJson({ Policy: JSON.stringify({ Version: '2012-10-17', Statement }) })
const asJson = (content: object) => content as WrittenAnswers[string]
const Resource = '*'

export const written: Record<string, WrittenAnswers[]> = {
  aws_kms_key: [
    {
      list: asJson(list),
      metadata: asJson(own),
      rotation: asJson({
        KeyId: id,
        KeyRotationEnabled: true,
        RotationPeriodInDays: 365,
        NextRotationDate: '2027-01-01T00:00:00.000Z',
      }),
      policy: policy(
        {
          Sid: 'root',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111122223333:root' },
          Action: 'kms:*',
          Resource,
        },
        { Sid: 'open', Effect: 'Allow', Principal: '*', Action: ['kms:Decrypt', 'kms:Encrypt'], Resource },
        {
          Sid: 'plain',
          Effect: 'Deny',
          Principal: '*',
          Action: 'kms:*',
          Resource,
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ),
      aliases: asJson({ Aliases: [alias('orders'), alias('archive')] }),
      tags: asJson({ Tags: [{ TagKey: 'team', TagValue: 'shop' }] }),
    },
    {
      list: asJson(list),
      metadata: asJson(leaving),
      rotation: null,
      policy: policy({
        Effect: 'Allow',
        Principal: { AWS: ['arn:aws:iam::444455556666:root'], Service: 'sns.amazonaws.com' },
        Action: 'kms:*',
        Resource,
      }),
      aliases: null,
      tags: asJson({ Tags: [] }),
    },
    {
      list: asJson(list),
      metadata: asJson(managed),
      rotation: null,
      policy: null,
      aliases: null,
      tags: null,
    },
  ],
}
