import { type Constraint, type Node, parseSync, type RangeVar } from 'libpg-query'
import type { Migration } from '../migration-files.ts'
import { createPlacementOf, type PlacementOf } from '../placement.ts'

/** What keeps our tables from living on several nodes, each as one sentence; empty if nothing does. */
export function checkMigrations(migrations: readonly Migration[]): string[] {
  const placementOf = createPlacementOf(migrations)
  return migrations.flatMap(({ name, statements }) =>
    statements
      .filter(({ engine }) => engine !== 'duckdb')
      .flatMap(({ sql, table }) => checkStatement(sql, table?.distributedBy, placementOf))
      .map((problem) => `${name}: ${problem}`),
  )
}

function checkStatement(sql: string, distributedBy: string | undefined, placementOf: PlacementOf): string[] {
  const nodes = (parseSync(sql).stmts ?? []).flatMap(({ stmt }) => (stmt === undefined ? [] : [stmt]))
  const [node] = nodes
  if (node === undefined || nodes.length > 1)
    return [`a step of ${nodes.length} statements; Citus takes one a call`]
  const relation = relationOf(node)
  const name = `${relation?.schemaname}.${relation?.relname}`
  const placement = placementOf({ schema: relation?.schemaname ?? '', name: relation?.relname ?? '' })
  const problems = 'CreateStmt' in node && placement === undefined ? ['no placement'] : []
  if ('CreateTrigStmt' in node) problems.push('a trigger; a table that is on several nodes has none')
  if (placement === 'distributed') {
    problems.push(...problemsOf(node))
    if ('CreateStmt' in node && distributedBy !== 'account_id') problems.push('not distributed by account_id')
  }
  return problems.map((problem) => `${name}: ${problem}`)
}

function problemsOf(node: Node): string[] {
  if ('IndexStmt' in node) {
    const columns = (node.IndexStmt.indexParams ?? []).map((one) => 'IndexElem' in one && one.IndexElem.name)
    const isLoose = node.IndexStmt.unique === true && !columns.includes('account_id')
    return isLoose ? [`unique index ${node.IndexStmt.idxname} lacks account_id`] : []
  }
  if ('AlterTableStmt' in node) {
    const commands = node.AlterTableStmt.cmds ?? []
    const added = commands.flatMap((one) => ('AlterTableCmd' in one && one.AlterTableCmd.def) || [])
    return constraintsOf(added).flatMap(problemOf)
  }
  if (!('CreateStmt' in node)) return []
  const constraints = constraintsOf(node.CreateStmt.tableElts ?? [])
  const key = constraints.find(({ contype }) => contype === 'CONSTR_PRIMARY')
  const keyProblems =
    stringsOf(key?.keys)[0] === 'account_id' ? [] : ['its primary key does not begin with account_id']
  return [...keyProblems, ...constraints.flatMap(problemOf)]
}

function problemOf({ contype, keys, fk_attrs }: Constraint): string[] {
  if (contype === 'CONSTR_FOREIGN' && !stringsOf(fk_attrs).includes('account_id'))
    return ['a foreign key lacks account_id']
  if (contype === 'CONSTR_UNIQUE' && !stringsOf(keys).includes('account_id'))
    return ['a unique constraint lacks account_id']
  return []
}

/** Of a table and of its columns. */
function constraintsOf(nodes: readonly Node[]): Constraint[] {
  return nodes.flatMap((node) => {
    if ('Constraint' in node) return [node.Constraint]
    return 'ColumnDef' in node ? constraintsOf(node.ColumnDef.constraints ?? []) : []
  })
}

function relationOf(node: Node): RangeVar | undefined {
  if ('CreateStmt' in node) return node.CreateStmt.relation
  if ('CreateTrigStmt' in node) return node.CreateTrigStmt.relation
  if ('IndexStmt' in node) return node.IndexStmt.relation
  return 'AlterTableStmt' in node ? node.AlterTableStmt.relation : undefined
}

const stringsOf = (nodes: readonly Node[] | undefined): string[] =>
  (nodes ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []))
