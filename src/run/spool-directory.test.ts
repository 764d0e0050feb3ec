import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeSpoolDirectory, removeSpoolDirectory, sweepSpools } from './spool-directory.ts'

const ownerFile = 'stance-spool-owner'
let data: string
let mine: string
let owner: string
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'stance-spools-'))
  mine = await makeSpoolDirectory(data)
  owner = await readFile(join(mine, ownerFile), 'utf8')
})
afterEach(async () => {
  removeSpoolDirectory(mine)
  await rm(data, { recursive: true, force: true })
})

/** A directory of that owner that was touched so many hours ago, and whether the sweep leaves it. */
async function isLeft(text: string, hours: number): Promise<boolean> {
  const path = join(data, '.stance-spools-AbC123')
  await mkdir(path)
  await writeFile(join(path, ownerFile), text)
  const touched = new Date(Date.now() - hours * 3_600_000)
  await utimes(path, touched, touched)
  await sweepSpools(data)
  expect(existsSync(mine)).toBe(true)
  const left = existsSync(path)
  await rm(path, { recursive: true, force: true })
  return left
}

it('goes where an earlier process of the same id made it, and stays where this one did', async () => {
  const long = new Date(0)
  await utimes(mine, long, long)
  expect(await isLeft(owner, 0)).toBe(false)
})

it('stays with a living process, however long, and goes where its id is another one by now', async () => {
  const child: ChildProcess = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    const of = (started: string) =>
      owner.replace(/"started":"\d*"/, `"started":"${started}"`).replace(/\d+\}$/, `${child.pid}}`)
    // Field 22; where nobody says when a process began, its silence tells.
    const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => undefined)
    const started = stat?.split(') ').at(-1)?.split(' ')[19]
    if (started !== undefined) {
      expect(started).toMatch(/^\d+$/)
      expect(await isLeft(of(started), 100)).toBe(true)
      expect(await isLeft(of(`${Number(started) - 1}`), 0)).toBe(false)
    }
    expect(await isLeft(of(''), 23)).toBe(true)
    expect(await isLeft(of(''), 25)).toBe(false)
  } finally {
    child.kill('SIGKILL')
    await ended
  }
})
