import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Expr, From, Order, Query, Select } from './ast.ts'
import { all, any } from './build.ts'
import { emitExpr, emitQuery } from './emit-sql.ts'
import { parseExpression, parseQuery } from './parse-sql.ts'

const name = fc.oneof(
  fc.stringMatching(/^[a-z_][a-z0-9_]{0,6}$/),
  fc.constantFrom('select', 'Order', 'a b', 'é', 'qualify', 'with"quote', 'user', 'at', 'values'),
)
const text = fc
  .oneof(fc.string(), fc.constantFrom("it''s", "a'b", '\\', ':x', '--', '/*', 'é😀', '$1'))
  .filter((value) => !value.includes('\0') && value.isWellFormed())
const type = fc.constantFrom(
  'text',
  'boolean',
  'integer',
  'bigint',
  'double',
  'timestamptz',
  'date',
  'interval',
)
const flag = fc.boolean()

/** `x in ((select …))` is read as `x in (select …)`: the emitter refuses it. */
const notOneQuery = (items: Expr[]) => items.length > 1 || items[0]?.kind !== 'scalar'

const { expr, query } = fc.letrec<{ expr: Expr; query: Query; from: From; order: Order }>((tie) => {
  const sub = tie('expr')
  const some = fc.array(sub, { minLength: 1, maxLength: 3 })
  const optional = fc.option(sub, { nil: undefined })
  const clean = <T extends object>(value: T): T =>
    Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T
  return {
    order: fc.record({ expr: sub, descending: flag, nulls: fc.constantFrom('first', 'last') }),
    from: fc.oneof(
      { maxDepth: 2, depthSize: 'medium', depthIdentifier: 'sql' },
      fc
        .record({
          kind: fc.constant('table'),
          schema: fc.option(name, { nil: undefined }),
          name,
          as: fc.option(name, { nil: undefined }),
        })
        .map((one) => clean(one) as From),
      fc.record({ kind: fc.constant('subselect'), query: tie('query'), as: name }) as fc.Arbitrary<From>,
      fc.record({
        kind: fc.constant('join'),
        join: fc.constantFrom('inner', 'left', 'right', 'full'),
        left: tie('from'),
        right: tie('from'),
        on: sub,
      }) as fc.Arbitrary<From>,
    ),
    query: fc.oneof(
      { maxDepth: 2, depthSize: 'medium', depthIdentifier: 'sql' },
      fc
        .record({
          kind: fc.constant('select'),
          with: fc.constant([]),
          distinct: flag,
          targets: fc.array(
            fc
              .record({
                expr: fc.oneof(sub, fc.constant<Expr>({ kind: 'star' })),
                as: fc.option(name, { nil: undefined }),
              })
              .map((one) => (one.expr.kind === 'star' ? { expr: one.expr } : clean(one))),
            { minLength: 1, maxLength: 2 },
          ),
          from: fc.array(tie('from'), { maxLength: 2 }),
          where: optional,
          groupBy: fc.array(sub, { maxLength: 2 }),
          having: optional,
          orderBy: fc.array(tie('order'), { maxLength: 1 }),
          limit: optional,
          offset: optional,
        })
        .map((one) => clean(one) as unknown as Select),
      fc
        .record({
          kind: fc.constant('set'),
          with: fc.constant([]),
          op: fc.constantFrom('union', 'intersect', 'except'),
          all: flag,
          left: tie('query'),
          right: tie('query'),
          orderBy: fc.array(tie('order'), { maxLength: 1 }),
        })
        .map((one) => one as unknown as Query),
      fc
        .record({ name, query: tie('query'), body: tie('query') })
        .map((one) => ({ ...one.body, with: [{ name: one.name, query: one.query }] }) as Query),
    ),
    expr: fc.oneof(
      { maxDepth: 3, depthSize: 'medium', depthIdentifier: 'sql' },
      text.map((value) => ({ kind: 'text', value }) as Expr),
      fc
        .constantFrom('0', '5', '-5', '1.5', '9223372036854775808', '1e10', '-0.25')
        .map((one) => ({ kind: 'number', text: one }) as Expr),
      flag.map((value) => ({ kind: 'boolean', value }) as Expr),
      fc.constant<Expr>({ kind: 'null' }),
      fc.record({ kind: fc.constant('typed'), type, value: text }) as fc.Arbitrary<Expr>,
      fc
        .record({ kind: fc.constant('column'), table: fc.option(name, { nil: undefined }), name })
        .map((one) => clean(one) as Expr),
      sub.map((operand) => ({ kind: 'not', operand }) as Expr),
      sub.map((one) => ({ kind: 'minus', operand: one.kind === 'number' ? { kind: 'null' } : one }) as Expr),
      fc.array(sub, { minLength: 2, maxLength: 3 }).map((many) => all(many)),
      fc.array(sub, { minLength: 2, maxLength: 3 }).map((many) => any(many)),
      fc.record({
        kind: fc.constant('binary'),
        op: fc.constantFrom('=', '<>', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '||'),
        left: sub,
        right: sub,
      }) as fc.Arbitrary<Expr>,
      fc.record({
        kind: fc.constant('is'),
        test: fc.constantFrom('null', 'true', 'false', 'unknown'),
        negated: flag,
        operand: sub,
      }) as fc.Arbitrary<Expr>,
      fc.record({
        kind: fc.constant('distinct'),
        negated: flag,
        left: sub,
        right: sub,
      }) as fc.Arbitrary<Expr>,
      fc.record({
        kind: fc.constant('between'),
        negated: flag,
        operand: sub,
        low: sub,
        high: sub,
      }) as fc.Arbitrary<Expr>,
      fc.record({
        kind: fc.constant('in_list'),
        negated: flag,
        operand: sub,
        items: some.filter(notOneQuery),
      }) as fc.Arbitrary<Expr>,
      fc.record({
        kind: fc.constant('like'),
        negated: flag,
        ignoreCase: flag,
        operand: sub,
        pattern: sub,
      }) as fc.Arbitrary<Expr>,
      fc
        .record({
          kind: fc.constant('case'),
          operand: optional,
          whens: fc.array(fc.record({ when: sub, result: sub }), { minLength: 1, maxLength: 2 }),
          otherwise: optional,
        })
        .map((one) => clean(one) as Expr),
      fc
        .record({
          kind: fc.constant('call'),
          name: fc.constantFrom('max', 'lower', 'coalesce_not', 'f1'),
          args: some,
          distinct: flag,
          orderBy: fc.array(tie('order'), { maxLength: 1 }),
          filter: optional,
          over: fc.option(
            fc.record({
              partitionBy: fc.array(sub, { maxLength: 2 }),
              orderBy: fc.array(tie('order'), { maxLength: 1 }),
            }),
            { nil: undefined },
          ),
        })
        .map((one) => clean(one) as Expr),
      fc.record({
        kind: fc.constant('cast'),
        operand: sub.map((one) => (one.kind === 'text' ? ({ kind: 'null' } as Expr) : one)),
        type,
      }) as fc.Arbitrary<Expr>,
      sub.map((operand) => ({ kind: 'bytewise', operand }) as Expr),
      tie('query').map((one) => ({ kind: 'exists', query: one }) as Expr),
      tie('query').map((one) => ({ kind: 'scalar', query: one }) as Expr),
      fc.record({
        kind: fc.constant('in_select'),
        negated: fc.constant(false),
        operand: sub,
        query: tie('query'),
      }) as fc.Arbitrary<Expr>,
    ),
  }
})

/** Where a node stood is not part of what it means. */
function withoutPositions<T>(value: T): T {
  return JSON.parse(JSON.stringify(value, (key, one: unknown) => (key === 'at' ? undefined : one))) as T
}

describe('parse(emit(ast)) = ast', () => {
  test('expressions', () => {
    fc.assert(
      fc.property(expr, (one) => {
        expect(withoutPositions(parseExpression(emitExpr(one, 'plain')).tree)).toEqual(one)
      }),
      { numRuns: 600, seed: 1, examples: [] },
    )
  })

  test('queries', () => {
    fc.assert(
      fc.property(query, (one) => {
        expect(withoutPositions(parseQuery(emitQuery(one, 'plain')).tree)).toEqual(one)
      }),
      { numRuns: 600, seed: 2 },
    )
  })
})
