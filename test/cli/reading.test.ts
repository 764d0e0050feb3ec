import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase, testEngines } from '../setup/test-database.ts'
import { account, at, bucket, never, rule, seed, switchedOff } from './seeded-store.fixture.ts'
import { makeWorkplace, stance } from './stance-process.fixture.ts'

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

  it('a page says what the whole list says of the same rows', async () => {
    for (const list of [
      ['findings', '--verdict', 'any'],
      ['findings', '--at', at(4).toISOString(), '--verdict', 'any'],
      ['findings', '--service', 's3'],
      ['findings', '--resource', 'LOGS'],
      ['resources'],
    ]) {
      const page = await json(...list)
      expect(page.items.length, list.join(' ')).toBeGreaterThan(0)
      expect(page).toEqual(await json(...list, '--all'))
    }
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
    // Of one that may be critical nobody can say that it is not.
    expect(await run('findings', '--severity', 'critical')).toContain(
      'It could not be judged and may be critical: stance findings --verdict unknown --severity critical\n',
    )
    expect(await run('findings', '--severity', 'critical', '--verdict', 'unknown')).toContain('≥ medium')
    // What a hint counts is what its command shows.
    const asked = [
      '--account',
      account,
      '--service',
      's3',
      '--resource',
      'acme-logs',
      '--since',
      '2026-01-09',
    ]
    expect(await run('findings', ...asked)).toContain(
      `stance findings --verdict unknown --account ${account} --service s3 --resource acme-logs --since 2026-01-09\n`,
    )
    expect((await json('findings', '--severity', 'low', '--verdict', 'any')).total).toBe(0)
    expect(await run('findings', '--severity', 'low')).toContain('No finding is like that')
    for (const list of ['findings', 'resources'])
      expect(await run(list, '--account', switchedOff)).toContain(
        `${switchedOff} is switched off (\`off_accounts\`): nothing of it is read.`,
      )
  })

  it('where nothing could be judged it does not read as if all were well', async () => {
    const said = await run('findings', '--rule', 'aws-s3-bucket-is-not-public')
    expect(said).toContain('Nothing could be judged: 1 unknown.')
    expect(said).not.toContain('fails')
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
    for (const odd of ['=odd=key', '=odd=key=='])
      expect((await json('resources', '--tag', odd)).total, odd).toBe(1)
    expect((await json('resources', '--tag', '=odd=key=x')).total).toBe(0)
    const none = (await run('resources', '--tag', 'team=other')).replace(/\s+/g, ' ')
    expect(none).toContain('Tags of aws_s3_bucket were last read at 2026-01-09 00:00 UTC')
    expect(none).toContain('STANCE_COLLECT_INVENTORY=full stance scan --table aws_s3_bucket')
    expect(await run('resources', '--name', 'nothing')).not.toContain('Tags of')
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
    const elsewhere = await stance(['resources', 'show', 'acme-logs', '--table', 'aws_iam_user'], place.cwd)
    expect(elsewhere.stderr.replace(/\s+/g, ' ')).toContain(
      `"acme-logs" is not there: it is of aws_s3_bucket in account ${account} (eu-west-1).`,
    )
    expect(await run('resources', 'show', 'acme-logs', '--region', 'eu-west-1')).toContain('team=payments')
    const otherwhere = await stance(['resources', 'show', 'acme-logs', '--region', 'global'], place.cwd)
    expect(otherwhere.stderr).toContain('leave out --account, --table and --region')
    const gone = await run('resources', 'show', 'acme-gone')
    expect(gone).toContain('Deleted: it was gone on 2026-01-05')
    expect(gone).toContain('its findings closed with it')
    expect(gone).toContain('stance findings --closed --resource arn:aws:s3:::acme-gone')
    expect(gone).toMatch(/tags +team=old/)
  })

  it('a name that many have: how many there are, and the options that leave one', async () => {
    const told = async (...args: string[]) =>
      (await stance(['resources', 'show', ...args], place.cwd)).stderr.replace(/\s+/g, ' ')
    const many = await told('many')
    expect(many).toContain('and 3 more')
    expect(many).toContain('Next: Name it by its key; `stance resources --name many` has all of them.')
    expect(await told('many', '--region', 'eu-west-1')).not.toContain('narrow with')
    expect(await told('pair')).toContain('Name it by its key, or narrow with --region.')
  })

  it('coverage: by reason with what hangs on it, and one by one', async () => {
    const folded = await json('coverage')
    expect(folded.cells).toEqual({ read: 1, unread: 1, excluded: 0 })
    expect(folded.groups).toEqual({ unread: 1, excluded: 0 })
    expect(await run('coverage')).toContain('1 cell read, 1 not; 1 group of a resource not read')
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
    // A bucket belongs to its region, though all are listed in one place; so does their list.
    const there = ['--table', 'aws_s3_bucket', '--region', 'eu-west-1']
    expect(await json('coverage', ...there)).toMatchObject({
      cells: { read: 1, unread: 0 },
      items: [{ action: 's3:GetBucketPolicy', groups: 1, regions: ['global'] }],
    })
    expect((await json('coverage', '--all', ...there)).items).toMatchObject([{ resource_key: bucket }])
    const none = await run('coverage', '--table', 'aws_iam_user', '--region', 'eu-west-1')
    expect(none).toMatch(/^No cell fits\./)
    expect(none).toContain('--region global')
    expect(await run('coverage', '--table', 'aws_vpc')).toBe('No cell fits.\n')
    expect(none).not.toContain('has been read')
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
    const twice = 'select 1 as a, 2 as b, 3 as a from finding limit 1'
    const lost = await stance(['query', twice, '--json'], place.cwd)
    expect(lost.code).toBe(2)
    expect(lost.stdout).toBe('')
    expect(lost.stderr).toMatch(/More than one column of this query is called a\.[\s\S]*Write `as`/)
    expect(await run('query', twice)).toBe('a,b,a\r\n1,2,3\r\n')
    const refused = await stance(['query', 'delete from finding'], place.cwd)
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('SQL_NOT_SUPPORTED')
    expect(refused.stderr).toContain('^')
    const column = await stance(['query', 'select severty from finding'], place.cwd)
    expect(column.stderr).toContain('Perhaps you mean severity. finding has the columns account_id,')
    const table = await stance(['query', 'select 1 from findngs'], place.cwd)
    expect(table.stderr).toContain('Perhaps you mean finding.')
  })

  it('what contradicts itself, or cannot be meant, is told', async () => {
    const told = async (...args: string[]) => {
      const { code, stderr } = await stance(args, place.cwd)
      expect(code, args.join(' ')).toBe(2)
      return stderr.replace(/\s+/g, ' ')
    }
    for (const list of ['findings', 'resources'])
      expect(await told(list, '--all', '--limit', '5')).toContain('--all and --limit contradict each other')
    expect(await told('findings', '--rule', 'aws-s3-*')).toMatch(/no wildcards.*`--service s3`/)
    expect(await told('findings', '--table', 'aws_s3_*')).toMatch(/no wildcards.*`--service s3`/)
    const withoutService = [
      ['findings', '--region', 'eu-*'],
      ['findings', '--account', '11*'],
      ...['--region', '--account', '--table'].map((flag) => ['resources', flag, 'a*']),
      ...['--region', '--account', '--table'].map((flag) => ['coverage', flag, 'a*']),
    ]
    for (const args of withoutService) {
      const hint = await told(...args)
      expect(hint).toMatch(/no wildcards\. Next: Several are separated by commas\. (There are|See)/)
      expect(hint).not.toContain('--service')
    }
    expect(await run('rules', 'try', "cidr_block = ''", '--table', 'aws_vpc')).not.toContain('was known then')
    expect(await told('query', 'select key from resource_tag')).toContain('Perhaps you mean tag_key.')
    const hint = await told('query', 'select bucket from aws_s3_bucket')
    expect(hint).toMatch(/aws_s3_bucket has the columns account_id, region, [a-z_, ]*bucket_name/)
    expect(hint).not.toMatch(/columns[^.]*\b_part/)
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
