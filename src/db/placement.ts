import { type Migration, type Placement, readMigrations } from './migration-files.ts'

export type { Placement } from './migration-files.ts'

export interface TableName {
  schema?: string
  name: string
}

export type PlacementOf = (table: TableName) => Placement | undefined

/** The engines' own catalogues: every node has its own. */
const catalogues = new Set(['pg_catalog', 'information_schema', 'duckdb', 'system'])

/** Worlds have the lake's shape (`core/world.ts`), so they live where the lake lives. */
const isWorld = (schema: string): boolean =>
  schema === 'lake' || /^(scratch|world|proof|past)(_|$)/.test(schema)

/**
 * Where each table lives: our own as the line above its `create table` says, the lake's and every world's by
 * account. Undefined for a table nobody has declared.
 */
export function createPlacementOf(migrations: readonly Migration[] = readMigrations()): PlacementOf {
  const declared = new Map<string, Placement>([['stance.migration', 'local']])
  for (const { table } of migrations.flatMap(({ statements }) => statements)) {
    if (table !== undefined) declared.set(table.name, table.placement)
  }
  return ({ schema, name }) => {
    if (schema === undefined)
      return name.startsWith('pg_') || name.startsWith('duckdb_') ? 'local' : undefined
    if (catalogues.has(schema)) return 'local'
    return isWorld(schema) ? 'distributed' : declared.get(`${schema}.${name}`)
  }
}
