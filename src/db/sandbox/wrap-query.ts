import type { Expr, Query, Select, Target } from '../sql/ast.ts'
import type { CheckedQuery } from './check-state.ts'
import type { SourceColumn } from './scope.ts'
import { coerce, type InnerType, type Typed } from './typed.ts'

export function asTyped(column: SourceColumn & { at?: number | undefined }, table = ''): Typed {
  const expr: Expr = { kind: 'column', table, name: column.printed }
  if (column.at !== undefined) expr.at = column.at
  return { expr, type: column.type, at: column.at, size: 1, width: column.width }
}

/** All columns of a query, in an order and between limits that the query itself could not have. */
export function wrapQuery(
  { query, columns }: CheckedQuery,
  alias: string,
  tail: Pick<Select, 'orderBy' | 'limit' | 'offset'>,
): Query {
  const targets = columns.map((column) => ({ expr: asTyped(column, alias).expr, as: column.printed }))
  return selectFrom(query, alias, targets, tail)
}

/** The columns of a query as other types. */
export function withTypes(
  { query, columns }: CheckedQuery,
  types: readonly InnerType[],
  alias: string,
): Query {
  if (columns.every(({ type }, index) => type === types[index])) return query
  const targets = columns.map((column, index) => ({
    expr: coerce(asTyped(column, alias), types[index]!)!.expr,
    as: column.printed,
  }))
  return selectFrom(query, alias, targets, { orderBy: [] })
}

function selectFrom(
  query: Query,
  as: string,
  targets: Target[],
  tail: Pick<Select, 'orderBy' | 'limit' | 'offset'>,
): Select {
  return {
    kind: 'select',
    with: [],
    distinct: false,
    targets,
    from: [{ kind: 'subselect', query, as }],
    groupBy: [],
    ...tail,
  }
}
