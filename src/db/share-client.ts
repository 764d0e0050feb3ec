import type { Database } from './database.ts'
import { openDuckDb } from './duckdb/open-duckdb.ts'
import type { OpenOptions } from './open-database.ts'

/** Opens a DuckDB file for reading: the file itself or, where another process holds it, through that process. */
export async function openShared(options: OpenOptions & { path: string }): Promise<Database> {
  return openDuckDb(options)
}
