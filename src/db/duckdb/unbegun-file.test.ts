import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canMount, mountSmall } from '../../../test/setup/small-disk.ts'
import { openDatabase } from '../open-database.ts'

let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stance-test-'))
  path = join(directory, 'stance.duckdb')
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error) => error.code ?? String(error),
  )

describe('a file that nothing was written to', () => {
  it.skipIf(!canMount())('is not left where the disk was full, and is no damaged database', async () => {
    const small = join(directory, 'small')
    await mkdir(small)
    for (const left of [0, 4_096, 8_192, 12_288]) {
      const disk = mountSmall(small, '1m')
      try {
        await writeFile(join(small, 'full'), Buffer.alloc(1_048_576 - left))
        const file = join(small, 'x.duckdb')
        expect(await code(openDatabase({ path: file }))).toBe('DB_DISK_FULL')
        if (left < 12_288) expect(await readdir(small)).toEqual(['full'])
        await rm(join(small, 'full'))
        await (await openDatabase({ path: file })).close()
      } finally {
        disk.unmount()
      }
    }
  })

  it('takes a new database, for its owner alone; reading finds none in it', async () => {
    await writeFile(path, '', { mode: 0o644 })
    expect(await code(openDatabase({ path, readOnly: true }))).toBe('DB_FILE_MISSING')
    await (await openDatabase({ path })).close()
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600)
    await (await openDatabase({ path, readOnly: true })).close()
  })

  it('stays where its journal lies beside it', async () => {
    await writeFile(path, '')
    await writeFile(`${path}.wal`, 'rows, perhaps')
    expect(await code(openDatabase({ path }))).toBe('DB_FILE_INVALID')
    expect(await readFile(`${path}.wal`, 'utf8')).toBe('rows, perhaps')
    expect((await stat(path)).size).toBe(0)
  })
})
