import type { Expr, SqlType } from '../sql/ast.ts'
import { call } from '../sql/build.ts'
import { bigintOf, doubleOf, type ExpressionChecker } from './check-expression.ts'
import { text } from './scalar-functions.ts'
import type { Place } from './scope.ts'
import { parseDate, parseInterval, parseTimestamp, printInterval } from './time-constant.ts'
import { coerce, type InnerType, type Typed, typeTitles } from './typed.ts'

/** `integer` is bigint here: engines disagree on what an integer does at its edge. */
function typeOf(type: SqlType): InnerType {
  if (type === 'integer') return 'bigint'
  return type === 'wide' ? 'double' : type
}

const examples: Partial<Record<SqlType, string>> = {
  timestamptz: "Write timestamptz '2026-01-31 00:00:00+00'.",
  date: "Write date '2026-01-31'.",
  interval: "Write interval '90 days' (years, months, weeks, days, hours, minutes, seconds).",
  bigint: 'Write a whole number without quotes.',
  integer: 'Write a whole number without quotes.',
  boolean: 'Write true or false.',
}

/** `timestamptz '…'` and its like. */
export function checkTyped(checker: ExpressionChecker, expr: Expr & { kind: 'typed' }): Typed {
  const { value, type, at } = expr
  const made = (printed: string, constant: Typed['constant'] = printed): Typed => ({
    expr: { kind: 'typed', type, value: printed },
    type: typeOf(type),
    at,
    ...(constant === undefined ? {} : { constant }),
    size: 1,
    width: 0,
  })
  if (type === 'text') return { ...made(value), width: value.length / 100 }
  if (type === 'double') return doubleOf(checker, value, at)
  if (type === 'boolean' && (value === 'true' || value === 'false')) {
    return { ...made(value, value === 'true'), expr: { kind: 'boolean', value: value === 'true' } }
  }
  if ((type === 'bigint' || type === 'integer') && /^-?\d{1,19}$/.test(value)) {
    const whole = BigInt(value)
    if (BigInt.asIntN(64, whole) === whole) return bigintOf(whole, at)
  }
  const time = type === 'timestamptz' ? parseTimestamp(value) : type === 'date' ? parseDate(value) : undefined
  if (time !== undefined) return made(time)
  const interval = type === 'interval' ? parseInterval(value) : undefined
  if (interval !== undefined) {
    return { ...made(printInterval(interval)), interval }
  }
  throw checker.fail({
    code: 'SQL_TYPE',
    message: `This cannot be read as ${typeTitles[typeOf(type)]}.`,
    next: examples[type] ?? 'Write a plain constant.',
    at,
  })
}

export function checkCast(checker: ExpressionChecker, expr: Expr & { kind: 'cast' }, place: Place): Typed {
  const operand = checker.check(expr.operand, place)
  const type = typeOf(expr.type)
  const { constant, untyped, interval, ...rest } = operand
  const made = (node: Expr, size = 1): Typed => ({
    ...rest,
    expr: node,
    type,
    at: expr.at,
    size: operand.size + size,
  })
  const plain = (): Typed => made({ kind: 'cast', operand: operand.expr, type: type as SqlType })
  if (operand.type === type) return operand
  if (type !== 'interval') {
    const same = coerce(operand, type)
    if (same !== undefined) return same
  }
  switch (`${operand.type} ${type}`) {
    case 'bigint text':
    case 'boolean text':
    case 'date text':
      return checker.computed({ ...plain(), width: 1 })
    case 'timestamptz text': {
      // DuckDB turns a comparison of the cast with a text that is no time into NULL.
      const node: Expr = { kind: 'binary', op: '||', left: plain().expr, right: text('') }
      return checker.computed({ ...(checker.state.engine === 'duckdb' ? made(node, 3) : plain()), width: 1 })
    }
    case 'json text':
      return checker.computed(plain())
    case 'timestamptz date':
    case 'double bigint':
      return plain()
    case 'boolean bigint':
      return made(
        {
          kind: 'case',
          operand: operand.expr,
          whens: [
            { when: { kind: 'boolean', value: true }, result: bigintOf(1n, undefined).expr },
            { when: { kind: 'boolean', value: false }, result: bigintOf(0n, undefined).expr },
          ],
        },
        6,
      )
    case 'text bigint':
    case 'text double': {
      // What is no number becomes NULL: one odd row must not end a query. And engines read odd ones differently.
      const shape = type === 'bigint' ? '^-?[0-9]{1,18}$' : '^-?[0-9]{1,15}([.][0-9]{1,15})?$'
      const matches = call(
        checker.state.engine === 'duckdb' ? 'regexp_full_match' : 'regexp_like',
        operand.expr,
        text(shape),
      )
      const node: Expr = { kind: 'case', whens: [{ when: matches, result: plain().expr }] }
      return made(node, operand.size + 5)
    }
  }
  throw checker.fail({
    code: 'SQL_TYPE',
    message: `${typeTitles[operand.type]} cannot be cast to ${expr.type}.`,
    next: nextFor(operand.type, type),
    at: expr.at ?? operand.at,
  })
}

function nextFor(from: InnerType, to: InnerType): string {
  if (from === 'double' && to === 'text')
    return 'Engines print doubles differently: cast(round(x) as bigint) first.'
  if (to === 'boolean') return 'Write a comparison.'
  if (to === 'interval') return "Write n * interval '1 day'."
  if (to === 'timestamptz' || to === 'date')
    return 'Only a time that is written in the query can be read from text.'
  return 'Take a column of the right type.'
}
