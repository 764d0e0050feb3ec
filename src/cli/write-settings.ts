import { stat, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { initYaml } from '../config/init-yaml.ts'
import { StanceError } from '../core/errors.ts'

async function sayThere(path: string): Promise<string> {
  const there = await stat(path).catch(() => undefined)
  return there?.isDirectory() === true ? `${path} is a directory.` : `There already is a file ${path}.`
}

/** Writes the settings file, but never over one; returns where it is. */
export async function writeSettings(cwd: string, name: string): Promise<string> {
  const path = resolve(cwd, name)
  try {
    await writeFile(path, initYaml(), { flag: 'wx', mode: 0o600 })
    return path
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST')
      throw new StanceError('CLI_FILE_EXISTS', await sayThere(path), {
        next: 'Edit it, or name another: `stance init other.yaml`.',
        cause,
      })
    throw new StanceError('CLI_FILE_WRITE', `${path} cannot be written: ${(cause as Error).message}`, {
      next: 'Name a file in a directory that this user may write to.',
      cause,
    })
  }
}
