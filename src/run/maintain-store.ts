import { existsSync } from 'node:fs'
import { StanceError } from '../core/errors.ts'
import { backup as backupDatabase } from '../db/backup.ts'
import { type Compacted, compact as compactDatabase } from '../db/compact.ts'
import { openDatabase } from '../db/open-database.ts'
import type { StoreSettings } from './open-store.ts'

/** A consistent copy of the embedded database; nothing may hold the file. */
export async function backupStore(
  settings: StoreSettings,
  target: string,
  overwrite: boolean,
): Promise<string> {
  return withStore(settings, async (db) => (await backupDatabase(db, target, { overwrite })).path)
}

export async function compactStore(settings: StoreSettings): Promise<Compacted> {
  return withStore(settings, compactDatabase)
}

async function withStore<T>(
  { url, path, memory_limit }: StoreSettings,
  work: (db: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>,
): Promise<T> {
  if (url === undefined && path !== undefined && !existsSync(path))
    throw new StanceError('STORE_EMPTY', `There is no database ${path}.`, {
      next: 'Run `stance scan`: it makes one.',
    })
  const db = await openDatabase({
    url,
    path,
    ...(memory_limit === 'automatic' ? {} : { memoryLimit: memory_limit }),
  })
  try {
    return await work(db)
  } finally {
    await db.close()
  }
}
