import type { TableShape } from '../../core/table-shape.ts'

/** A table as it is named in a condition: the judged row, or one table of a subquery's FROM. */
export interface NamedRow {
  id: number
  alias: string
  table: TableShape
  at: number
}

/** The rows of one FROM; level 0 is the judged row alone. A subquery sees its own and those just around it. */
export interface RowScope {
  rows: NamedRow[]
  around?: RowScope
}

export function findRow(scope: RowScope | undefined, alias: string): NamedRow | undefined {
  return scope?.rows.find((row) => row.alias === alias)
}
