import { sqlColumns } from '../core/table-shape.ts'
import type { Reader } from '../db/database.ts'
import { tableColumns } from '../db/table-columns.ts'
import type { LakeCatalogue } from './catalogue.ts'
import { documentedViews } from './create-views.ts'

/**
 * The first typed table, documented view or column that is declared and not in the store; undefined where all are.
 * What the store has beyond that was made by a newer program, and is in nobody's way.
 */
export async function lacksOfLake(db: Reader, catalogue: LakeCatalogue): Promise<string | undefined> {
  const tables = [...catalogue.shapes.values()].map((shape) => {
    return { name: shape.name, columns: sqlColumns(shape).map(({ name }) => name) }
  })
  const declared = { lake: tables, public: documentedViews(catalogue) }
  for (const [schema, relations] of Object.entries(declared)) {
    const there = await tableColumns(db, schema)
    for (const { name, columns } of relations) {
      const has = there.get(name)
      if (has === undefined) return `${schema}.${name}`
      const column = columns.find((one) => !has.has(one))
      if (column !== undefined) return `${schema}.${name}.${column}`
    }
  }
  return undefined
}
