import { loadModule, type Node, parseSync } from 'libpg-query'
import type { PlacementOf } from '../placement.ts'
import { QueryPlanner } from './plan-query.ts'
import { planChange, planInsert, planMerge } from './plan-write.ts'
import type { Level } from './query-tree.ts'
import { StatementReader, type ViewOf } from './read-statement.ts'
import { type DistributionVerdict, type Reason, toReason, worstOf } from './reasons.ts'

export type { DistributionVerdict, Reason, ReasonCode } from './reasons.ts'

export interface DistributionLint {
  verdict: DistributionVerdict
  reasons: Reason[]
}

/** The parser is WebAssembly: wait for it once before the first `lintDistribution`. */
export const loadDistributionLint = loadModule

/**
 * Says what Citus would do with one statement: `push` (it runs on the shards, or on one), `pull` (rows go
 * through the coordinator) or `fail`; and why. Statements that read and write no rows are `push`.
 */
export function lintDistribution(
  sql: string,
  placementOf: PlacementOf,
  viewOf: ViewOf = () => undefined,
): DistributionLint {
  const statements = parseAll(sql)
  if (statements === undefined) return toLint([toReason('unreadable')])
  if (statements.length > 1) return toLint([toReason('several-statements')])
  const [statement] = statements
  if (statement === undefined) return toLint([])
  const reader = new StatementReader(placementOf, viewOf)
  const planner = new QueryPlanner(reader.equalities)
  const level = plan(statement, reader, planner)
  if (level === undefined) return toLint([])
  if (reader.touchesShards) addTraits(statement, reader, planner)
  for (const table of reader.unplaced) planner.add('unknown-placement', table.location)
  return toLint(planner.reasons)
}

/** What Citus cannot take from the coordinator to the shards, whatever the tables. */
function addTraits(statement: Node, reader: StatementReader, planner: QueryPlanner): void {
  const writes = !('SelectStmt' in statement) && innerOf(statement) === undefined
  if (reader.has('clock')) planner.add('clock')
  if (reader.has('naturalJoin')) planner.add('natural-join')
  if (makesTemporary(statement)) planner.add('temporary-table')
  if (reader.has('simpleCase') && (writes || reader.has('clock'))) planner.add('simple-case')
  const changes = 'UpdateStmt' in statement || 'DeleteStmt' in statement || 'MergeStmt' in statement
  if (changes && reader.has('stableOverColumn')) planner.add('stable-over-column')
}

function makesTemporary(node: Node): boolean {
  const into =
    'CreateTableAsStmt' in node
      ? node.CreateTableAsStmt.into
      : 'SelectStmt' in node
        ? node.SelectStmt.intoClause
        : undefined
  return into?.rel?.relpersistence === 't'
}

function parseAll(sql: string): Node[] | undefined {
  try {
    return (parseSync(sql).stmts ?? []).flatMap(({ stmt }) => (stmt === undefined ? [] : [stmt]))
  } catch {
    return undefined
  }
}

function plan(node: Node, reader: StatementReader, planner: QueryPlanner): Level | undefined {
  if ('SelectStmt' in node) {
    const level = reader.readSelect(node.SelectStmt)
    planner.planWhole(level)
    return level
  }
  if ('InsertStmt' in node) return planInsert(node.InsertStmt, reader, planner)
  if ('UpdateStmt' in node) return planChange(node.UpdateStmt, reader, planner)
  if ('DeleteStmt' in node) return planChange(node.DeleteStmt, reader, planner)
  if ('MergeStmt' in node) return planMerge(node.MergeStmt, reader, planner)
  const inner = innerOf(node)
  return inner === undefined ? undefined : plan(inner, reader, planner)
}

function innerOf(node: Node): Node | undefined {
  if ('DeclareCursorStmt' in node) return node.DeclareCursorStmt.query
  if ('ExplainStmt' in node) return node.ExplainStmt.query
  if ('CreateTableAsStmt' in node) return node.CreateTableAsStmt.query
  if ('ViewStmt' in node) return node.ViewStmt.query
  return undefined
}

const toLint = (reasons: Reason[]): DistributionLint => ({ verdict: worstOf(reasons), reasons })
