import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import type { Database, Value } from '../../src/db/database.ts'
import { openStance } from '../../src/run/open-stance.ts'
import type { RunSettings } from '../../src/run/run-settings.ts'
import { freshDatabase, type TestDatabase, testEngines } from '../setup/test-database.ts'
import { makeWorkplace, stance } from './stance-process.fixture.ts'

const account = '111122223333'
const rule = 'aws-s3-bucket-blocks-public-access'
const bucket = 'arn:aws:s3:::acme-logs'
const at = (day: number) => new Date(Date.UTC(2026, 0, day))
const never = new Date('9999-12-31T00:00:00Z')

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

const rows: Record<string, Rows> = {
  account: [
    {
      account_id: account,
      provider: 'aws',
      kind: 'account',
      name: 'production',
      parent_id: '',
      cloud_partition: 'aws',
      connection: 'default',
      aliases: '[]',
      tags: '{}',
      state: 'active',
      state_since: at(1),
      first_seen: at(1),
    },
  ],
  cell: [
    ...['aws_s3_bucket', 'aws_iam_user'].map((table_name) => ({
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
        ? { code: '', message: '', action: '', denied_by: '', next: '' }
        : { ...reason, action: 'iam:ListUsers' }),
    })),
  ],
  resource: [
    {
      account_id: account,
      resource_key: bucket,
      table_name: 'aws_s3_bucket',
      provider: 'aws',
      cloud_partition: 'aws',
      region: 'eu-west-1',
      part: 'global',
      owner_account_id: account,
      parent_key: '',
      native_id: 'acme-logs',
      name: 'acme-logs',
      incarnation: '',
      seen_incarnation: '',
      tags: '{"team":"payments"}',
      tags_read: true,
      content: JSON.stringify({ list: { Name: 'acme-logs' }, versioning: { Status: 'Enabled' } }),
      state: JSON.stringify({
        list: { state: 'ok', since: at(1), read_at: at(10), ok_at: at(10), in_force: true },
        versioning: { state: 'ok', since: at(1), read_at: at(10), ok_at: at(10), in_force: true },
        policy: { state: 'denied', since: at(10), read_at: at(10), in_force: false, failure: reason },
      }),
      list_state: 'ok',
      list_read_at: at(10),
      in_force: true,
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
  ],
  resource_version: [
    {
      account_id: account,
      resource_key: bucket,
      valid_to: at(8),
      valid_from: at(1),
      table_name: 'aws_s3_bucket',
      provider: 'aws',
      cloud_partition: 'aws',
      region: 'eu-west-1',
      part: 'global',
      owner_account_id: account,
      parent_key: '',
      native_id: 'acme-logs',
      name: 'acme-logs',
      incarnation: '',
      tags: '{}',
      content: JSON.stringify({ list: { Name: 'acme-logs' }, versioning: {} }),
      state: '{}',
      list_state: 'ok',
      in_force: true,
      in_force_since: at(1),
      hash: 'a',
      first_seen: at(1),
      closed_as: 'changed',
    },
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
  ],
}

async function seed(db: Database, data_directory: string): Promise<void> {
  const settings: RunSettings = {
    connections: [],
    network: {},
    collect: {
      concurrency: 1,
      call_budget: 1,
      cell_time_budget: 1,
      stale_after: 86_400_000,
      inventory: 'full',
    },
    rules: { disabled: [], params: {}, only_on: {}, never_on: {}, directories: [] },
    data_directory,
  }
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
}

describe.each(testEngines())('reading commands on %s', (engine) => {
  let database: TestDatabase
  let place: Awaited<ReturnType<typeof makeWorkplace>>
  const before = { ...process.env }
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await stance([...args, '--json'], place.cwd)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return JSON.parse(stdout)
  }
  const run = async (...args: string[]) => (await stance(args, place.cwd)).stdout

  beforeAll(async () => {
    place = await makeWorkplace()
    database = await freshDatabase(engine)
    await seed(database.db, place.cwd)
    const { path, url } = database.options
    if (url !== undefined) process.env.DATABASE_URL = url
    if (path !== undefined) {
      await database.db.close()
      process.env.STANCE_DATABASE_PATH = path
    }
  })
  afterAll(async () => {
    for (const name of ['DATABASE_URL', 'STANCE_DATABASE_PATH']) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
    await database?.drop()
    await place?.remove()
  })

  it('findings now, then, closed, and filtered', async () => {
    const now = await json('findings')
    expect(now).toEqual({
      items: [
        {
          finding_id: 'fffaaaaaaaaaaaaaaaaa',
          rule_id: rule,
          title: expect.any(String),
          verdict: 'fail',
          severity: 'high',
          severity_max: 'high',
          account_id: account,
          account_name: 'production',
          region: 'eu-west-1',
          table_name: 'aws_s3_bucket',
          resource_key: bucket,
          resource_name: 'acme-logs',
          since: at(10).toISOString(),
          first_seen: at(1).toISOString(),
        },
      ],
      total: 1,
      counts: [{ verdict: 'fail', severity: 'high', n: 1 }],
    })
    const then = await json('findings', '--at', '2026-01-03', '--verdict', 'any', '--sort', 'rule')
    expect(
      then.items.map((one: { resource_name: string; verdict: string }) => [one.resource_name, one.verdict]),
    ).toEqual([
      ['acme-gone', 'fail'],
      ['acme-logs', 'pass'],
    ])
    expect((await json('findings', '--at', '2025-12-31', '--verdict', 'any')).total).toBe(0)
    for (const sort of ['severity', 'since', 'account', 'resource', 'rule'])
      expect((await json('findings', '--verdict', 'any', '--sort', sort)).total).toBe(2)
    expect((await json('findings', '--closed', '--resource', 'GONE')).items).toMatchObject([
      { closed_as: 'gone' },
    ])
    for (const [flag, value, total] of [
      ['--severity', 'high', 1],
      ['--severity', 'critical', 0],
      ['--service', 's3', 1],
      ['--service', 'iam', 0],
      ['--table', 'aws_s3_bucket', 1],
      ['--region', 'eu-west-1', 1],
      ['--account', account, 1],
      ['--resource', 'LOGS', 1],
      ['--since', '2026-01-09', 1],
      ['--since', '2026-01-11', 0],
    ])
      expect((await json('findings', String(flag), String(value))).total, `${flag} ${value}`).toBe(total)
    expect(await run('findings', '--verdict', 'unknown')).toContain('≥ medium')
    expect(await run('findings')).toContain('1 more could not be judged')
    expect(await run('findings', '--severity', 'critical')).toContain('No finding is like that')
  })

  it('one finding: its timeline, what an unknown one hangs on, how a closed one ended', async () => {
    const failing = await json('findings', 'show', 'fff')
    expect(failing.intervals.map(({ verdict }: { verdict: string }) => verdict)).toEqual(['fail', 'pass'])
    expect(failing.events).toMatchObject([{ kind: 'failed' }])
    const unknown = await json('findings', 'show', 'uuu')
    expect(unknown.unread).toContainEqual(
      expect.objectContaining({
        group_name: 'policy',
        action: 's3:GetBucketPolicy',
        denied_by: 'service control policy',
      }),
    )
    const said = await run('findings', 'show', 'uuu')
    expect(said).toContain('at least medium; critical if it is public')
    expect(said).toMatch(/first failed +never/)
    expect(said).toMatch(/last known +pass, since 2026-01-10/)
    expect(await json('findings', 'show', 'ccc')).toMatchObject({
      status: 'closed',
      closed_as: 'gone',
      verdict: 'fail',
    })
    expect(await run('findings', 'show', 'ccc')).toContain(
      'closed on 2026-01-05 00:00 UTC: the resource is gone',
    )
  })

  it('resources: found by name, key and tag, with history and how each group was read', async () => {
    expect((await json('resources', '--tag', 'team=payments')).items).toMatchObject([
      { name: 'acme-logs', fail: 1, unknown: 1 },
    ])
    expect((await json('resources', '--tag', 'team=other')).total).toBe(0)
    expect((await json('resources', '--tag', 'team', '--name', 'LOGS')).total).toBe(1)
    const shown = await json('resources', 'show', bucket)
    expect(shown.history).toMatchObject([
      { valid_to: null, changes: [{ path: 'versioning.Status', after: 'Enabled' }] },
      { closed_as: 'changed', changes: [] },
    ])
    const said = await run('resources', 'show', 'acme-logs')
    expect(said).toContain('+ "Enabled"')
    expect(said).toContain('team=payments')
    expect(said).toMatch(
      /policy +denied +never +s3:GetBucketPolicy; denied by: service control policy; Allow it\./,
    )
    expect(await run('resources', 'show', 'acme-gone')).toContain('Deleted: it was gone on 2026-01-05')
  })

  it('coverage: by reason with what hangs on it, and one by one', async () => {
    const folded = await json('coverage')
    expect(folded.cells).toEqual({ read: 1, unread: 1, excluded: 0 })
    expect(folded.items.find((one: { action: string }) => one.action === 's3:GetBucketPolicy')).toMatchObject(
      {
        state: 'denied',
        groups: 1,
        cells: 0,
        tables: ['aws_s3_bucket'],
        unknown_findings: 1,
      },
    )
    const each = await json('coverage', '--all')
    expect(each.total).toBe(2)
    expect(each.items.map((one: { action: string }) => one.action)).toEqual([
      'iam:ListUsers',
      's3:GetBucketPolicy',
    ])
    expect((await json('coverage', '--table', 'aws_iam_user')).total).toBe(1)
    expect(await run('coverage')).toContain('1 verdict depends on it')
  })

  it('query: in three forms, with a limit, and nothing but reading', async () => {
    const sql = 'select finding_id, severity, first_failed_at from finding order by finding_id'
    const limited = await stance(['query', sql, '--limit', '1', '--json'], place.cwd)
    expect(limited.stderr).toBe('')
    expect(JSON.parse(limited.stdout)).toMatchObject({ total: 1, truncated: 'rows' })
    const cut = await stance(['query', sql, '--limit', '1'], place.cwd)
    expect(cut.stderr).toContain('There are more rows')
    expect((await json('query', sql)).truncated).toBeNull()
    expect((await json('query', sql)).items[1]).toEqual({
      finding_id: 'uuuaaaaaaaaaaaaaaaaa',
      severity: 'medium',
      first_failed_at: never.toISOString(),
    })
    expect(await run('query', sql, '--format', 'table')).toMatch(/uuuaaaaaaaaaaaaaaaaa +medium +never/)
    expect(await run('query', `select '=1+1' as formula, '' as empty, '-5' as text, -5 as number`)).toBe(
      `formula,empty,text,number\r\n"'=1+1","","'-5",-5\r\n`,
    )
    const refused = await stance(['query', 'delete from finding'], place.cwd)
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('SQL_NOT_SUPPORTED')
    expect(refused.stderr).toContain('^')
  })

  it('rules come with their numbers', async () => {
    const { items } = await json('rules', 'list', '--service', 's3')
    expect(items.find((one: { rule_id: string }) => one.rule_id === rule)).toMatchObject({
      fail: 1,
      unknown: 0,
      pass: 0,
    })
  })
})
