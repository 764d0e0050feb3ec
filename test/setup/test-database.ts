import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import type { Database, EngineName } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrate.ts'
import { type OpenOptions, openDatabase } from '../../src/db/open-database.ts'

export interface TestDatabase {
  readonly engine: EngineName
  /** what to open it by again */
  readonly options: OpenOptions
  readonly db: Database
  /** Opens it once more (PostgreSQL), or again after `db.close()` (DuckDB). Closed with the rest. */
  open(more?: OpenOptions): Promise<Database>
  /** Closes and removes everything. */
  drop(): Promise<void>
}

export interface TestDatabaseOptions {
  /** Run the migrations. Default false: only the empty schemas lake, stance and public are there. */
  migrated?: boolean
  /** PostgreSQL's major version. Default 18. */
  postgres?: 17 | 18
  /** PostgreSQL: a collation of ICU, as many servers have one; the tests' servers sort by bytes. */
  collation?: string
  /** More options to open it with. */
  open?: OpenOptions
  /** A copy of this one, which nobody may have open. Citus has one database for all, and no copies. */
  copyOf?: Pick<TestDatabase, 'options'>
}

/**
 * For suites of what is above the stores, which ask both the same: the one whose scans take half of the processor. All
 * of them under `STANCE_TEST_ENGINES=all`, as in `npm run soak`.
 */
export function oneEngine(): EngineName[] {
  if (process.env.STANCE_TEST_ENGINES === 'all') return testEngines()
  return inject('citusUrl') ? ['citus'] : ['postgres']
}

/** DuckDB and PostgreSQL, and Citus where `STANCE_TEST_CITUS_URL` names a database for the tests. */
export function testEngines(): EngineName[] {
  return inject('citusUrl') ? ['duckdb', 'postgres', 'citus'] : ['duckdb', 'postgres']
}

/** Milliseconds for a test of whole scans: on Citus each statement, and each table that is made, takes its time. */
export const longest = inject('citusUrl') === '' ? 300_000 : 1_800_000

/**
 * Runs the same tests on every engine, each with a fresh database of its own:
 *
 *     eachEngine('cells', (database) => {
 *       it('…', async () => { const { db } = database() … })
 *     }, { migrated: true })
 */
export function eachEngine(
  title: string,
  tests: (database: () => TestDatabase, engine: EngineName) => void,
  options: TestDatabaseOptions & { engines?: readonly EngineName[] } = {},
): void {
  describe.each(options.engines ?? testEngines())(`${title} on %s`, (engine) => {
    let database: TestDatabase | undefined
    beforeAll(async () => {
      database = await freshDatabase(engine, options)
    })
    afterAll(async () => {
      await database?.drop()
    })
    tests(() => {
      if (!database) throw new Error('The database is there in tests and hooks only.')
      return database
    }, engine)
  })
}

/** For a test that wants one or more databases of its own; call `drop` at the end. */
export async function freshDatabase(
  engine: EngineName,
  options: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  const place = await makers[engine](options)
  const opened: Database[] = []
  const open = async (more: OpenOptions = {}) => {
    const db = await openDatabase({ ...place.options, ...options.open, ...more })
    opened.push(db)
    return db
  }
  const drop = async () => {
    for (const db of opened) await db.close()
    await place.remove()
  }
  try {
    const db = await open()
    if (options.migrated) await migrate(db)
    return { engine, options: place.options, db, open, drop }
  } catch (error) {
    await drop()
    throw error
  }
}

interface Place {
  options: OpenOptions
  remove(): Promise<void>
}

const makers: Record<EngineName, (options: TestDatabaseOptions) => Promise<Place>> = {
  duckdb: duckPlace,
  postgres: postgresPlace,
  citus: citusPlace,
}

async function duckPlace({ copyOf }: TestDatabaseOptions): Promise<Place> {
  const directory = await mkdtemp(join(inject('sharedDirectory'), 'database-'))
  const path = join(directory, 'stance.duckdb')
  if (copyOf !== undefined) await copyFile(copyOf.options.path!, path)
  return {
    options: { path, memoryLimit: 1_073_741_824 },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

let count = 0

async function postgresPlace(options: TestDatabaseOptions): Promise<Place> {
  const server = inject(options.postgres === 17 ? 'postgres17Url' : 'postgres18Url')
  count += 1
  const name = `test_${process.pid}_${count}`
  const template = options.copyOf === undefined ? '' : ` template ${nameOf(options.copyOf.options)}`
  const collation =
    options.collation === undefined
      ? ''
      : ` template template0 locale_provider icu icu_locale '${options.collation}'`
  await administer(server, `create database ${name}${template}${collation}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    options: { url: url.href, connections: 5 },
    remove: async () => void (await administer(server, `drop database if exists ${name} with (force)`)),
  }
}

function nameOf({ url = '' }: OpenOptions): string {
  return new URL(url).pathname.slice(1)
}

/**
 * One database for all: test files on Citus run one after another, and whoever asks for a fresh one takes the last
 * one away.
 */
async function citusPlace({ copyOf }: TestDatabaseOptions): Promise<Place> {
  if (copyOf !== undefined) throw new Error('there are no copies on Citus')
  const url = inject('citusUrl')
  const empty = async () => {
    // All of them: a run that was killed leaves those that tests made.
    for (const schema of await schemasOf(url))
      await administer(url, `drop schema if exists ${schema} cascade`)
  }
  await empty()
  // Making a table costs by the shard; what is pushed down to them is the same with four.
  await administer(url, `alter database ${nameOf({ url })} set citus.shard_count = 4`)
  return { options: { url, connections: 5 }, remove: empty }
}

async function schemasOf(url: string): Promise<string[]> {
  const rows = await administer(
    url,
    `select quote_ident(nspname) as name from pg_namespace
     where nspname !~ '^(pg_|citus|columnar)' and nspname not in ('public', 'information_schema')`,
  )
  return rows.map((row) => String(row.name))
}

async function administer(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query(sql)
    return rows
  } finally {
    await client.end()
  }
}
