import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { errorUses } from '../../scripts/error-codes.ts'
import { root } from '../../scripts/run-tool.ts'
import { namedSettings } from '../../src/config/walk-settings.ts'

const read = (path: string) => readFile(join(root, path), 'utf8')

it('generated files are fresh', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/gen.ts', '--check'], { cwd: root })
  expect(stdout).toContain('fresh')
})

it('every error code can be read off the sources, has one shape, and is documented', async () => {
  const uses = await errorUses()
  expect(uses.filter(({ code }) => code === '?').map(({ file }) => file)).toEqual([])
  expect(uses.filter(({ code }) => !/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(code))).toEqual([])
  const documented = new Set((await read('docs/reference/errors.md')).match(/(?<=^## ).*$/gm))
  expect(uses.map(({ code }) => code).filter((code) => !documented.has(code))).toEqual([])
  expect(documented).toContain('CONFIG_INVALID')
})

it('every setting is documented', async () => {
  const documented = new Set((await read('docs/reference/settings.md')).match(/(?<=^### ).*$/gm))
  const paths = namedSettings().map(({ path }) => path.join('.'))
  expect(paths.filter((path) => !documented.has(path))).toEqual([])
  expect(documented).toContain('connections[].role_arn')
})

it('ADRs are numbered one by one and keep to a page', async () => {
  const { readdir } = await import('node:fs/promises')
  const names = (await readdir(join(root, 'docs/adr'))).sort()
  for (const name of names) {
    expect(name).toMatch(/^\d{4}-[a-z0-9-]+\.md$/)
    expect((await read(`docs/adr/${name}`)).split('\n').length, name).toBeLessThanOrEqual(80)
  }
  const numbers = names.map((name) => name.slice(0, 4))
  expect(new Set(numbers).size).toBe(numbers.length)
})
