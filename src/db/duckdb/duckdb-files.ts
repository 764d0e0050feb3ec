import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { StanceError } from '../../core/errors.ts'

/** The files that this process has open, by real path. Two instances on one file lose rows without a word. */
const open = new Set<string>()

/** The path behind all symbolic links; the file itself need not exist yet. */
export function toRealPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    if (isLink(path)) return toRealPath(resolve(dirname(path), readlinkSync(path)))
    try {
      return join(realpathSync(dirname(path)), basename(path))
    } catch {
      return resolve(path)
    }
  }
}

/**
 * DuckDB takes what is behind a `?` for something else: it looks for the journal of `a?b/x.duckdb` at
 * `a.wal?b/x.duckdb`, so that nothing can be written, and what a killed process left there is not read.
 */
export function refuseQuestionMark(path: string): void {
  if (!path.includes('?')) return
  throw new StanceError(
    'DB_PATH',
    `There is a question mark in ${path}: DuckDB cannot keep a database there.`,
    {
      next: 'Name a file and folders without one.',
    },
  )
}

/** Reserves the file for one database until `release`. Sees symbolic and hard links. */
export function reserveFile(realPath: string): { release(): void } {
  const identity = identityOf(realPath)
  for (const path of open) {
    if (path !== realPath && (identity === undefined || identityOf(path) !== identity)) continue
    throw new StanceError(
      'DB_ALREADY_OPEN',
      `The database file ${realPath} is already open in this process.`,
      {
        next: 'Use the database that is open; a second one on the same file would lose rows.',
      },
    )
  }
  open.add(realPath)
  return { release: () => void open.delete(realPath) }
}

function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}
