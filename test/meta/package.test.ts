import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../../scripts/run-tool.ts'
import { productFiles } from '../../scripts/source-files.ts'

interface LockEntry {
  version?: string
  integrity?: string
  resolved?: string
  license?: string
  dev?: boolean
  hasInstallScript?: boolean
  os?: string[]
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

describe('package-lock.json', () => {
  it('is complete for every platform: npm ci refuses one that leaves out what another platform needs', () => {
    const names = new Set(locked.filter(([, entry]) => entry.integrity).map(([path]) => nameOf(path)))
    const missing = locked.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !names.has(name))
        .map((name) => `${nameOf(path)} → ${name}`),
    )
    expect(missing).toEqual([])
  })

  it.each(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64'])(
    'has the database of %s',
    (platform) => {
      const names = locked.map(([path]) => nameOf(path))
      expect(names).toContain(`@duckdb/node-bindings-${platform}`)
    },
  )

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
