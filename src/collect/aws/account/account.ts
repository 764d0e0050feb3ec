import type { AlternateContact } from '@aws-sdk/client-account'
import { count, flag, never, text, time } from '../../../lake/columns.ts'
import { defineTable } from '../../../lake/define-table.ts'
import type { CredentialReportRow } from '../iam/parse-credential-report.ts'
import { lastUses, reported } from '../iam/report-values.ts'

/** Made by the planner from the caller's identity and, where it may be read, the organization. */
export interface PlannedAccount {
  Id: string
  Name?: string
  Alias?: string
}

/** A device of the root user may bear any name: whose it is says the user. */
interface VirtualDevice {
  SerialNumber?: string
  User?: { Arn?: string }
}

interface AccountSummary {
  SummaryMap: {
    AccountMFAEnabled?: number
    AccountAccessKeysPresent?: number
    AccountPasswordPresent?: number
    Users?: number
    Roles?: number
    Policies?: number
  }
}

export const account = defineTable<{
  list: PlannedAccount
  summary: AccountSummary
  virtual_mfa: { VirtualMFADevices: VirtualDevice[] }
  root_use: CredentialReportRow
  security_contact: AlternateContact
}>({
  name: 'aws_account',
  title: 'AWS account',
  docs: 'https://docs.aws.amazon.com/accounts/latest/reference/accounts-welcome.html',
  provider: 'aws',
  via: 'aws',
  service: 'iam',
  parts: 'global',
  planned: 'account',
  identity: {
    key: 'arn:{$partition}:account::{$account}:account',
    native_id: 'Id',
    name: (account) => account.Name ?? account.Alias ?? account.Id,
  },
  list: {
    columns: {
      account_name: text('Name', ''),
      cloud_partition: text((_, place) => place.partition),
    },
  },
  groups: {
    summary: {
      title: "IAM's summary of the account: the root user's credentials, counts",
      read: {
        operation: 'GetAccountSummary',
        permission: 'iam:GetAccountSummary',
      },
      volatile: [
        'SummaryMap.Users',
        'SummaryMap.Roles',
        'SummaryMap.Policies',
        'SummaryMap.Groups',
        'SummaryMap.PolicyVersionsInUse',
        'SummaryMap.InstanceProfiles',
        'SummaryMap.MFADevices',
        'SummaryMap.MFADevicesInUse',
        'SummaryMap.ServerCertificates',
      ],
      sent: [
        'SummaryMap.AccountMFAEnabled',
        'SummaryMap.AccountAccessKeysPresent',
        'SummaryMap.Users',
        'SummaryMap.Roles',
      ],
      columns: {
        root_has_mfa: flag((summary) => summary.SummaryMap.AccountMFAEnabled === 1),
        root_has_access_keys: flag((summary) => (summary.SummaryMap.AccountAccessKeysPresent ?? 0) > 0),
        // Partitions that do not say it yet: a password that may be there is one to protect.
        root_has_password: flag((summary) => (summary.SummaryMap.AccountPasswordPresent ?? 1) > 0),
        iam_user_count: count('SummaryMap.Users'),
        iam_role_count: count('SummaryMap.Roles'),
      },
    },
    virtual_mfa: {
      title: 'Virtual MFA devices in use: a root user with MFA and none of these has a hardware device',
      read: {
        operation: 'ListVirtualMFADevices',
        input: { AssignmentStatus: 'Assigned' },
        pages: { out: 'Marker', in: 'Marker', more: 'IsTruncated' },
        pick: 'VirtualMFADevices',
        permission: 'iam:ListVirtualMFADevices',
      },
      sent: ['SerialNumber'],
      // AWS gives them once, when a device is made; what answers in its place may give them again.
      secret: ['Base32StringSeed', 'QRCodePNG'],
      columns: {
        root_has_virtual_mfa: flag((answer) =>
          asList(answer).some(
            (device) =>
              device.User?.Arn?.endsWith(':root') ||
              device.SerialNumber?.endsWith(':mfa/root-account-mfa-device'),
          ),
        ),
      },
    },
    root_use: {
      title: 'When the root user was last there, from the credential report',
      source: {
        source: 'aws_iam_credential_report',
        items: 'root',
        match: 'arn:{$partition}:account::{$account}:account',
      },
      volatile: lastUses,
      sent: ['password_last_used', 'access_key_1_last_used_date', 'access_key_2_last_used_date'],
      columns: {
        // Every report has the root user: one without was not read right.
        root_last_used_at: time(
          (report) =>
            [
              report.password_last_used,
              report.access_key_1_last_used_date,
              report.access_key_2_last_used_date,
            ]
              .map((value) => reported(value) ?? never)
              .reduce((last, one) => (Date.parse(one) > Date.parse(last) ? one : last)),
          undefined,
          'By password or access key; never: not since AWS keeps count',
        ),
      },
    },
    security_contact: {
      title: 'Whom AWS asks about security',
      read: {
        service: 'account',
        operation: 'GetAlternateContact',
        input: { AlternateContactType: 'SECURITY' },
        pick: 'AlternateContact',
        permission: 'account:GetAlternateContact',
        absent: ['ResourceNotFoundException'],
      },
      sent: ['EmailAddress'],
      columns: {
        has_security_contact: flag((contact) => (contact.EmailAddress ?? '') !== '', false),
        security_contact_email: text('EmailAddress', ''),
      },
    },
  },
})

/** A picked list stands alone. */
function asList(answer: unknown): VirtualDevice[] {
  return Array.isArray(answer) ? answer : []
}
