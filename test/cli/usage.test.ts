import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeWorkplace, stance, startStance } from './stance-process.fixture.ts'

let place: Awaited<ReturnType<typeof makeWorkplace>>
beforeAll(async () => {
  place = await makeWorkplace()
})
afterAll(() => place.remove())

const severity = /^(low|medium|high|critical)$/

const run = (...args: string[]) => stance(args, place.cwd)

describe('what cannot be understood', () => {
  it.each([
    [['fidnings'], 'There is no command `stance fidnings`.', 'Did you mean `stance findings`?'],
    [
      ['findings', 'shwo'],
      'There is no command `stance findings shwo`.',
      'Did you mean `stance findings show`?',
    ],
    [['rules', 'tets'], 'There is no command `stance rules tets`.', 'Did you mean `stance rules test`?'],
    [['findings', '--severty', 'high'], "Unknown option '--severty'.", 'Did you mean --severity?'],
    [['findings', '--severity', 'hgh'], '--severity cannot be "hgh".', 'Did you mean high?'],
    [['findings', '--limit', 'ten'], '--limit must be a whole number', 'Write it like --limit 50.'],
    [['findings', '--severity='], '--severity needs a value', 'leave it out'],
    [['findings', '--region', ' , '], '--region needs a value', '--region <region>'],
    [['findings', '--resource='], '--resource needs a value', 'leave it out'],
    [['coverage', '--account='], '--account needs a value', 'leave it out'],
    [['resources', '--table='], '--table needs a value', 'leave it out'],
    [['scan', '--region='], '--region needs a value', 'leave it out'],
    [['scan', '--rule=', '--fail-on', 'low', '--fail-on-unknown'], '--rule needs a value', 'leave it out'],
    [['findings', '--at', 'yesterday'], '--at must be a time', 'how long ago'],
    [['findings', 'show'], "Missing required argument 'id'.", '`stance findings show --help`'],
    [['--json', 'findings'], 'The option --json stands before the command.', 'Write it behind'],
    [['findings', '--limit', '99999999999999'], 'a whole number from 1 to 999,999,999', '--limit 50'],
    [['findings', '--since', '999999w'], '--since lies too far back', 'after 1970'],
    [['findings', '--at', '2026-02-30'], '--at must be a time', 'how long ago'],
    [['findings', '--at', '9000-01-01'], '--at lies ahead', 'now: name a time before that'],
    [['findings', '--closed', '--severity', 'high'], '--closed does not go with --severity.', '--rule'],
    [['query', 'select 1', '--timeout', '999999999'], 'from 1 to 86,400', '--timeout 30'],
    [['query', 'select 1', '--json', '--format', 'csv'], 'contradict each other', 'Leave one of them out'],
    [['rules', 'show', ''], '<rule> is empty', '`stance rules show --help`'],
    [
      ['scan', '--fail-on', 'never', '--fail-on-unknown'],
      '`--fail-on never` ends with 0',
      'of which severity',
    ],
    [['scan', '--demo'], 'the demo is scanned by `stance demo`', 'Leave --demo out'],
    [['init', 'a', 'b'], 'Too many arguments', '`stance init --help`'],
  ])('%j', async (args, message, next) => {
    const { code, stdout, stderr } = await run(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).toContain(next)
    expect(stderr).toContain('CLI_USAGE')
  })

  const address = 'postgres://shop:s3cret@db/x'
  it.each([
    ['init', address],
    ['init', 'shop:s3cret@db/x'],
    ['backup', address],
    ['rules', 'lint', address],
    ['rules', 'test', 'rules', 'jdbc:shop:s3cret@db'],
    ['doctor', '--config', address],
  ])('an address in the place of a path is not repeated: %s %s %s', async (...args) => {
    const { code, stdout, stderr } = await run(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('is a path, and was given an address')
    expect(stderr).not.toContain('s3cret')
  })

  it.each([
    [['rules', 'show', 'nowhere.yaml'], 'RULE_FILE_UNREADABLE'],
    [['rules', 'show', '.'], 'RULE_FILE_UNREADABLE'],
    [['rules', 'try', '.'], 'RULE_FILE_UNREADABLE'],
  ])('a file that is none is told: %j', async (args, code) => {
    const { code: exit, stderr } = await run(...args)
    expect({ exit, told: stderr.includes(code) }).toEqual({ exit: 2, told: true })
  })

  it('is one object of JSON where JSON was asked for', async () => {
    const { code, stdout, stderr } = await run('findings', '--severity', 'hgh', '--json')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'CLI_USAGE',
        message: '--severity cannot be "hgh".',
        next: expect.stringContaining('Did you mean high?'),
      },
    })
  })
})

describe('before the first scan', () => {
  it.each([['findings'], ['resources'], ['coverage'], ['query', 'select 1 as one']])(
    '%s says what to do',
    async (...args) => {
      const { code, stderr } = await run(...args)
      expect(code).toBe(2)
      expect(stderr).toContain('Nothing has been scanned yet')
      expect(stderr).toContain('stance demo')
    },
  )

  it('rules and tables can be read', async () => {
    const rules = JSON.parse((await run('rules', 'list', '--json')).stdout)
    expect(rules.total).toBe(rules.items.length)
    expect(
      rules.items.find((one: { rule_id: string }) => one.rule_id === 'aws-s3-bucket-blocks-public-access'),
    ).toMatchObject({
      table_name: 'aws_s3_bucket',
      severity_private: expect.stringMatching(severity),
      severity_public: expect.stringMatching(severity),
      enabled: true,
      fail: null,
    })
    const shown = await run('rules', 'show', 'aws-s3-bucket-blocks-public-access')
    expect(shown.stdout).toContain('Passes where')
    const table = JSON.parse((await run('tables', 'show', 'aws_s3_bucket', '--json')).stdout)
    expect(table.groups).toContainEqual(
      expect.objectContaining({ group_name: 'policy', permissions: ['s3:GetBucketPolicy'] }),
    )
    const list = JSON.parse((await run('tables', 'list', '--json')).stdout)
    expect(list.views).toContainEqual(expect.objectContaining({ view_name: 'coverage' }))
    const block = JSON.parse(
      (await run('tables', 'show', 'aws_s3_account_public_access_block', '--json')).stdout,
    )
    expect(block).toMatchObject({ rules: 0, rule_ids: [] })
    expect(block.read_by).toBeGreaterThan(0)
    const view = JSON.parse((await run('tables', 'show', 'finding', '--json')).stdout)
    expect(view.column_list).toContainEqual(
      expect.objectContaining({
        column_name: 'verdict',
        type: 'text',
        title: expect.stringContaining('fail'),
      }),
    )
    expect((await run('tables', 'show', 'finding')).stdout).toContain('first_failed_at')
    expect((await run('tables', 'show', 'aws_s3_buckt')).stderr).toContain('Did you mean aws_s3_bucket?')
    expect((await run('rules', 'show', 'aws-s3-bucket-block-public-access')).stderr).toContain(
      'Did you mean aws-s3-bucket-blocks-public-access?',
    )
  })
})

it('permissions aws is a policy with reading actions only', async () => {
  const { code, stdout } = await run('permissions', 'aws')
  const policy = JSON.parse(stdout)
  expect(code).toBe(0)
  expect(policy.Version).toBe('2012-10-17')
  const actions: string[] = policy.Statement.flatMap(({ Action }: { Action: string[] }) => Action)
  expect(actions).toContain('s3:GetBucketPolicy')
  expect(actions).toContain('ec2:DescribeRegions')
  expect(actions.filter((action) => !/^[a-z0-9-]+:(Get|List|Describe|Generate)/.test(action))).toEqual([])
  expect(actions.filter((action) => action.startsWith('organizations:'))).toEqual([])
})

it('init writes settings that are valid, and never over a file', async () => {
  const first = await run('init')
  expect(first.code).toBe(0)
  // Where there is no clone, npx would fetch whatever has that name.
  expect(first.stdout).toMatch(/^ {2}node \S+bin\/stance\.js doctor/m)
  expect(await readFile(join(place.cwd, 'stance.yaml'), 'utf8')).toContain('# data_directory: .stance')
  expect((await run('rules', 'list', '--json')).code).toBe(0)
  const second = await run('init')
  expect(second.code).toBe(2)
  expect(second.stderr).toContain('There already is a file')
})

it('settings that cannot be read are told with their line', async () => {
  const broken = await makeWorkplace('collect:\n  concurrency: many\n')
  const { code, stderr } = await stance(['findings'], broken.cwd)
  expect(code).toBe(2)
  expect(stderr).toContain('stance.yaml:2')
  expect(stderr).toContain('CONFIG_INVALID')
  const looked = await stance(['doctor', '--json'], broken.cwd)
  expect(looked.code).toBe(1)
  expect(JSON.parse(looked.stdout).items).toContainEqual(
    expect.objectContaining({ about: 'settings', state: 'problem' }),
  )
  await broken.remove()
})

it('without credentials, the error says how to get some and where to look around without', async () => {
  const bare = await makeWorkplace()
  const env = { AWS_EC2_METADATA_DISABLED: 'true', HOME: bare.cwd }
  const { code, stdout, stderr } = await startStance(['scan'], bare.cwd, env).ended
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('COLLECT_CREDENTIALS_MISSING')
  expect(stderr).toContain('AWS_PROFILE')
  expect(stderr).toContain('stance demo')
  expect(stderr).toContain('docs/guide/connecting-aws.md')
  await bare.remove()
})

it('--version is the version of the package', async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8'))
  expect((await run('--version')).stdout).toBe(`stance ${version}\n`)
})

it('a reader that leaves early is no error', async () => {
  const { spawn } = await import('node:child_process')
  const line = `"${process.execPath}" bin/stance.js tables show aws_s3_bucket | head -1`
  const ended = await new Promise<string>((resolve) => {
    const child = spawn('sh', ['-c', line], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    child.stdout.on('data', (chunk) => (said += chunk))
    child.stderr.on('data', (chunk) => (said += chunk))
    child.on('close', () => resolve(said))
  })
  expect(ended).toBe('aws_s3_bucket\n')
})

it('data of an older Stance is not misread', async () => {
  const { openDatabase } = await import('../../src/db/open-database.ts')
  const { migrate } = await import('../../src/db/migrate.ts')
  const old = await makeWorkplace()
  const db = await openDatabase({ path: `${old.cwd}/.stance/stance.duckdb` })
  await migrate(db)
  // As it was before that migration.
  await db.transaction(async (tx) => {
    await tx.run(`delete from stance.migration where name = '0008-projections'`)
    await tx.run('drop table stance.projection')
  })
  await db.close()
  const { code, stderr } = await stance(['findings'], old.cwd)
  expect(code).toBe(2)
  expect(stderr).toContain('STORE_OLDER')
  expect(stderr).toContain('stance migrate')
  const migrated = await stance(['migrate'], old.cwd)
  expect(migrated).toMatchObject({ code: 0, stderr: '' })
  expect(migrated.stdout.replace(/\s+/g, ' ')).toMatch(/is up to date now; it was given 1 migration/)
  expect((await stance(['migrate'], old.cwd)).stdout).toMatch(/is up to date\.\n$/)
  expect((await stance(['findings'], old.cwd)).stderr).toContain('Nothing has been scanned yet')
  await old.remove()
})

it('doctor asks nothing of a connection for the demo, which has none', async () => {
  const place = await makeWorkplace()
  const { code, stdout } = await stance(['doctor', '--demo', '--json'], place.cwd)
  const { items, problems } = JSON.parse(stdout)
  expect({ code, problems }).toEqual({ code: 0, problems: 0 })
  expect(items.filter(({ about }: { about: string }) => about.startsWith('connection'))).toEqual([])
  await place.remove()
})

it('a demo of an older Stance is scanned anew', async () => {
  const { openDatabase } = await import('../../src/db/open-database.ts')
  const { migrate } = await import('../../src/db/migrate.ts')
  const old = await makeWorkplace()
  const db = await openDatabase({ path: `${old.cwd}/.stance/stance-demo/stance.duckdb` })
  await migrate(db)
  await db.transaction((tx) =>
    tx.run('delete from stance.migration where name = (select max(m.name) from stance.migration m)'),
  )
  await db.close()
  const { code, stderr } = await stance(['findings', '--demo'], old.cwd)
  expect(code).toBe(2)
  expect(stderr).toContain(
    'Run `stance migrate --demo`: it adds what is missing; or `stance demo`: it is scanned anew.',
  )
  await old.remove()
})

it('a text in the wrong quotes is told of the right ones', async () => {
  const { seed } = await import('./seeded-store.fixture.ts')
  const { openDatabase } = await import('../../src/db/open-database.ts')
  const seeded = await makeWorkplace()
  const db = await openDatabase({ path: join(seeded.cwd, '.stance/stance.duckdb') })
  await seed(db, join(seeded.cwd, '.stance'))
  await db.close()
  const { code, stderr } = await stance(
    ['query', 'select name from resource where table_name = "aws_s3_bucket"'],
    seeded.cwd,
  )
  expect(code).toBe(2)
  expect(stderr.replace(/\s+/g, ' ')).toContain("a text stands in single ones: 'fail'.")
  await seeded.remove()
})

it('what is not of our SQL is said in words of SQL, at its place', async () => {
  const { parseQuery } = await import('../../src/db/sql/parse-sql.ts')
  const said = (sql: string) => {
    try {
      parseQuery(sql)
    } catch (error) {
      const { message, details } = error as { message: string; details: Record<string, unknown> }
      return { message, excerpt: String(details.excerpt) }
    }
    return undefined
  }
  const series = said('select * from generate_series(1, 2)')
  expect(series?.message).toContain('A function in FROM is not part')
  expect(series?.excerpt.split('\n').at(-1)?.indexOf('^')).toBeGreaterThan(10)
  expect(said('with recursive a as (select 1) select * from a')?.message).toContain('WITH RECURSIVE is not')
})
