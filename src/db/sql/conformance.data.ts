import { edges } from '../sandbox/edges.fixture.ts'
import type { Expr, Query, SqlType } from './ast.ts'
import {
  all,
  any,
  binary,
  call,
  choose,
  column,
  equal,
  isTest,
  none,
  select,
  table,
  textValue,
  truthNumber,
  when,
  yes,
} from './build.ts'

export type Edge = keyof typeof edges

export const a = column('a', 'v')
const b = column('b', 'v')
export const bytewise = (operand: Expr): Expr => ({ kind: 'bytewise', operand })
export const cast = (operand: Expr, type: SqlType): Expr => ({ kind: 'cast', operand, type })
const typed = (type: SqlType, value: string): Expr => ({ kind: 'typed', type, value })
export const number = (text: string): Expr => ({ kind: 'number', text })
const like = (pattern: string, negated = false): Expr => ({
  kind: 'like',
  negated,
  ignoreCase: false,
  operand: a,
  pattern: textValue(pattern),
})
const inner = (where: Expr): Query =>
  select({ targets: [{ expr: column('i', 'v') }], from: [table('public.edge_text', 'i')], where })
export const sorted = { descending: false, nulls: 'last' } as const
const comparisons = ['=', '<>', '<', '<=', '>', '>='] as const

export interface Case {
  over: readonly Edge[]
  where?: Expr
  exprs: Expr[]
}

const over = (types: readonly Edge[], exprs: Expr[], where?: Expr): Case => ({
  over: types,
  exprs,
  ...(where ? { where } : {}),
})
export const small = (operand: Expr): Expr => ({
  kind: 'between',
  negated: false,
  operand,
  low: number('-100000'),
  high: number('100000'),
})

/** One entry for each kind of node; a new kind does not compile until it stands here. */
export const cases: Record<Expr['kind'], Case[]> = {
  text: [
    over(
      ['text'],
      [
        textValue(''),
        textValue("it's"),
        textValue('\\'),
        textValue("\\'"),
        textValue('a\nb'),
        textValue('😀$1 :x -- /*'),
      ],
    ),
  ],
  number: [
    over(
      ['bigint'],
      ['0', '-5', '5.25', '.5', '1e10', '9223372036854775807'].map((text) => cast(number(text), 'double')),
    ),
  ],
  boolean: [over(['boolean'], [yes, { kind: 'boolean', value: false }])],
  null: [over(['text'], [cast(none, 'text'), cast(none, 'bigint'), isTest('null', cast(none, 'boolean'))])],
  typed: [
    over(
      ['bigint'],
      [
        typed('text', "o'neill"),
        typed('boolean', 'true'),
        typed('integer', '-2147483648'),
        cast(typed('bigint', '9223372036854775807'), 'text'),
        typed('double', '1e-300'),
        typed('double', 'NaN'),
        typed('timestamptz', '0001-01-01 00:00:00+00'),
        typed('timestamptz', '9999-12-31 23:59:59.999999+00'),
        cast(typed('date', '2024-02-29'), 'text'),
        binary('+', typed('timestamptz', '2026-01-31 00:00:00+00'), typed('interval', '1 month')),
      ],
    ),
  ],
  column: (Object.keys(edges) as Edge[]).map((type) =>
    over([type], [type === 'bigint' ? cast(a, 'text') : a]),
  ),
  star: [
    over(
      ['text'],
      [
        {
          kind: 'scalar',
          query: select({
            targets: [{ expr: { ...call('count', { kind: 'star' }) } }],
            from: [table('public.edge_text', 'i')],
          }),
        },
      ],
    ),
  ],
  param: [],
  not: [over(['boolean'], [{ kind: 'not', operand: a }])],
  minus: [
    over(['double'], [{ kind: 'minus', operand: a }]),
    over(['bigint'], [{ kind: 'minus', operand: a }], small(a)),
  ],
  logic: [
    over(
      ['boolean', 'boolean'],
      [all([a, b]), any([a, b]), all([a, any([b, a])]), any([{ kind: 'not', operand: a }, all([a, b])])],
    ),
  ],
  binary: [
    over(
      ['text', 'text'],
      [
        equal(a, b),
        binary('<>', a, b),
        ...comparisons.map((op) => binary(op, bytewise(a), b)),
        binary('||', a, b),
      ],
    ),
    ...(['bigint', 'double', 'timestamptz', 'boolean'] as const).map((type) =>
      over(
        [type, type],
        comparisons.map((op) => binary(op, a, b)),
      ),
    ),
    over(
      ['bigint', 'double'],
      comparisons.map((op) => binary(op, cast(a, 'double'), b)),
    ),
    over(
      ['bigint', 'bigint'],
      (['+', '-', '*'] as const).map((op) => binary(op, a, b)),
      all([small(a), small(b)]),
    ),
    over(
      ['bigint'],
      [binary('%', a, typed('bigint', '7')), binary('%', a, typed('bigint', '2'))].map((expr) =>
        cast(expr, 'text'),
      ),
    ),
    over(
      ['double', 'double'],
      (['+', '-', '*'] as const).map((op) => binary(op, a, b)),
    ),
    over(
      ['timestamptz'],
      [binary('-', a, typed('interval', '90 days')), binary('+', a, typed('interval', '36 hours'))],
      binary('>', a, typed('timestamptz', '1000-01-01 00:00:00+00')),
    ),
    // Whole numbers that cannot overflow.
    over(
      ['bigint', 'bigint'],
      (['+', '-', '*'] as const).map((op) =>
        binary('>', binary(op, cast(a, 'wide'), cast(b, 'wide')), cast(typed('bigint', '5'), 'wide')),
      ),
    ),
  ],
  is: [
    over(
      ['boolean'],
      (['null', 'true', 'false', 'unknown'] as const).flatMap((test) => [
        isTest(test, a),
        isTest(test, a, true),
      ]),
    ),
    over(['text'], [isTest('null', a), isTest('null', a, true)]),
  ],
  distinct: (['text', 'bigint', 'double', 'boolean', 'timestamptz'] as const).map((type) =>
    over(
      [type, type],
      [false, true].map((negated) => ({ kind: 'distinct', negated, left: a, right: b })),
    ),
  ),
  between: [
    over(
      ['bigint', 'bigint'],
      [
        { kind: 'between', negated: false, operand: a, low: b, high: number('100') },
        { kind: 'between', negated: true, operand: a, low: number('0'), high: b },
      ],
    ),
    over(
      ['text', 'text'],
      [{ kind: 'between', negated: false, operand: bytewise(a), low: textValue('A'), high: b }],
    ),
  ],
  in_list: [
    over(
      ['text'],
      [false, true].flatMap((negated) => [
        { kind: 'in_list', negated, operand: a, items: [textValue('a'), textValue(''), textValue('😀')] },
        { kind: 'in_list', negated, operand: a, items: [textValue('a'), cast(none, 'text')] },
      ]),
    ),
  ],
  in_select: [
    over(
      ['text'],
      [false, true].map((negated) => ({
        kind: 'in_select',
        negated,
        operand: a,
        query: inner(isTest('null', column('i', 'v'), true)),
      })),
    ),
  ],
  like: [
    over(
      ['text'],
      [
        '',
        '%',
        '_',
        'a%',
        '%b',
        'a_b',
        'a\\b',
        '\\%',
        '%\\_',
        '%%',
        '_%_',
        '%😀%',
        "%'%",
        '.*',
        '[a]',
      ].flatMap((pattern) => [like(pattern), like(pattern, true)]),
    ),
    over(['text', 'text'], [{ kind: 'like', negated: false, ignoreCase: false, operand: a, pattern: b }]),
  ],
  case: [
    over(
      ['boolean', 'boolean'],
      [
        choose(a, textValue('yes'), textValue('no'), textValue('unread')),
        when(a, textValue('x'), cast(none, 'text')),
        {
          kind: 'case',
          whens: [
            { when: a, result: number('1') },
            { when: b, result: number('2') },
          ],
        },
      ],
    ),
  ],
  call: [
    over(
      ['text'],
      [
        call('lower', a),
        call('upper', a),
        call('length', a),
        call('starts_with', a, textValue('a')),
        call('starts_with', a, textValue('')),
        call('ends_with', a, textValue('b')),
        call('ends_with', a, textValue('')),
        call('ends_with', a, textValue('😀')),
        ...[1, 2, 5, 1000].map((nr) => call('split_part', a, textValue(','), number(String(nr)))),
        call('split_part', a, textValue('bc'), number('1')),
        call('replace', a, textValue('a'), textValue('é😀')),
        call('replace', a, textValue('\\'), textValue('')),
        call('coalesce', a, textValue('none')),
      ],
    ),
    over(['text', 'text'], [call('starts_with', a, b), call('ends_with', a, b)]),
    over(
      ['bigint'],
      [call('abs', a), call('whole_div', a, typed('bigint', '7')), call('coalesce', a, number('0'))],
      small(a),
    ),
    over(['double'], [call('abs', a)]),
    over(
      ['timestamptz'],
      [call('epoch_us', a)].map((expr) => cast(expr, 'text')),
    ),
    // NULL is left out of them.
    over(
      ['timestamptz', 'timestamptz'],
      [binary('<=', a, call('least', a, b)), isTest('null', call('least', a, b))],
    ),
    over(['boolean'], [truthNumber(a)]),
  ],
  cast: [
    over(
      ['bigint'],
      [cast(a, 'text'), cast(a, 'double'), cast(cast(a, 'wide'), 'bigint')]
        .map((expr) => cast(expr, 'text'))
        .slice(0, 1),
    ),
    over(['bigint'], [cast(a, 'double')]),
    over(['boolean'], [cast(a, 'text')]),
    over(['timestamptz'], [cast(cast(a, 'date'), 'text')]),
  ],
  bytewise: [
    over(['text', 'text'], [binary('<', bytewise(a), bytewise(b)), call('greatest', bytewise(a), b)]),
  ],
  exists: [
    over(
      ['text'],
      [
        {
          kind: 'exists',
          query: inner(
            all([
              equal(column('i', 'v'), call('lower', a)),
              binary('<>', column('i', 'nr'), column('a', 'nr')),
            ]),
          ),
        },
      ],
    ),
  ],
  scalar: [
    over(
      ['text'],
      [
        {
          kind: 'scalar',
          query: select({
            targets: [{ expr: call('max', bytewise(column('i', 'v'))) }],
            from: [table('public.edge_text', 'i')],
            where: binary('<', column('i', 'nr'), column('a', 'nr')),
          }),
        },
      ],
    ),
  ],
}
