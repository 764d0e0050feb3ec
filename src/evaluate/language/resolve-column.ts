import { nearest } from '../../core/nearest.ts'
import { resourceBookkeeping, sqlColumns } from '../../core/table-shape.ts'
import type { Expr } from '../../db/sql/ast.ts'
import type { TermResolver } from './resolve-term.ts'
import { findRow, type NamedRow, type RowScope } from './row-scope.ts'
import type { Term } from './term.ts'

export function resolveColumn(
  resolver: TermResolver,
  expr: Expr & { kind: 'column' },
  scope: RowScope,
): Term {
  const row =
    expr.table === undefined ? judgedRow(resolver, expr, scope) : namedRow(resolver, expr, expr.table, scope)
  const at = expr.at ?? 0
  const shape = sqlColumns(row.table).find((one) => one.name === expr.name)
  if (shape === undefined) {
    const close = nearest(
      expr.name,
      row.table.columns.map((one) => one.name),
    )
    throw resolver.fail(
      'CONDITION_UNKNOWN_COLUMN',
      at,
      `${row.table.name} has no column ${expr.name}.`,
      close === undefined
        ? `\`stance tables show ${row.table.name}\` lists its columns.`
        : `Did you mean ${close}?`,
    )
  }
  const declared = row.table.columns.some((one) => one.name === expr.name)
  if (
    !declared &&
    !(resourceBookkeeping.some((one) => one.name === expr.name) && !expr.name.startsWith('_'))
  ) {
    throw resolver.fail(
      'CONDITION_NOT_ALLOWED',
      at,
      `${expr.name} is bookkeeping.`,
      'Leave it out: what is not read becomes unknown by itself.',
    )
  }
  return { kind: 'column', type: shape.type, row: row.id, table: row.table.name, name: expr.name, at }
}

function judgedRow(resolver: TermResolver, expr: Expr & { kind: 'column' }, scope: RowScope): NamedRow {
  const [only] = scope.rows
  if (scope.around === undefined && only !== undefined) return only
  const inner = scope.rows.filter((row) => sqlColumns(row.table).some((one) => one.name === expr.name))
  const outer = (scope.around?.rows ?? []).filter((row) =>
    sqlColumns(row.table).some((one) => one.name === expr.name),
  )
  const readings = [...inner, ...outer].map((row) => `${row.alias}.${expr.name}`)
  throw resolver.fail(
    'CONDITION_UNQUALIFIED',
    expr.at,
    `Inside a subquery ${expr.name} must say whose it is.`,
    `Write ${readings.join(' or ') || `alias.${expr.name}`}.`,
  )
}

function namedRow(
  resolver: TermResolver,
  expr: Expr & { kind: 'column' },
  alias: string,
  scope: RowScope,
): NamedRow {
  const row = findRow(scope, alias) ?? findRow(scope.around, alias)
  if (row !== undefined) return row
  for (let further = scope.around?.around; further !== undefined; further = further.around) {
    if (findRow(further, alias) === undefined) continue
    throw resolver.fail(
      'CONDITION_CORRELATION',
      expr.at,
      `${alias} is two levels up.`,
      'A nested subquery meets only the row just around it: compare with a column of that row.',
    )
  }
  const close = nearest(
    alias,
    [...scope.rows, ...(scope.around?.rows ?? [])].map((one) => one.alias),
  )
  throw resolver.fail(
    'CONDITION_UNKNOWN_TABLE',
    expr.at,
    `Nothing here is called ${alias}.`,
    close === undefined ? 'Name a table or alias of the FROM.' : `Did you mean ${close}?`,
  )
}
