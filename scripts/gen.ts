/**
 * `npm run gen` writes every generated file; with `--check` it writes nothing and fails where one is stale.
 * Each file in `scripts/gen/` is a generator by being there: it exports `generate()`.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { GeneratedFile } from './generated-file.ts'
import { root } from './run-tool.ts'

const check = process.argv.includes('--check')
let stale = 0

for (const file of await generated()) {
  const path = join(root, file.path)
  const before = await readFile(path, 'utf8').catch(() => undefined)
  if (before === file.content) continue
  stale++
  if (check) {
    console.error(`stale: ${file.path} (run: npm run gen)`)
    continue
  }
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, file.content)
  console.log(`written: ${file.path}`)
}
if (stale === 0) console.log('all generated files are fresh')
process.exitCode = check && stale > 0 ? 1 : 0

async function generated(): Promise<GeneratedFile[]> {
  const files: GeneratedFile[] = []
  for (const name of (await readdir(join(root, 'scripts/gen'))).sort()) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue
    const generator = (await import(`./gen/${name}`)) as { generate(): Promise<GeneratedFile[]> }
    files.push(...(await generator.generate()))
  }
  return files
}
