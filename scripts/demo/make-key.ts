import type { AccountSeeder } from './account-seeder.ts'
import { policyText, type Statement } from './make-bucket.ts'

export interface KeyPlan {
  alias: string
  about: string
  born: string
  rotated?: boolean
  /** Beside what the account's own administrators may. */
  policy?: readonly Statement[]
  /** Instead of an AES key: `RSA_3072` for signatures. */
  signs?: boolean
  multiRegion?: boolean
  /** Scheduled for deletion, in so many days from now. */
  deletedInDays?: number
  disabled?: boolean
}

/** Returns its ARN. */
export async function makeKey(seeder: AccountSeeder, region: string, plan: KeyPlan): Promise<string> {
  const kms = seeder.kms(region)
  const administrators: Statement = {
    Sid: 'Administrators',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${seeder.id}:root` },
    Action: 'kms:*',
    Resource: '*',
  }
  const { KeyMetadata } = await kms.createKey({
    Description: plan.about,
    Policy: policyText([administrators, ...(plan.policy ?? [])]),
    ...(plan.signs ? { KeySpec: 'RSA_3072', KeyUsage: 'SIGN_VERIFY' } : {}),
    ...(plan.multiRegion ? { MultiRegion: true } : {}),
  })
  const KeyId = KeyMetadata?.KeyId ?? ''
  seeder.born(KeyId, plan.born)
  await kms.createAlias({ AliasName: `alias/${plan.alias}`, TargetKeyId: KeyId })
  if (plan.rotated) await kms.enableKeyRotation({ KeyId })
  if (plan.disabled) await kms.disableKey({ KeyId })
  if (plan.deletedInDays !== undefined)
    await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: plan.deletedInDays })
  return KeyMetadata?.Arn ?? ''
}
