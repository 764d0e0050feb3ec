import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseSync } from 'vite'
import { describe, expect, it } from 'vitest'
import { root } from '../../scripts/run-tool.ts'
import { filesBelow, productFiles } from '../../scripts/source-files.ts'

const folders = ['src', 'test', 'scripts', 'bench', 'demo', 'bin']
const written = (await Promise.all(folders.map((folder) => filesBelow(folder, '.ts', '.js', '.tsx'))))
  .flat()
  .filter((path) => !/\.generated\.ts$/.test(path))
const product = await productFiles()

/** By its name, or by all of `process` handed on. */
const readsEnvironment =
  /\bprocess\s*(\??\.\s*env\b|\[\s*['"`]env)|['"`](node:)?process['"`]|[=(,]\s*process\s*([;),\n]|$)|globalThis\s*\??\.\s*process/

const read = (path: string) => readFile(join(root, path), 'utf8')

/** The code without its comments, which may speak of anything. Lines stay where they are. */
async function codeOf(path: string): Promise<string> {
  const text = await read(path)
  let code = text
  for (const { start, end } of parseSync(path, text).comments) {
    code = code.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, ' ') + code.slice(end)
  }
  return code
}

/** `file:line` of every match in the code of these files. */
async function find(paths: readonly string[], shape: RegExp): Promise<string[]> {
  const found: string[] = []
  for (const path of paths) {
    const code = await codeOf(path)
    for (const match of code.matchAll(new RegExp(shape, 'g'))) {
      found.push(`${path}:${code.slice(0, match.index).split('\n').length}: ${match[0].trim()}`)
    }
  }
  return found
}

describe('files', () => {
  it('have at most 400 lines; data and generated ones apart', async () => {
    const long: string[] = []
    for (const path of written.filter((file) => !file.endsWith('.data.ts'))) {
      const lines = (await read(path)).trimEnd().split('\n').length
      if (lines > 400) long.push(`${path}: ${lines}`)
    }
    expect(long).toEqual([])
  })

  it('are no drawers: a name says what is inside', () => {
    const drawers = new Set([
      'utils',
      'util',
      'helpers',
      'helper',
      'common',
      'misc',
      'types',
      'shared',
      'lib',
    ])
    const named = (path: string) => path.split('/').map((part) => part.split('.')[0]!)
    expect(written.filter((path) => named(path).some((part) => drawers.has(part)))).toEqual([])
  })

  it('are named in kebab-case', () => {
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/
    expect(written.filter((path) => !kebab.test(basename(path)))).toEqual([])
  })

  it('are no barrels', async () => {
    const barrels: string[] = []
    for (const path of product) {
      const { module } = parseSync(path, await read(path))
      const all = module.staticExports.flatMap(({ entries }) => entries)
      const passedOn = all.filter(({ moduleRequest }) => moduleRequest !== null)
      if (basename(path) === 'index.ts' || (all.length > 0 && passedOn.length === all.length))
        barrels.push(path)
      if (passedOn.some(({ importName }) => importName.kind !== 'Name')) barrels.push(`${path}: export *`)
    }
    expect(barrels).toEqual([])
  })

  it('have named exports only', async () => {
    expect(await find(product, /\bexport default\b/)).toEqual([])
  })
})

describe('code', () => {
  it('reads the environment in config only', async () => {
    const outside = product.filter((path) => !path.startsWith('src/config/'))
    expect(await find(outside, readsEnvironment)).toEqual([])
  })

  it.each([
    'process.env.HOME',
    'process?.env',
    "process['env']",
    'process[`env`]',
    'const { env } = process',
    'const { env: surroundings, argv } = process\n',
    'const here = process;',
    'look(process)',
    'globalThis.process',
    "import process from 'node:process'",
    "import { env } from 'process'",
    "await import('node:process')",
  ])('that reads the environment is seen: %s', (text) => {
    expect(text).toMatch(readsEnvironment)
    expect('process.stdout.write(process.argv[2]), processed, endProcess(), { process: 1 }').not.toMatch(
      readsEnvironment,
    )
  })

  it('writes no partition of AWS by itself: it comes from the caller’s identity', async () => {
    const collect = product.filter((path) => path.startsWith('src/collect/'))
    expect(
      await find(collect, /['"`]arn:aws\b|partition\w*['"\]]?\s*(:|=+|!==?|\?\?|\|\|)\s*['"`]aws\b/i),
    ).toEqual([])
  })

  it('has nothing left to do, and no test that stands alone', async () => {
    const marks = await Promise.all(
      written.map(async (path) =>
        [...(await read(path)).matchAll(/\b(TO[D]O|FIX[M]E|HA[C]K)\b/g)].map(([mark]) => `${path}: ${mark}`),
      ),
    )
    expect(marks.flat()).toEqual([])
    expect(await find(written, /\b(it|test|describe)\.(only|todo)\(/)).toEqual([])
  })
})
