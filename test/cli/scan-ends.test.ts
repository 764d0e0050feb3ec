import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type MotoAccount, motoAccount, motoDescribe } from '../setup/moto-account.ts'
import { credentialsOf, makeWorkplace, settingsFor, stance, startStance } from './stance-process.fixture.ts'

const minutes = 180_000

motoDescribe('what a scan leaves behind (moto)', () => {
  let account: MotoAccount
  let place: Awaited<ReturnType<typeof makeWorkplace>>
  const start = (...args: string[]) => startStance(args, place.cwd, credentialsOf(account))
  const run = (...args: string[]) => stance(args, place.cwd)
  const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout)
  const scan = async (...args: string[]) => {
    const { stdout } = await run('scan', ...args, '--json')
    const lines = stdout.trim().split('\n')
    return JSON.parse(lines.at(-1) ?? '')
  }

  beforeAll(async () => {
    account = await motoAccount()
    place = await makeWorkplace(settingsFor(account))
    Object.assign(process.env, credentialsOf(account))
  })
  afterAll(() => place.remove())

  it('says the same numbers of cells, whatever was read before', { timeout: minutes }, async () => {
    const agree = async (args: string[], ...faults: string[]) => {
      const { cells, coverage_counts } = await scan(...args, ...faults)
      const counted = coverage_counts.cells
      expect(cells.read).toBe(cells.planned)
      expect(cells.planned + cells.not_due + cells.out_of_reach).toBe(counted.read + counted.unread)
      expect((await json('coverage', ...args)).cells).toEqual(counted)
      return cells
    }
    const first = await agree([])
    expect(first).toMatchObject({ not_due: 0, out_of_reach: 0 })
    // Regions that nobody can name are cells of their own, until they have names again.
    const unnamed = await agree([], '--faults', 'ec2:DescribeRegions=denied,account:*=denied')
    expect(unnamed.out_of_reach).toBeGreaterThan(0)
    expect(await agree([])).toEqual(first)
    await agree(['--region', 'us-east-1'])
    // What facts are made of is read, and counted, though it was not asked for.
    const { cells, coverage_counts, read_too } = await scan('--table', 'aws_s3_bucket')
    expect(coverage_counts.cells).toMatchObject({ read: cells.planned, unread: 0 })
    expect(read_too).toHaveLength(cells.planned - 1)
  })

  it('counts what hangs on what is left out, of the regions that there are', {
    timeout: minutes,
  }, async () => {
    const left = (await json('coverage')).items.find(({ state }: { state: string }) => state === 'excluded')
    const [trail] = (
      await json('findings', '--rule', 'aws-cloudtrail-account-records-all-regions', '--verdict', 'unknown')
    ).items
    expect(trail).toMatchObject({ verdict: 'unknown' })
    expect(left.unknown_findings).toBeGreaterThan(0)
    const [, read, all] =
      /; (\d+) of (\d+) regions/.exec((await run('doctor')).stdout.replace(/\s+/g, ' ')) ?? []
    expect(left.regions).toHaveLength(Number(all) - Number(read))
    const { stdout } = await run('findings', 'show', trail.finding_id)
    expect(stdout.match(/left out by configuration/g)).toHaveLength(1)
    expect(stdout).toContain('eu-west-1')

    // A setting that was taken back is not named any more, whatever a scan then reads.
    await writeFile(
      join(place.cwd, 'regions.yaml'),
      settingsFor(account).replace('us-east-1', 'us-east-1, eu-west-1'),
    )
    await scan('--table', 'aws_kms_key', '--config', 'regions.yaml')
    const { items } = await json('coverage', '--region', 'eu-west-1')
    expect(items).toMatchObject([{ state: 'not_collected', code: 'NOT_ASKED_FOR' }])
  })

  it('a command line that is refused is no scan', { timeout: minutes }, async () => {
    const refused = await run('scan', '--service', 's3', '--region', 'us-east-1')
    expect(refused.code).toBe(2)
    expect(refused.stderr.replace(/\s+/g, ' ')).toContain('the list of all S3 buckets, whatever region')
    expect((await run('doctor')).stdout).toMatch(/last scan .*, done/)
  })

  it('an organization that cannot be read is unread, and not forgotten', { timeout: minutes }, async () => {
    const asked = settingsFor(account).replace('regions:', 'organization: true\n    regions:')
    await writeFile(join(place.cwd, 'organization.yaml'), asked)
    const config = ['--config', 'organization.yaml']
    const narrow = ['--table', 'aws_kms_key', '--fail-on', 'critical']
    const plain = await run('scan', ...narrow, ...config)
    expect(plain.code).toBe(0)
    const said = plain.stdout.replace(/\s+/g, ' ')
    expect(said).toContain('The organization of the connection "default" could not be read')
    expect(plain.stderr).toContain('The account is in no organization')
    expect((await run('scan', ...narrow, ...config, '--fail-on-unknown')).code).toBe(3)
    const { unlisted } = await scan(...narrow, ...config)
    expect(unlisted).toEqual([
      expect.objectContaining({ connection: 'default', code: 'COLLECT_ORGANIZATION' }),
    ])
    const covered = (await run('coverage', ...config)).stdout.replace(/\s+/g, ' ')
    expect(covered).toContain('the organization could not be read failed (NO_ORGANIZATION)')
    expect(covered).toContain('Take `organization` out of the connection')

    await run('scan', ...narrow, ...config, '--faults', 'organizations:DescribeOrganization=denied')
    const denied = (await json('coverage', ...config)).items
    expect(denied).toContainEqual(
      expect.objectContaining({ state: 'denied', action: 'organizations:DescribeOrganization', cells: 2 }),
    )
    await run('scan', ...narrow)
    const { items } = await json('coverage')
    expect(items.filter(({ tables }: { tables: string[] }) => /organizations/.test(tables.join()))).toEqual(
      [],
    )
  })

  it('goes on where its reader leaves, and ends with its own code', { timeout: minutes }, async () => {
    const { PATH = '' } = process.env
    const shim = resolve('bin/stance.js')
    const line = `{ "${process.execPath}" "${shim}" scan --json --table aws_kms_key; echo $? > code; } 2>&1 | head -1`
    const child = spawn('sh', ['-c', line], {
      cwd: place.cwd,
      env: { PATH, HOME: place.cwd, ...credentialsOf(account) },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', (chunk) => (said += chunk))
    await new Promise((end) => child.on('close', end))
    expect(JSON.parse(said)).toMatchObject({ kind: 'scan_started' })
    expect(await readFile(join(place.cwd, 'code'), 'utf8')).toBe('0\n')
    const [last] = (await json('query', 'select 1 as one')).items
    expect(last).toEqual({ one: 1 })
    expect((await run('doctor')).stdout).toMatch(/last scan .*, done/)
  })

  it('cut off in its midst, says that it was cut off and how to go on', { timeout: minutes }, async () => {
    const running = start('scan', '--json', '--faults', 'kms:*=slow(30s)')
    await running.said(/"kind":"cell_ended"/)
    // As a second Ctrl-C does, at a moment that no test can miss: nothing is left to be written.
    process.kill(running.pid, 'SIGKILL')
    await running.ended
    const database = (await json('doctor')).items.find(({ about }: { about: string }) => about === 'database')
    expect(database).toMatchObject({
      state: 'warning',
      message: expect.stringMatching(/The scan that began at .* was cut off before its end/),
      next: '`stance scan --resume` reads the rest.',
    })
    expect((await run('coverage')).stdout).toContain('was cut off before its end')
    const resumed = await run('scan', '--resume')
    expect(resumed.stderr).toMatch(/Going on with the scan of/)
    expect(resumed.stderr).toMatch(
      /cells? to read of .*; \d+ more not due again: what was read before counts$/m,
    )
    const [, tried, before] = /(\d+) cells? to read of .*; (\d+) more/.exec(resumed.stderr) ?? []
    const counts =
      /^Coverage +(\d+) cells read(?:, (\d+) not)?\b.*\((\d+) cells? read before, and not due again\)$/m
    const [, read, unread, kept] = counts.exec(resumed.stdout) ?? []
    expect(kept).toBe(before)
    expect(Number(tried) + Number(before)).toBe(Number(read) + Number(unread ?? 0))
    expect((await run('doctor')).stdout).toMatch(/last scan .*, done/)
  })
})
