import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ruleFiles } from './rule-files.ts'

let place: string
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'stance-links-'))
  await mkdir(join(place, 'rules/aws/s3'), { recursive: true })
})
afterEach(() => rm(place, { recursive: true, force: true }))

const found = async (onBroken?: (error: Error) => void) =>
  (await ruleFiles(join(place, 'rules'), onBroken)).map((path) =>
    relative(join(place, 'rules'), path).replaceAll(sep, '/'),
  )

it('reads files and folders behind links, as Kubernetes mounts a ConfigMap', async () => {
  const mounted = join(place, 'rules/aws/s3')
  await mkdir(join(mounted, '..2026_01_01'))
  await writeFile(join(mounted, '..2026_01_01/locked.yaml'), '')
  await symlink('..2026_01_01', join(mounted, '..data'))
  await symlink('..data/locked.yaml', join(mounted, 'locked.yaml'))
  await symlink(mounted, join(place, 'rules/aws/kms'))
  expect(await found()).toEqual(['aws/kms/locked.yaml', 'aws/s3/locked.yaml'])
})

it('tells what leads nowhere, or in a circle, and goes on', async () => {
  await writeFile(join(place, 'rules/aws/s3/there.yaml'), '')
  await symlink('nowhere', join(place, 'rules/aws/s3/lost.yaml'))
  await symlink('..', join(place, 'rules/aws/round'))
  await expect(found()).rejects.toMatchObject({ code: 'RULE_FILE_UNREADABLE' })
  const told: string[] = []
  expect(await found((error) => told.push(error.message))).toEqual(['aws/s3/there.yaml'])
  expect(told.sort()).toEqual([
    expect.stringMatching(/round is a link that leads back/),
    expect.stringMatching(/lost\.yaml is a link that leads to nothing/),
  ])
})

it.skipIf(process.platform === 'win32')('tells what is neither a file nor a directory', async () => {
  await promisify(execFile)('mkfifo', [join(place, 'rules/aws/s3/pipe.yaml')])
  await expect(found()).rejects.toThrow(/pipe\.yaml is neither a file nor a directory/)
})
