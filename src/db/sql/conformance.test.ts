import { describe, expect, it } from 'vitest'
import type { TestDatabase } from '../../../test/setup/test-database.ts'
import type { Value } from '../database.ts'
import { edgeEngines, edges } from '../sandbox/edges.fixture.ts'
import type { Expr, Query } from './ast.ts'
import { binary, call, column, select, table, textValue } from './build.ts'
import { a, bytewise, cases, cast, number, small, sorted } from './conformance.data.ts'
import { dialectOf, emitExpr, emitName, emitQuery } from './emit-sql.ts'
import { reservedWords } from './spelling.ts'

/*
 * What programs of ours may build from the AST means the same on every engine. A person's SQL has its own test
 * (sandbox/conformance.test.ts): more functions, made safe by the checker. What differs between engines and is
 * not made equal by the emitter stands in neither: text compared without `bytewise`, `/`, `ilike`, rounding casts.
 */
const engines = edgeEngines()

async function valuesOf(engine: TestDatabase, query: Query): Promise<string[]> {
  const rows = await engine.db.query(`/* engine: duckdb */ ${emitQuery(query, dialectOf(engine.engine))}`)
  const text = (value: Value) =>
    value instanceof Date ? value.toISOString() : value === 0 ? '0' : `${typeof value} ${String(value)}`
  return rows.map((row) =>
    Object.values(row as Record<string, Value>)
      .map(text)
      .join(' '),
  )
}

async function expectSame(query: Query): Promise<string[]> {
  const [first, ...others] = await Promise.all(engines.map((engine) => valuesOf(engine, query)))
  for (const other of others)
    expect([emitQuery(query, 'plain'), other]).toEqual([emitQuery(query, 'plain'), first])
  return first!
}

const aliases = ['a', 'b']

describe('every node of the AST gives the same on all engines, at the edges too', () => {
  it.each(Object.entries(cases))('%s', async (_, list) => {
    for (const { over: types, where, exprs } of list) {
      const from = types.map((type, index) => table(`public.edge_${type}`, aliases[index]!))
      const keys = types.map((_, index) => column(aliases[index]!, 'nr'))
      const targets = [...keys, ...exprs].map((expr, index) => ({ expr, as: `c${String(index)}` }))
      const query = {
        ...select({ targets, from, where }),
        orderBy: keys.map((expr) => ({ expr, ...sorted })),
      }
      const rows = await expectSame(query)
      expect(rows.length).toBeGreaterThan(1)
    }
  })
})

it('aggregates, groups and order by bytes', async () => {
  const star: Expr = { kind: 'star' }
  const texts = [table('public.edge_text', 'a')]
  const wholes = [table('public.edge_bigint', 'a')]
  const named = (exprs: Expr[]) => exprs.map((expr, index) => ({ expr, as: `c${String(index)}` }))
  const plain = { kind: 'call' as const, orderBy: [], distinct: false }
  const numbers = ['sum', 'min', 'max', 'count'].map((name) => call(name, a))
  const last = binary('>', bytewise(a), textValue('b'))
  const ends = ['min', 'max'].map((name) => call(name, bytewise(a)))
  const queries: Query[] = [
    select({ targets: named([call('count', star), call('count', a), ...ends]), from: texts }),
    select({
      targets: named([
        { ...plain, name: 'count', args: [a], distinct: true },
        { ...plain, name: 'count', args: [star], filter: last },
      ]),
      from: texts,
    }),
    select({ targets: named([cast(call('sum', cast(a, 'wide')), 'text')]), from: wholes }),
    select({ targets: named(numbers), from: wholes, where: small(a) }),
    select({ targets: named(numbers), from: wholes, where: { kind: 'boolean', value: false } }),
    {
      ...select({
        targets: named([call('lower', a), call('count', star)]),
        from: texts,
        groupBy: [call('lower', a)],
      }),
      orderBy: [{ expr: bytewise(call('lower', a)), descending: true, nulls: 'first' }],
    },
    {
      ...select({ targets: named([a]), from: texts }),
      orderBy: [bytewise(a), column('a', 'nr')].map((expr) => ({ expr, ...sorted })),
      limit: number('25'),
      offset: number('3'),
    },
  ]
  for (const query of queries) await expectSame(query)
})

it('names are names on all engines, whatever they are', async () => {
  const odd = [
    'a b',
    'A',
    'é😀',
    'with"quote',
    "it's",
    '1st',
    'a.b',
    '$1',
    '--',
    '/*',
    'x;y',
    '\\',
    ':x',
    'row_number',
    '%s',
  ]
  for (const engine of engines) {
    for (const name of [...reservedWords, ...odd]) {
      const query: Query = {
        ...select({
          targets: [{ expr: column(name, name), as: name }],
          from: [
            {
              kind: 'subselect',
              as: name,
              query: select({ targets: [{ expr: number('5'), as: name }], from: [] }),
            },
          ],
        }),
      }
      const rows = await engine.db.query(`/* engine: duckdb */ ${emitQuery(query, dialectOf(engine.engine))}`)
      expect([engine.engine, name, rows]).toEqual([engine.engine, name, [{ [name]: 5 }]])
    }
  }
  expect(() => emitName('a\0b')).toThrow(TypeError)
})

it('a text is itself on all engines, whatever is in it', async () => {
  const texts = edges.text.filter((text): text is string => typeof text === 'string')
  for (const engine of engines) {
    const sql = texts.map(
      (text, index) => `${emitExpr(textValue(text), dialectOf(engine.engine))} as c${String(index)}`,
    )
    const [row] = await engine.db.query<Record<string, string>>(
      `/* engine: duckdb */ select ${sql.join(', ')}`,
    )
    expect(Object.values(row!)).toEqual(texts)
  }
})
