import { type Constraint, type Node, parseSync } from 'libpg-query'
import type { Migration, MigrationStatement } from '../migration-files.ts'

/** What keeps our tables from living on several nodes, each as one sentence; empty if nothing does. */
export function checkMigrations(migrations: readonly Migration[], reserved: ReadonlySet<string>): string[] {
  return migrations.flatMap(({ name, statements }) =>
    statements
      .filter(({ engine }) => engine !== 'duckdb')
      .flatMap((statement) => checkStatement(statement, reserved).map((problem) => `${name}: ${problem}`)),
  )
}

/** Names that one of the engines keeps for itself. */
export function reservedAmong(names: readonly string[], reserved: ReadonlySet<string>): string[] {
  return names.filter((name) => reserved.has(name.toLowerCase()))
}

function checkStatement(statement: MigrationStatement, reserved: ReadonlySet<string>): string[] {
  const nodes = (parseSync(statement.sql).stmts ?? []).flatMap(({ stmt }) =>
    stmt === undefined ? [] : [stmt],
  )
  if (nodes.length !== 1) return [`a step of ${nodes.length} statements; Citus takes one a call`]
  const [node] = nodes
  if (node === undefined) return []
  if ('CreateTrigStmt' in node)
    return [`trigger ${node.CreateTrigStmt.trigname}: distributed tables have none`]
  if ('CreateStmt' in node) return checkTable(node, statement, reserved)
  if ('AlterTableStmt' in node) return checkAlter(node, reserved)
  if ('IndexStmt' in node && node.IndexStmt.unique === true) {
    const columns = (node.IndexStmt.indexParams ?? []).map((one) =>
      'IndexElem' in one ? one.IndexElem.name : '',
    )
    return columns.includes('account_id') ? [] : [`unique index ${node.IndexStmt.idxname} lacks account_id`]
  }
  return []
}

function checkTable(
  node: Extract<Node, { CreateStmt: unknown }>,
  { table }: MigrationStatement,
  reserved: ReadonlySet<string>,
): string[] {
  const name = `${node.CreateStmt.relation?.schemaname}.${node.CreateStmt.relation?.relname}`
  const elements = node.CreateStmt.tableElts ?? []
  const columns = elements.flatMap((one) => ('ColumnDef' in one ? [one.ColumnDef] : []))
  const constraints = [
    ...elements.flatMap((one) => ('Constraint' in one ? [one.Constraint] : [])),
    ...columns.flatMap((column) => constraintsOf(column.constraints)),
  ]
  const problems = reservedAmong(
    [node.CreateStmt.relation?.relname ?? '', ...columns.map((column) => column.colname ?? '')],
    reserved,
  ).map((word) => `${name}: "${word}" is a reserved word`)
  if (table === undefined) problems.push(`${name} has no placement`)
  problems.push(...constraints.flatMap(foreignKeyProblem).map((problem) => `${name}: ${problem}`))
  if (table?.placement !== 'distributed') return problems
  if (table.distributedBy !== 'account_id') problems.push(`${name} is not distributed by account_id`)
  const key = constraints.find(({ contype }) => contype === 'CONSTR_PRIMARY')
  const keys = stringsOf(key?.keys)
  if (keys[0] !== 'account_id') problems.push(`${name}: its primary key does not begin with account_id`)
  const loose = constraints.find(
    (one) => one.contype === 'CONSTR_UNIQUE' && !stringsOf(one.keys).includes('account_id'),
  )
  if (loose !== undefined) problems.push(`${name}: a unique constraint lacks account_id`)
  return problems
}

function checkAlter(
  node: Extract<Node, { AlterTableStmt: unknown }>,
  reserved: ReadonlySet<string>,
): string[] {
  const name = node.AlterTableStmt.relation?.relname
  const commands = (node.AlterTableStmt.cmds ?? []).flatMap((one) =>
    'AlterTableCmd' in one ? [one.AlterTableCmd] : [],
  )
  return commands.flatMap(({ def }) => {
    if (def === undefined) return []
    if ('Constraint' in def) return foreignKeyProblem(def.Constraint).map((problem) => `${name}: ${problem}`)
    if (!('ColumnDef' in def)) return []
    return [
      ...reservedAmong([def.ColumnDef.colname ?? ''], reserved).map(
        (word) => `${name}: "${word}" is a reserved word`,
      ),
      ...constraintsOf(def.ColumnDef.constraints).flatMap(foreignKeyProblem),
    ]
  })
}

function foreignKeyProblem(constraint: Constraint): string[] {
  if (constraint.contype !== 'CONSTR_FOREIGN') return []
  return stringsOf(constraint.fk_attrs).includes('account_id') ? [] : ['a foreign key lacks account_id']
}

const constraintsOf = (nodes: readonly Node[] | undefined): Constraint[] =>
  (nodes ?? []).flatMap((node) => ('Constraint' in node ? [node.Constraint] : []))

const stringsOf = (nodes: readonly Node[] | undefined): string[] =>
  (nodes ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []))
