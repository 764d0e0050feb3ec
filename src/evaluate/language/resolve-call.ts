import type { Expr } from '../../db/sql/ast.ts'
import { conditionFunctions, fixedArgumentProblem } from './functions.ts'
import { resolveSubquery } from './resolve-subquery.ts'
import { startOf, type TermResolver } from './resolve-term.ts'
import type { RowScope } from './row-scope.ts'
import type { Subquery, Term } from './term.ts'

export function resolveCall(resolver: TermResolver, expr: Expr & { kind: 'call' }, scope: RowScope): Term {
  if (expr.distinct || expr.filter !== undefined || expr.over !== undefined || expr.orderBy.length > 0) {
    throw resolver.fail(
      'CONDITION_NOT_ALLOWED',
      expr.at,
      'Windows, filter, distinct and order by cannot be written here.',
      'Put the condition into the where of a subquery.',
    )
  }
  if (expr.name === 'now' && expr.args.length === 0)
    return { kind: 'time', type: 'timestamptz', shifts: [], at: expr.at ?? 0 }
  if (expr.name === 'coalesce') return resolveAggregate(resolver, expr, scope)
  const shape = Object.hasOwn(conditionFunctions, expr.name) ? conditionFunctions[expr.name] : undefined
  if (shape === undefined) throw resolver.notAllowed(expr)
  const args = expr.args.map((one) => resolver.term(one, scope))
  if (args.length !== shape.args.length || args.some((one, at) => one.type !== shape.args[at])) {
    throw resolver.fail(
      'CONDITION_TYPE',
      expr.at,
      `${expr.name} takes ${shape.args.join(', ')}.`,
      `It was given ${args.map((one) => one.type).join(', ') || 'nothing'}.`,
    )
  }
  const problem = fixedArgumentProblem(expr.name, args)
  if (problem !== undefined) {
    throw resolver.fail(
      'CONDITION_NOT_ALLOWED',
      startOf(expr.args[problem.index]!),
      `Argument ${String(problem.index + 1)} of ${expr.name} must be ${problem.what}.`,
      'Write it as a constant.',
    )
  }
  return { kind: 'call', type: shape.result, name: expr.name, args }
}

/** (select count(*) from …) */
export function resolveCount(resolver: TermResolver, expr: Expr & { kind: 'scalar' }, scope: RowScope): Term {
  const target = expr.query.kind === 'select' ? expr.query.targets[0]?.expr : undefined
  if (target?.kind === 'call' && ['max', 'min', 'sum'].includes(target.name)) {
    throw resolver.fail(
      'CONDITION_NOT_ALLOWED',
      expr.at,
      `${target.name} needs what it is over no rows.`,
      `Write coalesce((select ${target.name}(x) from …), default).`,
    )
  }
  if (target?.kind !== 'call' || target.name !== 'count') throw resolver.notAllowed(expr)
  return resolver.bounded(
    resolveSubquery(resolver, expr.query, scope, { form: 'count', at: expr.at ?? 0 }),
    expr.at,
  )
}

/** coalesce((select max(x) from …), default) */
function resolveAggregate(resolver: TermResolver, expr: Expr & { kind: 'call' }, scope: RowScope): Term {
  const [first, second] = expr.args
  const target =
    first?.kind === 'scalar' && first.query.kind === 'select' ? first.query.targets[0]?.expr : undefined
  if (
    first?.kind !== 'scalar' ||
    second === undefined ||
    expr.args.length !== 2 ||
    target?.kind !== 'call' ||
    !(target.name === 'max' || target.name === 'min' || target.name === 'sum')
  ) {
    throw resolver.notAllowed(expr)
  }
  const sub = resolveSubquery(resolver, first.query, scope, {
    form: target.name,
    at: expr.at ?? 0,
  }) as Subquery
  const [, orElse] = resolver.unify(sub, resolver.term(second, scope), startOf(second))
  if (sub.type !== orElse.type) {
    throw resolver.fail(
      'CONDITION_TYPE',
      startOf(second),
      `The default must be of type ${sub.type}.`,
      'Write it as a whole number.',
    )
  }
  return resolver.bounded({ ...sub, orElse }, expr.at)
}
