import { StanceError } from '../core/errors.ts'
import type { Database } from './database.ts'
import { openDuckDb } from './duckdb/open-duckdb.ts'
import { refuseNewerSchema } from './migrate.ts'
import { openPostgres } from './postgres/open-postgres.ts'
import { openShared } from './share-client.ts'

export interface OpenOptions {
  /** `postgresql://user:password@host:port/database?sslmode=…`; wins over `path`. */
  url?: string | undefined
  /** A DuckDB file, or `:memory:`. */
  path?: string | undefined
  /** Refuses every write. A DuckDB file that another Stance process holds is then read through that process. */
  readOnly?: boolean
  /** Ends any statement that runs longer. */
  statementTimeoutMs?: number
  /** DuckDB: bytes; a third of what the container has unless given. */
  memoryLimit?: number
  /** DuckDB: threads of the engine; one for a small file, the number of cores for a large one, unless given. */
  threads?: number
  /** DuckDB: where large sorts and joins spill; `<path>.tmp` unless given. */
  tempDirectory?: string
  /** DuckDB: the one other directory that SQL may read and write, for exports. */
  exportDirectory?: string
  /** DuckDB: reading statements at once (2); keep it two below `UV_THREADPOOL_SIZE`. */
  readers?: number
  /** DuckDB: how long to wait for a process that holds the file (2 s). */
  lockWaitMs?: number
  /** PostgreSQL: connections (10). */
  connections?: number
}

/** Opens the store. Does not migrate it (`migrate`), but refuses one that a newer program has migrated. */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  const db = await open(options)
  try {
    await refuseNewerSchema(db)
  } catch (error) {
    await db.close()
    throw error
  }
  return db
}

async function open(options: OpenOptions): Promise<Database> {
  if (options.url !== undefined) return openPostgres({ ...options, url: options.url })
  if (options.path === undefined) {
    throw new StanceError('DB_NOT_NAMED', 'No database was named.', {
      next: 'Set a database path in stance.yaml, or DATABASE_URL.',
    })
  }
  const { path, readOnly } = options
  if (!readOnly || path === ':memory:') return openDuckDb({ ...options, path })
  return openShared({ ...options, path })
}
