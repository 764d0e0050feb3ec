import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fileOf } from './recording.ts'
import { writeRecording } from './write-recording.ts'

it('leaves no folder behind where nothing was answered, unless it was there before', async () => {
  const place = await mkdtemp(join(tmpdir(), 'stance-recording-'))
  try {
    const [made, there] = [join(place, 'made'), join(place, 'there')]
    await mkdir(there)
    for (const directory of [made, there]) await (await writeRecording(directory)).close()
    expect(existsSync(made)).toBe(false)
    expect(await readdir(there)).toEqual([])
  } finally {
    await rm(place, { recursive: true })
  }
})

it('names a file by account and service', () => {
  expect(fileOf({ account_id: '111122223333', service: 's3' })).toBe('111122223333/s3.ndjson')
  expect(fileOf({ account_id: 'o-abc.1', service: 'access-analyzer' })).toBe('o-abc.1/access-analyzer.ndjson')
})

it.each(['..', '.', '...', '../x', '.x', 'a/b', 'a\\b', '', 'a b', 'a\0', '..%2f'])(
  'refuses %j, which an answer could have given as an account',
  (account_id) => {
    expect(() => fileOf({ account_id, service: 's3' })).toThrow('not a name for a file')
    expect(() => fileOf({ account_id: '111122223333', service: account_id })).toThrow('not a name for a file')
  },
)
