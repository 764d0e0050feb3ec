import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readRecording } from '../../src/collect/transport/read-recording.ts'
import { type MotoAccount, motoAccount, motoDescribe } from '../setup/moto-account.ts'
import { canMount, mountSmall } from '../setup/small-disk.ts'
import { credentialsOf, makeWorkplace, settingsFor, stance } from './stance-process.fixture.ts'

motoDescribe('a scan that is recorded (moto)', () => {
  let account: MotoAccount
  let place: Awaited<ReturnType<typeof makeWorkplace>>
  const scan = (...more: string[]) =>
    stance(['scan', '--table', 'aws_vpc', '--fail-on', 'never', ...more], place.cwd)
  const recordInto = (directory: string) =>
    writeFile(
      join(place.cwd, 'stance.yaml'),
      `${settingsFor(account)}collect: { record_directory: ${directory} }\n`,
    )

  beforeAll(async () => {
    account = await motoAccount()
    place = await makeWorkplace(settingsFor(account))
    Object.assign(process.env, credentialsOf(account))
  })
  afterAll(() => place.remove())

  it('is never written over another recording', { timeout: 120_000 }, async () => {
    await recordInto('./recording')
    expect((await scan()).code).toBe(0)
    const directory = join(place.cwd, 'recording')
    const { exchanges } = await readRecording(directory)
    const again = await scan()
    expect(again.code).toBe(2)
    expect(again.stderr).toContain('COLLECT_RECORDING_THERE')
    expect((await readRecording(directory)).exchanges).toEqual(exchanges)
    expect((await readdir(directory)).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it('leaves other files alone', { timeout: 120_000 }, async () => {
    await recordInto('./beside')
    await mkdir(join(place.cwd, 'beside'))
    await writeFile(join(place.cwd, 'beside/notes.txt'), 'mine')
    expect((await scan()).code).toBe(0)
    expect(await readFile(join(place.cwd, 'beside/notes.txt'), 'utf8')).toBe('mine')
  })

  it.skipIf(!canMount())(
    'ends well where the disk is full, without half a recording',
    {
      timeout: 120_000,
    },
    async () => {
      await recordInto('./small')
      const small = join(place.cwd, 'small')
      await mkdir(small)
      const disk = mountSmall(small, '4k')
      try {
        const { code, stdout, stderr } = await scan()
        expect(code).toBe(2)
        expect(stdout).toContain('Coverage')
        expect(stderr).toContain('COLLECT_RECORDING_FAILED')
        expect(stderr).toContain('ENOSPC')
        expect(await readdir(small, { recursive: true })).toEqual([])
      } finally {
        disk.unmount()
      }
    },
  )
})
