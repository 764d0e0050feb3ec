import { listGroup } from '../core/table-shape.ts'
import type { Column } from './columns.ts'
import type { AnyTable, Manners } from './define-table.ts'

/** What the lake needs of a group, whichever it is. */
export interface DeclaredGroup extends Manners {
  columns: Readonly<Record<string, Column<unknown>>>
  read?: unknown
  source?: unknown
  one?: unknown
  shape?: unknown
  applies?: unknown
}

const known = new WeakMap<AnyTable, Map<string, DeclaredGroup>>()

/** Groups in order, `list` first. */
export function groupsOf(table: AnyTable): ReadonlyMap<string, DeclaredGroup> {
  let groups = known.get(table)
  if (groups === undefined) {
    const rest = Object.entries(table.groups as unknown as Record<string, DeclaredGroup>)
    groups = new Map([[listGroup, table.list as unknown as DeclaredGroup], ...rest])
    known.set(table, groups)
  }
  return groups
}
