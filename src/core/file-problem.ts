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
  EMFILE: ['cannot be opened: too many files are open', 'Raise the limit of open files (`ulimit -n`).'],
}

function notAllowed(): readonly [string, string] {
  return [
    'is closed to this user',
    'Run this as the user that it belongs to, give this user permission, or name another `data_directory` in stance.yaml.',
  ]
}

const fullDisk: Readonly<Record<string, string>> = {
  ENOSPC: 'is full',
  EDQUOT: 'has no room left for this user',
}

/** Full, or this user may have no more of it. */
export function isDiskFull(cause: unknown): cause is NodeJS.ErrnoException {
  return cause instanceof Error && ((cause as NodeJS.ErrnoException).code ?? '') in fullDisk
}

/** An error of the operating system about a file, in words; undefined for any other. */
export function toFileProblem(cause: unknown): StanceError | undefined {
  if (cause instanceof StanceError || !(cause instanceof Error)) return undefined
  const { code, path } = cause as NodeJS.ErrnoException
  const full = fullDisk[code ?? '']
  if (full !== undefined) {
    // Of a write that had begun, the operating system does not say where.
    const disk = path === undefined ? 'A disk that Stance writes to' : `The disk that holds ${path}`
    return new StanceError('DB_DISK_FULL', `${disk} ${full} (${code}).`, {
      next: 'Free some space, or name a place on another disk, then run this again.',
      cause,
    })
  }
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
