import type { ManagedPrefixList, PrefixListEntry } from '@aws-sdk/client-ec2'
import { count, flag, text } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { ownerOf } from './arn.ts'
import { breadth, broadRange, isOpenToWorld } from './cidr.ts'
import { eventsAt, idsThatBegin, tagEvents } from './events.ts'

interface Entries {
  Entries: PrefixListEntry[]
}

const entryColumns = {
  cidr: 'text',
  is_ipv6: 'boolean',
  prefix_length: 'bigint',
  is_open_to_world: 'boolean',
  description: 'text',
} as const

const gone = ['InvalidPrefixListID.NotFound', 'InvalidPrefixListId.NotFound']

/** Lists of the account, those that others share with it, and those of AWS (owned by the account `aws`). */
export const managedPrefixList = defineTable<{ list: ManagedPrefixList; entries: Entries }>({
  name: 'aws_ec2_managed_prefix_list',
  title: 'Managed prefix list: ranges of addresses under one name',
  docs: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ManagedPrefixList.html',
  provider: 'aws',
  via: 'aws',
  service: 'ec2',
  parts: 'region',
  version: 2,
  identity: {
    key: '{PrefixListArn}',
    native_id: 'PrefixListId',
    name: 'PrefixListName',
    owner: (list) => (isOfAws(list) ? 'aws' : ownerOf(list)),
    tags: { group: 'list', from: 'Tags' },
    from_event: idsThatBegin('pl-'),
  },
  list: {
    read: {
      operation: 'DescribeManagedPrefixLists',
      input: { MaxResults: 100 },
      pages: { out: 'NextToken', in: 'NextToken' },
      items: 'PrefixLists',
      permission: 'ec2:DescribeManagedPrefixLists',
    },
    one: {
      operation: 'DescribeManagedPrefixLists',
      input: { PrefixListIds: ['{$id}'] },
      items: 'PrefixLists',
      permission: 'ec2:DescribeManagedPrefixLists',
      gone,
    },
    // A deleted list is shown for a while.
    shape: (list: Stored<ManagedPrefixList>) => (list.State === 'delete-complete' ? undefined : list),
    set: ['Tags'],
    sent: ['OwnerId', 'PrefixListName', 'AddressFamily', 'State'],
    columns: {
      prefix_list_id: text('PrefixListId'),
      arn: text('PrefixListArn'),
      prefix_list_name: text('PrefixListName'),
      address_family: text('AddressFamily', undefined, 'IPv4 or IPv6'),
      list_state: text('State', undefined, 'create-complete, modify-in-progress, modify-failed, …'),
      max_entries: count('MaxEntries', 0, '0 where AWS does not say'),
      list_version: count('Version', 0, '0 where AWS does not say'),
      is_aws_managed: flag((list) => isOfAws(list), undefined, 'It holds the addresses of a service of AWS'),
    },
  },
  groups: {
    entries: {
      title:
        'What is in it. Not asked of lists of AWS: those hold addresses of its services, and nobody’s else',
      applies: (list) => !isOfAws(list),
      read: {
        reads: {
          entries: {
            operation: 'GetManagedPrefixListEntries',
            input: { PrefixListId: '{PrefixListId}', MaxResults: 100 },
            pages: { out: 'NextToken', in: 'NextToken' },
            pick: 'Entries',
            permission: 'ec2:GetManagedPrefixListEntries',
            gone,
          },
        },
        shape: ({ entries }: { entries: Stored<PrefixListEntry>[] }) => ({ Entries: entries }),
      },
      set: ['Entries'],
      sent: ['Entries.Cidr'],
      columns: {
        holds_ipv4_internet: flag(
          ({ Entries }) => Entries.some(({ Cidr }) => !isVersion6(Cidr) && isOpenToWorld(Cidr)),
          false,
          '0.0.0.0/0, or a range of IPv4 broader than /8',
        ),
        holds_ipv6_internet: flag(
          ({ Entries }) => Entries.some(({ Cidr }) => isVersion6(Cidr) && isOpenToWorld(Cidr)),
          false,
          '::/0, or a range of IPv6 on the internet broader than /12',
        ),
      },
    },
  },
  children: {
    aws_ec2_managed_prefix_list_entry: child<Entries, typeof entryColumns>({
      title: 'Range of addresses in a prefix list of the account or of another one, not of AWS',
      group: 'entries',
      columns: entryColumns,
      titles: {
        prefix_length: 'How broad the range is: 0 is everything, 32 or 128 one address',
        is_open_to_world: broadRange,
      },
      rows: ({ Entries }) =>
        Entries.map(({ Cidr, Description }) => ({
          cidr: Cidr ?? '',
          is_ipv6: isVersion6(Cidr),
          ...breadth(Cidr),
          description: Description ?? '',
        })),
    }),
  },
  events: {
    ...tagEvents,
    CreateManagedPrefixList: 'responseElements.CreateManagedPrefixListResponse.prefixList.prefixListId',
    ...eventsAt(
      [
        'requestParameters.ModifyManagedPrefixListRequest.PrefixListId',
        'requestParameters.RestoreManagedPrefixListVersionRequest.PrefixListId',
        'requestParameters.DeleteManagedPrefixListRequest.PrefixListId',
      ],
      ['ModifyManagedPrefixList', 'RestoreManagedPrefixListVersion', 'DeleteManagedPrefixList'],
    ),
  },
})

function isOfAws(list: Stored<ManagedPrefixList>): boolean {
  return list.OwnerId === 'AWS'
}

function isVersion6(cidr: string | undefined): boolean {
  return cidr?.includes(':') ?? false
}
