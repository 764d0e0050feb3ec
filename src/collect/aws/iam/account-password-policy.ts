import type { PasswordPolicy } from '@aws-sdk/client-iam'
import { count, flag } from '../../../lake/columns.ts'
import { defineTable } from '../../../lake/define-table.ts'

/** At most one row an account: an account without one of its own follows AWS's default, and has none. */
export const accountPasswordPolicy = defineTable<{ list: PasswordPolicy }>({
  name: 'aws_iam_account_password_policy',
  title: 'IAM account password policy',
  docs: 'https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountPasswordPolicy.html',
  provider: 'aws',
  via: 'aws',
  service: 'iam',
  parts: 'global',
  identity: {
    key: 'arn:{$partition}:iam::{$account}:account-password-policy',
    native_id: () => 'password-policy',
    name: () => 'Password policy',
  },
  list: {
    read: {
      operation: 'GetAccountPasswordPolicy',
      items: 'PasswordPolicy',
      permission: 'iam:GetAccountPasswordPolicy',
      absent: ['NoSuchEntity'],
    },
    one: {
      operation: 'GetAccountPasswordPolicy',
      items: 'PasswordPolicy',
      permission: 'iam:GetAccountPasswordPolicy',
      gone: ['NoSuchEntity'],
    },
    sent: [
      'MinimumPasswordLength',
      'RequireSymbols',
      'RequireNumbers',
      'RequireUppercaseCharacters',
      'RequireLowercaseCharacters',
      'AllowUsersToChangePassword',
    ],
    columns: {
      minimum_password_length: count('MinimumPasswordLength'),
      require_symbols: flag('RequireSymbols'),
      require_numbers: flag('RequireNumbers'),
      require_uppercase_characters: flag('RequireUppercaseCharacters'),
      require_lowercase_characters: flag('RequireLowercaseCharacters'),
      allow_users_to_change_password: flag('AllowUsersToChangePassword'),
      hard_expiry: flag(
        'HardExpiry',
        false,
        'Whether users cannot set a new password once theirs has expired',
      ),
      max_password_age_days: count(
        (policy) => policy.MaxPasswordAge ?? (policy.ExpirePasswords === true ? undefined : 0),
        undefined,
        '0: passwords do not expire',
      ),
      password_reuse_prevention: count(
        'PasswordReusePrevention',
        0,
        'How many earlier passwords are refused',
      ),
    },
  },
  groups: {},
})
