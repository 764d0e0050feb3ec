import type { Expr } from '../sql/ast.ts'
import type { InnerType } from './typed.ts'

type Call = Expr & { kind: 'call' }

export interface AggregateFunction {
  form: string
  does: string
  takes(type: InnerType): boolean
  result(type: InnerType): InnerType
  /** `made(name, arg)` gives the call with DISTINCT, FILTER and OVER as they were written. */
  print(arg: Expr, type: InnerType, made: (name: string, arg: Expr) => Call): Expr
}

const cast = (operand: Expr, type: 'bigint' | 'double'): Expr => ({ kind: 'cast', operand, type })
const numbers = (type: InnerType) => type === 'bigint' || type === 'double' || type === 'null'
const ordered = (type: InnerType) =>
  numbers(type) || type === 'text' || type === 'timestamptz' || type === 'date' || type === 'duration'

const extreme = (name: 'min' | 'max', does: string): AggregateFunction => ({
  form: `${name}(x)`,
  does,
  takes: ordered,
  result: (type) => type,
  print: (arg, type, made) => made(name, type === 'text' ? { kind: 'bytewise', operand: arg } : arg),
})

const logical = (name: string, prints: string, does: string): AggregateFunction => ({
  form: `${name}(condition)`,
  does,
  takes: (type) => type === 'boolean',
  result: () => 'boolean',
  print: (arg, _, made) => made(prints, arg),
})

/** Over no rows every one but `count` is NULL. `string_agg` and `count(*)` are checked by hand. */
export const aggregateFunctions: Readonly<Record<string, AggregateFunction>> = {
  count: {
    form: 'count(*), count(x), count(distinct x)',
    does: 'number of rows, of values that are not NULL, of different values',
    takes: () => true,
    result: () => 'bigint',
    print: (arg, _, made) => made('count', arg),
  },
  sum: {
    form: 'sum(number)',
    does: 'sum; a whole number beyond bigint is an error',
    takes: numbers,
    result: (type) => (type === 'double' ? 'double' : 'bigint'),
    print: (arg, type, made) => (type === 'double' ? made('sum', arg) : cast(made('sum', arg), 'bigint')),
  },
  avg: {
    form: 'avg(number)',
    does: 'mean, as a double',
    takes: numbers,
    result: () => 'double',
    // The sum of whole numbers is exact on every engine, the mean of doubles is not.
    print: (arg, type, made) =>
      type === 'double'
        ? made('avg', arg)
        : {
            kind: 'binary',
            op: '/',
            left: cast(made('sum', arg), 'double'),
            right: {
              kind: 'call',
              name: 'nullif',
              args: [cast(made('count', arg), 'double'), { kind: 'typed', type: 'double', value: '0' }],
              distinct: false,
              orderBy: [],
            },
          },
  },
  min: extreme('min', 'the least; text by its bytes'),
  max: extreme('max', 'the greatest; text by its bytes'),
  bool_and: logical('bool_and', 'bool_and', 'whether it is true for all'),
  every: logical('every', 'bool_and', 'the same as bool_and'),
  bool_or: logical('bool_or', 'bool_or', 'whether it is true for one'),
}

export const stringAgg = {
  form: "string_agg(text, 'separator' order by …)",
  does: 'one after the other with a separator between, cut after 10,000 characters; the order must be said',
}

export interface WindowFunction {
  form: string
  does: string
}

/** Only with `over (…)`; the aggregates but `string_agg` can have it too. */
export const windowFunctions: Readonly<Record<string, WindowFunction>> = {
  row_number: { form: 'row_number()', does: 'number of the row, from 1' },
  rank: { form: 'rank()', does: 'number of the row; equal ones have one, and leave gaps' },
  dense_rank: { form: 'dense_rank()', does: 'number of the row; equal ones have one, without gaps' },
  percent_rank: { form: 'percent_rank()', does: 'rank from 0 to 1' },
  cume_dist: { form: 'cume_dist()', does: 'share of rows up to this one' },
  ntile: { form: 'ntile(n)', does: 'which of n groups of equal size the row is in' },
  lag: { form: 'lag(x, n, default)', does: 'x of the n-th row before' },
  lead: { form: 'lead(x, n, default)', does: 'x of the n-th row after' },
  first_value: { form: 'first_value(x)', does: 'x of the first row' },
  last_value: { form: 'last_value(x)', does: 'x of the last row so far' },
}
