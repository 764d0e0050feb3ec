import { childBookkeeping, sqlColumns, type TableShape } from '../core/table-shape.ts'
import type { Database } from '../db/database.ts'
import { ensureTables, type TableShape as StoredShape, type TableChange } from '../db/ensure-tables.ts'
import type { LakeCatalogue } from './catalogue.ts'
import { createViews } from './create-views.ts'

/** The DDL of a typed table in a schema: `lake`, or the schema of a scratch world. */
export function storedShape(shape: TableShape, schema: string): StoredShape {
  const isChild = shape.parent !== undefined
  return {
    schema,
    name: shape.name,
    columns: sqlColumns(shape),
    key: isChild ? ['account_id', 'resource_key', childBookkeeping[3].name] : ['account_id', 'resource_key'],
    placement: 'distributed',
  }
}

/**
 * Makes the typed tables and views that are not there yet, and adds new columns. What is new is empty until
 * `reproject` fills it from the documents, or the next scan does.
 */
export async function ensureLake(db: Database, catalogue: LakeCatalogue): Promise<TableChange[]> {
  const shapes = [...catalogue.shapes.values()].map((shape) => storedShape(shape, 'lake'))
  const changes = await ensureTables(db, shapes)
  await createViews(db, catalogue)
  return changes
}
