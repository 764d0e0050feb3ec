import type { Reader } from './database.ts'
import { catalog } from './duckdb/duckdb-instance.ts'

/** table or view → its columns, for those of one schema. */
export async function tableColumns(db: Reader, schema: string): Promise<Map<string, Set<string>>> {
  const sql =
    db.engine === 'duckdb'
      ? `select table_name, column_name from duckdb_columns()
         where schema_name = $1 and database_name = '${catalog}' and not internal`
      : `select c.relname::text as table_name, a.attname::text as column_name
         from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
         where n.nspname = $1 and c.relkind in ('r', 'p', 'v') and a.attnum > 0 and not a.attisdropped`
  const rows = await db.query<{ table_name: string; column_name: string }>(sql, [schema])
  const tables = new Map<string, Set<string>>()
  for (const row of rows) {
    const columns = tables.get(row.table_name)
    if (columns) columns.add(row.column_name)
    else tables.set(row.table_name, new Set([row.column_name]))
  }
  return tables
}

export async function tableExists(db: Reader, schema: string, table: string): Promise<boolean> {
  const sql =
    db.engine === 'duckdb'
      ? `select 1 from duckdb_tables() where schema_name = $1 and table_name = $2 and database_name = '${catalog}'`
      : `select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p')`
  return (await db.query(sql, [schema, table])).length > 0
}
