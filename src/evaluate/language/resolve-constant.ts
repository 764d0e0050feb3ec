import type { Expr } from '../../db/sql/ast.ts'
import type { TermResolver } from './resolve-term.ts'
import type { Term } from './term.ts'
import { parseMoment } from './times.ts'

export function resolveText(resolver: TermResolver, expr: Expr & { kind: 'text' }): Term {
  const mixed = Object.keys(resolver.context.params).find((name) =>
    new RegExp(`:${name}\\b`).test(expr.value),
  )
  if (mixed !== undefined) {
    throw resolver.fail(
      'CONDITION_PARAM',
      expr.at,
      `:${mixed} inside a text stays text.`,
      `Write :${mixed} outside of the quotes.`,
    )
  }
  return { kind: 'constant', type: 'text', value: expr.value }
}

export function resolveNumber(resolver: TermResolver, expr: Expr & { kind: 'number' }): Term {
  if (!/^-?\d+$/.test(expr.text)) {
    const value = Number(expr.text)
    if (!Number.isFinite(value))
      throw resolver.fail('CONDITION_TYPE', expr.at, 'The number is too large.', 'Write a smaller one.')
    return { kind: 'constant', type: 'double', value }
  }
  const value = BigInt(expr.text)
  if (BigInt.asIntN(64, value) !== value) {
    throw resolver.fail(
      'CONDITION_TYPE',
      expr.at,
      'The number does not fit a bigint.',
      'Write one between -2^63 and 2^63-1.',
    )
  }
  return { kind: 'constant', type: 'bigint', value }
}

export function resolveTyped(resolver: TermResolver, expr: Expr & { kind: 'typed' }): Term {
  if (expr.type !== 'timestamptz') throw resolver.notAllowed(expr)
  const value = parseMoment(expr.value)
  if (value === undefined) {
    throw resolver.fail(
      'CONDITION_TYPE',
      expr.at,
      'This is not a moment that every engine reads alike.',
      "Write timestamptz '2026-01-31 00:00:00+00'.",
    )
  }
  return { kind: 'constant', type: 'timestamptz', value }
}

export function resolveParam(resolver: TermResolver, expr: Expr & { kind: 'param' }): Term {
  const name = resolver.context.paramNames[expr.number - 1] ?? ''
  const shape = Object.hasOwn(resolver.context.params, name) ? resolver.context.params[name] : undefined
  if (shape === undefined) {
    throw resolver.fail(
      'CONDITION_PARAM',
      expr.at,
      `There is no parameter :${name}.`,
      `Declare it: params: { ${name}: { default: … } }.`,
    )
  }
  if (shape.list === true) {
    throw resolver.fail('CONDITION_PARAM', expr.at, `:${name} is a list.`, `Write x in (:${name}).`)
  }
  return { kind: 'param', type: shape.type, name, at: expr.at ?? 0 }
}

export function resolveListParam(resolver: TermResolver, expr: Expr): Term | undefined {
  if (expr.kind !== 'param') return undefined
  const name = resolver.context.paramNames[expr.number - 1] ?? ''
  const shape = Object.hasOwn(resolver.context.params, name) ? resolver.context.params[name] : undefined
  return shape?.list === true ? { kind: 'param', type: shape.type, name, at: expr.at ?? 0 } : undefined
}
