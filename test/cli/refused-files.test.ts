import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toFileProblem } from '../../src/core/file-problem.ts'
import { makeWorkplace, stance } from './stance-process.fixture.ts'

/** Nothing answers there, so nothing leaves this machine. */
const connection = 'connections: [{ endpoint: "http://127.0.0.1:9", home_region: eu-west-1 }]\n'
const commands = [
  ['findings'],
  ['coverage'],
  ['query', 'select 1'],
  ['compact'],
  ['migrate'],
  ['backup', 'x'],
  ['scan'],
]

let place: Awaited<ReturnType<typeof makeWorkplace>>
beforeAll(async () => {
  place = await makeWorkplace(`data_directory: ./taken/data\n${connection}`)
  await writeFile(join(place.cwd, 'taken'), 'a file')
  await writeFile(join(place.cwd, 'shut.yaml'), `data_directory: ./shut/data\n${connection}`)
  await mkdir(join(place.cwd, 'shut'))
})
afterAll(async () => {
  await chmod(join(place.cwd, 'shut'), 0o700)
  await place.remove()
})

it.each(commands)(
  '%s: a file in the way of the data directory is no empty store, and no bug',
  async (...args) => {
    const { code, stderr } = await stance(args, place.cwd)
    expect(code).toBe(2)
    expect(stderr).toContain('taken')
    expect(stderr).not.toMatch(/UNEXPECTED|STORE_EMPTY/)
  },
)

// The superuser may enter everywhere.
it.skipIf(process.platform === 'win32' || process.getuid?.() === 0).each(commands)(
  '%s: a directory of another user is no empty store, and no bug',
  async (...args) => {
    await chmod(join(place.cwd, 'shut'), 0)
    const { code, stderr } = await stance([...args, '--config', 'shut.yaml'], place.cwd)
    expect(code).toBe(2)
    expect(stderr).toMatch(/FILE_REFUSED|DB_PATH/)
    expect(stderr).toContain(join(place.cwd, 'shut'))
  },
)

it.skipIf(process.platform !== 'linux')('no backup fits where nothing can be written', async () => {
  const db = join(place.cwd, 'shut.yaml')
  const { openDatabase } = await import('../../src/db/open-database.ts')
  const { backup } = await import('../../src/db/backup.ts')
  const store = await openDatabase({ path: join(place.cwd, 'some.duckdb') })
  try {
    for (const target of ['/proc/x.duckdb', '/proc/x/y.duckdb', join(db, 'x.duckdb')])
      await expect(backup(store, target)).rejects.toMatchObject({
        code: expect.stringMatching(/^DB_P(ATH|ERMISSION)$/),
        message: expect.stringContaining(target),
      })
  } finally {
    await store.close()
  }
})

it('what the system says of a file is told in words, with the next step', () => {
  const refused = Object.assign(new Error('EACCES: permission denied'), {
    code: 'EACCES',
    path: '/x/.stance',
  })
  expect(toFileProblem(refused)).toMatchObject({
    code: 'FILE_REFUSED',
    message: '/x/.stance is closed to this user (EACCES).',
    next: expect.stringContaining('data_directory'),
  })
  expect(toFileProblem(new Error('EACCES'))).toBeUndefined()
})

it('a scan that can enter no account says so, and is not green', async () => {
  const keys = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-key' }
  Object.assign(process.env, keys)
  await writeFile(
    join(place.cwd, 'nobody.yaml'),
    'data_directory: ./nobody\nconnections: [{ endpoint: "http://127.0.0.1:9", home_region: eu-west-1, accounts: ["444455556666"] }]\n',
  )
  const { code, stdout, stderr } = await stance(['scan', '--config', 'nobody.yaml'], place.cwd)
  expect(stderr).toContain('Nothing can be read: no account can be entered.')
  expect(stderr).not.toContain('read already')
  expect(stdout).toContain('(exit code 2: no account could be entered')
  expect(code).toBe(2)
  const again = await stance(['scan', '--config', 'nobody.yaml', '--json', '--fail-on', 'never'], place.cwd)
  expect(JSON.parse(again.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    kind: 'summary',
    entered_none: true,
    exit_code: 2,
  })
}, 120_000)
