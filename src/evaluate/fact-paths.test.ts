import { expect, it } from 'vitest'
import { loadGuideExamples } from '../../test/setup/guide-examples.ts'
import { eachEngine } from '../../test/setup/test-database.ts'
import { sqlColumns } from '../core/table-shape.ts'
import type { Database } from '../db/database.ts'
import type { Expr, Query } from '../db/sql/ast.ts'
import { dialectOf, emitQuery } from '../db/sql/emit-sql.ts'
import { parseQuery } from '../db/sql/parse-sql.ts'
import type { LakeCatalogue } from '../lake/catalogue.ts'
import { openScratchWorld } from '../lake/materialize-world.ts'
import { type ProofWorld, shapeOf, tablesFor, underAccount, worldOfProof } from './proofs/proof-world.ts'
import type { ReadyFact } from './rule-set.ts'

const { catalogue, set } = await loadGuideExamples()
const withPath = set.facts.filter(({ fact }) => fact.path !== undefined)

/** Visits every node of a syntax tree and replaces those for which `change` gives another. */
function rewrite(node: unknown, change: (node: Record<string, unknown>) => unknown): unknown {
  if (Array.isArray(node)) return node.map((one) => rewrite(one, change))
  if (typeof node !== 'object' || node === null) return node
  const changed = change(node as Record<string, unknown>)
  if (changed !== undefined) return changed
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, rewrite(value, change)]))
}

/** The tables that a path reads, and where it stands on the judged row: nothing but its two keys. */
function readsOf(fact: ReadyFact['fact'], query: Query): { tables: string[]; keys: string[] } {
  const tables: string[] = []
  const keys: string[] = []
  rewrite(query, (node) => {
    if (node.kind === 'table') tables.push(String(node.name))
    if (node.kind === 'column' && node.table === fact.table) keys.push(String(node.name))
    return undefined
  })
  return { tables, keys }
}

function pathIn(
  schema: string,
  fact: ReadyFact['fact'],
  query: Query,
  judged: Record<string, string>,
): Query {
  return rewrite(query, (node) => {
    if (node.kind === 'table') return { ...node, schema, as: node.as ?? node.name }
    if (node.kind === 'column' && node.table === fact.table)
      return { kind: 'text', value: judged[String(node.name)] ?? '' } satisfies Expr
    return undefined
  }) as Query
}

async function fill(db: Database, lake: LakeCatalogue, schema: string, world: ProofWorld): Promise<void> {
  await db.transaction(async (tx) => {
    for (const [table, rows] of world.rows) {
      const columns = sqlColumns(shapeOf(lake.shapes, table))
      const values = rows.map((row) => columns.map(({ name }) => row[name] ?? null))
      await tx.load({ table: `${schema}.${table}`, columns }, values)
    }
  })
}

it('every fact has a path', () => {
  const without = set.facts.filter(({ fact }) => fact.path === undefined).map(({ fact }) => fact.table)
  expect(without).toEqual([])
})

/** All proofs of a fact as accounts of their own. */
function worldsOf({ fact, when }: ReadyFact, at: number) {
  const own = tablesFor(catalogue.shapes, fact.table, when.dependencies.reads)
  return (['true', 'false'] as const).flatMap((value) =>
    fact.proofs[value].map((proof, nr) => ({
      name: `${value}: ${proof.name ?? ''}`,
      isTrue: value === 'true',
      world: underAccount(worldOfProof(catalogue.shapes, fact.table, own, proof), `${at}-${value}-${nr}`),
    })),
  )
}

eachEngine('the path of a fact', (database) => {
  it('shows why where the fact is TRUE, and nothing where it is FALSE', async () => {
    const { db } = database()
    const paths = withPath.map((ready, at) => {
      const { tree } = parseQuery(ready.fact.path ?? '')
      return { fact: ready.fact, tree, reads: readsOf(ready.fact, tree), worlds: worldsOf(ready, at) }
    })
    const tables = new Set(
      paths
        .flatMap(({ fact, reads }) =>
          tablesFor(
            catalogue.shapes,
            fact.table,
            reads.tables.map((table) => ({ table })),
          ),
        )
        .filter((name) => catalogue.tables.has(name)),
    )
    const { schema, drop } = await openScratchWorld(db, catalogue, [...tables])
    try {
      for (const { fact, tree, reads, worlds } of paths) {
        expect(new Set(reads.keys), fact.table).toEqual(new Set(['account_id', 'resource_key']))
        for (const { name, isTrue, world } of worlds) {
          await fill(db, catalogue, schema, world)
          const query = pathIn(schema, fact, tree, world.judged)
          const rows = await db.query(emitQuery(query, dialectOf(db.engine)))
          expect(rows.length > 0, `${fact.table}.${fact.column}, ${name}`).toBe(isTrue)
        }
      }
    } finally {
      await drop()
    }
  })
})
