import type { AlternateContact } from '@aws-sdk/client-account'
import { count, flag, text } from '../../../lake/columns.ts'
import { defineTable } from '../../../lake/define-table.ts'

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
      columns: {
        root_has_mfa: flag(({ SummaryMap: { AccountMFAEnabled: is } }) => (is === undefined ? is : is === 1)),
        root_has_access_keys: flag(({ SummaryMap: { AccountAccessKeysPresent: are } }) =>
          are === undefined ? are : are > 0,
        ),
        // Partitions that do not say it yet: a password that may be there is one to protect.
        root_has_password: flag((summary) => (summary.SummaryMap.AccountPasswordPresent ?? 1) > 0),
        iam_user_count: count('SummaryMap.Users', 0),
        iam_role_count: count('SummaryMap.Roles', 0),
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
