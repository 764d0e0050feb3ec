import { randomBytes } from 'node:crypto'
import { constants, existsSync, statSync } from 'node:fs'
import { chmod, copyFile, open, rename, rm, rmdir, utimes } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import { StanceError } from '../core/errors.ts'
import { isDiskFull, toFileProblem } from '../core/file-problem.ts'
import type { Database } from './database.ts'
import { DuckDatabase } from './duckdb/duckdb-database.ts'
import { toDuckError } from './duckdb/duckdb-errors.ts'
import { refuseQuestionMark, toRealPath } from './duckdb/duckdb-files.ts'
import { catalog } from './duckdb/duckdb-instance.ts'
import { sweepCopies, takingCopy } from './duckdb/sweep-copies.ts'
import { isNameBeside } from './files-beside.ts'
import { quoteName, quoteText } from './identifier.ts'
import { makeDirectory } from './make-directory.ts'
import { SharedDatabase } from './share-client.ts'

/**
 * Writes a consistent copy of a DuckDB database to `target`, complete or not at all; readers and writers go on
 * meanwhile, also where another process holds the file (opened with `readOnly`): that one takes the copy. PostgreSQL brings its own tool, and the error says how to call it.
 */
export async function backup(
  db: Database,
  target: string,
  options: { overwrite?: boolean } = {},
): Promise<{ path: string }> {
  if (db.engine !== 'duckdb') {
    throw new StanceError('DB_BACKUP_ELSEWHERE', 'PostgreSQL is backed up by its own tools.', {
      next: `Run: pg_dump --format=custom --file=${JSON.stringify(resolve(target))} "$DATABASE_URL"`,
    })
  }
  const path = resolve(target)
  try {
    await write(db, path, options)
  } catch (cause) {
    throw toFileError(cause, path)
  }
  return { path }
}

async function write(db: Database, path: string, options: { overwrite?: boolean }): Promise<void> {
  if (toRealPath(path) === toRealPath(db.location)) {
    throw new StanceError('DB_BACKUP_ITSELF', `${path} is the database itself.`, {
      next: 'Name another file.',
    })
  }
  refuseName(path, db.location)
  refuseQuestionMark(toRealPath(path))
  if (existsSync(path) && !statSync(path).isFile()) {
    const what = statSync(path).isDirectory() ? 'a directory' : 'no file'
    throw new StanceError('DB_PATH', `${path} is ${what}.`, { next: 'Name a file.' })
  }
  if (existsSync(path) && !options.overwrite) {
    throw new StanceError('DB_BACKUP_EXISTS', `There already is a file at ${path}.`, {
      next: 'Name another file, or replace this one: add `--overwrite`.',
    })
  }
  await refuseForeign(path)
  makeDirectory(dirname(path))
  const copy = await copyOf(db)
  try {
    await moveFile(copy, path)
  } catch (cause) {
    await rm(copy, { force: true })
    throw cause
  } finally {
    await rmdir(dirname(copy)).catch(() => undefined)
  }
}

/** Whatever is called so is taken for a part of a database, and goes with it. */
function refuseName(path: string, database: string): void {
  const [folder, own] = [dirname(toRealPath(path)), toRealPath(database)]
  const isBeside = folder === dirname(own) && isNameBeside(basename(path), basename(own))
  if (!isBeside && !path.endsWith('.wal')) return
  throw new StanceError('DB_BACKUP_NAME', `${path} is a name for a part of a database, and no backup.`, {
    next: 'Name another file.',
  })
}

/** `overwrite` is for the backup before this one; another file is not ours to replace. */
async function refuseForeign(path: string): Promise<void> {
  if (!existsSync(path)) return
  const handle = await open(path, 'r')
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(12), 0, 12, 0)
    if (bytesRead === 0 || buffer.subarray(8, bytesRead).toString('latin1') === 'DUCK') return
  } finally {
    await handle.close()
  }
  throw new StanceError('DB_BACKUP_FOREIGN', `The file ${path} is no backup, and is not replaced.`, {
    next: 'Name another file, or remove that one first.',
  })
}

async function copyOf(db: Database): Promise<string> {
  if (db instanceof DuckDatabase) return copyToTemp(db)
  const copy = db instanceof SharedDatabase ? await db.copyToTemp() : undefined
  if (copy !== undefined) return copy
  throw new StanceError('DB_CONNECTION_LOST', `The process that held ${db.location} has ended meanwhile.`, {
    next: 'Run this again.',
  })
}

/** A copy in the temporary directory, the one place that the engine may write to. Written to disk when this returns. */
export async function copyToTemp(db: DuckDatabase): Promise<string> {
  const id = randomBytes(6).toString('hex')
  const file = join(db.instance.tempDirectory, `copy-${id}.duckdb`)
  await sweepCopies(db.instance.tempDirectory)
  return takingCopy(file, () => copyTo(db, file, quoteName(`copy_${id}`)))
}

async function copyTo(db: DuckDatabase, file: string, name: string): Promise<string> {
  makeDirectory(db.instance.tempDirectory)
  const connection = await db.instance.connect()
  try {
    await connection.run(`attach ${quoteText(file)} as ${name}`)
    try {
      await connection.run(`copy from database ${catalog} to ${name}`)
      await checkpoint(connection, name)
    } finally {
      await connection.run(`detach ${name}`)
    }
    await chmod(file, 0o600)
    await sync(file)
    return file
  } catch (error) {
    await rm(file, { force: true })
    await rm(`${file}.wal`, { force: true })
    await tidyTemp(db)
    throw toDuckError(error, db.location)
  } finally {
    connection.closeSync()
  }
}

/** Other connections that write, if only to another database, keep the engine from it: for a moment at a time. */
async function checkpoint(connection: DuckDBConnection, name: string): Promise<void> {
  const until = performance.now() + mostPatience
  for (;;) {
    try {
      await connection.run(`checkpoint ${name}`)
      return
    } catch (error) {
      const isBusy = error instanceof Error && error.message.includes('other write transactions active')
      if (!isBusy || performance.now() > until) throw error
      await sleep(100)
    }
  }
}

const mostPatience = 30_000

/** Unless something else is in it, the engine's own spilled data perhaps. */
export async function tidyTemp(db: DuckDatabase): Promise<void> {
  await rmdir(db.instance.tempDirectory).catch(() => undefined)
}

async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    // Another disk: the copy gets its name only when it is whole.
    const part = `${to}.${randomBytes(6).toString('hex')}.part`
    try {
      // Whoever sweeps up what was left behind goes by its age.
      await utimes(from, new Date(), new Date())
      await copyFile(from, part, constants.COPYFILE_EXCL)
      await sync(part)
      await rename(part, to)
    } catch (cause) {
      await rm(part, { force: true })
      throw cause
    }
    await rm(from)
  }
  await sync(dirname(to)).catch(() => undefined)
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function toFileError(cause: unknown, path: string): unknown {
  if (cause instanceof StanceError) return cause
  const { code } = cause as NodeJS.ErrnoException
  if (isDiskFull(cause)) return toFileProblem(Object.assign(cause, { path }))
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new StanceError('DB_PERMISSION', `The operating system refuses to write ${path}.`, {
      next: 'Name a file in a directory that this user may write to.',
      cause,
    })
  }
  if (code === undefined) return cause
  return new StanceError('DB_PATH', `No file can be written at ${path} (${code}).`, {
    next: 'Name a file in a directory that this user may write to.',
    cause,
  })
}
