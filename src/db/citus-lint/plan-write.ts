import type { DeleteStmt, InsertStmt, MergeStmt, Node, UpdateStmt } from 'libpg-query'
import type { QueryPlanner } from './plan-query.ts'
import {
  accountOf,
  distributedOf,
  fromTablesOf,
  type Item,
  type Level,
  localOf,
  tablesOf,
} from './query-tree.ts'
import { type ConditionPlace, readCondition } from './read-condition.ts'
import type { StatementReader } from './read-statement.ts'
import { positionsOf, type Scope } from './scope.ts'

/** UPDATE and DELETE: the target is one more name in FROM. */
export function planChange(
  statement: UpdateStmt | DeleteStmt,
  reader: StatementReader,
  planner: QueryPlanner,
): Level {
  const scope = reader.newScope()
  const { level } = scope
  if (statement.withClause !== undefined) reader.readWith(statement.withClause, statement, scope)
  const target = reader.readTable(statement.relation!, scope)
  level.joins.push({ item: target })
  const from =
    'fromClause' in statement ? statement.fromClause : 'usingClause' in statement ? statement.usingClause : []
  for (const node of from ?? []) level.joins.push(reader.readFrom(node, scope))
  reader.readWhere(statement.whereClause, scope)
  const sets = 'targetList' in statement ? (statement.targetList ?? []) : []
  reader.readExpression(sets, scope, 'elsewhere')
  reader.readExpression(statement.returningClause?.exprs, scope, 'elsewhere')

  if (target.placement !== 'distributed') {
    const from = [...fromTablesOf(level)]
    if (target.placement === 'reference' && distributedOf(from).length > 0) {
      planner.add('reference-from-distributed', target.location)
    }
    const hasReference = [...tablesOf(level)].some((item) => item.placement === 'reference')
    if (target.placement === 'local' && hasReference) planner.add('local-table', target.location)
    planner.planWhole(level)
    return level
  }
  if (sets.some((node) => 'ResTarget' in node && node.ResTarget.name === 'account_id')) {
    planner.add('account-changed', target.location)
  }
  if (level.volatile) planner.add('volatile', target.location)
  planner.planWhole(level)
  return level
}

export function planInsert(statement: InsertStmt, reader: StatementReader, planner: QueryPlanner): Level {
  const scope = reader.newScope()
  const { level } = scope
  const target = reader.readTable(statement.relation!, scope)
  const select = statement.selectStmt
  // A WITH before INSERT belongs to its SELECT as well as one inside it.
  if (statement.withClause !== undefined) {
    reader.readWith(statement.withClause, statement, scope)
    for (const named of level.ctes) named.inlined = false
  }
  const source =
    select !== undefined && 'SelectStmt' in select
      ? reader.readSelect(select.SelectStmt, { ...scope, items: [] })
      : undefined
  const { stableOverColumn } = level
  reader.readExpression(statement.onConflictClause?.targetList, scope, 'elsewhere')
  if (level.stableOverColumn && !stableOverColumn) planner.add('stable-over-column', target.location)
  reader.readExpression(statement.returningClause?.exprs, scope, 'elsewhere')
  const place = placeOfAccount(statement)
  if (target.placement === 'distributed' && place < 0) planner.add('account-missing', target.location)
  if (source === undefined) return level

  const named = { ...source, ctes: [...level.ctes, ...source.ctes] }
  const tables = [...tablesOf(named)]
  if (tables.length === 0) return named
  if (target.placement === 'distributed') planInsertRows(named, place, reader, planner)
  else if (target.placement === 'reference') {
    const isSame = tables.every((item) => item.placement === 'reference')
    if (!isSame) planner.add('insert-into-reference', target.location)
    planner.planWhole(named)
  } else planner.planWhole(named)
  return named
}

function planInsertRows(source: Level, place: number, reader: StatementReader, planner: QueryPlanner): void {
  const tables = [...tablesOf(source)]
  const account = positionsOf(source)[place]
  const isPlain = reader.equalities.isAccount(account)
  if (distributedOf(tables).length === 0 || !isPlain) planner.add('insert-from-elsewhere', source.location)
  else if (source.volatile) planner.add('insert-volatile', source.location)
  else if (planner.staysTogether(source)) return
  else if (source.set !== undefined || source.groupingSets || planner.needsMerge(source)) {
    planner.add('insert-needs-merge', source.location)
  }
  planner.planWhole(source)
}

function placeOfAccount(statement: InsertStmt): number {
  const columns = statement.cols ?? []
  if (columns.length === 0) return 0
  return columns.findIndex((node) => 'ResTarget' in node && node.ResTarget.name === 'account_id')
}

export function planMerge(statement: MergeStmt, reader: StatementReader, planner: QueryPlanner): Level {
  const scope = reader.newScope()
  const { level } = scope
  if (statement.withClause !== undefined) reader.readWith(statement.withClause, statement, scope)
  const target = reader.readTable(statement.relation!, scope)
  const targetTree = { item: target }
  const sourceTree = reader.readFrom(statement.sourceRelation!, scope)
  const equals: [string, string][] = []
  const { strict } = level
  const at: ConditionPlace = { place: 'where', join: 'inner', nullable: new Set(), equals, strict }
  readCondition(statement.joinCondition, scope, at, reader)
  level.joins.push({ kind: 'inner', left: targetTree, right: sourceTree, equals, strict })
  const actions = statement.mergeWhenClauses ?? []
  reader.readExpression(actions, scope, 'elsewhere')

  const all = [...tablesOf(level)]
  if (target.placement !== 'distributed') {
    if (distributedOf(all).length > 0 || target.placement === 'reference')
      planner.add('merge-target', target.location)
    return level
  }
  const sources = all.filter((item) => item !== target)
  if ((statement.returningClause?.exprs ?? []).length > 0) planner.add('merge-returning', target.location)
  if (level.clock || level.volatile) planner.add('merge-clock', target.location)
  if (localOf(sources).length > 0 || sources.length === 0) planner.add('merge-source', target.location)
  else if (distributedOf(sources).length === 0) planner.add('merge-reference', target.location)
  else planSource(level, target, equals, actions, scope, reader, planner)
  return level
}

function planSource(
  level: Level,
  target: Item,
  equals: readonly [string, string][],
  actions: readonly Node[],
  scope: Scope,
  reader: StatementReader,
  planner: QueryPlanner,
): void {
  const { equalities } = reader
  const accounts = distributedOf(tablesOf(level)).map(accountOf)
  const own = accountOf(target)
  const partners = equals.flatMap(([a, b]) => (a === own ? [b] : b === own ? [a] : []))
  if (partners.length === 0) {
    planner.add('merge-without-account', target.location)
    return
  }
  const before = planner.reasons.length
  planner.prepare(level, false, equalities.areColocated(accounts))
  const isMixed = [...tablesOf(level)].some((item) => item.placement === 'reference')
  const inserted = insertedAccounts(actions).map((value) => columnOfValue(value, scope, reader))
  const isTied = [...partners, ...inserted].every((column) => equalities.isAccount(column))
  if (planner.reasons.length > before || isMixed || !isTied) {
    planner.add('merge-repartition', target.location)
    if (level.sublinks.length > 0) planner.add('merge-subquery', target.location)
  }
  if (inserted.some((column) => column === undefined || !equalities.areColocated([own, column]))) {
    planner.add('merge-inserts-value', target.location)
  }
}

/** What MERGE inserts as account_id, for each of its inserts. */
function insertedAccounts(actions: readonly Node[]): (Node | undefined)[] {
  return actions.flatMap((node) => {
    if (!('MergeWhenClause' in node) || node.MergeWhenClause.commandType !== 'CMD_INSERT') return []
    const { targetList, values } = node.MergeWhenClause
    const columns = targetList ?? []
    const place = columns.findIndex((one) => 'ResTarget' in one && one.ResTarget.name === 'account_id')
    return [values?.[columns.length === 0 ? 0 : place]]
  })
}

function columnOfValue(value: Node | undefined, scope: Scope, reader: StatementReader): string | undefined {
  return value === undefined
    ? undefined
    : reader.readTargets([{ ResTarget: { val: value } }], scope)[0]?.column
}
