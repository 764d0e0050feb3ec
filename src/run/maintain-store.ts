import { StanceError } from '../core/errors.ts'
import { isThere } from '../core/file-problem.ts'
import { backup as backupDatabase } from '../db/backup.ts'
import { type Compacted, compact as compactDatabase } from '../db/compact.ts'
import { openDatabase } from '../db/open-database.ts'
import type { StoreSettings } from './open-store.ts'

/** A consistent copy of the embedded database; where a scan holds the file, that one takes it. */
export async function backupStore(
  settings: StoreSettings,
  target: string,
  overwrite: boolean,
): Promise<string> {
  const copy: Work<string> = async (db) => (await backupDatabase(db, target, { overwrite })).path
  try {
    return await withStore(settings, copy)
  } catch (error) {
    if (!(error instanceof StanceError) || error.code !== 'DB_FILE_HELD') throw error
    return withStore({ ...settings, readOnly: true }, copy)
  }
}

export async function compactStore(settings: StoreSettings): Promise<Compacted> {
  return withStore(settings, compactDatabase)
}

type Work<T> = (db: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>

async function withStore<T>(
  { url, path, memory_limit, readOnly = false }: StoreSettings & { readOnly?: boolean },
  work: Work<T>,
): Promise<T> {
  if (url === undefined && path !== undefined && !isThere(path))
    throw new StanceError('STORE_EMPTY', `There is no database ${path}.`, {
      next: 'Run `stance scan`: it makes one.',
    })
  const db = await openDatabase({
    url,
    path,
    readOnly,
    ...(memory_limit === 'automatic' ? {} : { memoryLimit: memory_limit }),
  })
  try {
    return await work(db)
  } finally {
    await db.close()
  }
}
