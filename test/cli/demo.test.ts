import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { demo as demoCommand } from '../../src/cli/commands/demo.ts'
import { query } from '../../src/cli/commands/query.ts'
import { type Ended, makeWorkplace, stance } from './stance-process.fixture.ts'

let place: Awaited<ReturnType<typeof makeWorkplace>>
let first: Ended

const run = (...args: string[]) => stance(args, place.cwd)
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout)

beforeAll(async () => {
  place = await makeWorkplace('data_directory: .\n')
  // A folder that anybody may have.
  await mkdir(join(place.cwd, 'demo'))
  await writeFile(join(place.cwd, 'demo/slides.txt'), 'slides')
  first = await run('demo')
}, 240_000)
afterAll(() => place?.remove())

it('shows what it found, what it could not read, and what to try next', () => {
  expect(first.code).toBe(0)
  expect(first.stdout).toMatch(/Recorded and judged at \d{4}-\d\d-\d\d \d\d:\d\d UTC/)
  for (const words of [
    'critical',
    'Coverage',
    'verdicts depend on',
    'Cost',
    'Try next',
    'bin/stance.js findings --demo',
  ])
    expect(first.stdout).toContain(words)
  expect(first.stderr).toContain('Nothing leaves this machine')
})

it('needs nothing of what the environment says of AWS', { timeout: 240_000 }, async () => {
  const env = {
    AWS_USE_FIPS_ENDPOINT: 'true',
    AWS_USE_DUALSTACK_ENDPOINT: 'true',
    AWS_AUTH_SCHEME_PREFERENCE: 'sigv4a',
    AWS_PROFILE: 'nobody',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  }
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  try {
    const again = await run('demo')
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('Coverage') })
  } finally {
    vi.unstubAllEnvs()
  }
})

it('lies in a database of its own', async () => {
  expect((await json('findings', '--demo')).total).toBeGreaterThan(50)
  const own = await run('findings')
  expect(own.code).toBe(2)
  expect(own.stderr).toContain('STORE_EMPTY')
})

it('touches nothing of what lies beside it', async () => {
  expect(await readFile(join(place.cwd, 'demo/slides.txt'), 'utf8')).toBe('slides')
  expect((await readdir(place.cwd)).sort()).toEqual(['demo', 'stance-demo', 'stance.yaml'])
})

it('says the same numbers in the summary and of the coverage', async () => {
  const said = /^Coverage +(\d+ cells read, .*)$/m.exec(first.stdout)?.[1]
  expect(said).toMatch(/^\d+ cells read, \d+ not; \d+ groups of resources not read$/)
  expect((await run('coverage', '--demo')).stdout.split('\n')[0]).toBe(said)
  const accounts = /^Reading (\d+ accounts); 1 account cannot be entered: 444455556666$/m.exec(first.stderr)
  expect(first.stdout).toMatch(
    new RegExp(`^\\d+ resources in ${accounts?.[1]}; of 1 more account nothing could be read$`, 'm'),
  )
  expect((await run('resources', '--demo', '--name', '444455556666')).stdout).toMatch(
    /444455556666 .*never read$/m,
  )
  expect(
    (await run('resources', 'show', '--demo', 'arn:aws:account::444455556666:account')).stdout,
  ).toContain('It was never read')
  expect(first.stdout).not.toContain('Since the scan before')
  expect(first.stdout.replace(/\s+/g, ' ')).toContain('is not authorized to perform: sts:AssumeRole')
  expect(first.stdout).not.toContain('Do what the message says')
  expect(first.stdout).toContain('more reasons: stance coverage --demo')
})

it('names commands that read it', async () => {
  const { stdout } = await run('findings', '--demo', '--limit', '1')
  expect(stdout).toContain('stance findings show --demo <id>')
  const [{ finding_id, resource_key, rule_id }] = (await json('findings', '--demo', '--limit', '1')).items
  const shown = await run('findings', 'show', '--demo', finding_id)
  expect(shown.stdout).toContain('Evidence')
  expect(shown.stdout).toContain(`stance resources show --demo ${resource_key}`)
  expect((await json('rules', 'show', rule_id, '--demo')).fail).toBeGreaterThan(0)
})

it('prints commands that work as they stand', async () => {
  const lines = [...first.stdout.matchAll(/^ {2}node \S+stance\.js (.+ --demo.*)$/gm)].map(
    ([, line]) => line ?? '',
  )
  expect(lines.length).toBeGreaterThan(3)
  for (const line of lines) {
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
    const { code, stderr } = await run(...words)
    expect({ code, stderr }, line).toEqual({ code: 0, stderr: '' })
  }
})

it('puts what a finding is about into the commands of its fix, where it is about one', async () => {
  const fixOf = async (table: string, place: string) => {
    const sql = `select finding_id from finding where table_name = '${table}' and resource_key like '${place}' limit 1`
    const [, id = ''] = (await run('query', '--demo', sql)).stdout.split('\r\n')
    return JSON.parse((await run('findings', 'show', id, '--demo', '--json')).stdout).fix
  }
  const { cli, cli_values } = await fixOf('aws_s3_bucket', 'arn:aws:s3:::larkspur-payments-vault')
  expect(cli).toContain('--bucket larkspur-payments-vault')
  expect(cli_values).not.toContain('BUCKET')
  // Nobody knows which load balancers a region has.
  expect((await fixOf('aws_lb', '%:region/%')).cli_values).toContain('LOAD_BALANCER_ARN')
})

it('says the same each time, by the moment of the recording', async () => {
  const sql = 'select finding_id, verdict, severity from finding order by finding_id'
  const before = (await json('query', '--demo', sql)).items
  const again = await run('demo', '--json')
  expect(again.code).toBe(0)
  const summary = JSON.parse(again.stdout.trimEnd().split('\n').at(-1) ?? '')
  expect(summary).toMatchObject({ kind: 'summary', state: 'done', recorded_at: expect.any(String) })
  const began = new Date(summary.started_at).getTime() - new Date(summary.recorded_at).getTime()
  expect(began).toBeGreaterThanOrEqual(0)
  expect(began).toBeLessThan(3_600_000)
  expect((await json('query', '--demo', sql)).items).toEqual(before)
}, 240_000)

const examples = [...query.examples, ...demoCommand.examples]
  .map(([line]) => /^stance query (?:--demo )?"(.+)"/.exec(line)?.[1])
  .filter((sql) => sql !== undefined)

it.each(examples)('the example works: %s', async (sql) => {
  const { code, stdout, stderr } = await run('query', '--demo', sql, '--format', 'csv')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.split('\r\n').length).toBeGreaterThan(2)
})
