import type { Expr, Query } from '../../db/sql/ast.ts'
import { nestJoins } from './nest-joins.ts'
import { plainSelect, readFrom } from './resolve-from.ts'
import { startOf, type TermResolver } from './resolve-term.ts'
import type { RowScope } from './row-scope.ts'
import { sortConditions } from './sort-conditions.ts'
import type { Term } from './term.ts'

export type SubqueryUse =
  | { form: 'exists' | 'count' | 'max' | 'min' | 'sum'; at: number }
  | { form: 'in'; operand: Expr; at: number }

/** A subquery as nested subqueries of one table each. */
export function resolveSubquery(
  resolver: TermResolver,
  query: Query,
  around: RowScope,
  use: SubqueryUse,
): Term {
  const select = plainSelect(resolver, query, use.at)
  const { rows, on } = readFrom(resolver, select, around)
  const scope: RowScope = { rows, around }
  const wheres = [...on, ...(select.where === undefined ? [] : [select.where])]
  const conditions = wheres
    .flatMap(split)
    .map((expr) => ({ term: resolver.condition(expr, scope), at: startOf(expr) ?? use.at }))

  const [target, more] = select.targets
  if (target === undefined || more !== undefined)
    throw resolver.fail(
      'CONDITION_NOT_ALLOWED',
      use.at,
      'The subquery must select one thing.',
      'Write select 1 from …, or select one column after in.',
    )
  if (use.form === 'exists') {
    if (target.expr.kind !== 'number')
      throw resolver.fail(
        'CONDITION_NOT_ALLOWED',
        target.expr.at,
        'What exists selects has no meaning.',
        'Write exists (select 1 from …).',
      )
  } else if (use.form === 'in') {
    const operand = resolver.term(use.operand, around)
    const value = resolver.term(target.expr, scope)
    conditions.push({ term: resolver.compare('=', operand, value, use.at), at: use.at })
  }

  const argument = aggregateArgument(resolver, target.expr, scope, use)
  const sorted = sortConditions(resolver, rows, around, conditions)
  return nestJoins(resolver, sorted, use, argument)
}

function split(expr: Expr): Expr[] {
  return expr.kind === 'logic' && expr.op === 'and' ? expr.operands.flatMap(split) : [expr]
}

/** x of max(x), min(x), sum(x); undefined for the other forms. */
function aggregateArgument(
  resolver: TermResolver,
  expr: Expr,
  scope: RowScope,
  use: SubqueryUse,
): Term | undefined {
  if (use.form === 'exists' || use.form === 'in' || expr.kind !== 'call') return undefined
  if (expr.distinct || expr.filter !== undefined || expr.over !== undefined || expr.orderBy.length > 0) {
    throw resolver.fail(
      'CONDITION_NOT_ALLOWED',
      expr.at,
      'Distinct, filter, order and windows cannot be written here.',
      'Put the condition into where.',
    )
  }
  const [arg, more] = expr.args
  if (use.form === 'count') {
    if (arg?.kind === 'star' && arg.table === undefined && more === undefined) return undefined
    throw resolver.fail(
      'CONDITION_NOT_ALLOWED',
      expr.at,
      'Only count(*) can be written.',
      'Write (select count(*) from … where …).',
    )
  }
  if (arg === undefined || more !== undefined || arg.kind === 'star') {
    throw resolver.fail(
      'CONDITION_TYPE',
      expr.at,
      `${use.form} takes one expression.`,
      `Write ${use.form}(alias.column).`,
    )
  }
  const term = resolver.term(arg, scope)
  if (use.form === 'sum' ? term.type !== 'bigint' : term.type === 'boolean') {
    const next =
      term.type === 'double'
        ? 'A sum of doubles depends on the order of the rows: count rows, or use max.'
        : use.form === 'sum'
          ? 'Sum whole numbers (bigint).'
          : 'Use exists.'
    throw resolver.fail('CONDITION_TYPE', arg.at, `${use.form} cannot work on ${term.type}.`, next)
  }
  return term
}
