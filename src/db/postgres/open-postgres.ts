import pg from 'pg'
import { isAmbiguousAddress } from '../../core/ambiguous-address.ts'
import { StanceError } from '../../core/errors.ts'
import type { OpenOptions } from '../open-database.ts'
import { PostgresDatabase } from './postgres-database.ts'
import { toPostgresError } from './postgres-errors.ts'
import { postgresTypes } from './postgres-values.ts'

const oldest = 170_000
const schemas = ['lake', 'stance', 'public']

export interface PostgresOptions extends OpenOptions {
  url: string
  /** How long a statement may take is said by the role: one that was made for a person's queries. */
  limitedByRole?: boolean
}

export async function openPostgres(options: PostgresOptions): Promise<PostgresDatabase> {
  const location = toLocation(options.url)
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connections ?? 10,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    application_name: 'stance',
    types: postgresTypes as pg.CustomTypesConfig,
    onConnect: (client: pg.ClientBase) => client.query(sessionSettings(options)),
  } as pg.PoolConfig)
  // An idle session that the server ends is replaced at the next use; unheard it would end the process.
  pool.on('error', () => undefined)
  try {
    const isCitus = await inspect(pool, location)
    if (!options.readOnly) await makeSchemas(pool)
    return new PostgresDatabase(pool, isCitus ? 'citus' : 'postgres', location, options.readOnly ?? false)
  } catch (error) {
    await pool.end()
    throw toPostgresError(error, location)
  }
}

/** Where it is, without credentials. */
function toLocation(url: string): string {
  const parsed = URL.parse(url)
  if (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol) || isAmbiguousAddress(url)) {
    throw new StanceError('DB_URL', 'DATABASE_URL is not the address of a PostgreSQL database.', {
      next: 'Write it as postgresql://user:password@host:5432/database (special characters percent-encoded: @ is %40, / is %2F).',
    })
  }
  const host = parsed.host || parsed.searchParams.get('host') || 'localhost'
  return `postgresql://${host}${parsed.pathname}`
}

const leastWorkMemory = 64
const raiseWorkMemory = `select set_config('work_mem', '${leastWorkMemory}MB', false)
  where pg_size_bytes(current_setting('work_mem')) < ${leastWorkMemory} * 1024 * 1024`

/**
 * What every session of ours sets (docs/adr/0008). A server's own `work_mem` is raised to what one account's pass needs to
 * group and join in memory, never lowered: the default of 4 MB is made for many short queries, and ours are few and wide.
 */
function sessionSettings({ statementTimeoutMs, readOnly, limitedByRole }: PostgresOptions): string {
  return [
    // A role's or server's own is made for others: ours are as long as an account is large.
    ...(limitedByRole ? [] : [`set statement_timeout = ${Math.ceil(statementTimeoutMs ?? 0)}`]),
    `set timezone = 'UTC'`,
    `set datestyle = 'ISO, YMD'`,
    `set intervalstyle = 'postgres'`,
    `set standard_conforming_strings = on`,
    // Writes happen in transactions that say so.
    `set default_transaction_read_only = on`,
    // A pass is one wide statement that runs once: compiling its expressions takes longer than running them.
    `set jit = off`,
    // By default an index that is small for its rows is read by one worker: counts at a past moment took twice as long.
    `set min_parallel_index_scan_size = 0`,
    // A reader's role has limits of its own.
    ...(readOnly ? [] : [raiseWorkMemory]),
  ].join('; ')
}

async function inspect(pool: pg.Pool, location: string): Promise<boolean> {
  const found = await pool.query<{ version: number; encoding: string; citus: boolean }>(
    `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding,
            exists (select 1 from pg_extension where extname = 'citus') as citus`,
  )
  const { version, encoding, citus } = found.rows[0]!
  if (version < oldest) {
    throw new StanceError('DB_VERSION', `${location} is PostgreSQL ${Math.floor(version / 10_000)}.`, {
      next: 'Use PostgreSQL 17 or 18.',
    })
  }
  if (encoding !== 'UTF8') {
    throw new StanceError('DB_ENCODING', `The database at ${location} is encoded in ${encoding}.`, {
      next: `Create it with UTF-8: createdb --encoding=UTF8 --template=template0 <name>`,
    })
  }
  return citus
}

async function makeSchemas(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ nspname: string }>('select nspname from pg_namespace')
  const there = new Set(rows.map((row) => row.nspname))
  const missing = schemas.filter((schema) => !there.has(schema))
  if (missing.length === 0) return
  const client = await pool.connect()
  try {
    // Two workers that start together: without the lock one of them would fail on pg_namespace.
    await client.query('begin read write')
    await client.query(`select pg_advisory_xact_lock(hashtext('stance schemas'))`)
    for (const schema of missing) await client.query(`create schema if not exists ${schema}`)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}
