import type { Catalogue } from '../core/table-shape.ts'
import type { CellChange } from '../lake/open-cell-write.ts'
import type { TableChanged } from './affected.ts'

/** A write of the lake as changes of its table and of the child tables that hold its lists. */
export function changedTables(catalogue: Catalogue, change: CellChange): TableChanged[] {
  const shape = catalogue.get(change.table)
  if (shape === undefined) return []
  const gone = change.deleted === 'all' || change.deleted.length > 0
  const untouched = change.keys !== 'all' && change.keys.length === 0 && !gone && !change.cell_changed
  if (untouched) return []
  const region = shape.parts === 'region' && change.part !== '*' ? change.part : '*'
  // What is said of an unread cell stands on the scope's own resource, so all of the part is looked at.
  const keys = change.cell_changed ? 'all' : change.keys
  const children = [...catalogue.values()].filter(({ parent }) => parent === change.table)
  return [shape, ...children].map(({ name }) => ({ table: name, region, keys }))
}
