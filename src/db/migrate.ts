import { StanceError } from '../core/errors.ts'
import { backup } from './backup.ts'
import type { Database, EngineName, Reader, Transaction } from './database.ts'
import { DuckDatabase } from './duckdb/duckdb-database.ts'
import { quoteText } from './identifier.ts'
import { type Migration, type MigrationStatement, readMigrations } from './migration-files.ts'
import { withoutPrimaryKey } from './primary-key.ts'
import { tableExists } from './table-columns.ts'

export interface MigrateOptions {
  migrations?: readonly Migration[]
  /** A DuckDB file that already has a schema is copied first, beside itself. Default true. */
  backup?: boolean
  now?: Date
}

export interface Migrated {
  /** names of the migrations that ran now, in order */
  ran: string[]
  /** where the copy made before is; none for a fresh database or where nothing was to do */
  backup: string | undefined
}

/** Brings our own tables to the shape this program knows. Safe to call at every start and by several workers. */
export async function migrate(db: Database, options: MigrateOptions = {}): Promise<Migrated> {
  const migrations = options.migrations ?? readMigrations()
  const now = options.now ?? new Date()
  const done = await recorded(db)
  refuseUnknown(done, migrations, db.location)
  const pending = migrations.filter(({ name }) => !done.includes(name))
  if (pending.length === 0) return { ran: [], backup: undefined }
  const copy =
    done.length > 0 && options.backup !== false ? await backupFirst(db, pending[0]!.name) : undefined
  const ran: string[] = []
  for (const migration of pending) {
    const isNew = await db.transaction((tx) => runMigration(tx, migration, now), { label: migration.name })
    if (isNew) ran.push(migration.name)
  }
  return { ran, backup: copy }
}

/** A database that a newer Stance has migrated may mean something else by what it holds: not even read. */
export async function refuseNewerSchema(db: Database, migrations = readMigrations()): Promise<void> {
  refuseUnknown(await recorded(db), migrations, db.location)
}

function refuseUnknown(done: readonly string[], migrations: readonly Migration[], location: string): void {
  const unknown = done.find((name) => !migrations.some((migration) => migration.name === name))
  if (unknown === undefined) return
  throw new StanceError(
    'DB_SCHEMA_NEWER',
    `The database ${location} was migrated by a newer Stance: it has "${unknown}", which this one does not know.`,
    { next: 'Use that newer Stance, or a backup from before it. Nothing has been changed.' },
  )
}

async function recorded(db: Reader): Promise<string[]> {
  if (!(await tableExists(db, 'stance', 'migration'))) return []
  const rows = await db.query<{ name: string }>('select name from stance.migration order by name nulls last')
  return rows.map((row) => row.name)
}

async function backupFirst(db: Database, next: string): Promise<string | undefined> {
  if (!(db instanceof DuckDatabase) || db.path === ':memory:') return undefined
  const target = `${db.path}.before-${next}`
  await backup(db, target, { overwrite: true })
  return target
}

async function runMigration(tx: Transaction, migration: Migration, now: Date): Promise<boolean> {
  // On PostgreSQL several workers may start at once; the second finds the work done.
  if (tx.engine !== 'duckdb')
    await tx.query(`select pg_advisory_xact_lock(hashtext('stance migration'))::text`)
  // Distributing several tables and then a reference table in one transaction asks for this.
  if (tx.engine === 'citus') await tx.run(`set local citus.multi_shard_modify_mode = 'sequential'`)
  if (!(await tableExists(tx, 'stance', 'migration'))) {
    await tx.run('create table stance.migration (name text not null, ran_at timestamptz not null)')
  }
  const there = await tx.query('select name from stance.migration where name = $1', [migration.name])
  if (there.length > 0) return false
  for (const statement of migration.statements) await runStatementOf(tx, migration.name, statement)
  await tx.run('insert into stance.migration (name, ran_at) values ($1, $2)', [migration.name, now])
  return true
}

async function runStatementOf(tx: Transaction, name: string, statement: MigrationStatement): Promise<void> {
  try {
    for (const sql of toEngine(tx.engine, statement)) await tx.run(sql)
  } catch (cause) {
    if (cause instanceof StanceError) throw cause
    const first = statement.sql.split('\n')[0]
    throw new StanceError(
      'DB_MIGRATION_FAILED',
      `Migration ${name} failed at "${first}": ${cause instanceof Error ? cause.message : String(cause)}. Nothing of it was kept.`,
      {
        next: 'If what the database says cannot be put right there, report it with this message.',
        cause,
      },
    )
  }
}

/** A statement as this engine takes it: none, one, or with where the table lives. */
export function toEngine(engine: EngineName, statement: MigrationStatement): string[] {
  const { sql, table } = statement
  const family = engine === 'duckdb' ? 'duckdb' : 'postgres'
  if (statement.engine && statement.engine !== family) return []
  if (engine === 'duckdb') {
    if (/^(create\s+(unique\s+)?|drop\s+)index\b/i.test(sql)) return []
    return [table?.placement === 'distributed' ? withoutPrimaryKey(sql) : sql]
  }
  if (engine === 'postgres' || !table) return [sql]
  return [sql, ...placeOnCitus(table.name, table.placement, table.distributedBy)]
}

export function placeOnCitus(name: string, placement: string, distributedBy = 'account_id'): string[] {
  if (placement === 'local') return []
  if (placement === 'reference') return [`select create_reference_table(${quoteText(name)})::text`]
  return [`select create_distributed_table(${quoteText(name)}, ${quoteText(distributedBy)})::text`]
}
