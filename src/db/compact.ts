import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs'
import { StanceError } from '../core/errors.ts'
import { copyToTemp, tidyTemp } from './backup.ts'
import type { Database } from './database.ts'
import { DuckDatabase } from './duckdb/duckdb-database.ts'
import { leftBeforeCompact } from './files-beside.ts'
import { PostgresDatabase } from './postgres/postgres-database.ts'

export interface Compacted {
  /** bytes; on PostgreSQL of the whole database */
  before: number
  after: number
}

/**
 * Gives back the space of deleted rows. A DuckDB file never shrinks by itself: it is copied, and the copy takes
 * its place; the old file stays beside it until the new one has been opened. Nothing else may use the database
 * meanwhile (`DB_BUSY`). PostgreSQL vacuums, while others go on.
 */
export async function compact(db: Database): Promise<Compacted> {
  if (db instanceof DuckDatabase) return compactFile(db)
  if (db instanceof PostgresDatabase) return db.vacuum()
  throw new StanceError('DB_READ_ONLY', `The database ${db.location} is held by another process.`, {
    next: 'Wait until that process (a scan, perhaps) has ended, then run this again.',
  })
}

async function compactFile(db: DuckDatabase): Promise<Compacted> {
  const { path } = db
  if (path === ':memory:') return { before: 0, after: 0 }
  if (db.readOnly) {
    throw new StanceError('DB_READ_ONLY', `The database ${path} was opened for reading only.`, {
      next: 'Open it for writing.',
    })
  }
  return db.alone(async () => {
    const before = statSync(path).size
    const copy = await copyToTemp(db)
    const after = statSync(copy).size
    const old = `${path}.before-compact-${randomBytes(6).toString('hex')}`
    await db.instance.detach()
    try {
      keepAs(path, old)
      renameSync(copy, path)
      await db.instance.attach()
    } catch (error) {
      if (existsSync(old)) renameSync(old, path)
      rmSync(copy, { force: true })
      await db.instance.attach()
      throw error
    }
    rmSync(old)
    for (const left of leftBeforeCompact(path)) rmSync(left)
    await tidyTemp(db)
    return { before, after }
  })
}

/** By a second name the file is never missing, whenever this process dies; not every file system has them. */
function keepAs(path: string, old: string): void {
  try {
    linkSync(path, old)
  } catch {
    renameSync(path, old)
  }
}
