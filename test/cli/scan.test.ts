import { randomBytes } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDatabase } from '../../src/db/open-database.ts'
import { type MotoAccount, motoAccount, motoDescribe } from '../setup/moto-account.ts'
import { seedAccount } from './seeded-account.fixture.ts'
import {
  credentialsOf,
  type Ended,
  makeWorkplace,
  settingsFor,
  stance,
  startStance,
} from './stance-process.fixture.ts'

/** Bucket names are one space for all accounts of the emulator. */
const mark = randomBytes(4).toString('hex')
const open = `open-${mark}`
const closed = `closed-${mark}`

const rule = 'aws-s3-bucket-blocks-public-access'

motoDescribe('a scan of the emulator (moto)', () => {
  let account: MotoAccount
  let place: Awaited<ReturnType<typeof makeWorkplace>>
  let first: Ended

  const run = (...args: string[]) => stance(args, place.cwd)
  const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout)
  const rows = async (sql: string) => (await json('query', sql)).items
  const start = (...args: string[]) => startStance(args, place.cwd, credentialsOf(account))
  const summaryOf = ({ stdout }: Ended) => JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')

  beforeAll(async () => {
    account = await motoAccount()
    await seedAccount(account, { open, closed })
    place = await makeWorkplace(settingsFor(account))
    Object.assign(process.env, credentialsOf(account))
    // One that could not begin is no scan before: there is nothing to compare with.
    await startStance(['scan'], place.cwd, { AWS_EC2_METADATA_DISABLED: 'true', HOME: place.cwd }).ended
    first = await start('scan', '--json').ended
  }, 240_000)
  afterAll(() => place?.remove())

  it('says each step and the result as lines of JSON, and ends with 1 where something fails', () => {
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 1, stderr: '' })
    expect(summaryOf(first)).toMatchObject({ is_first: true, coverage_counts: { cells: { unread: 0 } } })
    const lines = first.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const kinds = new Set(lines.map(({ kind }) => kind))
    for (const kind of [
      'scan_started',
      'accounts_found',
      'planned',
      'cell_started',
      'cell_ended',
      'scan_ended',
      'summary',
    ])
      expect(kinds).toContain(kind)
    expect(lines.find(({ kind }) => kind === 'cell_ended')).toMatchObject({
      account_id: account.accountId,
      table_name: expect.any(String),
      part: expect.any(String),
      end: { state: expect.any(String) },
    })
    const summary = lines.at(-1)
    expect(summary).toMatchObject({ kind: 'summary', state: 'done', exit_code: 1, accounts: 1 })
    expect(summary.cost.calls).toBeGreaterThan(10)
    expect(summary.coverage).toContainEqual(expect.objectContaining({ state: 'excluded' }))
  })

  it('lists findings in one shape, filtered and counted', async () => {
    const list = await json('findings', '--rule', rule, '--verdict', 'any')
    expect(list.total).toBe(list.items.length)
    const byName = new Map(list.items.map((one: { resource_name: string }) => [one.resource_name, one]))
    expect(byName.get(open)).toMatchObject({
      finding_id: expect.stringMatching(/^[a-z2-7]{20}$/),
      rule_id: rule,
      verdict: 'fail',
      account_id: account.accountId,
      table_name: 'aws_s3_bucket',
      resource_key: `arn:aws:s3:::${open}`,
    })
    expect(byName.get(closed)).toMatchObject({ verdict: 'pass' })
    const failing = await json('findings', '--rule', rule)
    expect(failing.items.map((one: { resource_name: string }) => one.resource_name)).toEqual([open])
    expect((await json('findings', '--resource', closed.toUpperCase(), '--rule', rule)).total).toBe(0)
    expect((await json('findings', '--all', '--verdict', 'any')).items.length).toBeGreaterThan(1)
    expect((await json('findings', '--limit', '1', '--verdict', 'any')).items.length).toBe(1)
    const early = await run('findings', '--at', '30d', '--verdict', 'any')
    expect(early).toMatchObject({ code: 2, stdout: '' })
    expect(early.stderr).toContain('Nothing had been read yet')
    expect(early.stderr).toContain('The first scan began at')
  })

  it('says of what is not there that there is none, and not that none is good enough', async () => {
    const { items } = await json('findings', '--rule', 'aws-iam-password-policy-demands-length')
    const { stdout } = await run('findings', 'show', items[0].finding_id)
    expect(stdout).toContain('there is none: the account has no row of aws_iam_account_password_policy')
    expect(stdout).not.toContain('fits')
  })

  it('never cuts an id, whatever the width', async () => {
    const [{ finding_id }] = (await json('findings', '--rule', rule)).items
    for (const width of [40, 60, 80, 200]) {
      const { stdout } = await stance(['findings', '--rule', rule], place.cwd, width)
      expect(stdout).toContain(finding_id)
      expect(stdout).toContain(account.accountId)
      for (const line of stripVTControlCharacters(stdout)
        .split('\n')
        .slice(width < 60 ? Infinity : 0))
        expect(line.length, line).toBeLessThanOrEqual(width)
    }
    for (const args of [
      'coverage',
      'coverage --all',
      'resources',
      'rules list',
      'tables list',
      'findings --limit 3',
    ]) {
      const { stdout } = await stance(args.split(' '), place.cwd, 60)
      for (const line of stripVTControlCharacters(stdout).split('\n'))
        expect(line.length, `${args}: ${line}`).toBeLessThanOrEqual(60)
    }
  })

  it('shows one finding by the beginning of its id', async () => {
    const [{ finding_id }] = (await json('findings', '--rule', rule)).items
    const shown = await json('findings', 'show', finding_id.slice(0, 10))
    expect(shown).toMatchObject({ finding_id, status: 'open', verdict: 'fail', rule_id: rule })
    expect(shown.intervals).toHaveLength(1)
    expect(shown.events).toMatchObject([{ kind: 'failed' }])
    const { stdout } = await run('findings', 'show', finding_id)
    for (const words of ['Why', 'Fix', 'Terraform', 'Timeline', open]) expect(stdout).toContain(words)
  })

  it('shows resources with document, findings, coverage and history', async () => {
    const list = await json('resources', '--table', 'aws_s3_bucket')
    expect(list.items.map(({ name }: { name: string }) => name)).toEqual([closed, open])
    const shown = await json('resources', 'show', open)
    expect(shown).toMatchObject({ resource_key: `arn:aws:s3:::${open}`, in_force: true, deleted_at: null })
    expect(shown.document.list).toMatchObject({ Name: open })
    expect(shown.groups).toContainEqual(expect.objectContaining({ group_name: 'policy', state: 'ok' }))
    expect(shown.findings).toContainEqual(expect.objectContaining({ rule_id: rule, verdict: 'fail' }))
    expect(shown.history).toHaveLength(1)
    expect((await run('resources', 'show', open)).stdout).toContain('not configured')
    expect((await run('resources', 'show', 'nobody')).code).toBe(2)
  })

  it('judges a condition without keeping anything, now and then', async () => {
    const before = await rows('select count(*) as n from finding')
    const tried = await json('rules', 'try', `bucket_name like 'open-%'`, '--table', 'aws_s3_bucket')
    expect(tried.counts).toMatchObject({ pass: 1, fail: 1, unknown: 0 })
    // As of findings: nothing had been read then.
    const past = await run('rules', 'try', rule, '--at', '1d')
    expect(past.code).toBe(2)
    expect(past.stderr).toContain('STORE_EMPTY')
    const soon = new Date(Date.now() + 1000).toISOString()
    expect((await json('rules', 'try', rule, '--at', soon)).counts).toMatchObject({ pass: 1, fail: 1 })
    expect(await rows('select count(*) as n from finding')).toEqual(before)
  })

  it('a narrowed scan leaves the rest as it was, and names that are none are refused', async () => {
    const others = `select resource_key, list_read_at from resource where table_name not in ('aws_s3_bucket', 'aws_account', 'aws_region') order by resource_key`
    const before = await rows(others)
    expect(before.length).toBeGreaterThan(3)
    const narrowed = await run('scan', '--json', '--table', 'aws_s3_bucket', '--fail-on', 'never')
    expect(narrowed.code).toBe(0)
    expect(summaryOf(narrowed)).toMatchObject({ resources: 2 })
    expect(await rows(others)).toEqual(before)
    const read = await rows(`select max(list_read_at) as at from resource where table_name = 'aws_s3_bucket'`)
    expect(new Date(read[0].at).getTime()).toBeGreaterThan(new Date(before[0].list_read_at).getTime())
    for (const wrong of [
      ['--table', 'aws_s3_buckets'],
      ['--service', 's4'],
      ['--rule', `${rule}s`],
      ['--region', 'mars'],
    ]) {
      const ended = await run('scan', ...wrong)
      expect(ended.code).toBe(2)
      expect(ended.stderr).toContain(wrong[1])
    }
  }, 120_000)

  it('what is denied is told with the permission, and 3 says that it cannot be told', async () => {
    const args = ['--table', 'aws_s3_bucket', '--rule', rule, '--faults', 's3:GetPublicAccessBlock=denied']
    const ended = await run('scan', ...args, '--fail-on', 'low', '--fail-on-unknown')
    expect(ended.code).toBe(3)
    expect(ended.stdout).toContain('s3:GetBucketPublicAccessBlock')
    expect(ended.stdout).toContain('exit code 3')
    expect(ended.stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /narrowed by --table aws_s3_bucket --rule \S+: it tried (\d+) of \1 cell/,
    )
    const { items } = await json('coverage')
    const denied = items.find(({ state }: { state: string }) => state === 'denied')
    expect(denied).toMatchObject({
      action: 's3:GetBucketPublicAccessBlock',
      groups: 2,
      unknown_findings: expect.any(Number),
    })
    expect(denied.unknown_findings).toBeGreaterThanOrEqual(2)
    const each = await json('coverage', '--all', '--table', 'aws_s3_bucket')
    expect(
      each.items.filter((one: { action: string }) => one.action === 's3:GetBucketPublicAccessBlock'),
    ).toHaveLength(2)
    const [{ finding_id }] = (await json('findings', '--verdict', 'unknown', '--rule', rule)).items
    const shown = await run('findings', 'show', finding_id)
    expect(shown.stdout).toContain('What could not be read')
    expect(shown.stdout).toContain('s3:GetBucketPublicAccessBlock')
    const again = await run('scan', ...args.slice(0, 4), '--fail-on', 'low')
    expect(again.code).toBe(1)
    expect(again.stdout).not.toContain('s3:GetBucketPublicAccessBlock')
  }, 180_000)

  it('reads while a scan runs, ends in good order at Ctrl-C, and goes on with --resume', async () => {
    const running = start(
      'scan',
      '--json',
      '--faults',
      'ec2:Describe[A-Z]*=denied,kms:*=slow(20s)'.replace('[A-Z]', ''),
    )
    await running.said(/"kind":"cell_ended"/)
    const covered = await start('coverage').ended
    expect(covered.stdout).toMatch(/A scan that began at .* is running/)
    const meanwhile = await start('findings', '--json', '--verdict', 'any').ended
    expect({ code: meanwhile.code, stderr: meanwhile.stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(meanwhile.stdout).total).toBeGreaterThan(0)
    process.kill(running.pid, 'SIGINT')
    const stopped = await running.ended
    expect(stopped.code).toBe(130)
    expect(summaryOf(stopped)).toMatchObject({ state: 'interrupted', narrowed_by: '' })
    const { cells } = summaryOf(stopped)
    expect(cells.read).toBeGreaterThan(0)
    expect(cells.read).toBeLessThan(cells.planned)
    const resumed = await start('scan', '--resume', '--json').ended
    expect(JSON.parse(resumed.stdout.split('\n')[0] ?? '')).toHaveProperty('resumed_from')
    const planned = (ended: Ended) =>
      ended.stdout
        .split('\n')
        .map((line) => (line === '' ? {} : JSON.parse(line)))
        .find(({ kind }) => kind === 'planned').cells
    expect(planned(resumed)).toBeLessThan(planned(stopped))
    expect(summaryOf(resumed)).toMatchObject({ state: 'done' })
  }, 240_000)

  it.each([
    [['--region', 'eu-nowhere-1'], 'SCAN_UNKNOWN_REGION', 'has a region eu-nowhere-1'],
    [['--region', 'eu-west-1', '--service', 'iam'], 'SCAN_NOTHING', '--region eu-west-1 --service iam'],
    [['--account', '999999999999'], 'SCAN_UNKNOWN_ACCOUNT', 'an account 999999999999'],
  ])('a narrowing that leaves nothing to read is an error: %j', async (args, code, said) => {
    const ended = await run('scan', ...args, '--fail-on', 'low', '--fail-on-unknown')
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toContain(code)
    expect(ended.stderr).toContain(said)
    if (code === 'SCAN_UNKNOWN_ACCOUNT') expect(ended.stderr).toContain(`There is: ${account.accountId}.`)
  })

  it('another scan of the same database is told to wait, and a backup is given a copy', async () => {
    const running = start(
      'scan',
      '--json',
      '--table',
      'aws_s3_bucket',
      '--faults',
      's3:ListBuckets=slow(60s)',
    )
    await running.said(/"kind":"cell_started"/)
    const second = await start('scan').ended
    expect(second.code).toBe(2)
    expect(second.stderr).toContain('DB_FILE_HELD')
    const copied = await start('backup', 'meanwhile.duckdb').ended
    expect(copied).toMatchObject({ code: 0, stderr: '', stdout: `Written: ${place.cwd}/meanwhile.duckdb\n` })
    const copy = { ...credentialsOf(account), STANCE_DATABASE_PATH: 'meanwhile.duckdb' }
    const read = await startStance(['resources', '--json'], place.cwd, copy).ended
    expect(JSON.parse(read.stdout).total).toBeGreaterThan(3)
    // A terminal that was closed: as good an end as Ctrl-C.
    process.kill(running.pid, 'SIGHUP')
    expect((await running.ended).code).toBe(130)
    const left = (await readdir(join(place.cwd, '.stance'))).filter(
      (name) => !/^(stance\.duckdb|secret\.key)$/.test(name),
    )
    expect(left).toEqual([])
  }, 120_000)

  it('closed findings are shown as closed', async () => {
    const { S3Client, DeleteBucketCommand } = await import('@aws-sdk/client-s3')
    const s3 = new S3Client({
      endpoint: account.url,
      region: 'us-east-1',
      credentials: account.credentials,
      forcePathStyle: true,
    })
    await s3.send(new DeleteBucketCommand({ Bucket: open }))
    s3.destroy()
    const [{ finding_id }] = (await json('findings', '--rule', rule, '--resource', open)).items
    await run('scan', '--json', '--table', 'aws_s3_bucket')
    expect((await json('findings', '--rule', rule, '--resource', open, '--verdict', 'any')).total).toBe(0)
    const shown = await json('findings', 'show', finding_id)
    expect(shown).toMatchObject({ status: 'closed', closed_as: 'gone', resource_name: open })
    expect((await run('findings', 'show', finding_id)).stdout).toContain('the resource is gone')
    expect((await json('findings', '--closed')).items).toContainEqual(expect.objectContaining({ finding_id }))
    const gone = await json('resources', 'show', open)
    expect(gone.deleted_at).not.toBeNull()
    expect((await run('resources', 'show', open)).stdout).toContain('Deleted')
  }, 120_000)

  it('escapes what a cloud says wherever it is shown', async () => {
    const hostile = 'evil\u001b[2J\u001b]0;owned\u0007\u009b31m\u202egnp.exe'
    const db = await openDatabase({ path: `${place.cwd}/.stance/stance.duckdb` })
    await db.transaction(async (tx) => {
      await tx.run('update stance.resource set name = $1 where native_id = $2', [hostile, closed])
      await tx.run('update stance.account set name = $1', [hostile])
    })
    await db.close()
    const [{ finding_id }] = (await json('findings', '--rule', rule, '--verdict', 'any')).items
    const reads = [
      ['findings', '--verdict', 'any', '--all'],
      ['findings', '--verdict', 'any', '--json'],
      ['findings', 'show', finding_id],
      ['resources', '--table', 'aws_s3_bucket'],
      ['resources', 'show', closed],
      ['resources', 'show', closed, '--json'],
      ['query', 'select name from resource', '--format', 'table'],
      ['rules', 'try', rule],
      ['coverage', '--all'],
    ]
    for (const args of reads) {
      const { code, stdout } = await stance(args, place.cwd)
      expect(code, args.join(' ')).toBe(0)
      expect(stdout, args.join(' ')).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u)
    }
    expect((await run('resources', '--table', 'aws_s3_bucket')).stdout).toContain('evil\\x1b[2J')
    const names = (await rows('select name from resource')).map(({ name }: { name: string }) => name)
    expect(names).toContain(hostile)
  })

  it('doctor finds everything in order', async () => {
    const { code, stdout } = await run('doctor', '--json')
    const looked = JSON.parse(stdout)
    expect({ code, problems: looked.problems }).toEqual({ code: 0, problems: 0 })
    expect(looked.items).toContainEqual(
      expect.objectContaining({
        about: 'connection default',
        message: expect.stringContaining(account.accountId),
      }),
    )
  })

  it('doctor refuses a region that a scan would', async () => {
    await writeFile(`${place.cwd}/region.yaml`, settingsFor(account).replace('us-east-1', 'us-east-99'))
    const { code, stdout } = await run('doctor', '--json', '--config', 'region.yaml')
    expect(code).toBe(1)
    expect(JSON.parse(stdout).items).toContainEqual(
      expect.objectContaining({ state: 'problem', message: expect.stringContaining('no region us-east-99') }),
    )
  })

  it('findings says that a scan was cut off', async () => {
    const db = await openDatabase({ path: `${place.cwd}/.stance/stance.duckdb` })
    await db.transaction((tx) => tx.run(`update stance.scan set state = 'running' where state = 'done'`))
    await db.close()
    // Nobody holds the file, so nobody scans.
    expect((await run('findings')).stderr).toMatch(/The scan that began at .* was cut off before its end/)
    expect((await run('doctor')).stdout).toMatch(/was\s+cut\s+off\s+before\s+its\s+end/)
    const again = await openDatabase({ path: `${place.cwd}/.stance/stance.duckdb` })
    await again.transaction((tx) => tx.run(`update stance.scan set state = 'done' where state = 'running'`))
    await again.close()
    expect((await run('findings')).stderr).toBe('')
  })

  it('copies and compacts the database', async () => {
    expect((await run('backup', 'copy.duckdb')).code).toBe(0)
    expect((await run('backup', 'copy.duckdb')).code).toBe(2)
    expect((await run('backup', 'copy.duckdb', '--overwrite')).code).toBe(0)
    const copy = await openDatabase({ path: `${place.cwd}/copy.duckdb`, readOnly: true })
    expect(await copy.query('select count(*) as n from stance.scan')).not.toEqual([{ n: 0 }])
    await copy.close()
    expect((await run('compact')).stdout).toMatch(/before, .* now\.\n$/)
    expect(await json('compact')).toEqual({
      bytes_before: expect.any(Number),
      bytes_after: expect.any(Number),
    })
    expect(await json('migrate')).toEqual({
      location: `${place.cwd}/.stance/stance.duckdb`,
      ...{ migrations: 0, tables: [], has_new_rules: false },
      changes: { events: {}, newly_unknown: 0, known_again: 0, unknown_closed: 0, by_severity: {} },
    })
    expect(await json('backup', 'another.duckdb')).toEqual({ path: `${place.cwd}/another.duckdb` })
    expect(await json('init', 'another.yaml')).toEqual({ path: `${place.cwd}/another.yaml` })
  })
})
