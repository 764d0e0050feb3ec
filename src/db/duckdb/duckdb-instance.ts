import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { quoteText } from '../identifier.ts'
import { defaultThreads } from './default-threads.ts'
import { toDuckError } from './duckdb-errors.ts'
import { defaultMemoryLimit } from './memory-limit.ts'

/**
 * The name under which the file is attached. A file opened directly would lend its own name: `stance.duckdb`
 * becomes a catalog "stance", and then `stance.resource` is ambiguous.
 */
export const catalog = 'estate'

/**
 * Rows that are compressed together. DuckDB keeps the last, unfinished group of each table uncompressed in memory, and
 * takes it up again at each checkpoint: of its own 122,880 rows, documents of common length are hundreds of MB.
 */
const rowGroups = 'row_group_size 30720'

export interface DuckInstanceOptions {
  /** real path, or `:memory:` */
  path: string
  readOnly: boolean
  /** bytes */
  memoryLimit: number | undefined
  threads: number | undefined
  tempDirectory: string | undefined
  exportDirectory: string | undefined
}

export interface DuckInstance {
  /** A connection whose default catalog is the file. */
  connect(): Promise<DuckDBConnection>
  tempDirectory: string
  /** Lets go of the file, so that it can be replaced, and takes it again. */
  detach(): Promise<void>
  attach(): Promise<void>
  close(): Promise<void>
}

/** The only place that makes DuckDB instances, and only through the cache (it refuses a file opened twice). */
export async function openDuckInstance(options: DuckInstanceOptions): Promise<DuckInstance> {
  const inMemory = options.path === ':memory:'
  const tempDirectory = resolve(
    options.tempDirectory ??
      (inMemory
        ? join(tmpdir(), `stance-${process.pid}-${randomBytes(4).toString('hex')}`)
        : `${options.path}.tmp`),
  )
  const instance = await DuckDBInstance.fromCache(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    // Writing in parallel; who wants an order says so, as on PostgreSQL (docs/adr/0008).
    preserve_insertion_order: 'false',
    memory_limit: `${Math.floor((options.memoryLimit ?? defaultMemoryLimit()) / 1_048_576)}MiB`,
    threads: String(options.threads ?? defaultThreads(options.path)),
  })
  const admin = await instance.connect()
  const attach = async () => {
    try {
      await admin.run(
        `attach ${quoteText(options.path)} as ${catalog} (${options.readOnly ? 'read_only' : rowGroups})`,
      )
    } catch (error) {
      throw toDuckError(error, options.path)
    }
  }
  const close = () => {
    admin.closeSync()
    instance.closeSync()
  }
  try {
    await attach()
    for (const setting of lockedSettings(tempDirectory, options.exportDirectory)) await admin.run(setting)
  } catch (error) {
    close()
    throw error
  }
  const detach = async () => {
    // The file is let go only when the last reference dies; a checkpoint first makes that quick and clean.
    if (!options.readOnly && !inMemory) await admin.run(`checkpoint ${catalog}`)
    await admin.run(`detach ${catalog}`)
  }
  return {
    tempDirectory,
    async connect() {
      const connection = await instance.connect()
      await connection.run(`use ${catalog}`)
      return connection
    },
    attach,
    detach,
    async close() {
      try {
        await detach()
      } finally {
        close()
      }
    },
  }
}

function lockedSettings(tempDirectory: string, exportDirectory: string | undefined): string[] {
  const allowed = exportDirectory === undefined ? [tempDirectory] : [tempDirectory, resolve(exportDirectory)]
  return [
    `set temp_directory = ${quoteText(tempDirectory)}`,
    `set allowed_directories = [${allowed.map(quoteText).join(', ')}]`,
    `set TimeZone = 'UTC'`,
    // As in PostgreSQL, for a person's SQL that does not say it.
    `set default_null_order = 'nulls_last_on_asc_first_on_desc'`,
    // Every checkpoint rewrites row groups: not after each small transaction of a scan.
    `set checkpoint_threshold = '64MiB'`,
    // A scan is many small statements: what each has freed is given back, and not kept for a large one (a tenth less memory).
    `set allocator_flush_threshold = '1MB'`,
    `set allocator_bulk_deallocation_flush_threshold = '1MB'`,
    `set enable_external_access = false`,
    `set lock_configuration = true`,
  ]
}
