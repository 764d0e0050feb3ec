import type { Expr } from '../sql/ast.ts'
import type { ValueType } from './relation.ts'
import { type IntervalConstant, parseDate, parseTimestamp } from './time-constant.ts'

/**
 * `null` is a NULL that takes any type; `interval` can only be added to a time; `duration` is what is between
 * two times, in microseconds as a bigint.
 */
export type InnerType = ValueType | 'null' | 'interval' | 'duration'

/** An expression as it will be printed, with what was found out about it. */
export interface Typed {
  expr: Expr
  type: InnerType
  /** Where it began in the person's text. */
  at: number | undefined
  /** The value, where it is written in the text. */
  constant?: string | bigint | number | boolean
  /** A text without a type before it: in a place for times it is read as one. */
  untyped?: boolean
  /** Of an interval that is written in the text. */
  interval?: IntervalConstant
  /** Nodes that are printed. */
  size: number
  /** How long its text can get, in units of an ordinary column. */
  width: number
}

export const typeTitles: Record<InnerType, string> = {
  text: 'text',
  boolean: 'true or false',
  bigint: 'a whole number',
  double: 'a number',
  timestamptz: 'a time',
  date: 'a date',
  json: 'JSON',
  null: 'NULL',
  interval: 'an interval',
  duration: 'the time between two times',
}

export function isNumber(type: InnerType): boolean {
  return type === 'bigint' || type === 'double'
}

/** The same value as another type, where that loses nothing and surprises nobody. */
export function coerce(typed: Typed, type: InnerType): Typed | undefined {
  if (typed.type === type) return typed
  if (typed.type === 'null') return nullAs(typed, type)
  if (typed.type === 'bigint' && type === 'double') return toDouble(typed)
  if (typed.type === 'date' && type === 'timestamptz') {
    return { ...typed, type, expr: { kind: 'cast', operand: typed.expr, type }, size: typed.size + 1 }
  }
  if (typed.untyped && typeof typed.constant === 'string') return readText(typed, typed.constant, type)
  return undefined
}

function nullAs(typed: Typed, type: InnerType): Typed | undefined {
  const { expr } = typed
  const sqlType = type === 'duration' ? 'bigint' : type
  // There is no cast to JSON in our SQL, so a NULL that is printed as a text cannot become one.
  if (sqlType === 'json') return expr.kind === 'null' ? { ...typed, type } : undefined
  if (sqlType === 'null') return typed
  return { ...typed, type, expr: { kind: 'cast', operand: expr, type: sqlType } }
}

function toDouble(typed: Typed): Typed {
  if (typeof typed.constant === 'bigint') {
    const value = Number(typed.constant)
    return {
      ...typed,
      type: 'double',
      constant: value,
      expr: { kind: 'typed', type: 'double', value: String(value) },
    }
  }
  const { constant, ...rest } = typed
  return {
    ...rest,
    type: 'double',
    expr: { kind: 'cast', operand: typed.expr, type: 'double' },
    size: typed.size + 1,
  }
}

function readText(typed: Typed, text: string, type: InnerType): Typed | undefined {
  if (type !== 'timestamptz' && type !== 'date') return undefined
  const value = type === 'date' ? parseDate(text) : parseTimestamp(text)
  if (value === undefined) return undefined
  const { untyped, ...rest } = typed
  return { ...rest, type, constant: value, expr: { kind: 'typed', type, value } }
}

/** The one type of several values; undefined where there is none. NULL alone is text, as in PostgreSQL. */
export function unify(all: readonly Typed[]): ValueType | 'duration' | 'interval' | undefined {
  const types = new Set(all.filter(({ type }) => type !== 'null').map(({ type }) => type))
  if (types.size === 0) return 'text'
  for (const candidate of [...types, 'double', 'timestamptz'] as const) {
    if (candidate !== 'null' && all.every((one) => coerce(one, candidate) !== undefined)) return candidate
  }
  return undefined
}
