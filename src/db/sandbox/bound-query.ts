import type { Expr, Query, Select } from '../sql/ast.ts'
import { all, call, column } from '../sql/build.ts'
import type { CheckedSql } from './check-persons-sql.ts'

export interface Bounds {
  maxRows: number
  /** Characters of one row; more is an error. */
  maxRowLength: number
}

/** The column that says how long a row is, where it has texts. */
export const rowLength = 'row_length'

/**
 * The query with one row more than may be had, and with the texts of rows that are too long left out: so what
 * comes out of the engine is bounded before it comes out.
 */
export function boundQuery(checked: CheckedSql, bounds: Bounds): Query {
  const { with: common, ...body } = checked.query
  const inner = { ...body, with: [], limit: leastLimit(checked.query.limit, bounds.maxRows + 1) } as Query
  const names = checked.columns.map((_, index) => `c${String(index + 1)}`)
  const texts = checked.columns.flatMap(({ type }, index) =>
    type === 'text' || type === 'json' ? [index] : [],
  )
  if (texts.length === 0) return { ...inner, with: common }
  const lengths = texts.map((index) => {
    const value = column('q', names[index]!)
    const text: Expr =
      checked.columns[index]!.type === 'json' ? { kind: 'cast', operand: value, type: 'text' } : value
    return call('coalesce', call('length', text), whole(0))
  })
  const measured: Select = {
    ...from(inner, 'q'),
    targets: [
      ...names.map((name) => ({ expr: column('q', name), as: name })),
      {
        expr: lengths.reduce((sum, one) => ({ kind: 'binary', op: '+', left: sum, right: one })),
        as: rowLength,
      },
    ],
    // Keeps PostgreSQL from working the lengths out again for each column.
    offset: { kind: 'number', text: '0' },
  }
  const fits: Expr = {
    kind: 'binary',
    op: '<=',
    left: column('r', rowLength),
    right: whole(bounds.maxRowLength),
  }
  return {
    ...from(measured, 'r'),
    with: common,
    targets: [
      ...names.map((name, index) => ({
        expr: texts.includes(index)
          ? ({ kind: 'case', whens: [{ when: all([fits]), result: column('r', name) }] } satisfies Expr)
          : column('r', name),
        as: name,
      })),
      { expr: column('r', rowLength), as: rowLength },
    ],
  }
}

function from(query: Query, as: string): Select {
  return {
    kind: 'select',
    with: [],
    distinct: false,
    targets: [],
    from: [{ kind: 'subselect', query, as }],
    groupBy: [],
    orderBy: [],
  }
}

function whole(value: number): Expr {
  return { kind: 'typed', type: 'bigint', value: String(value) }
}

function leastLimit(own: Expr | undefined, most: number): Expr {
  const asked = own?.kind === 'number' ? Number(own.text) : Number.POSITIVE_INFINITY
  return { kind: 'number', text: String(Math.min(asked, most)) }
}
