import type { TermResolver } from './resolve-term.ts'
import type { NamedRow, RowScope } from './row-scope.ts'
import { isColumn, sameRow, type Term } from './term.ts'

/** An equality between two rows of one FROM, or between one of them and the row around. */
export interface Link {
  terms: Map<number, Term>
  at: number
}

export interface SortedConditions {
  rows: NamedRow[]
  /** What is said of one row alone. */
  own: Map<number, Term[]>
  /** Equalities with the row around. */
  outer: Map<number, { inner: Term; outer: Term; at: number }[]>
  links: Link[]
}

/** Each condition of a FROM belongs to one row, or links two by an equality; what does neither is an error. */
export function sortConditions(
  resolver: TermResolver,
  rows: NamedRow[],
  around: RowScope,
  conditions: readonly { term: Term; at: number }[],
): SortedConditions {
  const local = new Set(rows.map((row) => row.id))
  const sorted: SortedConditions = { rows, own: new Map(), outer: new Map(), links: [] }
  for (const { term, at } of conditions) {
    const used = rowsOf(term)
    const inner = [...used].filter((id) => local.has(id))
    const [first, second, third] = inner
    if (used.size === inner.length && second === undefined) {
      push(sorted.own, first ?? rows[0]!.id, term)
      continue
    }
    if (first === undefined) {
      throw resolver.fail(
        'CONDITION_CORRELATION',
        at,
        'This says nothing about the rows of the subquery.',
        'Write it outside of the subquery, with and.',
      )
    }
    const sides = term.kind === 'compare' && term.op === '=' ? [term.left, term.right] : []
    const parties = sides.map(
      (side) => new Set([...rowsOf(side)].map((id) => (local.has(id) ? id : outside))),
    )
    const [left, right] = parties.map((party) => (party.size === 1 ? [...party][0] : undefined))
    const hasSubquery = sides.some((side) => [...sameRow(side)].some((one) => one.kind === 'subquery'))
    if (left === undefined || right === undefined || left === right || third !== undefined || hasSubquery) {
      throw resolver.fail(
        'CONDITION_CORRELATION',
        at,
        'This mixes two rows in another way than by an equality.',
        mixedNext(rows, around, second),
      )
    }
    if (sides[0]?.type === 'double') {
      throw resolver.fail(
        'CONDITION_CORRELATION',
        at,
        'Rows cannot be linked by doubles.',
        'Link them by an id, a name or a whole number.',
      )
    }
    if (second !== undefined) {
      sorted.links.push({
        terms: new Map([
          [left, sides[0]!],
          [right, sides[1]!],
        ]),
        at,
      })
    } else {
      const [mine, theirs] = left === outside ? [sides[1]!, sides[0]!] : [sides[0]!, sides[1]!]
      // Every table of a subquery is in the account of the row around: saying so changes nothing.
      const implied = isAccount(mine) && isAccount(theirs)
      if (!implied) push(sorted.outer, first, { inner: mine, outer: theirs, at })
    }
  }
  return sorted
}

const outside = -1

function push<T>(map: Map<number, T[]>, key: number, value: T): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

export function rowsOf(term: Term): Set<number> {
  const rows = new Set<number>()
  for (const one of sameRow(term)) if (one.kind === 'column') rows.add(one.row)
  return rows
}

function mixedNext(rows: readonly NamedRow[], around: RowScope, second: number | undefined): string {
  const alias = rows[0]!.alias
  const other = second === undefined ? around.rows[0]?.alias : rows.find((row) => row.id === second)?.alias
  return `Link rows by ${alias}.x = ${other ?? 'outer'}.y; write each alternative as an exists of its own, joined by or.`
}

export function isAccount(term: Term): boolean {
  return isColumn(term, 'account_id')
}
