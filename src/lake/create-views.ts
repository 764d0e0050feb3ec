import { sqlColumns } from '../core/table-shape.ts'
import type { Database, Reader } from '../db/database.ts'
import type { LakeCatalogue } from './catalogue.ts'
import { ownViews } from './own-views.ts'

export interface View {
  name: string
  columns: readonly string[]
  from: string
}

/** What stands in schema `public`: our own views, and one for each typed table. */
export function documentedViews(catalogue: LakeCatalogue): View[] {
  const typed = [...catalogue.shapes.values()].map((shape) => ({
    name: shape.name,
    columns: sqlColumns(shape).map(({ name }) => name),
    from: `lake.${shape.name}`,
  }))
  const own = ownViews.map(({ name, from, columns }) => ({
    name,
    from,
    columns: columns.map((column) => column.name),
  }))
  return [...own, ...typed]
}

/** Documented views in schema `public`, made anew where columns differ. */
export async function createViews(db: Database, catalogue: LakeCatalogue): Promise<string[]> {
  const there = await viewColumns(db)
  const stale = documentedViews(catalogue).filter((view) => there.get(view.name) !== view.columns.join(','))
  // One transaction on DuckDB, which keeps no lock for each view until the end.
  const groups = db.engine === 'duckdb' && stale.length > 0 ? [stale] : stale.map((view) => [view])
  for (const group of groups) {
    await db.transaction(
      async (tx) => {
        // Of several workers that start at once, the second finds them made.
        if (tx.engine !== 'duckdb')
          await tx.query(`select pg_advisory_xact_lock(hashtext('stance views'))::text`)
        const there = await viewColumns(tx, group)
        for (const { name, columns, from } of group) {
          if (there.get(name) === columns.join(',')) continue
          if (there.has(name)) await tx.run(`drop view if exists public.${name}`)
          await tx.run(`create view public.${name} as select ${columns.join(', ')} from ${from}`)
        }
      },
      { label: 'views' },
    )
  }
  return stale.map((view) => view.name)
}

async function viewColumns(db: Reader, views?: readonly View[]): Promise<Map<string, string>> {
  const rows = await db.query<{ table_name: string; column_name: string }>(
    `select c.table_name::text as table_name, c.column_name::text as column_name
     from information_schema.columns c
     join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
     where c.table_schema = 'public' and t.table_type = 'VIEW'${views === undefined ? '' : ' and c.table_name = any($1::text[])'}
     order by c.table_name nulls last, c.ordinal_position nulls last`,
    views === undefined ? [] : [views.map(({ name }) => name)],
  )
  const found = new Map<string, string[]>()
  for (const { table_name, column_name } of rows) {
    found.set(table_name, [...(found.get(table_name) ?? []), column_name])
  }
  return new Map([...found].map(([name, columns]) => [name, columns.join(',')]))
}
