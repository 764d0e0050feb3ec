import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/db/open-database.ts'
import { seed } from './seeded-store.fixture.ts'
import { makeWorkplace } from './stance-process.fixture.ts'

const shim = resolve('bin/stance.js')
let place: Awaited<ReturnType<typeof makeWorkplace>>

beforeAll(async () => {
  place = await makeWorkplace('connections: [{ endpoint: "http://127.0.0.1:9", home_region: eu-west-1 }]\n')
  const db = await openDatabase({ path: join(place.cwd, '.stance/stance.duckdb') })
  await seed(db, join(place.cwd, '.stance'))
  await db.close()
})
afterAll(() => place.remove())

/** In a shell, as people pipe; what the reader leaves behind, and the exit code of Stance itself. */
async function piped(
  command: string,
  into: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { PATH = '' } = process.env
  const line = `{ "${process.execPath}" "${shim}" ${command}; echo $? > code; } ${into}`
  const child = spawn('sh', ['-c', line], {
    cwd: place.cwd,
    env: { PATH, HOME: place.cwd, AWS_EC2_METADATA_DISABLED: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => (said.stdout += chunk))
  child.stderr.on('data', (chunk) => (said.stderr += chunk))
  await new Promise((end) => child.on('close', end))
  return { code: Number(await readFile(join(place.cwd, 'code'), 'utf8')), ...said }
}

// Gone before anything is written.
const nobody = '| true'

describe('a reader that leaves early', () => {
  it.each([
    'findings',
    'findings --all --json',
    'findings --closed',
    'resources',
    'resources --json',
    'coverage',
    'coverage --all --json',
    'query "select * from resource" --format csv',
    'query "select * from resource" --format table',
    'query "select * from resource" --json',
    'rules list',
    'tables show aws_s3_bucket --json',
    'permissions aws',
    '--help',
    '--version',
  ])('is no error, and is told nothing: %s', async (command) => {
    expect(await piped(command, nobody)).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it.each([
    ['scan', 2],
    ['scan --json', 2],
    ['query bad', 2],
    ['findings --severty high', 2],
    ['doctor', 1],
  ])('changes no exit code: %s', async (command, code) => {
    expect(await piped(command, `2>&1 ${nobody}`)).toEqual({ code, stdout: '', stderr: '' })
  })

  it('gets what it waited for', async () => {
    const { code, stdout, stderr } = await piped('tables list', '| head -1')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^table +what/)
  })

  it.skipIf(process.platform !== 'linux')('is another matter than a full disk', async () => {
    const { code, stderr } = await piped('rules list --json', '> /dev/full')
    expect(code).toBe(2)
    expect(stderr).toContain('CLI_OUTPUT')
  })
})
