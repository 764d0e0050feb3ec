import type { LakeType } from '../core/table-shape.ts'

export interface OwnColumn {
  name: string
  type: LakeType | 'json'
  title: string
}

/** A view of our own beside the typed tables: what is known of accounts, cells, resources and findings. */
export interface OwnView {
  name: string
  /** What a row of it is. */
  title: string
  from: string
  columns: readonly OwnColumn[]
}

type Meaning = readonly [type: OwnColumn['type'], title: string]

/** Columns that mean the same in every view that has them. */
const shared: Record<string, Meaning> = {
  account_id: ['text', 'The account that was asked; of what belongs to an organization, the organization'],
  provider: ['text', 'The cloud: `aws`'],
  table_name: ['text', 'The table of the resource'],
  resource_key: ['text', "The provider's global id, such as an ARN; unique within an account"],
  region: ['text', 'The home region of the resource, or `global`'],
  part: ['text', 'The region that the cell is of, or `global`; `*`: regions that nobody could name'],
  owner_account_id: [
    'text',
    'The account that owns it, where that may be another than the one that was asked',
  ],
  native_id: ['text', "The provider's short id"],
  name: ['text', 'Its name'],
  first_seen: ['timestamptz', 'When it was first read'],
  code: ['text', "Why it was not read: the provider's code of the error, or our own; '' where it was read"],
  message: ['text', "The provider's own words; '' where it was read"],
  action: ['text', "The permission that is wanting; '' where it is none"],
  denied_by: [
    'text',
    'What refuses, as far as that is known: `identity policy`, `service control policy`, …',
  ],
  next: ['text', 'What would change it'],
  in_force: ['boolean', 'Whether its content counts: just read, or kept through an error from `ok_at`'],
  ok_at: ['timestamptz', 'When the last good read began; NULL: never read'],
  attempted_at: ['timestamptz', 'When the last attempt began; NULL: none yet, or of a group'],
  finding_id: ['text', 'Stays the same as long as rule and resource do'],
  rule_id: ['text', 'The rule that judges'],
  verdict: ['text', '`pass`, `fail` or `unknown`'],
  definite_verdict: ['text', "The last verdict that was not `unknown`; '' if there was none"],
  definite_since: ['timestamptz', 'Since when it was that; 0001-01-01 if there was none'],
  severity: ['text', '`info`, `low`, `medium`, `high` or `critical`: the least that it can be'],
  severity_max: ['text', 'The most that it can be, where nobody could read whether the resource is public'],
  first_failed_at: ['timestamptz', 'When it first failed; 9999-12-31: never'],
  evidence: ['json', 'What the verdict was judged by: columns, and rows of other tables'],
  tags: ['json', 'By key; NULL: never read'],
  content: ['json', "The provider's own JSON, by group; `stance tables show <table>` names the groups"],
}

const judged: Meaning = ['text', 'The table that the rule judges']

/** What we do not know, since when and why: a row per cell that is not read, and per group of a resource. */
const coverageSql = `(
  select account_id, table_name, part, part as region, '' as resource_key, '' as group_name, state,
    in_force, since, ok_at, attempted_at, code, message, action, denied_by, next
  from stance.cell where state in ('denied', 'error', 'excluded', 'not_collected')
  union all
  select account_id, table_name, part, region, resource_key, group_name, state,
    in_force, since, ok_at, cast(null as timestamptz) as attempted_at, code, message, action, denied_by, next
  from stance.unread_group
) as unread`

export const ownViews: readonly OwnView[] = [
  view('account', 'An account, organization or folder: the tree, by `parent_id`', 'stance.account', {
    account_id: ['text', 'The id of the account, organization or folder'],
    provider: shared.provider,
    kind: ['text', '`account`, `organization`, `root` or `folder`'],
    name: ['text', 'Its name; the id where no name could be read'],
    parent_id: ['text', "What it hangs below; '' at the top"],
    cloud_partition: ['text', '`aws`, `aws-cn`, `aws-us-gov`, …'],
    tags: ['json', 'By key'],
    state: [
      'text',
      '`active`, `off` (your choice), `closed` (by the provider) or `unlisted` (no longer listed)',
    ],
    state_since: ['timestamptz', 'Since when it has that state'],
    first_seen: ['timestamptz', 'When a scan first heard of it'],
  }),
  view('cell', 'A cell: one table in one region of one account, and how its last read ended', 'stance.cell', {
    account_id: shared.account_id,
    table_name: ['text', 'The table that is read'],
    part: shared.part,
    state: [
      'text',
      '`ok`, `absent`, `unsupported`: read. `denied`, `error`, `excluded`, `not_collected`: not read',
    ],
    in_force: ['boolean', 'Whether its rows count: just read, or kept through an error from `ok_at`'],
    since: ['timestamptz', 'Since when `state` and `in_force` are these'],
    ...pick('ok_at'),
    attempted_at: ['timestamptz', 'When the last attempt began; NULL: none yet'],
    rows: ['bigint', 'How many resources are known in it'],
    calls: ['bigint', 'Calls of the last attempt'],
    throttles: ['bigint', 'How many of these the provider put off'],
    duration_ms: ['bigint', 'How long the last attempt took, in milliseconds'],
    ...pick('code message action denied_by next'),
  }),
  view('coverage', 'What is not read: a cell, or a group of one resource', coverageSql, {
    ...pick('account_id table_name part'),
    region: ['text', 'Of a cell its part, of a group the region of the resource'],
    resource_key: ['text', "The resource whose group it is; '' for a whole cell"],
    group_name: ['text', "The group that is not read; '' for a whole cell"],
    state: ['text', '`denied`, `error`, `excluded` (by configuration) or `not_collected` (not tried yet)'],
    in_force: shared.in_force,
    since: ['timestamptz', 'Since when `state` and `in_force` are these'],
    ...pick('ok_at attempted_at code message action denied_by next'),
  }),
  view('finding', 'A finding as it stands: one rule applied to one resource', 'stance.finding', {
    ...pick('account_id finding_id rule_id'),
    table_name: judged,
    ...pick('resource_key region verdict'),
    since: ['timestamptz', 'Since when it has this verdict'],
    ...pick('definite_verdict definite_since severity severity_max'),
    first_seen: ['timestamptz', 'When the rule first judged this resource'],
    first_failed_at: shared.first_failed_at,
    valid_from: ['timestamptz', 'Since when all of this is so; the severity may change under one verdict'],
    evidence: shared.evidence,
  }),
  view('finding_event', 'A change of a finding that people hear of', 'stance.finding_event', {
    ...pick('account_id finding_id'),
    happened_at: ['timestamptz', 'When'],
    kind: ['text', '`failed`, `reopened`, `resolved`, `severity` (another one) or `closed`'],
    ...pick('rule_id'),
    table_name: judged,
    ...pick('resource_key region'),
    verdict: ['text', 'The verdict after it'],
    severity: ['text', 'The severity after it'],
  }),
  view(
    'finding_history',
    'What a finding was before: one interval that has ended',
    'stance.finding_history',
    {
      ...pick('account_id finding_id rule_id'),
      table_name: judged,
      ...pick('resource_key region verdict'),
      since: ['timestamptz', 'Since when it had this verdict'],
      ...pick('definite_verdict definite_since severity severity_max'),
      first_seen: ['timestamptz', 'When the rule first judged this resource'],
      first_failed_at: shared.first_failed_at,
      valid_from: ['timestamptz', 'When the interval began'],
      valid_to: ['timestamptz', 'When it ended'],
      closed_as: [
        'text',
        "'' where the finding went on, else `gone`, `not_applicable`, `rule_off`, `account_off`, `account_closed` or `no_longer_unread` (of what it stood for)",
      ],
      evidence: shared.evidence,
    },
  ),
  view('resource', 'A resource that is there, with its documents', 'stance.resource', {
    ...pick(
      'account_id resource_key table_name provider region owner_account_id native_id name tags content',
    ),
    list_read_at: ['timestamptz', 'When it was last looked for by its listing, or read by itself'],
    in_force: ['boolean', 'Whether what is known of it counts; FALSE: what it is now is not known'],
    first_seen: shared.first_seen,
    valid_from: ['timestamptz', 'Since when its configuration is this'],
  }),
  view('resource_tag', 'A tag of a resource that is there', 'stance.resource_tag', {
    ...pick('account_id resource_key'),
    tag_key: ['text', 'The key'],
    tag_value: ['text', "The value; '' where it has none"],
    ...pick('table_name region'),
  }),
  view('resource_version', 'A configuration that a resource had before', 'stance.resource_version', {
    ...pick('account_id resource_key'),
    valid_from: ['timestamptz', 'Since when it was this'],
    valid_to: ['timestamptz', 'Until when'],
    ...pick('table_name provider region owner_account_id native_id name tags content first_seen'),
    closed_as: [
      'text',
      'Why it ended: `changed`, `gone`, `replaced` (by a new one of that name), or the account is `off` or `closed`',
    ],
  }),
  view('rule', 'A rule as the last scan had it', 'stance.rule', {
    rule_id: ['text', 'Its id'],
    table_name: judged,
    service: ['text', 'The service of that table'],
    title: ['text', 'The good state, in words'],
    severity_private: ['text', 'The severity of a finding where the resource is private'],
    severity_public: ['text', 'The severity of a finding where the resource is public'],
    enabled: ['boolean', 'Whether it judges; FALSE: switched off'],
  }),
  view('tombstone', 'A resource that was deleted', 'stance.tombstone', {
    ...pick('account_id resource_key'),
    deleted_at: ['timestamptz', 'When a scan found it gone'],
    ...pick('table_name region native_id name first_seen'),
    reason: ['text', '`gone`, `replaced` (by a new one of that name), or the account is `off` or `closed`'],
    returned_at: ['timestamptz', 'When the same one was seen again; NULL: never'],
  }),
]

export const ownViewNames: readonly string[] = ownViews.map(({ name }) => name)

function view(
  name: string,
  title: string,
  from: string,
  columns: Readonly<Record<string, Meaning | undefined>>,
): OwnView {
  const entries = Object.entries(columns).map(([column, meaning]): OwnColumn => {
    const [type, means] = meaning ?? ['text', '']
    return { name: column, type, title: means }
  })
  return { name, title, from, columns: entries }
}

function pick(names: string): Record<string, Meaning | undefined> {
  return Object.fromEntries(names.split(' ').map((name) => [name, shared[name]]))
}
