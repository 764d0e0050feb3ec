import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { eachEngine } from '../../../test/setup/test-database.ts'
import { tables } from '../../collect/tables.generated.ts'
import { StanceError } from '../../core/errors.ts'
import { sqlColumns } from '../../core/table-shape.ts'
import { schemaWorld } from '../../core/world.ts'
import { buildCatalogue } from '../../lake/catalogue.ts'
import { checkCondition } from './check-condition.ts'
import { compileTablePass } from './compile-table-pass.ts'
import { conditionFunctions } from './functions.ts'
import { type ParamShapes, type ParamValues, shapeOfValue } from './params.ts'
import { referenceJudge, type WorldRow } from './reference-judge.ts'
import { fullRow } from './small-catalogue.fixture.ts'

const page = await readFile(join(import.meta.dirname, '../../../docs/guide/rule-language.md'), 'utf8')
const catalogue = buildCatalogue(tables, []).shapes

interface Example {
  table: string
  across: boolean
  error: string | undefined
  params: ParamShapes
  values: ParamValues
  text: string
}

const examples = [...page.matchAll(/```sql\n-- (\w+)([^\n]*)\n([\s\S]+?)```/g)].map(
  ([, table = '', head = '', text = '']): Example => {
    const named = [...(/params: (.*)$/.exec(head)?.[1] ?? '').matchAll(/(\w+) = (\[[^\]]*\]|[^,]+)/g)]
    const values = Object.fromEntries(
      named.map(([, name = '', value = '']) => [
        name,
        value.startsWith('[') ? value.slice(1, -1).split(', ') : Number(value),
      ]),
    )
    const params = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, shapeOfValue(name, value)]),
    )
    return {
      table,
      across: head.includes('across accounts'),
      error: /error (\w+)/.exec(head)?.[1],
      params,
      values,
      text: text.trim(),
    }
  },
)
const check = ({ text, table, across, params }: Example) =>
  checkCondition(text, { table, catalogue, across, params })
const good = examples.filter(({ error }) => error === undefined)
const now = new Date('2026-06-01T00:00:00Z')

/** One row in each table, all read; twice, so that a lookup has something to find and something not to. */
const world = {
  tables: Object.fromEntries(
    [...catalogue].map(([name, table]) => [
      name,
      ['a', 'b'].map((key): WorldRow => fullRow(table, { resource_key: key })),
    ]),
  ),
  cells: [...catalogue.values()].flatMap((table) =>
    table.parent === undefined
      ? [{ account_id: '111122223333', table_name: table.name, part: 'eu-west-1', in_force: true }]
      : [],
  ),
}

test('the page has examples of each kind, and all functions', () => {
  expect(good.length).toBeGreaterThan(11)
  expect(examples.length - good.length).toBeGreaterThan(8)
  for (const name of Object.keys(conditionFunctions)) expect(page).toContain(`${name}(`)
})

test.each(examples.filter(({ error }) => error !== undefined))('$error: $text', (example) => {
  let code: string | undefined
  try {
    check(example)
  } catch (error) {
    code = error instanceof StanceError ? error.code : String(error)
  }
  expect(code).toBe(example.error)
})

eachEngine('examples of the guide', (database) => {
  beforeAll(async () => {
    const { db } = database()
    await db.transaction(async (tx) => {
      await tx.run('create schema guide')
      await tx.run(`create table guide.cell (account_id text, table_name text, part text, state text, in_force boolean,
         ok_at timestamptz)`)
      for (const table of catalogue.values()) {
        const columns = sqlColumns(table).map(
          ({ name, type }) => `${name} ${type === 'double' ? 'double precision' : type}`,
        )
        await tx.run(`create table guide.${table.name} (${columns.join(', ')})`)
      }
    })
    await db.transaction(async (tx) => {
      for (const [name, table] of catalogue) {
        const columns = sqlColumns(table)
        await tx.load(
          { table: `guide.${name}`, columns },
          world.tables[name]!.map((row) => columns.map((column) => row[column.name] ?? null)),
        )
      }
      for (const cell of world.cells) {
        await tx.run(
          'insert into guide.cell values ($1::text, $2::text, $3::text, null, $4::boolean, null)',
          [cell.account_id, cell.table_name, cell.part, cell.in_force],
        )
      }
    })
  })

  test.each(good)('$text', async (example) => {
    const { db } = database()
    const { table, values } = example
    const rules = [{ slot: 1, id: 'example', pass: check(example), params: values }]
    const sql = compileTablePass({
      table,
      rules,
      catalogue,
      world: schemaWorld('guide'),
      engine: db.engine,
      now,
    })
    const found = await db.query<{ verdicts: string }>(sql)
    const wanted = referenceJudge(catalogue, world, now, rules).map(({ verdicts }) => verdicts)
    expect(found.map(({ verdicts }) => verdicts.slice(1)).sort()).toEqual(wanted.sort())
    expect(wanted.join('')).toMatch(/^[pf]{2}$/)
  })
})
