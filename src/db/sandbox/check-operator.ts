import type { BinaryOperator, Expr } from '../sql/ast.ts'
import { call } from '../sql/build.ts'
import type { ExpressionChecker } from './check-expression.ts'
import type { Place } from './scope.ts'
import { type IntervalConstant, printInterval } from './time-constant.ts'
import { coerce, type InnerType, isNumber, type Typed, typeTitles } from './typed.ts'

const comparisons: readonly BinaryOperator[] = ['=', '<>', '<', '<=', '>', '>=']
const zero = (type: 'bigint' | 'double'): Expr => ({ kind: 'typed', type, value: '0' })

/** As one type that has an order; times between times are compared with written intervals. */
export function comparable(checker: ExpressionChecker, parts: readonly Typed[]): Typed[] {
  const durations = parts.some(({ type }) => type === 'duration')
  const given = parts.map((one) => (durations && one.type === 'interval' ? toMicros(checker, one) : one))
  const { type, all } = checker.alike(given, 'The values compared')
  if (type === 'json' || type === 'interval') {
    throw checker.fail({
      code: 'SQL_TYPE',
      message: `${type === 'json' ? 'JSON' : 'Intervals'} cannot be compared.`,
      next:
        type === 'json'
          ? 'Take a text out of it with json_extract_path_text, or write cast(… as text).'
          : "Compare times: created_at < now() - interval '90 days'.",
      at: parts[0]?.at,
    })
  }
  return all
}

function toMicros(checker: ExpressionChecker, interval: Typed): Typed {
  if (interval.interval?.months !== 0) {
    throw checker.fail({
      code: 'SQL_TYPE',
      message: 'An interval with months has no fixed length.',
      next: "Compare times: created_at < now() - interval '3 months'.",
      at: interval.at,
    })
  }
  return {
    ...interval,
    type: 'duration',
    expr: { kind: 'typed', type: 'bigint', value: String(interval.interval.micros) },
  }
}

export function checkBinary(
  checker: ExpressionChecker,
  expr: Expr & { kind: 'binary' },
  place: Place,
): Typed {
  const { op } = expr
  const left = checker.check(expr.left, place)
  const right = checker.check(expr.right, place)
  const at = expr.at ?? left.at
  const made = (node: Expr, type: InnerType, width = 0): Typed => ({
    expr: node,
    type,
    at,
    size: left.size + right.size + 1,
    width,
  })
  if (comparisons.includes(op)) {
    const [a, b] = comparable(checker, [left, right])
    const first = op === '=' || op === '<>' ? a!.expr : checker.ordered(a!)
    return made({ kind: 'binary', op, left: first, right: b!.expr }, 'boolean')
  }
  if (op === '||') return concatenate(checker, left, right, made)
  const found = isNumber(common(left, right)) ? numbers(checker, op, left, right, at) : times(op, left, right)
  if (found !== undefined) return made(found.node, found.type)
  throw checker.fail({
    code: 'SQL_TYPE',
    message: `${op} does not go with ${typeTitles[left.type]} and ${typeTitles[right.type]}.`,
    next: nextFor(op, left, right),
    at: expr.at ?? left.at,
  })
}

interface Found {
  node: Expr
  type: InnerType
}

function concatenate(
  checker: ExpressionChecker,
  left: Typed,
  right: Typed,
  made: (node: Expr, type: InnerType, width: number) => Typed,
): Typed {
  const [a, b] = [left, right].map((one) => {
    const text = coerce(one, 'text')
    if (text !== undefined) return text
    throw checker.fail({
      code: 'SQL_TYPE',
      message: `|| joins texts; this is ${typeTitles[one.type]}.`,
      next: 'Write cast(… as text).',
      at: one.at,
    })
  })
  const node: Expr = { kind: 'binary', op: '||', left: a!.expr, right: b!.expr }
  return checker.computed(made(node, 'text', a!.width + b!.width))
}

function common(left: Typed, right: Typed): InnerType {
  const [a, b] = [left.type, right.type].map((type) => (type === 'null' ? 'bigint' : type))
  if (!isNumber(a!) || !isNumber(b!)) return 'text'
  return a === 'double' || b === 'double' ? 'double' : 'bigint'
}

function numbers(
  checker: ExpressionChecker,
  op: BinaryOperator,
  left: Typed,
  right: Typed,
  at: number | undefined,
): Found | undefined {
  const type = common(left, right) as 'bigint' | 'double'
  const a = coerce(left, type)!.expr
  const b = coerce(right, type)!.expr
  if (op === '/') {
    if (type === 'bigint') {
      throw checker.fail({
        code: 'SQL_TYPE',
        message: 'Engines divide whole numbers in different ways.',
        next: 'Write a * 1.0 / b for a fraction, or div(a, b) for a whole number.',
        at,
      })
    }
    return { node: { kind: 'binary', op, left: a, right: call('nullif', b, zero('double')) }, type }
  }
  if (op === '%') {
    if (type !== 'bigint' || typeof right.constant !== 'bigint' || right.constant === 0n) return undefined
    const size = right.constant < 0n ? -right.constant : right.constant
    if (size > 9_223_372_036_854_775_807n) return undefined
    return {
      node: { kind: 'binary', op, left: a, right: { kind: 'typed', type, value: String(size) } },
      type,
    }
  }
  return { node: { kind: 'binary', op, left: a, right: b }, type }
}

/** Time and interval, time and time, date and days, interval and number. */
function times(op: BinaryOperator, left: Typed, right: Typed): Found | undefined {
  const plain = (type: InnerType, a = left, b = right): Found => ({
    node: { kind: 'binary', op, left: a.expr, right: b.expr },
    type,
  })
  const isTime = (one: Typed) => one.type === 'timestamptz' || one.type === 'date'
  const timed = (one: Typed) => coerce(one, 'timestamptz')!
  if (op === '*') {
    // Months and seconds in one would be added in an order that differs.
    const mixed = [left, right].some(
      ({ interval }) => interval && interval.months !== 0 && interval.micros !== 0n,
    )
    if (mixed) return undefined
    if (left.type === 'interval' && right.type === 'bigint') return plain('interval')
    if (left.type === 'bigint' && right.type === 'interval') return plain('interval')
    return undefined
  }
  if (op !== '+' && op !== '-') return undefined
  if (isTime(left) && right.type === 'interval') return shifted(op, timed(left), right)
  if (op === '+' && left.type === 'interval' && isTime(right)) return shifted(op, timed(right), left)
  if (left.type === 'date' && right.type === 'bigint') {
    return plain('date', left, { ...right, expr: { kind: 'cast', operand: right.expr, type: 'integer' } })
  }
  if (op === '+') return undefined
  if (left.type === 'date' && right.type === 'date') {
    return { node: { kind: 'cast', operand: plain('bigint').node, type: 'bigint' }, type: 'bigint' }
  }
  const [from, to] = [left, right].map((one) => coerce(one, 'timestamptz'))
  if (from === undefined || to === undefined) return undefined
  const micros = (one: Typed) => call('epoch_us', one.expr)
  return { node: { kind: 'binary', op, left: micros(from), right: micros(to) }, type: 'duration' }
}

/** Months first, then the rest: DuckDB would subtract them the other way round. */
function shifted(op: '+' | '-', time: Typed, by: Typed): Found {
  const part = (interval: IntervalConstant): Expr => ({
    kind: 'typed',
    type: 'interval',
    value: printInterval(interval),
  })
  const { interval } = by
  const steps =
    interval !== undefined && interval.months !== 0 && interval.micros !== 0n
      ? [part({ ...interval, micros: 0n }), part({ ...interval, months: 0 })]
      : [by.expr]
  return {
    node: steps.reduce((left, right): Expr => ({ kind: 'binary', op, left, right }), time.expr),
    type: 'timestamptz',
  }
}

function nextFor(op: BinaryOperator, left: Typed, right: Typed): string {
  const both = [left.type, right.type]
  if (op === '%') return 'Write a whole number % a constant that is not 0.'
  if (both.includes('duration')) return 'Write extract(epoch from a - b), which is seconds.'
  if (both.includes('timestamptz') || both.includes('date')) return "Write created_at + interval '90 days'."
  if (both.includes('text') && op === '+') return 'Texts are joined with ||.'
  return 'Compute with numbers.'
}
