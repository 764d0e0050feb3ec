import type { Node } from 'libpg-query'
import { isAggregate, isClock, isVolatile } from './functions.ts'
import type { Item, Level, Sublink } from './query-tree.ts'
import { isStar, resolve, type Scope } from './scope.ts'
import { isStableOverColumn } from './stable-expression.ts'

const clockValues = ['SVFOP_CURRENT_DATE', 'SVFOP_CURRENT_TIME', 'SVFOP_LOCALTIME', 'SVFOP_CURRENT_TIMESTAMP']

export interface ExpressionReader {
  readSublink(query: Node, scope: Scope, place: Sublink['place']): Sublink | undefined
}

/** Walks an expression: columns, subqueries, functions. What it finds is noted on the scope's level. */
export function readExpression(
  node: unknown,
  scope: Scope,
  place: Sublink['place'],
  reader: ExpressionReader,
): void {
  if (Array.isArray(node)) {
    for (const one of node) readExpression(one, scope, place, reader)
    return
  }
  if (typeof node !== 'object' || node === null) return
  const { level } = scope
  const tagged = node as Node
  if ('ColumnRef' in tagged) {
    const found = isStar(tagged.ColumnRef) ? undefined : resolve(tagged.ColumnRef, scope)
    if (found !== undefined && place !== 'elsewhere') found.item.isAsked = true
    return
  }
  if ('SubLink' in tagged) {
    readExpression(tagged.SubLink.testexpr, scope, place, reader)
    if (tagged.SubLink.subselect !== undefined) reader.readSublink(tagged.SubLink.subselect, scope, place)
    return
  }
  if ('FuncCall' in tagged) {
    const call = tagged.FuncCall
    if (isAggregate(call)) ownerOf(call.args, scope).aggregates = true
    if (isVolatile(call)) level.volatile = true
    if (isClock(call)) level.clock = true
    if (call.over !== undefined && call.over.name === undefined) {
      level.windows.push(columnsOf(call.over.partitionClause, scope))
    }
  }
  if ('CaseExpr' in tagged && tagged.CaseExpr.arg !== undefined) level.simpleCase = true
  if (isStableOverColumn(tagged)) level.stableOverColumn = true
  if ('SQLValueFunction' in tagged) {
    const op = tagged.SQLValueFunction.op ?? ''
    if (clockValues.some((one) => op.startsWith(one)) || op.startsWith('SVFOP_LOCALTIMESTAMP'))
      level.clock = true
  }
  for (const value of Object.values(node)) readExpression(value, scope, place, reader)
}

/** An aggregate over an outer query's column is that query's, wherever it stands. */
function ownerOf(args: readonly Node[] | undefined, scope: Scope): Level {
  for (const arg of args ?? []) {
    const found = 'ColumnRef' in arg && !isStar(arg.ColumnRef) ? resolve(arg.ColumnRef, scope) : undefined
    for (let at: Scope | undefined = scope; found !== undefined && at !== undefined; at = at.up) {
      if (at.items.includes(found.item)) return at.level
    }
  }
  return scope.level
}

/** The columns that a list of expressions names plainly; what is computed is undefined. */
export function columnsOf(nodes: readonly Node[] | undefined, scope: Scope): (string | undefined)[] {
  return (nodes ?? []).map((node) => {
    if (!('ColumnRef' in node) || isStar(node.ColumnRef)) return undefined
    return resolve(node.ColumnRef, scope)?.column
  })
}

/** The names in FROM that an expression looks at. */
export function itemsNamedIn(node: unknown, scope: Scope): Set<Item> {
  if (typeof node !== 'object' || node === null) return new Set()
  if ('ColumnRef' in node) {
    const found = resolve((node as Extract<Node, { ColumnRef: unknown }>).ColumnRef, scope)
    return new Set(found === undefined ? [] : [found.item])
  }
  return new Set(Object.values(node).flatMap((one) => [...itemsNamedIn(one, scope)]))
}
