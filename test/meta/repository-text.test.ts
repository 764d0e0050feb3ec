import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { root } from '../../scripts/run-tool.ts'
import { filesBelow } from '../../scripts/source-files.ts'

const own = ['.ts', '.js', '.json', '.jsonl', '.md', '.yaml', '.sql', '.csv', '.txt', 'run']

/** What git would hold; in an unpacked archive, what lies in the usual folders. */
async function textFiles(): Promise<string[]> {
  try {
    const list = ['ls-files', '--cached', '--others', '--exclude-standard', '-z']
    const { stdout } = await promisify(execFile)('git', list, { cwd: root, maxBuffer: 2 ** 26 })
    return stdout.split('\0').filter((path) => own.some((ending) => path.endsWith(ending)))
  } catch {
    const folders = ['.ci', 'src', 'test', 'scripts', 'bench', 'demo', 'docs', 'rules', 'facts', 'bin']
    return (await Promise.all(folders.map((folder) => filesBelow(folder, ...own)))).flat()
  }
}

const files = await textFiles()

async function find(shape: RegExp, paths = files): Promise<string[]> {
  const found: string[] = []
  for (const path of paths) {
    const text = await readFile(join(root, path), 'utf8').catch(() => '') // listed, but deleted since
    for (const match of text.matchAll(shape)) {
      found.push(`${path}:${text.slice(0, match.index).split('\n').length}: ${match[0].slice(0, 40)}`)
    }
  }
  return found
}

it('looks at a real repository', () => {
  expect(files).toContain('package.json')
  expect(files.length).toBeGreaterThan(50)
})

it('holds no path of somebody’s machine', async () => {
  const self = 'test/meta/repository-text.test.ts'
  const shape = /(?<![\w.~/-])\/(home|root|Users|work)\/[\w.-]+|\b[A-Z]:\\Users\\/g
  expect(
    await find(
      shape,
      files.filter((path) => path !== self),
    ),
  ).toEqual([])
})

it('holds no secret: no private key, no real access key', async () => {
  expect(await find(/-----BEGIN [A-Z ]*PRIVATE KEY-----(\\n|\s)+[A-Za-z0-9+/=\s\\]{100,}/g)).toEqual([])
  // The emulator draws key ids at random; the documentation's end in EXAMPLE.
  const written = files.filter((path) => !/(^|\/)recordings?\//.test(path))
  expect(await find(/\b(AKIA|ASIA)(?![0-9A-Z]{9,}EXAMPLE)[0-9A-Z]{16}\b/g, written)).toEqual([])
  expect(
    await find(/\b(gh[pousr]_[A-Za-z0-9]{36}|xox[abprs]-[A-Za-z0-9-]{20,}|npm_[A-Za-z0-9]{36})\b/g),
  ).toEqual([])
})
