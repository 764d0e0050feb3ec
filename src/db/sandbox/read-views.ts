import type { Reader } from '../database.ts'
import { catalog } from '../duckdb/duckdb-instance.ts'
import type { Relation, RelationColumn, ValueType } from './relation.ts'

const types: Record<string, ValueType> = {
  text: 'text',
  varchar: 'text',
  boolean: 'boolean',
  bigint: 'bigint',
  double: 'double',
  'double precision': 'double',
  'timestamp with time zone': 'timestamptz',
  date: 'date',
  json: 'json',
}

/**
 * The named views of schema `public` as they are in the store, with the columns that have a type a person's SQL
 * knows. Views that are not there are left out; so is everything that nobody named.
 */
export async function readViews(
  db: Reader,
  names: Iterable<string>,
  shared: Iterable<string> = [],
): Promise<Relation[]> {
  const rows = await db.query<{ view_name: string; column_name: string; type_name: string }>(
    `select table_name::text as view_name, column_name::text as column_name, lower(data_type::text) as type_name
     from information_schema.columns
     where table_schema = 'public' and (table_catalog = '${catalog}' or table_catalog = current_database())
     order by table_name nulls last, ordinal_position nulls last`,
  )
  const wanted = new Set(names)
  const forAll = new Set(shared)
  const views = new Map<string, RelationColumn[]>()
  for (const row of rows) {
    const type = types[row.type_name]
    if (!wanted.has(row.view_name) || type === undefined) continue
    const columns = views.get(row.view_name) ?? []
    columns.push({ name: row.column_name, type })
    views.set(row.view_name, columns)
  }
  return [...views].map(([name, columns]) => ({
    name: `public.${name}`,
    columns,
    ...(forAll.has(name) ? { shared: true } : {}),
  }))
}
