import { nearest } from '../../core/nearest.ts'
import type { Expr, From, Query, Select } from '../../db/sql/ast.ts'
import { startOf, type TermResolver } from './resolve-term.ts'
import { findRow, type NamedRow, type RowScope } from './row-scope.ts'

/** The query as a plain `select … from … where …`, or an error at what it has besides. */
export function plainSelect(resolver: TermResolver, query: Query, start: number): Select {
  const not = (what: string, next: string, at = start) =>
    resolver.fail('CONDITION_NOT_ALLOWED', at, what, next)
  if (query.kind === 'set')
    throw not(`A subquery cannot use ${query.op}.`, 'Write two subqueries joined by or.')
  const at = query.targets[0]?.expr.at
  if (query.with.length > 0)
    throw not('A subquery cannot begin with "with".', 'Nest the subqueries.', query.with[0]?.at)
  if (query.distinct) throw not('A subquery cannot be distinct.', 'Leave it out.', at)
  if (query.groupBy.length > 0 || query.having !== undefined) {
    throw not(
      'A subquery cannot group.',
      'Compare (select count(*) from …) with a number.',
      query.groupBy[0]?.at ?? at,
    )
  }
  if (query.orderBy.length > 0 || query.limit !== undefined || query.offset !== undefined) {
    throw not(
      'A subquery has no order and no limit.',
      'Use max or min.',
      query.orderBy[0]?.expr.at ?? query.limit?.at ?? at,
    )
  }
  if (query.from.length === 0) throw not('A subquery needs a table.', 'Write from table alias.', at)
  return query
}

/** The tables of a FROM as rows, and the conditions of its joins. */
export function readFrom(
  resolver: TermResolver,
  select: Select,
  around: RowScope,
): { rows: NamedRow[]; on: Expr[] } {
  const rows: NamedRow[] = []
  const on: Expr[] = []
  const read = (from: From): void => {
    if (from.kind === 'table') {
      rows.push(readTable(resolver, from, rows, around))
    } else if (from.kind === 'subselect') {
      throw resolver.fail(
        'CONDITION_NOT_ALLOWED',
        from.query.at,
        'A FROM names tables only.',
        'Join the table itself and put the condition into where.',
      )
    } else {
      if (from.join !== 'inner' && from.join !== 'cross') {
        throw resolver.fail(
          'CONDITION_NOT_ALLOWED',
          from.on === undefined ? undefined : startOf(from.on),
          `A ${from.join} join cannot be written.`,
          'Write a join, or exists / not exists.',
        )
      }
      read(from.left)
      read(from.right)
      if (from.on !== undefined) on.push(from.on)
    }
  }
  for (const from of select.from) read(from)
  return { rows, on }
}

function readTable(
  resolver: TermResolver,
  from: From & { kind: 'table' },
  before: readonly NamedRow[],
  around: RowScope,
): NamedRow {
  const at = from.at ?? 0
  const { catalogue } = resolver.context
  const table = from.schema === undefined ? catalogue.get(from.name) : undefined
  if (table === undefined) {
    const name = from.schema === undefined ? from.name : `${from.schema}.${from.name}`
    const close = nearest(from.name, [...catalogue.keys()])
    throw resolver.fail(
      'CONDITION_UNKNOWN_TABLE',
      at,
      `There is no table ${name}.`,
      close === undefined ? '`stance tables list` has their names.' : `Did you mean ${close}?`,
    )
  }
  const alias = from.as ?? from.name
  let taken = before.some((row) => row.alias === alias)
  for (let scope: RowScope | undefined = around; scope !== undefined; scope = scope.around) {
    taken ||= findRow(scope, alias) !== undefined
  }
  if (taken) {
    throw resolver.fail(
      'CONDITION_UNQUALIFIED',
      at,
      `${alias} names another row already.`,
      `Give this one an alias: from ${from.name} other.`,
    )
  }
  return resolver.newRow({ alias, table, at })
}
