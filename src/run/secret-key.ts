import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The key under which secret values are hashed before they leave the collector, so that equal secrets can be told
 * without knowing one. Made at first use, readable by the owner alone.
 */
export async function secretKeyOf(dataDirectory: string): Promise<Buffer> {
  const path = join(dataDirectory, 'secret.key')
  try {
    await writeFile(path, randomBytes(32), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFile(path)
}
