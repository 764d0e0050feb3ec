import { fixedClock } from '../../src/core/clock.ts'
import type { Database, Value } from '../../src/db/database.ts'
import { openStance } from '../../src/run/open-stance.ts'
import { plainSettings } from '../setup/plain-settings.ts'

/** Nothing is known of it any more. */
export const switchedOff = '444455556666'
export const account = '111122223333'
export const rule = 'aws-s3-bucket-blocks-public-access'
export const bucket = 'arn:aws:s3:::acme-logs'
export const at = (day: number) => new Date(Date.UTC(2026, 0, day))
export const never = new Date('9999-12-31T00:00:00Z')

type Rows = Record<string, Value>[]

/** Columns that every row of a kind has, so that the rows below name what matters. */
const finding = (id: string, more: Record<string, Value>): Record<string, Value> => ({
  account_id: account,
  finding_id: id.padEnd(20, 'a'),
  rule_id: rule,
  table_name: 'aws_s3_bucket',
  resource_key: bucket,
  region: 'eu-west-1',
  verdict: 'fail',
  since: at(10),
  definite_verdict: 'fail',
  definite_since: at(10),
  severity: 'high',
  severity_max: 'high',
  first_seen: at(1),
  first_failed_at: at(10),
  valid_from: at(10),
  evidence: null,
  ...more,
})

const reason = {
  code: 'AccessDenied',
  message: 'not allowed',
  action: 's3:GetBucketPolicy',
  denied_by: 'service control policy',
  next: 'Allow it.',
}

/** What live and past documents of a bucket have in common. */
const bucketNamed = (name: string) => ({
  account_id: account,
  resource_key: `arn:aws:s3:::${name}`,
  table_name: 'aws_s3_bucket',
  provider: 'aws',
  cloud_partition: 'aws',
  region: 'eu-west-1',
  part: 'global',
  owner_account_id: account,
  parent_key: '',
  native_id: name,
  name,
  incarnation: '',
  list_state: 'ok',
  in_force: true,
})

/** How one was before it changed or went. */
const before = (name: string, closed_as: string, from: Date, to: Date, tags: string) => ({
  ...bucketNamed(name),
  valid_to: to,
  valid_from: from,
  tags,
  content: JSON.stringify({ list: { Name: name }, versioning: {} }),
  state: '{}',
  in_force_since: from,
  hash: 'a',
  first_seen: from,
  closed_as,
})

const rows: Record<string, Rows> = {
  account: [
    { account_id: account, name: 'production', state: 'active' },
    { account_id: switchedOff, name: 'old', state: 'off' },
  ].map((own) => ({
    ...own,
    provider: 'aws',
    kind: 'account',
    parent_id: '',
    cloud_partition: 'aws',
    connection: 'default',
    aliases: '[]',
    tags: '{}',
    state_since: at(1),
    first_seen: at(1),
  })),
  cell: [
    // The last is a table that Stance has no more.
    ...['aws_s3_bucket', 'aws_iam_user', 'aws_no_more'].map((table_name) => ({
      account_id: account,
      table_name,
      part: 'global',
      state: table_name === 'aws_s3_bucket' ? 'ok' : 'denied',
      in_force: table_name === 'aws_s3_bucket',
      since: at(10),
      ok_at: table_name === 'aws_s3_bucket' ? at(10) : null,
      attempted_at: at(10),
      stale_before: null,
      rows: 1,
      calls: 1,
      throttles: 0,
      duration_ms: 1,
      ...(table_name === 'aws_s3_bucket'
        ? {
            ...{ code: '', message: '', action: '', denied_by: '', next: '' },
            group_attempts: JSON.stringify({ tagging: at(9) }),
          }
        : { ...reason, action: 'iam:ListUsers' }),
    })),
  ],
  resource: [
    {
      ...bucketNamed('acme-logs'),
      seen_incarnation: '',
      tags: '{"team":"payments"}',
      tags_read: true,
      content: JSON.stringify({ list: { Name: 'acme-logs' }, versioning: { Status: 'Enabled' } }),
      state: JSON.stringify({
        list: { state: 'ok', since: at(1), read_at: at(10), ok_at: at(10), in_force: true },
        versioning: { state: 'ok', since: at(1), read_at: at(10), ok_at: at(10), in_force: true },
        policy: { state: 'denied', since: at(10), read_at: at(10), in_force: false, failure: reason },
      }),
      list_read_at: at(10),
      in_force_since: at(1),
      hash: 'b',
      row_hash: '',
      projection: '',
      first_seen: at(1),
      valid_from: at(8),
    },
  ],
  resource_tag: [
    {
      account_id: account,
      resource_key: bucket,
      tag_key: 'team',
      tag_value: 'payments',
      table_name: 'aws_s3_bucket',
      region: 'eu-west-1',
    },
    {
      account_id: account,
      resource_key: bucket,
      tag_key: '=odd=key',
      tag_value: '=',
      table_name: 'aws_s3_bucket',
      region: 'eu-west-1',
    },
  ],
  resource_version: [
    before('acme-logs', 'changed', at(1), at(8), '{}'),
    before('acme-gone', 'gone', at(2), at(5), '{"team":"old"}'),
  ],
  unread_group: [
    {
      account_id: account,
      resource_key: bucket,
      group_name: 'policy',
      table_name: 'aws_s3_bucket',
      region: 'eu-west-1',
      part: 'global',
      state: 'denied',
      in_force: false,
      since: at(10),
      ok_at: null,
      ...reason,
    },
  ],
  finding: [
    finding('fff', { known_severity: 'high' }),
    finding('uuu', {
      rule_id: 'aws-s3-bucket-is-not-public',
      verdict: 'unknown',
      severity: 'medium',
      known_severity: 'medium',
      severity_max: 'critical',
      definite_verdict: 'pass',
      first_failed_at: never,
    }),
  ],
  finding_history: [
    finding('fff', {
      verdict: 'pass',
      since: at(1),
      valid_from: at(1),
      valid_to: at(10),
      closed_as: '',
      first_failed_at: never,
    }),
    finding('ccc', {
      resource_key: 'arn:aws:s3:::acme-gone',
      valid_from: at(2),
      valid_to: at(5),
      closed_as: 'gone',
    }),
  ],
  finding_closed: [
    {
      account_id: account,
      finding_id: 'ccc'.padEnd(20, 'a'),
      rule_id: rule,
      table_name: 'aws_s3_bucket',
      resource_key: 'arn:aws:s3:::acme-gone',
      region: 'eu-west-1',
      definite_verdict: 'fail',
      definite_since: at(2),
      first_seen: at(2),
      first_failed_at: at(2),
      closed_as: 'gone',
      closed_at: at(5),
    },
  ],
  finding_event: [
    {
      account_id: account,
      finding_id: 'fff'.padEnd(20, 'a'),
      batch: 'b',
      happened_at: at(10),
      kind: 'failed',
      rule_id: rule,
      table_name: 'aws_s3_bucket',
      resource_key: bucket,
      region: 'eu-west-1',
      verdict: 'fail',
      severity: 'high',
    },
  ],
  tombstone: [
    {
      account_id: account,
      resource_key: 'arn:aws:s3:::acme-gone',
      deleted_at: at(5),
      table_name: 'aws_s3_bucket',
      region: 'eu-west-1',
      part: 'global',
      native_id: 'acme-gone',
      name: 'acme-gone',
      incarnation: '',
      first_seen: at(2),
      read_at: at(5),
      reason: 'gone',
      returned_at: null,
    },
    // Twelve of one name, and two of another.
    ...Array.from({ length: 14 }, (_, nr) => ({
      account_id: account,
      resource_key: `arn:aws:ec2:eu-west-${1 + (nr % 2)}:${account}:security-group/sg-${100 + nr}`,
      deleted_at: at(5),
      table_name: 'aws_security_group',
      region: `eu-west-${1 + (nr % 2)}`,
      part: `eu-west-${1 + (nr % 2)}`,
      native_id: `sg-${100 + nr}`,
      name: nr < 12 ? 'many' : 'pair',
      incarnation: '',
      first_seen: at(2),
      read_at: at(5),
      reason: 'gone',
      returned_at: null,
    })),
  ],
}

export async function seed(db: Database, data_directory: string): Promise<void> {
  const settings = plainSettings(data_directory)
  await openStance(db, { settings, clock: fixedClock(at(10)) })
  const json = new Set(['aliases', 'tags', 'content', 'state', 'evidence'])
  for (const [table, all] of Object.entries(rows)) {
    for (const row of all) {
      const names = Object.keys(row)
      const isJson = (name: string) =>
        json.has(name) && !(name === 'state' && table !== 'resource' && table !== 'resource_version')
      const marks = names.map((name, nr) => (isJson(name) ? `$${nr + 1}::json` : `$${nr + 1}`))
      await db.transaction((tx) =>
        tx.run(
          `insert into stance.${table} (${names.join(', ')}) values (${marks.join(', ')})`,
          names.map((name) => row[name] ?? null),
        ),
      )
    }
  }
  // The row of the bucket that is there, of which nothing but the list was read.
  const row: Record<string, Value> = {
    ...{ account_id: account, region: 'eu-west-1', resource_key: bucket, owner_account_id: account },
    ...{ _part: 'global', _listed: true },
  }
  const names = Object.keys(row)
  await db.transaction((tx) =>
    tx.run(
      `insert into lake.aws_s3_bucket (${names.join(', ')}) values (${names.map((_, nr) => `$${nr + 1}`).join(', ')})`,
      Object.values(row),
    ),
  )
}
