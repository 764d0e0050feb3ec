import { expect, it } from 'vitest'
import type { TestDatabase } from '../../../test/setup/test-database.ts'
import type { Value } from '../database.ts'
import { aggregateFunctions, windowFunctions } from './aggregate-functions.ts'
import { checkPersonsSql } from './check-persons-sql.ts'
import { conformance, meanings, mustFail } from './conformance.data.ts'
import { edgeEngines, edgeRelations } from './edges.fixture.ts'
import { ask } from './sandbox.fixture.ts'
import { scalarFunctions } from './scalar-functions.ts'
import { specialForms } from './special-forms.ts'

const engines = edgeEngines()

const names = ['a', 'b']

/** The query of a line of the corpus; whole numbers are shown as text, for they can be larger than a number holds. */
function toQuery(line: string): string {
  if (line.startsWith('= ')) return line.slice(2)
  const [, tables, where, expr] = /^([a-z ]+?)(?: where (.*?))?: (.*)$/s.exec(line)!
  const from = tables!.split(' ').map((type, index) => `edge_${type} ${names[index]!}`)
  const keys = from.map((_, index) => `${names[index]!}.nr`)
  const keyTargets = keys.map((key, index) => `${key} as k${String(index)}`)
  return `select ${keyTargets.join(', ')}, ${expr!} as v from ${from.join(', ')}${where ? ` where ${where}` : ''} order by ${keys.join(', ')}`
}

const options = { relations: edgeRelations, maxRows: 100_000 }

/** A whole number is shown as text, for it can be larger than a number holds. */
function exactQuery(sql: string): string {
  const checked = checkPersonsSql(sql, { relations: edgeRelations, engine: 'duckdb' })
  if (checked.columns.at(-1)?.type !== 'bigint' || !sql.includes(' as k0, ')) return sql
  const keys = sql.includes(' as k1, ') ? 'k0, k1' : 'k0'
  return `with q as (${sql}) select ${keys}, cast(v as text) from q order by ${keys}`
}

async function shown(engine: TestDatabase, sql: string, isExact: boolean): Promise<string> {
  const text = (value: Value) => {
    if (value instanceof Date) return value.toISOString()
    if (Object.is(value, -0)) return '-0'
    return typeof value === 'number' && !isExact ? value.toPrecision(12) : `${typeof value} ${String(value)}`
  }
  const { columns, rows } = await ask(engine.db, sql, options)
  return [columns.join(', '), ...rows.map((row) => row.map(text).join(' '))].join('\n')
}

it('every construct and function gives the same on all engines, at the edges too', async () => {
  const different: string[] = []
  for (const line of conformance) {
    const sql = exactQuery(toQuery(line))
    const isExact = !/\b(sum|avg)\(/.test(line)
    const answers = await Promise.all(
      engines.map((engine) =>
        shown(engine, sql, isExact).catch(
          (error) => `${error.code}: ${error.message} ${error.cause?.message ?? ''}`,
        ),
      ),
    )
    const [first, ...others] = answers.map((answer) => answer.split('\n'))
    for (const other of others) {
      if (first!.length > 1 && other.join('\n') === first!.join('\n')) continue
      const at = first!.findIndex((row, index) => row !== other[index])
      different.push(`${sql}\n  ${first![at]}\n  ${other[at]}`)
      break
    }
  }
  expect(different.join('\n')).toBe('')
})

it('what cannot be computed is an error on all engines', async () => {
  for (const sql of mustFail) {
    for (const engine of engines) {
      const outcome = await ask(engine.db, sql, options).then(
        ({ rows }) => `${engine.engine}: ${sql} gave ${JSON.stringify(rows)}`,
        (error) => error.code,
      )
      expect(outcome).toBe('SQL_FAILED')
    }
  }
})

it('functions mean what the guide says', async () => {
  for (const engine of engines) {
    for (const [expr, expected] of Object.entries(meanings)) {
      const { rows } = await ask(engine.db, `select ${expr} as v`, options)
      expect([engine.engine, expr, rows[0]![0]]).toEqual([engine.engine, expr, expected])
    }
  }
})

it('no function is on a list without being tried', () => {
  const all = [scalarFunctions, specialForms, aggregateFunctions, windowFunctions].flatMap((list) =>
    Object.keys(list),
  )
  const tried = conformance.join('\n')
  const untried = all.filter((name) => !new RegExp(`\\b${name}\\(`).test(tried))
  expect(untried).toEqual([])
})
