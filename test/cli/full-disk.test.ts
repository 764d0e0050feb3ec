import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Spool } from '../../src/collect/kernel/spool.ts'
import { toFileProblem } from '../../src/core/file-problem.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { makeSpoolDirectory, removeSpoolDirectory } from '../../src/run/spool-directory.ts'
import { canMount, mountSmall } from '../setup/small-disk.ts'
import { makeWorkplace, startStance } from './stance-process.fixture.ts'

/** Nothing answers there, so nothing leaves this machine. */
const settings = `data_directory: small
connections: [{ endpoint: "http://127.0.0.1:9", home_region: eu-west-1, accounts: ["444455556666"] }]
`
const keys = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-key' }
const size = 8_388_608

describe.skipIf(!canMount())('a disk that is full', () => {
  let place: Awaited<ReturnType<typeof makeWorkplace>>
  let small: string
  let disk: ReturnType<typeof mountSmall>
  beforeEach(async () => {
    place = await makeWorkplace()
    await writeFile(join(place.cwd, 'scan.yaml'), settings)
    small = join(place.cwd, 'small')
    await mkdir(small)
    disk = mountSmall(small, `${size}`)
  })
  afterEach(async () => {
    disk.unmount()
    await place.remove()
  })
  /** Written in parts: a disk takes what it can. */
  const fill = (left = 0) =>
    writeFile(join(small, 'full'), Buffer.alloc(size))
      .catch(() => undefined)
      .then(async () => {
        if (left > 0)
          await writeFile(join(small, 'full'), Buffer.alloc((await stat(join(small, 'full'))).size - left))
      })
  const run = (args: string[], cwd = place.cwd) => startStance(args, cwd, keys).ended

  it('is told by a scan of a store that is there', { timeout: 60_000 }, async () => {
    await (await openDatabase({ path: join(small, 'stance.duckdb') })).close()
    await fill()
    const { code, stderr } = await run(['scan', '--config', 'scan.yaml'])
    expect(stderr).toContain('DB_DISK_FULL')
    expect(stderr).toContain('Free some space')
    expect(stderr).not.toMatch(/UNEXPECTED|did not foresee/)
    expect(code).toBe(2)
    expect((await readdir(small)).sort()).toEqual(['full', 'stance.duckdb'])
  })

  it('is told by a first scan, which leaves nothing that is called damaged', {
    timeout: 60_000,
  }, async () => {
    await fill()
    const { code, stderr } = await run(['scan', '--config', 'scan.yaml'])
    expect([code, /DB_DISK_FULL/.test(stderr)]).toEqual([2, true])
    expect(await readdir(small)).toEqual(['full'])
    await rm(join(small, 'full'))
    const again = await run(['scan', '--config', 'scan.yaml'])
    expect(again.stderr).not.toMatch(/DB_FILE_INVALID|damaged/)
    expect(again.stderr).toContain('no account can be entered')
  })

  it('is told by init, which leaves nothing behind', { timeout: 60_000 }, async () => {
    await fill()
    for (const _ of [1, 2]) {
      const { code, stderr } = await run(['init'], small)
      expect([code, stderr]).toEqual([2, expect.stringContaining('DB_DISK_FULL')])
      expect(stderr).toContain('Free some space')
      expect(await readdir(small)).toEqual(['full'])
    }
  })

  it('is told by the demo', { timeout: 60_000 }, async () => {
    await fill()
    const { code, stderr } = await run(['demo', '--config', 'scan.yaml'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('DB_DISK_FULL')])
    expect(stderr).not.toContain('UNEXPECTED')
  })

  it('is told of what a scan spools', async () => {
    await fill(4_096)
    const directory = await makeSpoolDirectory(small)
    const spool = new Spool(directory, 10)
    const adding = spool.add([{ a: 'x'.repeat(6_000) }])
    await adding.then(
      () => expect.unreachable(),
      (error) => expect(toFileProblem(error)).toMatchObject({ code: 'DB_DISK_FULL' }),
    )
    await spool.close()
    removeSpoolDirectory(directory)
    expect(await readdir(small)).toEqual(['full'])
  })
})
