import { readdir, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { copyName } from '../files-beside.ts'

/** So long a copy that is whole may be on its way to another disk, in a process that we know nothing of. */
const longestMove = 3_600_000

/** Copies that this process is taking. */
const running = new Set<string>()

/** Takes a copy, which no sweep touches meanwhile. */
export async function takingCopy<T>(file: string, take: () => Promise<T>): Promise<T> {
  running.add(file)
  try {
    return await take()
  } finally {
    running.delete(file)
  }
}

/**
 * Removes what backups that were killed have left beside a database: for who alone takes copies of it now. Files that we
 * did not name stay, the engine's own spilled data among them.
 */
export async function sweepCopies(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => [])
  for (const name of names.filter((one) => copyName.test(one))) {
    const file = join(directory, name)
    if (running.has(file.replace(/\.wal$/, ''))) continue
    const touched = await stat(file).catch(() => undefined)
    if (touched !== undefined && Date.now() - touched.mtimeMs > longestMove) await rm(file, { force: true })
  }
  if (names.length > 0) await rmdir(directory).catch(() => undefined)
}
