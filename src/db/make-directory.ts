import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * A directory for its owner alone, and those that it lies in. Not Node's own `recursive`: that never ends where a
 * file system says of a directory which is there that it is not (`/proc/x`).
 */
export function makeDirectory(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false })
  if (there?.isDirectory()) return
  if (there !== undefined)
    throw Object.assign(new Error(`${path} is no directory`), { code: 'ENOTDIR', path })
  const above = dirname(path)
  if (above !== path) makeDirectory(above)
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
