import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { parseSync } from 'vite'
import { describe, expect, it } from 'vitest'
import { root } from '../../scripts/run-tool.ts'
import { filesBelow } from '../../scripts/source-files.ts'

/** Architecture: who may import whom. Data flows one way; steps never import steps. */
const may: Record<string, readonly string[]> = {
  core: [],
  config: ['core'],
  db: ['core'],
  lake: ['core', 'db'],
  findings: ['core', 'db'],
  collect: ['core', 'lake'],
  evaluate: ['core', 'db', 'lake', 'findings'],
  run: ['core', 'db', 'lake', 'findings', 'collect', 'evaluate'],
  cli: ['core', 'config', 'run'],
}

/** Packages that only one folder may know, so that what they hide stays hidden. */
const homes: [RegExp, readonly string[]][] = [
  [/^(@duckdb\/|pg$|pg-)/, ['db']],
  [/^(@aws-sdk|@smithy)\//, ['collect']],
  [/^pino$/, ['config']],
  [/^commander$/, ['cli']],
]

const files = (await filesBelow('src', '.ts')).filter((path) => !path.endsWith('.test.ts'))

/** Everything a file imports, types too: a type is knowledge as well. */
async function importsOf(path: string): Promise<string[]> {
  return importsIn(path, await readFile(join(root, path), 'utf8'))
}

function importsIn(path: string, text: string): string[] {
  const { module } = parseSync(path, text)
  const exported = module.staticExports.flatMap(({ entries }) =>
    entries.map(({ moduleRequest }) => moduleRequest?.value),
  )
  // A template without a hole is as good as a string; what is made at run time cannot be looked up in a table.
  const late = module.dynamicImports.map(({ moduleRequest: { start, end } }) => {
    const written = text.slice(start, end)
    return /^(['"`])([^'"`$]+)\1$/.exec(written)?.[2] ?? `import(${written})`
  })
  const types = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)
  return [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...exported.filter((request) => request !== undefined),
    ...late,
    ...[...types].map(([, request]) => request!),
  ]
}

describe('the import table', () => {
  it('knows every folder of src', () => {
    expect(
      [...new Set(files.map((path) => path.split('/')[1]!))].filter((folder) => !(folder in may)),
    ).toEqual([])
  })

  it.each(Object.keys(may))('%s imports only what it may', async (folder) => {
    const wrong: string[] = []
    for (const path of files.filter((file) => file.startsWith(`src/${folder}/`))) {
      for (const request of await importsOf(path)) {
        const target = request.startsWith('.') ? posix.join(posix.dirname(path), request) : undefined
        // What several tests share stands where tests stand; the build leaves it out, as it does them.
        if (path.endsWith('.fixture.ts') && target?.startsWith('test/setup/')) continue
        const other = target?.split('/')[1]
        const leaves = target !== undefined && !target.startsWith('src/')
        const forbidden = other !== undefined && other !== folder && !may[folder]!.includes(other)
        const home =
          target === undefined ? homes.find(([packages]) => packages.test(request))?.[1] : undefined
        const isMade = request.startsWith('import(')
        if (leaves || forbidden || isMade || (home !== undefined && !home.includes(folder)))
          wrong.push(`${path} → ${request}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('is held against every way to import', () => {
    const ways = [
      "import a from '../run/a.ts'",
      "import type { A } from '../run/b.ts'",
      "export { c } from '../run/c.ts'",
      "type D = import('../run/d.ts').D",
      "const e = await import('../run/e.ts')",
      'const f = await import(`../run/f.ts`)',
      'const g = await import(`../${name}/g.ts`)',
    ].join('\n')
    expect([...new Set(importsIn('x.ts', ways))].sort()).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `../run/${name}.ts`).concat('import(`../${name}/g.ts`)'),
    )
  })

  it('core uses nothing but Node', async () => {
    const all = await Promise.all(files.filter((path) => path.startsWith('src/core/')).map(importsOf))
    expect(all.flat().filter((request) => !request.startsWith('.') && !request.startsWith('node:'))).toEqual(
      [],
    )
  })

  it('table files load no SDK: only its types', async () => {
    const wrong: string[] = []
    for (const path of files.filter((file) => /^src\/collect\/[^/]+\/[^/]+\/[^/]+\.ts$/.test(file))) {
      const { module } = parseSync(path, await readFile(join(root, path), 'utf8'))
      for (const { moduleRequest, entries } of module.staticImports) {
        const sdk = moduleRequest.value.startsWith('@aws-sdk/')
        if (sdk && !entries.every(({ isType }) => isType)) wrong.push(`${path} → ${moduleRequest.value}`)
      }
    }
    expect(wrong).toEqual([])
  })
})
