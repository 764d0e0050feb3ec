import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './run-tool.ts'

/** Files below a folder of the project, sorted, relative to the root, with slashes on every system. */
export async function filesBelow(folder: string, ...endings: string[]): Promise<string[]> {
  if (!existsSync(join(root, folder))) return []
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll('\\', '/'))
    .filter((path) => !path.includes('node_modules/'))
    .sort()
}

/** The product's own TypeScript; tests, generated files and data apart. */
export async function productFiles(): Promise<string[]> {
  return (await filesBelow('src', '.ts')).filter((path) => !/\.(test|soak|generated|data)\.ts$/.test(path))
}
