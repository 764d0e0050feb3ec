import type { Account } from '@aws-sdk/client-organizations'
import { text, time } from '../../../lake/columns.ts'
import { defineTable } from '../../../lake/define-table.ts'

/** Every account that the organization says it has; rows of the organization's own account (`o-…`). */
export const organizationsAccount = defineTable<{ list: Account }>({
  name: 'aws_organizations_account',
  title: 'Account of an AWS organization',
  docs: 'https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html',
  provider: 'aws',
  via: 'aws',
  service: 'organizations',
  parts: 'global',
  belongs_to: 'organization',
  identity: {
    key: '{Arn}',
    native_id: 'Id',
    name: 'Name',
    incarnation: 'JoinedTimestamp',
  },
  list: {
    read: {
      operation: 'ListAccounts',
      input: { MaxResults: 20 },
      pages: { out: 'NextToken', in: 'NextToken' },
      items: 'Accounts',
      permission: 'organizations:ListAccounts',
    },
    one: {
      operation: 'DescribeAccount',
      input: { AccountId: '{$id}' },
      items: 'Account',
      permission: 'organizations:DescribeAccount',
      gone: ['AccountNotFoundException'],
    },
    sent: ['Email', 'JoinedMethod'],
    columns: {
      member_account_id: text('Id'),
      arn: text('Arn'),
      account_name: text('Name', ''),
      email: text('Email'),
      state: text(
        (account) => account.State ?? account.Status,
        undefined,
        'ACTIVE, SUSPENDED or PENDING_CLOSURE',
      ),
      joined_method: text('JoinedMethod', undefined, 'INVITED or CREATED'),
      joined_at: time('JoinedTimestamp'),
    },
  },
  groups: {},
  events: {
    CreateAccountResult: 'serviceEventDetails.createAccountStatus.accountId',
    InviteAccountToOrganization: 'requestParameters.target.id',
    RemoveAccountFromOrganization: 'requestParameters.accountId',
    CloseAccount: 'requestParameters.accountId',
  },
})
