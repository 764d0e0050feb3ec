import { lstat, mkdtemp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { spoolName } from '../collect/kernel/spool.ts'
import { removeKnownFiles } from '../core/remove-known-files.ts'

/** Hidden, and of a name that nobody gives to anything of their own: the data directory may be any folder. */
const prefix = '.stance-spools-'
const ours = /^\.stance-spools-[A-Za-z0-9]{6}$/
/** Another process may be reading: what nobody has touched for so long was left by one that died. */
const longestLife = 24 * 3_600_000

/** Where one scan puts what does not fit in memory. */
export function makeSpoolDirectory(dataDirectory: string): Promise<string> {
  return mkdtemp(join(dataDirectory, prefix))
}

export function removeSpoolDirectory(path: string): void {
  removeKnownFiles(path, isSpool)
}

/** Removes what killed scans have left; several processes may share the directory. */
export async function sweepSpools(dataDirectory: string): Promise<void> {
  for (const name of await readdir(dataDirectory).catch(() => [])) {
    if (!isSpoolDirectory(name)) continue
    const path = join(dataDirectory, name)
    const found = await lstat(path).catch(() => undefined)
    if (found?.isDirectory() && Date.now() - found.mtimeMs > longestLife) removeSpoolDirectory(path)
  }
}

export function isSpoolDirectory(name: string): boolean {
  return ours.test(name)
}

export function isSpool(name: string): boolean {
  return spoolName.test(name)
}
