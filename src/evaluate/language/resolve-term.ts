import type { Catalogue, LakeType } from '../../core/table-shape.ts'
import type { Expr } from '../../db/sql/ast.ts'
import { type ConditionErrorCode, conditionError } from './condition-error.ts'
import { largest, magnitude } from './magnitude.ts'
import { notAllowed as explain } from './not-allowed.ts'
import type { ParamShapes } from './params.ts'
import { resolveCall, resolveCount } from './resolve-call.ts'
import { resolveColumn } from './resolve-column.ts'
import {
  resolveListParam,
  resolveNumber,
  resolveParam,
  resolveText,
  resolveTyped,
} from './resolve-constant.ts'
import { resolveSubquery } from './resolve-subquery.ts'
import { resolveTime } from './resolve-time.ts'
import type { NamedRow, RowScope } from './row-scope.ts'
import type { CompareOperator, Term } from './term.ts'

export interface ConditionContext {
  text: string
  catalogue: Catalogue
  /** Names of `$1`, `$2`, … */
  paramNames: readonly string[]
  params: ParamShapes
  /** The rule says `across: accounts`. */
  across: boolean
}

const comparisons: readonly string[] = ['=', '<>', '<', '<=', '>', '>=']

/** Names → columns, types checked, one meaning per form. Everything not listed here is an error. */
export class TermResolver {
  readonly context: ConditionContext
  #rows = 0

  constructor(context: ConditionContext) {
    this.context = context
  }

  newRow(row: Omit<NamedRow, 'id'>): NamedRow {
    return { ...row, id: this.#rows++ }
  }

  fail(code: ConditionErrorCode, at: number | undefined, message: string, next: string): Error {
    return conditionError(this.context.text, code, at, message, next)
  }

  /** An expression that must be TRUE or FALSE. */
  condition(expr: Expr, scope: RowScope): Term {
    const term = this.term(expr, scope)
    if (term.type !== 'boolean') {
      throw this.fail(
        'CONDITION_TYPE',
        startOf(expr),
        `This is of type ${term.type}, not a condition.`,
        'Compare it with something.',
      )
    }
    return term
  }

  term(expr: Expr, scope: RowScope): Term {
    switch (expr.kind) {
      case 'text':
        return resolveText(this, expr)
      case 'number':
        return resolveNumber(this, expr)
      case 'boolean':
        return { kind: 'constant', type: 'boolean', value: expr.value }
      case 'typed':
        return resolveTyped(this, expr)
      case 'column':
        return resolveColumn(this, expr, scope)
      case 'param':
        return resolveParam(this, expr)
      case 'not':
        return { kind: 'not', type: 'boolean', operand: this.condition(expr.operand, scope) }
      case 'logic':
        return {
          kind: expr.op,
          type: 'boolean',
          operands: expr.operands.map((one) => this.condition(one, scope)),
        }
      case 'binary':
        return this.#binary(expr, scope)
      case 'between': {
        const operand = this.term(expr.operand, scope)
        const low = this.compare('>=', operand, this.term(expr.low, scope), expr.at)
        const high = this.compare('<=', operand, this.term(expr.high, scope), expr.at)
        return this.#negate(expr.negated, { kind: 'and', type: 'boolean', operands: [low, high] })
      }
      case 'in_list':
        return this.#negate(expr.negated, this.#inList(expr, scope))
      case 'in_select':
        return this.#negate(
          expr.negated,
          resolveSubquery(this, expr.query, scope, { form: 'in', operand: expr.operand, at: expr.at ?? 0 }),
        )
      case 'exists':
        return resolveSubquery(this, expr.query, scope, { form: 'exists', at: expr.at ?? 0 })
      case 'scalar':
        return resolveCount(this, expr, scope)
      case 'like':
        return this.#like(expr, scope)
      case 'case':
        return this.#case(expr, scope)
      case 'call':
        return resolveCall(this, expr, scope)
      default:
        throw this.notAllowed(expr)
    }
  }

  /** An error that says what to write instead. */
  notAllowed(expr: Expr): Error {
    const { what, next } = explain(expr)
    return this.fail('CONDITION_NOT_ALLOWED', expr.at, `${what}.`, next)
  }

  #negate(negated: boolean, term: Term): Term {
    return negated ? { kind: 'not', type: 'boolean', operand: term } : term
  }

  #binary(expr: Expr & { kind: 'binary' }, scope: RowScope): Term {
    const time = resolveTime(this, expr, scope)
    if (time !== undefined) return time
    if (comparisons.includes(expr.op)) {
      return this.compare(
        expr.op as CompareOperator,
        this.term(expr.left, scope),
        this.term(expr.right, scope),
        expr.at,
      )
    }
    if (expr.op !== '+' && expr.op !== '-' && expr.op !== '*') throw this.notAllowed(expr)
    const left = this.term(expr.left, scope)
    const right = this.term(expr.right, scope)
    if (left.type !== 'bigint' || right.type !== 'bigint') {
      const other = left.type === 'bigint' ? right.type : left.type
      const next =
        other === 'timestamptz'
          ? "Move the interval to now(): created_at < now() - interval '90 days'."
          : 'Only whole numbers (bigint) are added, subtracted and multiplied.'
      throw this.fail('CONDITION_TYPE', expr.at, `${expr.op} cannot work on ${other}.`, next)
    }
    return this.bounded({ kind: 'arithmetic', type: 'bigint', op: expr.op, left, right }, expr.at)
  }

  /** Refuses what could leave 128 bits. */
  bounded<T extends Term>(term: T, at: number | undefined): T {
    if (magnitude(term) < largest) return term
    throw this.fail(
      'CONDITION_TYPE',
      at,
      'This number could leave 128 bits.',
      'Multiply fewer columns or counts with one another.',
    )
  }

  compare(op: CompareOperator, left: Term, right: Term, at: number | undefined): Term {
    const [one, other] = this.unify(left, right, at)
    if (one.type === 'boolean' && op !== '=' && op !== '<>') {
      throw this.fail('CONDITION_TYPE', at, `${op} cannot compare booleans.`, 'Use and, or, not, = and <>.')
    }
    return { kind: 'compare', type: 'boolean', op, left: one, right: other }
  }

  /** Two terms as of one type; whole numbers become doubles beside doubles, nothing else changes by itself. */
  unify(left: Term, right: Term, at: number | undefined): [Term, Term] {
    if (left.type === right.type) return [left, right]
    if (left.type === 'double' && right.type === 'bigint') return [left, toDouble(right)]
    if (left.type === 'bigint' && right.type === 'double') return [toDouble(left), right]
    const types: LakeType[] = [left.type, right.type]
    const next = types.includes('timestamptz')
      ? "Write timestamptz '2026-01-31 00:00:00+00' or now() - interval '90 days'."
      : types.includes('boolean')
        ? 'Write the boolean itself, or compare it with true or false.'
        : "Put text in '…' and numbers without; types are never converted."
    throw this.fail('CONDITION_TYPE', at, `${left.type} and ${right.type} cannot be compared.`, next)
  }

  #inList(expr: Expr & { kind: 'in_list' }, scope: RowScope): Term {
    let operand = this.term(expr.operand, scope)
    const items = expr.items.map((item) => resolveListParam(this, item) ?? this.term(item, scope))
    if (items.some((item) => item.type === 'double') && operand.type === 'bigint') operand = toDouble(operand)
    const same = items.map((item) => this.unify(operand, item, expr.at)[1])
    return { kind: 'in', type: 'boolean', operand, items: same }
  }

  #like(expr: Expr & { kind: 'like' }, scope: RowScope): Term {
    if (expr.ignoreCase) {
      throw this.fail(
        'CONDITION_NOT_ALLOWED',
        expr.at,
        '"ilike" cannot be written.',
        "Write lower(x) like '…'.",
      )
    }
    const operand = this.term(expr.operand, scope)
    const pattern = this.term(expr.pattern, scope)
    if (operand.type !== 'text' || pattern.type !== 'text') {
      throw this.fail('CONDITION_TYPE', expr.at, 'like compares text with text.', "Write x like '…%'.")
    }
    if (pattern.kind !== 'constant' && pattern.kind !== 'param') {
      throw this.fail(
        'CONDITION_NOT_ALLOWED',
        startOf(expr.pattern),
        'A pattern is a constant or a parameter.',
        'Use starts_with or ends_with for the text of a column.',
      )
    }
    if (pattern.kind === 'constant' && String(pattern.value).includes('\\')) {
      throw this.fail(
        'CONDITION_NOT_ALLOWED',
        startOf(expr.pattern),
        'A backslash in a pattern is read differently by the engines.',
        'There is no escape character: use starts_with, ends_with or =.',
      )
    }
    return this.#negate(expr.negated, { kind: 'like', type: 'boolean', operand, pattern })
  }

  #case(expr: Expr & { kind: 'case' }, scope: RowScope): Term {
    if (expr.operand !== undefined) throw this.notAllowed(expr)
    if (expr.otherwise === undefined) {
      throw this.fail(
        'CONDITION_NOT_ALLOWED',
        expr.at,
        'A case needs its else.',
        'Write case when … then … else … end.',
      )
    }
    let results = [...expr.whens.map((one) => one.result), expr.otherwise].map((one) => this.term(one, scope))
    if (results.some((one) => one.type === 'double'))
      results = results.map((one) => (one.type === 'bigint' ? toDouble(one) : one))
    const otherwise = results.at(-1)!
    for (const result of results) this.unify(otherwise, result, expr.at)
    const whens = expr.whens.map((one, at) => ({
      when: this.condition(one.when, scope),
      result: results[at]!,
    }))
    return { kind: 'case', type: otherwise.type, whens, otherwise }
  }
}

function toDouble(term: Term): Term {
  if (term.kind === 'constant' && term.type === 'bigint')
    return { kind: 'constant', type: 'double', value: Number(term.value) }
  return { kind: 'to_double', type: 'double', operand: term }
}

/** Where an expression begins: an operator's own place is in its middle. */
export function startOf(expr: Expr): number | undefined {
  if (expr.kind === 'binary') return startOf(expr.left) ?? expr.at
  if (expr.kind === 'in_list' || expr.kind === 'in_select' || expr.kind === 'like' || expr.kind === 'between')
    return startOf(expr.operand) ?? expr.at
  if (expr.kind === 'logic') return startOf(expr.operands[0]!) ?? expr.at
  return expr.at
}
