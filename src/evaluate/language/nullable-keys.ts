import { type Catalogue, listGroup } from '../../core/table-shape.ts'
import { type Subquery, sameRow, type Term } from './term.ts'

/** Each nullable key doubles the joins. */
export const mostNullableKeys = 3

/**
 * Whether a term over a row of a subquery's table can be NULL though the row is vouched for: it names a column
 * outside the list group. Child rows are there only while the group that fills them is read.
 */
export function canBeNull(term: Term, catalogue: Catalogue): boolean {
  for (const one of sameRow(term)) {
    if (one.kind === 'subquery') return true
    if (one.kind !== 'column') continue
    const table = catalogue.get(one.table)
    const column = table?.columns.find(({ name }) => name === one.name)
    if (column !== undefined && table?.parent === undefined && column.group !== listGroup) return true
  }
  return false
}

/** The keys of a subquery, those first that are never NULL. */
export function sortKeys(
  sub: Subquery,
  catalogue: Catalogue,
): { sure: Subquery['keys']; nullable: Subquery['keys'] } {
  const nullable = sub.keys.filter((key) => canBeNull(key.inner, catalogue))
  return { sure: sub.keys.filter((key) => !nullable.includes(key)), nullable }
}
