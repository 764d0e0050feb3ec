import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { toFileProblem } from './file-problem.ts'

/**
 * A small file for its owner alone, whole or not at all: what a full disk took of it is removed again. `isNew`: never over one
 * that is there (EEXIST). The operating system names no file where a write fails: here it is named.
 */
export function writeFile(path: string, content: string, { isNew = false } = {}): void {
  const file = openSync(path, isNew ? 'wx' : 'w', 0o600)
  try {
    writeFileSync(file, content)
  } catch (cause) {
    unlinkSync(path)
    throw toFileProblem(Object.assign(cause as Error, { path })) ?? cause
  } finally {
    closeSync(file)
  }
}

/** A disk that is nearly full takes a part, and says so only the next time. */
export async function writeAt(file: FileHandle, bytes: Buffer, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done)
    done += bytesWritten
  }
}
