import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { StanceError } from '../core/errors.ts'
import { splitStatements } from './split-statements.ts'

export type Placement = 'distributed' | 'reference' | 'local'

export interface MigrationStatement {
  sql: string
  /** set for `create table` */
  table?: { name: string; placement: Placement; distributedBy?: string }
  /** only on this family of engines (`-- engine: postgres`); Citus counts as postgres */
  engine?: 'duckdb' | 'postgres'
}

export interface Migration {
  /** `0001-base` */
  name: string
  statements: MigrationStatement[]
}

const migrationsDirectory = fileURLToPath(new URL('./migrations/', import.meta.url))

/**
 * Reads `NNNN-what.sql`, in order. Above each `create table` stands where it lives:
 *
 *     -- placement: distributed by account_id
 *     create table stance.resource (
 *       account_id text not null,
 *       …,
 *       primary key (account_id, resource_key)
 *     );
 */
export function readMigrations(directory = migrationsDirectory): Migration[] {
  const files = readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .sort()
  const migrations = files.map((file) => parseMigration(file, readFileSync(`${directory}/${file}`, 'utf8')))
  const numbers = migrations.map(({ name }) => name.slice(0, 4))
  const twice = numbers.find((number, at) => numbers.indexOf(number) !== at)
  if (twice !== undefined) throw invalid(`${twice}-*.sql`, `two files have the number ${twice}`)
  return migrations
}

export function parseMigration(file: string, text: string): Migration {
  if (!/^\d{4}-[a-z0-9-]+\.sql$/.test(file)) throw invalid(file, 'its name is not NNNN-what.sql')
  const statements = splitStatements(text).map((statement) => toStatement(file, statement))
  return { name: file.slice(0, -'.sql'.length), statements }
}

function toStatement(file: string, { sql, comment }: { sql: string; comment: string }): MigrationStatement {
  const engine = /^--\s*engine:\s*(duckdb|postgres)\s*$/m.exec(comment)?.[1] as
    | 'duckdb'
    | 'postgres'
    | undefined
  const only = engine ? { engine } : {}
  const name = /^create\s+table\s+(?:if\s+not\s+exists\s+)?([a-z_][\w.]*)/i.exec(sql)?.[1]
  if (name === undefined) return { sql, ...only }
  const last = comment.split('\n').at(-1) ?? ''
  const found = /^--\s*placement:\s*(distributed by ([a-z_]\w*)|reference|local)\s*$/.exec(last)
  if (!found) {
    throw invalid(
      file,
      `the line directly above "create table ${name}" is not "-- placement: distributed by … | reference | local"`,
    )
  }
  if (!name.includes('.')) throw invalid(file, `table ${name} is not named with its schema`)
  if (/\bprimary\s+key\b(?!\s*\()/i.test(sql))
    throw invalid(file, `table ${name}: write primary key (…) on a line of its own`)
  if (found[2] === undefined) return { sql, table: { name, placement: found[1] as Placement }, ...only }
  return { sql, table: { name, placement: 'distributed', distributedBy: found[2] }, ...only }
}

function invalid(file: string, what: string): StanceError {
  return new StanceError('DB_MIGRATION_INVALID', `Migration ${file}: ${what}.`, { next: 'Correct the file.' })
}
