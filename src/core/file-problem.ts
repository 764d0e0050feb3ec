import { statSync } from 'node:fs'
import { StanceError } from './errors.ts'

/** What the operating system says of a path, and what a person can do about it. */
const meanings: Readonly<Record<string, readonly [what: string, next: string]>> = {
  EACCES: notAllowed(),
  EPERM: notAllowed(),
  EROFS: ['lies on a file system that can only be read', 'Name a place that can be written to.'],
  ENOTDIR: ['goes through something that is no directory', 'Name another path, or move what is in the way.'],
  EISDIR: ['is a directory, and no file', 'Name a file.'],
  ELOOP: ['leads through too many links', 'Mend the link, or name another path.'],
  ENAMETOOLONG: ['is too long for a path', 'Name a shorter one.'],
  ENOSPC: ['lies on a disk that is full', 'Free some space, or name a place on another disk.'],
  EDQUOT: ['lies where this user has no space left', 'Free some space, or name a place on another disk.'],
  EMFILE: ['cannot be opened: too many files are open', 'Raise the limit of open files (`ulimit -n`).'],
}

function notAllowed(): readonly [string, string] {
  return [
    'is closed to this user',
    'Run this as the user that it belongs to, give this user permission, or name another `data_directory` in stance.yaml.',
  ]
}

/** An error of the operating system about a file, in words; undefined for any other. */
export function toFileProblem(cause: unknown): StanceError | undefined {
  if (cause instanceof StanceError || !(cause instanceof Error)) return undefined
  const { code, path } = cause as NodeJS.ErrnoException
  const meaning = meanings[code ?? '']
  if (meaning === undefined || typeof path !== 'string') return undefined
  const [what, next] = meaning
  return new StanceError('FILE_REFUSED', `${path} ${what} (${code}).`, { next, cause })
}

/** Whether something is at a path. What cannot be looked at is not taken for nothing. */
export function isThere(path: string): boolean {
  try {
    statSync(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw toFileProblem(error) ?? error
  }
}
