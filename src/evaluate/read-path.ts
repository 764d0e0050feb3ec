import type { Json } from '../core/json.ts'
import type { Catalogue } from '../core/table-shape.ts'
import type { World } from '../core/world.ts'
import type { Reader, Row } from '../db/database.ts'
import type { Query } from '../db/sql/ast.ts'
import { dialectOf, emitQuery } from '../db/sql/emit-sql.ts'
import { parseQuery } from '../db/sql/parse-sql.ts'
import type { Fact } from './rule.ts'

const mostRows = 10

/**
 * The rows that show why a fact is TRUE for a resource: its `path:`, a SELECT over the lake's tables in which
 * `<table>.account_id` and `<table>.resource_key` stand for the resource. Parsed and printed by us, never sent as typed.
 */
export async function readPath(
  reader: Reader,
  fact: Pick<Fact, 'table' | 'path'>,
  context: { catalogue: Catalogue; world: World; account_id: string; resource_key: string },
): Promise<Json[]> {
  if (fact.path === undefined) return []
  const query = aimed(parseQuery(fact.path).tree, fact.table, context) as Query
  const sql = emitQuery(query, dialectOf(reader.engine))
  const rows = await reader.query<Row>(
    `select * from (${sql}) p order by cast(p as text) nulls last limit ${mostRows}`,
  )
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).flatMap(([name, value]) => {
        if (value === null || value === '') return []
        return [[name, value instanceof Date ? value.toISOString() : value]]
      }),
    ),
  )
}

/**
 * Names of tables become the world's relations, and the resource's keys constants, wherever they stand. Each table is
 * restricted to the resource's account where it stands: Citus asks one shard only if it sees that of all of them.
 */
function aimed(
  node: unknown,
  table: string,
  context: { catalogue: Catalogue; world: World; account_id: string; resource_key: string },
): unknown {
  if (Array.isArray(node)) return node.map((one) => aimed(one, table, context))
  if (node === null || typeof node !== 'object') return node
  const { kind, name, table: of } = node as { kind?: string; name?: string; table?: string }
  if (kind === 'column' && of === table && (name === 'account_id' || name === 'resource_key'))
    return { kind: 'text', value: context[name] }
  const copy = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, aimed(value, table, context)]),
  )
  if (kind !== 'table' || name === undefined || !context.catalogue.has(name)) return copy
  const [schema, relation] = context.world.relation(name).split('.')
  const as = (node as { as?: string }).as ?? name
  const account = {
    kind: 'binary',
    op: '=',
    left: { kind: 'column', table: 'a', name: 'account_id' },
    right: { kind: 'text', value: context.account_id },
  }
  const query = {
    ...{ kind: 'select', with: [], distinct: false, groupBy: [], orderBy: [] },
    targets: [{ expr: { kind: 'star', table: 'a' } }],
    from: [{ kind: 'table', schema, name: relation, as: 'a' }],
    where: account,
  }
  return { kind: 'subselect', query, as }
}
