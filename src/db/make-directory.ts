import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * A directory for its owner alone, and those that it lies in. Not Node's own `recursive`: that never ends where a
 * file system says of a directory which is there that it is not (`/proc/x`).
 */
export function makeDirectory(path: string): void {
  if (existsSync(path)) return
  const above = dirname(path)
  if (above !== path) makeDirectory(above)
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
