import { randomBytes } from 'node:crypto'
import { link, lstat, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { StanceError } from '../core/errors.ts'
import { toFileProblem } from '../core/file-problem.ts'
import type { Found } from './diagnosis.ts'

const length = 32
const name = 'secret.key'

/**
 * The key under which secret values are hashed before they leave the collector, so that equal secrets can be told
 * without knowing one. Made at first use, readable by the owner alone.
 */
export async function secretKeyOf(dataDirectory: string): Promise<Buffer> {
  const path = join(dataDirectory, name)
  const there = await readKey(path)
  if (there !== undefined) return there
  await makeKey(path)
  return (await readKey(path)) ?? secretKeyOf(dataDirectory)
}

/** The key, or one that was being made when its process was killed. */
export function isKeyFile(file: string): boolean {
  return file === name || /^secret\.key\.[0-9a-f]{12}\.new$/.test(file)
}

/** What is wrong with the key, if it is there. */
export async function diagnoseKey(dataDirectory: string): Promise<Found | undefined> {
  const path = join(dataDirectory, name)
  if ((await readKey(path)) === undefined || process.platform === 'win32') return undefined
  if (((await stat(path)).mode & 0o077) === 0) return undefined
  return {
    state: 'warning',
    message: `${path} can be read by other users of this machine: they can try what secrets of your clouds may be.`,
    next: `chmod 600 ${path}`,
  }
}

/** Without a whole key, whoever sees a hash could try what the secret is. */
async function readKey(path: string): Promise<Buffer | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (found === undefined) return undefined
  const key = found.isFile() && found.size === length ? await readFile(path) : undefined
  if (key?.length === length) return key
  const what = found.isFile() ? `it has ${found.size} bytes, and not ${length}` : 'it is no file'
  throw new StanceError('SECRET_KEY', `${path} is no key: ${what}.`, {
    next: 'Put it back from a backup of the data directory. Where there is none, remove it: the next scan makes another, and secrets that it reads then compare with none of before.',
  })
}

/** Whole or not at all: written beside its place, and then linked to it, where another process may have been faster. */
async function makeKey(path: string): Promise<void> {
  const made = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    const handle = await open(made, 'wx', 0o600)
    try {
      await handle.writeFile(randomBytes(length))
      await handle.sync()
    } finally {
      await handle.close()
    }
    await link(made, path).catch((error: NodeJS.ErrnoException) => afterLink(error, made, path))
  } catch (error) {
    throw toFileProblem(Object.assign(error as Error, { path })) ?? error
  } finally {
    await rm(made, { force: true })
  }
}

async function afterLink(error: NodeJS.ErrnoException, made: string, path: string): Promise<void> {
  if (error.code === 'EEXIST') return
  // Not every file system has links.
  const isFree = (await lstat(path).catch(() => undefined)) === undefined
  if (isFree) await rename(made, path)
}
