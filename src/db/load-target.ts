import type { ColumnType, LoadTarget } from './database.ts'

/** Where rows are loaded: the table, and the columns in the order in which rows have them. */
export function loadTarget(table: string, columns: Readonly<Record<string, ColumnType>>): LoadTarget {
  return { table, columns: Object.entries(columns).map(([name, type]) => ({ name, type })) }
}
