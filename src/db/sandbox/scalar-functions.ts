import type { Expr } from '../sql/ast.ts'
import { call } from '../sql/build.ts'
import type { ValueType } from './relation.ts'
import type { Typed } from './typed.ts'

export type Engine = 'duckdb' | 'postgres'

/** An argument: a type, or a constant of which more is asked. */
export type Argument =
  | ValueType
  | 'number'
  | { constant: 'text' | 'bigint'; what: string; good: (value: string | bigint) => boolean }

export interface ScalarFunction {
  /** How it is called, for errors and the guide. */
  form: string
  does: string
  args: readonly Argument[]
  /** How many of `args` may be left out, from the end. */
  optional?: number
  /** More of this type may follow. */
  rest?: Argument
  /** `same`: the type of the first argument. */
  result: ValueType | 'same'
  print(args: Expr[], engine: Engine, given: readonly Typed[]): Expr
  /** How long the text can get, from how long the arguments can. Default: the sum of them. */
  width?(given: readonly Typed[]): number
}

export const number = (value: number | bigint): Expr => ({ kind: 'number', text: String(value) })
export const text = (value: string): Expr => ({ kind: 'typed', type: 'text', value })
export const cast = (operand: Expr, type: 'bigint' | 'double' | 'text' | 'integer'): Expr => ({
  kind: 'cast',
  operand,
  type,
})

const plain =
  (name: string) =>
  (args: Expr[]): Expr =>
    call(name, ...args)
const asBigint =
  (name: string) =>
  (args: Expr[]): Expr =>
    cast(call(name, ...args), 'bigint')
const first = (given: readonly Typed[]): number => given[0]?.width ?? 1
const none = () => 0

const someText: Argument = { constant: 'text', what: 'a text in quotes', good: () => true }
const notEmpty: Argument = {
  constant: 'text',
  what: "a text in quotes that is not ''",
  good: (value) => value !== '',
}
const whole = (from: number, to: number): Argument => ({
  constant: 'bigint',
  what: `a number from ${String(from)} to ${String(to)}`,
  good: (value) => typeof value === 'bigint' && value >= from && value <= to,
})
const position = whole(1, 1_000_000)
const constantOf = (typed: Typed | undefined): string => String(typed?.constant ?? '')

/** Constants that the engines want as integers, and written. */
const withNumbers =
  (name: string) =>
  (args: Expr[], _: Engine, given: readonly Typed[]): Expr =>
    call(
      name,
      ...args.map((arg, at) => (typeof given[at]?.constant === 'bigint' ? number(given[at].constant) : arg)),
    )

const trimmed =
  (duckdb: string, postgres: string) =>
  ([operand, chars = text(' ')]: Expr[], engine: Engine): Expr =>
    call(engine === 'duckdb' ? duckdb : postgres, operand!, chars)

const pad = (name: string, side: string): ScalarFunction => ({
  form: `${name}(text, n, 'fill')`,
  does: `text of exactly n characters (up to 1000): filled ${side}, or cut`,
  args: ['text', whole(0, 1000), notEmpty],
  optional: 1,
  result: 'text',
  print: ([operand], _, given) =>
    call(name, operand!, number(given[1]!.constant as bigint), text(given[2] ? constantOf(given[2]) : ' ')),
  width: () => 10,
})

const trim = (form: string, duckdb: string, postgres: string, where: string): ScalarFunction => ({
  form,
  does: `without blanks (or the given characters) ${where}`,
  args: ['text', someText],
  optional: 1,
  result: 'text',
  print: trimmed(duckdb, postgres),
  width: first,
})

const length: ScalarFunction = {
  form: 'length(text)',
  does: 'number of characters (Unicode code points)',
  args: ['text'],
  result: 'bigint',
  print: plain('length'),
  width: none,
}
const substr: ScalarFunction = {
  form: 'substr(text, start, length)',
  does: 'part of a text; the first character is 1; the length may be left out',
  args: ['text', position, whole(0, 1_000_000)],
  optional: 1,
  result: 'text',
  print: withNumbers('substr'),
  width: first,
}
const strpos: ScalarFunction = {
  form: 'strpos(text, part)',
  does: 'where the part begins, from 1; 0 where it is not there',
  args: ['text', 'text'],
  result: 'bigint',
  print: asBigint('strpos'),
  width: none,
}
const ceil: ScalarFunction = {
  form: 'ceil(number)',
  does: 'the next whole number upwards, as a double',
  args: ['double'],
  result: 'double',
  print: plain('ceil'),
  width: none,
}
const mod: ScalarFunction = {
  form: 'mod(n, constant)',
  does: 'the rest of a division of whole numbers, with the sign of n; also n % constant',
  args: ['bigint', { constant: 'bigint', what: 'a number that is not 0', good: (value) => value !== 0n }],
  result: 'bigint',
  // The sign of the divisor changes nothing, and -1 is an overflow for DuckDB.
  print: ([operand], _, given) => ({
    kind: 'binary',
    op: '%',
    left: operand!,
    right: { kind: 'typed', type: 'bigint', value: constantOf(given[1]).replace('-', '') },
  }),
  width: none,
}
const btrim = trim("btrim(text, 'characters')", 'trim', 'btrim', 'at both ends; also trim(text)')

const jsonStep: Argument = {
  constant: 'text',
  what: 'a key, or the number of an element from 0, in quotes',
  good: (value) => !/^\s*[+-]?\d/.test(String(value)) || /^(0|[1-9]\d{0,8})$/.test(String(value)),
}

function jsonPath(name: string, duckdb: string): ScalarFunction['print'] {
  return (args, engine, given) => {
    if (engine === 'postgres') return call(name, ...args)
    const pointer = given
      .slice(1)
      .map((step) => `/${constantOf(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    return call(duckdb, args[0]!, text(pointer.join('')))
  }
}

/**
 * Pure functions that answer the same on every engine, held by conformance.test.ts. None reads anything, none
 * can make a text much longer than what it was given. `coalesce`, `nullif`, `greatest`, `least`, `now`,
 * `date_part`, `date_trunc`, `extract` and `to_char` are in special-forms.ts.
 */
export const scalarFunctions: Readonly<Record<string, ScalarFunction>> = {
  lower: {
    form: 'lower(text)',
    does: 'small letters for A to Z; others stay',
    args: ['text'],
    result: 'text',
    print: plain('lower'),
  },
  upper: {
    form: 'upper(text)',
    does: 'capitals for a to z; others stay',
    args: ['text'],
    result: 'text',
    print: plain('upper'),
  },
  length,
  char_length: { ...length, form: 'char_length(text)', does: 'the same as length' },
  octet_length: {
    form: 'octet_length(text)',
    does: 'number of bytes in UTF-8',
    args: ['text'],
    result: 'bigint',
    print: (args, engine) => cast(call(engine === 'duckdb' ? 'strlen' : 'octet_length', ...args), 'bigint'),
    width: none,
  },
  left: {
    form: 'left(text, n)',
    does: 'the first n characters; with -n all but the last n',
    args: ['text', whole(-1_000_000, 1_000_000)],
    result: 'text',
    print: withNumbers('left'),
    width: first,
  },
  right: {
    form: 'right(text, n)',
    does: 'the last n characters; with -n all but the first n',
    args: ['text', whole(-1_000_000, 1_000_000)],
    result: 'text',
    print: withNumbers('right'),
    width: first,
  },
  substr,
  substring: { ...substr, form: 'substring(text, start, length)', does: 'the same as substr' },
  strpos,
  position: { ...strpos, form: 'position(part in text)', does: 'the same as strpos(text, part)' },
  replace: {
    form: "replace(text, 'from', 'to')",
    does: 'each occurrence replaced',
    args: ['text', notEmpty, someText],
    result: 'text',
    print: plain('replace'),
    width: (given) =>
      first(given) * Math.max(1, Math.ceil(constantOf(given[2]).length / constantOf(given[1]).length)),
  },
  split_part: {
    form: "split_part(text, 'separator', n)",
    does: "the n-th piece between separators, '' where there are fewer",
    args: ['text', notEmpty, position],
    result: 'text',
    print: withNumbers('split_part'),
    width: first,
  },
  translate: {
    form: "translate(text, 'from', 'to')",
    does: 'each character of from replaced by the one in the same place of to, or left out',
    args: ['text', someText, someText],
    result: 'text',
    print: plain('translate'),
    width: first,
  },
  btrim,
  trim: btrim,
  ltrim: trim("ltrim(text, 'characters')", 'ltrim', 'ltrim', 'at the beginning'),
  rtrim: trim("rtrim(text, 'characters')", 'rtrim', 'rtrim', 'at the end'),
  lpad: pad('lpad', 'at the beginning'),
  rpad: pad('rpad', 'at the end'),
  concat: {
    form: 'concat(text, …)',
    does: 'one after the other; NULL counts as nothing',
    args: ['text'],
    rest: 'text',
    result: 'text',
    print: plain('concat'),
  },
  concat_ws: {
    form: "concat_ws('separator', text, …)",
    does: 'one after the other with a separator between; NULL is left out',
    args: [someText, 'text'],
    rest: 'text',
    result: 'text',
    print: plain('concat_ws'),
    width: (given) => given.reduce((sum, one) => sum + one.width + given[0]!.width, 0),
  },
  starts_with: {
    form: 'starts_with(text, start)',
    does: 'whether it begins so',
    args: ['text', 'text'],
    result: 'boolean',
    print: plain('starts_with'),
    width: none,
  },
  ends_with: {
    form: "ends_with(text, 'end')",
    does: 'whether it ends so',
    args: ['text', someText],
    result: 'boolean',
    print: plain('ends_with'),
    width: none,
  },
  md5: {
    form: 'md5(text)',
    does: 'MD5 in hexadecimal digits',
    args: ['text'],
    result: 'text',
    print: plain('md5'),
    width: () => 1,
  },
  abs: {
    form: 'abs(number)',
    does: 'the number without its sign',
    args: ['number'],
    result: 'same',
    print: plain('abs'),
    width: none,
  },
  sign: {
    form: 'sign(number)',
    does: '-1, 0 or 1, as a double',
    args: ['double'],
    result: 'double',
    print: (args) => cast(call('sign', ...args), 'double'),
    width: none,
  },
  floor: {
    ...ceil,
    form: 'floor(number)',
    does: 'the next whole number downwards, as a double',
    print: plain('floor'),
  },
  ceil,
  ceiling: { ...ceil, form: 'ceiling(number)', does: 'the same as ceil' },
  trunc: { ...ceil, form: 'trunc(number)', does: 'without its fraction, as a double', print: plain('trunc') },
  sqrt: {
    ...ceil,
    form: 'sqrt(number)',
    does: 'square root; of a negative number an error',
    print: plain('sqrt'),
  },
  round: {
    form: 'round(number, digits)',
    does: 'to whole numbers, or to 0 to 15 digits, as a double; what lies in the middle goes to the even digit',
    args: ['double', whole(0, 15)],
    optional: 1,
    result: 'double',
    print: ([operand], engine, given) => {
      const power = Number(10n ** ((given[1]?.constant as bigint | undefined) ?? 0n))
      const scale: Expr = { kind: 'typed', type: 'double', value: String(power) }
      const raised: Expr = power === 1 ? operand! : { kind: 'binary', op: '*', left: operand!, right: scale }
      const even = engine === 'duckdb' ? call('round_even', raised, number(0)) : call('round', raised)
      return power === 1 ? even : { kind: 'binary', op: '/', left: even, right: scale }
    },
    width: none,
  },
  div: {
    form: 'div(a, b)',
    does: 'division of whole numbers without the rest; by 0 it is NULL',
    args: ['bigint', 'bigint'],
    result: 'bigint',
    print: ([a, b]) =>
      call('whole_div', a!, call('nullif', b!, { kind: 'typed', type: 'bigint', value: '0' })),
    width: none,
  },
  mod,
  json_extract_path_text: {
    form: "json_extract_path_text(json, 'key', …)",
    does: 'the text found by following keys and element numbers; NULL where there is none',
    args: ['json', jsonStep],
    rest: jsonStep,
    result: 'text',
    print: jsonPath('json_extract_path_text', 'json_extract_string'),
    width: () => 5,
  },
  json_extract_path: {
    form: "json_extract_path(json, 'key', …)",
    does: 'the JSON found by following keys and element numbers',
    args: ['json', jsonStep],
    rest: jsonStep,
    result: 'json',
    print: jsonPath('json_extract_path', 'json_extract'),
    width: () => 5,
  },
  json_array_length: {
    form: 'json_array_length(json)',
    does: 'number of elements; NULL for what is no list',
    args: ['json'],
    result: 'bigint',
    print: ([operand], engine) => ({
      kind: 'case',
      operand: call(engine === 'duckdb' ? 'json_type' : 'json_typeof', operand!),
      whens: [
        {
          when: text(engine === 'duckdb' ? 'ARRAY' : 'array'),
          result: cast(call('json_array_length', operand!), 'bigint'),
        },
      ],
    }),
    width: none,
  },
}
