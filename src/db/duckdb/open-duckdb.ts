import { chmodSync, existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StanceError } from '../../core/errors.ts'
import { isDiskFull, toFileProblem } from '../../core/file-problem.ts'
import { leftBeforeCompact } from '../files-beside.ts'
import { makeDirectory } from '../make-directory.ts'
import type { OpenOptions } from '../open-database.ts'
import { DuckDatabase } from './duckdb-database.ts'
import { isLockHeld, toDuckError } from './duckdb-errors.ts'
import { refuseQuestionMark, reserveFile, toRealPath } from './duckdb-files.ts'
import { type DuckInstance, openDuckInstance } from './duckdb-instance.ts'
import { sweepCopies } from './sweep-copies.ts'
import { isUnbegun, removeEmpty, removeUnbegun } from './unbegun-file.ts'

const schemas = ['lake', 'stance', 'public']

export async function openDuckDb(options: OpenOptions & { path: string }): Promise<DuckDatabase> {
  const inMemory = options.path === ':memory:'
  const readOnly = options.readOnly ?? false
  if (!inMemory) refuseQuestionMark(resolve(options.path))
  if (!inMemory && !readOnly) makeDirectoryOf(options.path)
  const path = inMemory ? options.path : toRealPath(options.path)
  refuseQuestionMark(path)
  let isNew = !inMemory && !existsSync(path)
  if (isNew) refuseHalfCompacted(path)
  const file = inMemory ? undefined : reserveFile(path)
  const attach = () =>
    openDuckInstance({
      path,
      readOnly: readOnly && !inMemory,
      memoryLimit: options.memoryLimit,
      threads: options.threads,
      tempDirectory: options.tempDirectory,
      exportDirectory: options.exportDirectory,
    })
  const waitMs = options.lockWaitMs ?? 2_000
  try {
    const instance = await attachWhenFree(attach, waitMs).catch(async (error) => {
      if (readOnly || !(await removeEmpty(path, error))) throw error
      isNew = true
      return attachWhenFree(attach, waitMs)
    })
    // What a cloud's configuration says is nobody else's business.
    if (isNew) chmodSync(path, 0o600)
    if (!readOnly || inMemory) await makeSchemas(instance, path)
    if (!readOnly && !inMemory) await sweepCopies(instance.tempDirectory)
    return new DuckDatabase({
      instance,
      path,
      readOnly,
      readers: options.readers ?? 2,
      statementTimeoutMs: options.statementTimeoutMs,
      release: () => file?.release(),
    })
  } catch (error) {
    if (isNew && !readOnly) removeUnbegun(path, error)
    file?.release()
    throw readOnly && isUnbegun(path, error) ? missing(path, error) : error
  }
}

/** What `touch` made, or a process that was killed before it wrote anything, is no damaged database. */
function missing(path: string, cause: unknown): StanceError {
  return new StanceError('DB_FILE_MISSING', `There is no database at ${path} yet: the file is empty.`, {
    next: 'Run `stance scan` first, or name the right file.',
    cause,
  })
}

/** A new file beside the old one would look as if all was lost. */
function refuseHalfCompacted(path: string): void {
  const [old] = leftBeforeCompact(path)
  if (old === undefined) return
  throw new StanceError(
    'DB_FILE_MISSING',
    `${path} is not there, but ${old} is: compacting was broken off.`,
    {
      next: `Rename ${old} to ${path}, then run this again. It is whole.`,
    },
  )
}

async function makeSchemas(instance: DuckInstance, path: string): Promise<void> {
  const connection = await instance.connect()
  try {
    for (const schema of schemas) await connection.run(`create schema if not exists ${schema}`)
  } catch (error) {
    await instance.close().catch(() => undefined)
    throw toDuckError(error, path)
  } finally {
    connection.closeSync()
  }
}

/** A read command may hold the file for a moment; a scan that starts then waits for it. */
async function attachWhenFree(attach: () => Promise<DuckInstance>, waitMs: number): Promise<DuckInstance> {
  const until = performance.now() + waitMs
  for (;;) {
    try {
      return await attach()
    } catch (error) {
      if (!isLockHeld(error) || performance.now() >= until) throw error
      await sleep(100)
    }
  }
}

function makeDirectoryOf(path: string): void {
  try {
    makeDirectory(dirname(path))
  } catch (cause) {
    if (isDiskFull(cause)) throw toFileProblem(cause)
    throw new StanceError('DB_PATH', `The directory of ${path} cannot be made.`, {
      next: 'Name a place that this user may write to: `data_directory` in stance.yaml, or `database.path` in stance.yaml where that is set.',
      cause,
    })
  }
}
