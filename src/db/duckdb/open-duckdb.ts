import { chmodSync, existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StanceError } from '../../core/errors.ts'
import { leftBeforeCompact } from '../files-beside.ts'
import { makeDirectory } from '../make-directory.ts'
import type { OpenOptions } from '../open-database.ts'
import { DuckDatabase } from './duckdb-database.ts'
import { isLockHeld } from './duckdb-errors.ts'
import { refuseQuestionMark, reserveFile, toRealPath } from './duckdb-files.ts'
import { type DuckInstance, openDuckInstance } from './duckdb-instance.ts'
import { sweepCopies } from './sweep-copies.ts'

const schemas = ['lake', 'stance', 'public']

export async function openDuckDb(options: OpenOptions & { path: string }): Promise<DuckDatabase> {
  const inMemory = options.path === ':memory:'
  const readOnly = options.readOnly ?? false
  if (!inMemory) refuseQuestionMark(resolve(options.path))
  if (!inMemory && !readOnly) makeDirectoryOf(options.path)
  const path = inMemory ? options.path : toRealPath(options.path)
  refuseQuestionMark(path)
  const isNew = !inMemory && !existsSync(path)
  if (isNew) refuseHalfCompacted(path)
  const file = inMemory ? undefined : reserveFile(path)
  try {
    const instance = await attachWhenFree(
      () =>
        openDuckInstance({
          path,
          readOnly: readOnly && !inMemory,
          memoryLimit: options.memoryLimit,
          threads: options.threads,
          tempDirectory: options.tempDirectory,
          exportDirectory: options.exportDirectory,
        }),
      options.lockWaitMs ?? 2_000,
    )
    // What a cloud's configuration says is nobody else's business.
    if (isNew) chmodSync(path, 0o600)
    if (!readOnly || inMemory) await makeSchemas(instance)
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
    file?.release()
    throw error
  }
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

async function makeSchemas(instance: DuckInstance): Promise<void> {
  const connection = await instance.connect()
  try {
    for (const schema of schemas) await connection.run(`create schema if not exists ${schema}`)
  } catch (error) {
    await instance.close().catch(() => undefined)
    throw error
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
    throw new StanceError('DB_PATH', `The directory of ${path} cannot be made.`, {
      next: 'Name a place that this user may write to: `data_directory` in stance.yaml, or `database.path` in stance.yaml where that is set.',
      cause,
    })
  }
}
