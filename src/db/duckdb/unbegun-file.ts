import { rmSync, statSync, unlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { StanceError } from '../../core/errors.ts'

/** Three headers; nothing of anybody's can be in a file that has less. */
const headers = 3 * 4_096

/** Bytes; 0 where there is no file. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** A file of no bytes, also no journal beside it, that DuckDB refuses. */
export function isUnbegun(path: string, error: unknown): boolean {
  if (!(error instanceof StanceError) || error.code !== 'DB_FILE_INVALID') return false
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true
  return isFile && sizeOf(path) === 0 && sizeOf(`${path}.wal`) === 0
}

/** Makes room for a new database where a file of no bytes lies. Whether it has. */
export async function removeEmpty(path: string, error: unknown): Promise<boolean> {
  if (!isUnbegun(path, error)) return false
  // Another process may have made it this moment, and be about to write to it.
  await sleep(200)
  if (!isUnbegun(path, error)) return false
  try {
    unlinkSync(path)
    return true
  } catch {
    return false
  }
}

/** What an opening has left of a new file on a full disk: from then on it would be told as damaged. */
export function removeUnbegun(path: string, error: unknown): void {
  const isFull = error instanceof StanceError && error.code === 'DB_DISK_FULL'
  if (isFull && sizeOf(path) < headers) rmSync(path, { force: true })
}
