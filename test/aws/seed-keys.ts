import {
  CreateAliasCommand,
  CreateKeyCommand,
  EnableKeyRotationCommand,
  KMSClient,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import type { MotoAccount } from '../setup/moto-account.ts'
import { clientConfig } from './collect-table.ts'

/** Ids of keys. */
export type SeededKeys = Record<'orders' | 'plain' | 'signing' | 'leaving', string>

/** A key with aliases, tags and rotation, one that everyone may use, one that signs, one that is leaving. */
export async function seedKeys(account: MotoAccount): Promise<SeededKeys> {
  const kms = new KMSClient(clientConfig(account))
  const make = async (more: object = {}) => (await kms.send(new CreateKeyCommand(more))).KeyMetadata!.KeyId!
  const orders = await make({ Description: 'orders', Tags: [{ TagKey: 'team', TagValue: 'shop' }] })
  const plain = await make()
  const signing = await make({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' })
  const leaving = await make()
  await kms.send(new EnableKeyRotationCommand({ KeyId: orders }))
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: leaving, PendingWindowInDays: 7 }))
  for (const AliasName of ['alias/orders', 'alias/archive'])
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: orders }))
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/signing', TargetKeyId: signing }))
  await kms.send(
    new PutKeyPolicyCommand({
      KeyId: plain,
      PolicyName: 'default',
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'root',
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${account.accountId}:root` },
            Action: 'kms:*',
            Resource: '*',
          },
          { Sid: 'open', Effect: 'Allow', Principal: '*', Action: 'kms:Decrypt', Resource: '*' },
        ],
      }),
    }),
  )
  kms.destroy()
  return { orders, plain, signing, leaving }
}
