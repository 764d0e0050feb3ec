import type { Expr } from '../../db/sql/ast.ts'
import type { TermResolver } from './resolve-term.ts'
import type { RowScope } from './row-scope.ts'
import type { Shift, Term } from './term.ts'
import { parseInterval } from './times.ts'

/**
 * `now() ± interval '90 days'` and `now() ± :n * interval '1 day'`: both are one moment by the time the
 * condition runs. Anything else with an interval is an error; undefined where no interval is in it.
 */
export function resolveTime(
  resolver: TermResolver,
  expr: Expr & { kind: 'binary' },
  scope: RowScope,
): Term | undefined {
  if (!hasInterval(expr.left) && !hasInterval(expr.right)) {
    if (expr.op === '-' && isTime(resolver, expr.left, scope) && isTime(resolver, expr.right, scope)) {
      throw resolver.fail(
        'CONDITION_NOT_ALLOWED',
        expr.at,
        'Times cannot be subtracted.',
        "Compare with now(): created_at < now() - interval '90 days'.",
      )
    }
    return undefined
  }
  if (expr.op !== '+' && expr.op !== '-') {
    throw resolver.fail(
      'CONDITION_NOT_ALLOWED',
      expr.at,
      `An interval cannot stand beside ${expr.op}.`,
      "Write now() - interval '90 days' or now() - :n * interval '1 day'.",
    )
  }
  const base = hasInterval(expr.right) ? resolver.term(expr.left, scope) : undefined
  if (base?.kind !== 'time') {
    throw resolver.fail(
      'CONDITION_NOT_ALLOWED',
      expr.at,
      'An interval is only added to or taken from now().',
      "Move it to the other side: created_at < now() - interval '90 days'.",
    )
  }
  const shift = readShift(resolver, expr.right, scope)
  return { ...base, shifts: [...base.shifts, { ...shift, sign: expr.op === '+' ? 1 : -1 }] }
}

function readShift(resolver: TermResolver, expr: Expr, scope: RowScope): Omit<Shift, 'sign'> {
  if (expr.kind === 'typed') return { milliseconds: interval(resolver, expr), count: 1n }
  if (expr.kind === 'binary' && expr.op === '*') {
    const [unit, times] = expr.left.kind === 'typed' ? [expr.left, expr.right] : [expr.right, expr.left]
    const count = resolver.term(times, scope)
    if (unit.kind === 'typed' && count.type === 'bigint') {
      const milliseconds = interval(resolver, unit)
      if (count.kind === 'constant') return { milliseconds, count: BigInt(count.value) }
      if (count.kind === 'param') return { milliseconds, count: { param: count.name } }
    }
  }
  throw resolver.fail(
    'CONDITION_NOT_ALLOWED',
    expr.at,
    'The interval is not a constant or a parameter times a constant.',
    "Write now() - :n * interval '1 day'.",
  )
}

function interval(resolver: TermResolver, expr: Expr & { kind: 'typed' }): number {
  const milliseconds = expr.type === 'interval' ? parseInterval(expr.value) : undefined
  if (milliseconds !== undefined) return milliseconds
  throw resolver.fail(
    'CONDITION_TYPE',
    expr.at,
    'The interval must be in days, hours or minutes.',
    "Write interval '90 days'; with a parameter :n * interval '1 day'. Months and years differ in length.",
  )
}

function hasInterval(expr: Expr): boolean {
  if (expr.kind === 'typed') return expr.type === 'interval'
  return (
    expr.kind === 'binary' &&
    (expr.op === '*' || expr.op === '+' || expr.op === '-') &&
    hasIntervalFactor(expr)
  )
}

function hasIntervalFactor(expr: Expr & { kind: 'binary' }): boolean {
  if (expr.op !== '*') return false
  return [expr.left, expr.right].some((one) => one.kind === 'typed' && one.type === 'interval')
}

function isTime(resolver: TermResolver, expr: Expr, scope: RowScope): boolean {
  return (expr.kind === 'column' || expr.kind === 'call') && resolver.term(expr, scope).type === 'timestamptz'
}
