import fc from 'fast-check'
import { parseSync } from 'libpg-query'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../../test/setup/test-database.ts'
import { StanceError } from '../../core/errors.ts'
import { emitQuery } from '../sql/emit-sql.ts'
import { listenToStatements } from '../statement-log.ts'
import { boundQuery } from './bound-query.ts'
import { checkPersonsSql } from './check-persons-sql.ts'
import { escapes } from './escapes.data.ts'
import { honestQueries } from './honest-queries.data.ts'
import { anyText, typedQuery } from './random-sql.fixture.ts'
import type { Relation } from './relation.ts'
import { type Answer, accounts, ask, makeEstate, relationsOf } from './sandbox.fixture.ts'

const engines: TestDatabase[] = []
let relations: Relation[] = []

beforeAll(async () => {
  engines.push(await freshDatabase('duckdb'), await freshDatabase('postgres'))
  for (const engine of engines) await makeEstate(engine)
  relations = await relationsOf(engines[0]!.db)
})

afterAll(async () => {
  for (const engine of engines) await engine.drop()
})

/** All that PostgreSQL's parser finds in what we print. Looked for here by hand, not by the code that is tested. */
const printedFunctions = new Set(
  `lower upper length octet_length left right substr strpos replace split_part translate btrim ltrim rtrim lpad rpad concat
   concat_ws starts_with md5 abs sign floor ceil trunc round sqrt date_part date_trunc to_char extract regexp_like
   json_extract_path_text json_extract_path json_array_length json_typeof count sum avg min max bool_and bool_or string_agg
   row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value like_escape`.split(
    /\s+/,
  ),
)
const printedNodes = new Set(
  `SelectStmt ResTarget ColumnRef String A_Const A_Expr A_Star TypeCast RangeVar RangeSubselect JoinExpr BoolExpr NullTest
   BooleanTest CaseExpr CaseWhen CoalesceExpr MinMaxExpr FuncCall SortBy SubLink CollateClause CommonTableExpr List
   Integer`.split(/\s+/),
)

/** What is in a printed query that should not be there. */
function strange(sql: string): string[] {
  const { stmts } = parseSync(sql) as { stmts: { stmt: unknown }[] }
  const found: string[] = stmts.length === 1 ? [] : [`${stmts.length} statements`]
  const names = new Set(relations.map(({ name }) => name))
  const columns = new Set(relations.flatMap((relation) => relation.columns.map(({ name }) => name)))
  const known = (name: string) => /^(t|c)\d+$|^[qr]$|^row_length$/.test(name) || columns.has(name)
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, child] of Object.entries(value)) {
      if (/^[A-Z][A-Za-z_]+$/.test(key) && !printedNodes.has(key)) found.push(key)
      const fields = child as Record<string, unknown>
      if (
        key === 'RangeVar' &&
        !(fields.schemaname === undefined
          ? /^t\d+$/.test(String(fields.relname))
          : names.has(`${String(fields.schemaname)}.${String(fields.relname)}`))
      )
        found.push(`table ${JSON.stringify(fields.relname)}`)
      if (key === 'FuncCall') {
        const name = (fields.funcname as { String: { sval: string } }[]).map((one) => one.String.sval).at(-1)!
        if (!printedFunctions.has(name)) found.push(`function ${name}`)
      }
      if (key === 'ColumnRef') {
        for (const part of fields.fields as { String?: { sval: string } }[]) {
          if (part.String !== undefined && !known(part.String.sval)) found.push(`column ${part.String.sval}`)
        }
      }
      if (key === 'aliasname' && !known(String(child))) found.push(`alias ${String(child)}`)
      walk(child)
    }
  }
  walk(stmts)
  return found
}

const texts = anyText(Object.values(honestQueries), Object.values(escapes).flat())

it('whatever the text: a StanceError, or a query of known tables, functions and names only', () => {
  let accepted = 0
  fc.assert(
    fc.property(texts, fc.constantFrom(undefined, [accounts[0], "o'neill"]), (text, accountLimits) => {
      try {
        const checked = checkPersonsSql(text, { relations, engine: 'postgres', accountLimits })
        expect(
          strange(emitQuery(boundQuery(checked, { maxRows: 10, maxRowLength: 1000 }), 'postgres')),
        ).toEqual([])
        accepted++
      } catch (error) {
        if (!(error instanceof StanceError)) throw error
        expect(error.code).toMatch(/^SQL_/)
      }
    }),
    { numRuns: 4_000, seed: 7 },
  )
  expect(accepted).toBeGreaterThan(300)
})

it('whatever the text: nothing runs but what our emitter printed, and every error is ours', async () => {
  const housekeeping = /^(select set_config\('work_mem'|fetch forward |close stance_stream_)/
  for (const [text] of fc.sample(fc.tuple(texts), { numRuns: 500, seed: 11 })) {
    for (const { db, engine } of engines) {
      const ran: string[] = []
      const stop = listenToStatements((sql) => ran.push(sql))
      const outcome = await ask(db, text!, { relations, timeoutMs: 2_000, maxRows: 50 }).catch(
        (error: unknown) => error,
      )
      stop()
      if (outcome instanceof Error) expect([text, outcome]).toEqual([text, expect.any(StanceError)])
      const statements = ran
        .filter((sql) => !housekeeping.test(sql))
        .map((sql) => sql.replace(/^declare \S+ no scroll cursor for /, ''))
      if (statements.length === 0) continue
      const checked = checkPersonsSql(text!, {
        relations,
        engine: engine === 'duckdb' ? 'duckdb' : 'postgres',
        now: new Date('2026-01-31T12:00:00.000Z'),
      })
      const printed = emitQuery(
        boundQuery(checked, { maxRows: 50, maxRowLength: 262_144 }),
        engine === 'duckdb' ? 'duckdb' : 'postgres',
      )
      expect(statements).toEqual([`/* engine: ${engine} */ ${printed}`])
    }
  }
})

it('random queries give the same on both engines, and none that passes the check is refused by an engine', async () => {
  const rounded = (answer: Answer) =>
    JSON.stringify(answer, (_, value: unknown) =>
      typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(10)) : value,
    )
  let same = 0
  for (const text of fc.sample(typedQuery, { numRuns: 500, seed: 23 })) {
    const [duckdb, postgres] = await Promise.all(
      engines.map(({ db }) =>
        ask(db, text, { relations, timeoutMs: 5_000 }).then(rounded, (error: StanceError) => error),
      ),
    )
    for (const outcome of [duckdb, postgres]) {
      if (typeof outcome === 'string') continue
      // What the generator does not know: a number gets too large, or the check wants it said otherwise.
      const fine = outcome!.code !== 'SQL_FAILED' || outcome!.message.includes('out of range')
      expect([text, outcome, outcome!.cause, fine]).toEqual([text, outcome, outcome!.cause, true])
    }
    if (typeof duckdb !== 'string' || typeof postgres !== 'string') continue
    expect([text, postgres]).toEqual([text, duckdb])
    same++
  }
  expect(same).toBeGreaterThan(350)
})
