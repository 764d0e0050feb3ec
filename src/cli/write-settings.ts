import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { initYaml } from '../config/init-yaml.ts'
import { StanceError } from '../core/errors.ts'
import { isDiskFull } from '../core/file-problem.ts'
import { writeFile } from '../core/write-file.ts'

async function sayThere(path: string): Promise<string> {
  const there = await stat(path).catch(() => undefined)
  return there?.isDirectory() === true ? `${path} is a directory.` : `There already is a file ${path}.`
}

/** Writes the settings file, but never over one; returns where it is. */
export async function writeSettings(cwd: string, name: string): Promise<string> {
  const path = resolve(cwd, name)
  try {
    writeFile(path, initYaml(), { isNew: true })
    return path
  } catch (cause) {
    if (cause instanceof StanceError || isDiskFull(cause)) throw cause
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
