import type {
  AliasListEntry,
  GetKeyPolicyResponse,
  GetKeyRotationStatusResponse,
  KeyListEntry,
  KeyMetadata,
  Tag,
} from '@aws-sdk/client-kms'
import { count, flag, forever, text, time } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { type FoundDocument, policyColumns, statementChild } from '../policy-tables.ts'

interface Aliases {
  Aliases: AliasListEntry[]
}

type Known = Stored<KeyMetadata> | undefined

const gone = ['NotFoundException']
const aliasColumns = { alias_name: 'text', alias_arn: 'text' } as const

export const key = defineTable<{
  list: KeyListEntry
  metadata: KeyMetadata
  rotation: GetKeyRotationStatusResponse
  policy: GetKeyPolicyResponse
  aliases: Aliases
  tags: { Tags: Tag[] }
}>({
  name: 'aws_kms_key',
  title: 'KMS key, of the account itself or made by AWS for a service in it',
  docs: 'https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html',
  provider: 'aws',
  via: 'aws',
  service: 'kms',
  parts: 'region',
  version: 2,
  identity: {
    key: '{KeyArn}',
    native_id: 'KeyId',
    in_commands: 'KEY',
    name: 'KeyId',
    tags: { group: 'tags', from: 'Tags' },
    from_event: keyOf,
  },
  list: {
    read: {
      operation: 'ListKeys',
      input: { Limit: 1000 },
      pages: { out: 'NextMarker', in: 'Marker', more: 'Truncated' },
      items: 'Keys',
      permission: 'kms:ListKeys',
    },
    one: {
      reads: {
        key: {
          operation: 'DescribeKey',
          input: { KeyId: '{$id}' },
          pick: 'KeyMetadata',
          permission: 'kms:DescribeKey',
          gone,
        },
      },
      shape: ({ key }: { key: Stored<KeyMetadata> }) => ({ KeyId: key.KeyId, KeyArn: key.Arn }),
    },
    columns: {
      key_id: text('KeyId'),
      arn: text('KeyArn'),
    },
  },
  groups: {
    metadata: {
      title: 'What kind of key it is, and its state',
      read: {
        operation: 'DescribeKey',
        input: { KeyId: '{KeyId}' },
        pick: 'KeyMetadata',
        permission: 'kms:DescribeKey',
        gone,
      },
      set: [
        'EncryptionAlgorithms',
        'SigningAlgorithms',
        'MacAlgorithms',
        'MultiRegionConfiguration.ReplicaKeys',
      ],
      sent: [
        'KeyManager',
        'Enabled',
        'Description',
        'MultiRegionConfiguration.MultiRegionKeyType',
        'MultiRegionConfiguration.PrimaryKey',
        'MultiRegionConfiguration.PrimaryKey.Arn',
      ],
      columns: {
        description: text('Description'),
        is_customer_managed: flag((key) => key.KeyManager === 'CUSTOMER', undefined, 'Else AWS manages it'),
        key_state: text(
          'KeyState',
          undefined,
          'Enabled, Disabled, PendingDeletion, PendingImport, PendingReplicaDeletion, Creating, Updating or Unavailable',
        ),
        is_enabled: flag('Enabled'),
        key_usage: text(
          'KeyUsage',
          'ENCRYPT_DECRYPT',
          'ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC, KEY_AGREEMENT or KEY_ENCAPSULATION',
        ),
        key_spec: text('KeySpec', undefined, 'SYMMETRIC_DEFAULT, RSA_2048, ECC_NIST_P256, HMAC_256, …'),
        is_symmetric: flag(
          (key) => key.KeySpec === 'SYMMETRIC_DEFAULT',
          undefined,
          'A symmetric encryption key',
        ),
        origin: text('Origin', undefined, 'AWS_KMS, EXTERNAL (imported), AWS_CLOUDHSM or EXTERNAL_KEY_STORE'),
        custom_key_store_id: text('CustomKeyStoreId', ''),
        created_at: time('CreationDate'),
        deletion_at: time(
          'DeletionDate',
          forever,
          'When it will be deleted; end of time where that is not scheduled',
        ),
        is_pending_deletion: flag(isPendingDeletion),
        key_material_expires_at: time('ValidTo', forever, 'Of imported key material'),
        is_multi_region: flag('MultiRegion', false),
        multi_region_type: text('MultiRegionConfiguration.MultiRegionKeyType', '', 'PRIMARY or REPLICA'),
        multi_region_primary_arn: text('MultiRegionConfiguration.PrimaryKey.Arn', ''),
        supports_rotation: flag(
          supportsRotation,
          undefined,
          'Automatic rotation can be switched on: a symmetric encryption key of the account itself, its material made by KMS',
        ),
      },
    },
    rotation: {
      title: 'Automatic rotation',
      after: 'metadata',
      applies: (_key, _place, metadata: Known) =>
        metadata === undefined || (supportsRotation(metadata) && !isPendingDeletion(metadata)),
      read: {
        operation: 'GetKeyRotationStatus',
        input: { KeyId: '{KeyId}' },
        permission: 'kms:GetKeyRotationStatus',
        unsupported: ['UnsupportedOperationException'],
        gone,
      },
      volatile: ['NextRotationDate', 'OnDemandRotationStartDate'],
      sent: ['KeyRotationEnabled'],
      columns: {
        rotation_enabled: flag(
          'KeyRotationEnabled',
          false,
          'FALSE of keys that have no such setting (see supports_rotation) or wait to be deleted',
        ),
        rotation_period_days: count('RotationPeriodInDays', 0, '0 where it is not rotated'),
        next_rotation_at: time('NextRotationDate', forever),
      },
    },
    policy: {
      title: 'Key policy; not read of keys that AWS manages, whose policy nobody can change',
      after: 'metadata',
      applies: (_key, _place, metadata: Known) => metadata?.KeyManager !== 'AWS',
      read: {
        operation: 'GetKeyPolicy',
        input: { KeyId: '{KeyId}', PolicyName: 'default' },
        permission: 'kms:GetKeyPolicy',
        gone,
      },
      sent: ['Policy'],
      columns: {
        policy: text('Policy', '', 'The document'),
        ...policyColumns<GetKeyPolicyResponse>((content, place) => documentOf(content, place.item)[0]),
      },
    },
    aliases: {
      source: {
        source: 'aws_kms_aliases',
        items: 'Aliases',
        match: 'arn:{$partition}:kms:{$region}:{$account}:key/{TargetKeyId}',
        all: true,
        shape: (rows: Stored<AliasListEntry>[]) => ({ Aliases: rows }),
      },
      read: {
        reads: {
          aliases: {
            operation: 'ListAliases',
            input: { KeyId: '{KeyId}', Limit: 100 },
            pages: { out: 'NextMarker', in: 'Marker', more: 'Truncated' },
            pick: 'Aliases',
            permission: 'kms:ListAliases',
            gone,
          },
        },
        shape: ({ aliases }: { aliases: Stored<AliasListEntry>[] }) =>
          aliases.length === 0 ? (undefined as never) : { Aliases: aliases },
      },
      set: ['Aliases'],
      sent: ['Aliases.AliasName', 'Aliases.AliasArn'],
      columns: {
        has_alias: flag(({ Aliases }) => Aliases.length > 0, false),
        alias_name: text(
          ({ Aliases }) => Aliases.map((alias) => alias.AliasName ?? '').sort()[0],
          '',
          'Its first alias, with `alias/` before it',
        ),
      },
    },
    tags: {
      after: 'metadata',
      applies: (_key, _place, metadata: Known) => metadata?.KeyManager !== 'AWS',
      read: {
        reads: {
          tags: {
            operation: 'ListResourceTags',
            input: { KeyId: '{KeyId}', Limit: 50 },
            pages: { out: 'NextMarker', in: 'Marker', more: 'Truncated' },
            pick: 'Tags',
            permission: 'kms:ListResourceTags',
            gone,
          },
        },
        shape: ({ tags }: { tags: Tag[] }) => ({ Tags: tags }),
      },
      set: ['Tags'],
      columns: {},
    },
  },
  children: {
    aws_kms_key_alias: child<Aliases, typeof aliasColumns>({
      title: 'Alias of a KMS key',
      group: 'aliases',
      columns: aliasColumns,
      unique: ['alias_name', 'alias_arn'],
      rows: ({ Aliases }) =>
        Aliases.map((alias) => ({ alias_name: alias.AliasName ?? '', alias_arn: alias.AliasArn ?? '' })),
    }),
    aws_kms_key_policy_statement: statementChild<GetKeyPolicyResponse>({
      title: 'Statement of a key policy',
      group: 'policy',
      documents: (content, place) => documentOf(content, place.item),
    }),
  },
  events: Object.fromEntries(
    [
      ...['CreateKey', 'ReplicateKey', 'EnableKey', 'DisableKey', 'EnableKeyRotation', 'DisableKeyRotation'],
      ...['ScheduleKeyDeletion', 'CancelKeyDeletion', 'DeleteKey', 'PutKeyPolicy', 'UpdateKeyDescription'],
      ...['CreateAlias', 'UpdateAlias', 'DeleteAlias', 'TagResource', 'UntagResource'],
      ...[
        'ImportKeyMaterial',
        'DeleteImportedKeyMaterial',
        'UpdatePrimaryRegion',
        'SynchronizeMultiRegionKey',
      ],
    ].map((name) => [
      name,
      // The entry's own list of resources has ARNs; what was asked for may be an alias.
      [
        'resources.ARN',
        'responseElements.keyMetadata.arn',
        'requestParameters.keyId',
        'requestParameters.targetKeyId',
      ],
    ]),
  ),
})

function supportsRotation(key: Stored<KeyMetadata>): boolean {
  return key.KeyManager === 'CUSTOMER' && key.KeySpec === 'SYMMETRIC_DEFAULT' && key.Origin === 'AWS_KMS'
}

function isPendingDeletion(key: Stored<KeyMetadata>): boolean {
  return key.KeyState === 'PendingDeletion' || key.KeyState === 'PendingReplicaDeletion'
}

function documentOf(content: Stored<GetKeyPolicyResponse>, item: unknown): FoundDocument[] {
  const resourceArn = (item as Stored<KeyListEntry>).KeyArn
  if (content.Policy === undefined) return []
  return [{ document: content.Policy, ...(resourceArn === undefined ? {} : { resourceArn }) }]
}

/** A bare id, or an ARN of a key; aliases and what else stands in an entry are none. */
function keyOf(found: string): string | undefined {
  return /^(?:arn:[\w-]+:kms:[\w-]+:\d{12}:key\/)?((?:mrk-[0-9a-f]{32})|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(
    found,
  )?.[1]
}
