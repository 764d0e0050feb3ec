import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeWorkplace, stance } from '../../test/cli/stance-process.fixture.ts'
import { canMount, mountSmall } from '../../test/setup/small-disk.ts'
import { secretKeyOf } from './secret-key.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stance-key-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

it('is one key, whoever asks first, and leaves nothing else', async () => {
  const keys = await Promise.all(Array.from({ length: 20 }, () => secretKeyOf(directory)))
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1)
  expect(keys[0]).toHaveLength(32)
  expect(await readdir(directory)).toEqual(['secret.key'])
  expect((await stat(join(directory, 'secret.key'))).mode & 0o777).toBe(
    process.platform === 'win32' ? 0o666 : 0o600,
  )
  expect(await secretKeyOf(directory)).toEqual(keys[0])
})

it.each([0, 1, 31, 33])('of %d bytes is none, and is left as it is', async (size) => {
  const path = join(directory, 'secret.key')
  await writeFile(path, 'x'.repeat(size))
  await expect(secretKeyOf(directory)).rejects.toMatchObject({ code: 'SECRET_KEY' })
  expect(await readFile(path, 'utf8')).toBe('x'.repeat(size))
})

it.skipIf(process.platform === 'win32')('that is a pipe is not waited for', async () => {
  execFileSync('mkfifo', [join(directory, 'secret.key')])
  await expect(secretKeyOf(directory)).rejects.toMatchObject({ code: 'SECRET_KEY' })
})

it.skipIf(!canMount())('is not half made where the disk is full', async () => {
  const small = join(directory, 'small')
  await mkdir(small)
  const disk = mountSmall(small, '4k')
  try {
    await writeFile(join(small, 'full'), 'x'.repeat(8_192)).catch(() => undefined)
    for (const _ of [1, 2]) await expect(secretKeyOf(small)).rejects.toMatchObject({ code: 'DB_DISK_FULL' })
    expect(await readdir(small)).toEqual(['full'])
  } finally {
    disk.unmount()
  }
})

it('is looked at by doctor, and a scan without a whole one does not begin', async () => {
  const place = await makeWorkplace(
    'connections: [{ endpoint: "http://127.0.0.1:9", home_region: eu-west-1 }]\n',
  )
  try {
    const data = join(place.cwd, '.stance')
    await mkdir(data, { mode: 0o700 })
    const doctor = async () => (await stance(['doctor'], place.cwd)).stdout.replaceAll(/\s+/g, ' ')
    expect(await doctor()).not.toContain('secret key')
    await writeFile(join(data, 'secret.key'), '')
    expect(await doctor()).toContain('is no key: it has 0 bytes')
    const { code, stderr } = await stance(['scan'], place.cwd)
    expect(code).toBe(2)
    expect(stderr).toContain('SECRET_KEY')
    await rm(join(data, 'secret.key'))
    await secretKeyOf(data)
    expect(await doctor()).not.toContain('secret key')
    if (process.platform === 'win32') return
    await chmod(join(data, 'secret.key'), 0o644)
    expect(await doctor()).toContain('can be read by other users')
  } finally {
    await place.remove()
  }
}, 60_000)
