export interface View {
  name: string
  columns: readonly string[]
  from: string
}

const failure = ['code', 'message', 'action', 'denied_by', 'next']
const coverageColumns = ['account_id', 'table_name', 'part', 'region', 'resource_key', 'group_name', 'state']
const coverageTimes = ['in_force', 'since', 'ok_at', 'attempted_at']

/** What we do not know, since when and why: a row per cell that is not read, and per group of a resource. */
const coverageSql = `(
  select account_id, table_name, part, part as region, '' as resource_key, '' as group_name, state,
    ${[...coverageTimes, ...failure].join(', ')}
  from stance.cell where state in ('denied', 'error', 'excluded', 'not_collected')
  union all
  select account_id, table_name, part, region, resource_key, group_name, state,
    in_force, since, ok_at, cast(null as timestamptz) as attempted_at, ${failure.join(', ')}
  from stance.unread_group
) as unread`

const findingColumns = [
  ...`account_id finding_id rule_id table_name resource_key region verdict since definite_verdict`.split(' '),
  ...`definite_since severity severity_max first_seen first_failed_at`.split(' '),
]

/** Views of our own beside the typed tables: what is known of accounts, cells, resources and findings. */
export const ownViews: readonly View[] = [
  {
    name: 'account',
    columns:
      `account_id provider kind name parent_id cloud_partition tags state state_since first_seen`.split(' '),
    from: 'stance.account',
  },
  {
    name: 'cell',
    columns: [
      ...`account_id table_name part state in_force since ok_at attempted_at rows calls throttles`.split(' '),
      'duration_ms',
      ...failure,
    ],
    from: 'stance.cell',
  },
  { name: 'coverage', columns: [...coverageColumns, ...coverageTimes, ...failure], from: coverageSql },
  {
    name: 'finding',
    columns: [...findingColumns, 'valid_from', 'evidence'],
    from: 'stance.finding',
  },
  {
    name: 'finding_event',
    columns:
      `account_id finding_id happened_at kind rule_id table_name resource_key region verdict severity`.split(
        ' ',
      ),
    from: 'stance.finding_event',
  },
  {
    name: 'finding_history',
    columns: [...findingColumns, 'valid_from', 'valid_to', 'closed_as', 'evidence'],
    from: 'stance.finding_history',
  },
  {
    name: 'resource',
    columns: [
      ...`account_id resource_key table_name provider region owner_account_id native_id name tags content`.split(
        ' ',
      ),
      ...`list_read_at in_force first_seen valid_from`.split(' '),
    ],
    from: 'stance.resource',
  },
  {
    name: 'resource_tag',
    columns: 'account_id resource_key tag_key tag_value table_name region'.split(' '),
    from: 'stance.resource_tag',
  },
  {
    name: 'resource_version',
    columns: [
      ...`account_id resource_key valid_from valid_to table_name provider region owner_account_id`.split(' '),
      ...`native_id name tags content first_seen closed_as`.split(' '),
    ],
    from: 'stance.resource_version',
  },
  {
    name: 'rule',
    columns: `rule_id table_name service title severity_private severity_public enabled`.split(' '),
    from: 'stance.rule',
  },
  {
    name: 'tombstone',
    columns: [
      ...`account_id resource_key deleted_at table_name region native_id name first_seen reason`.split(' '),
      'returned_at',
    ],
    from: 'stance.tombstone',
  },
]

export const ownViewNames: readonly string[] = ownViews.map(({ name }) => name)
