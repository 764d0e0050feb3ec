import type { A_Expr, Node } from 'libpg-query'
import type { Equalities } from './equalities.ts'
import type { Item, JoinKind, Sublink } from './query-tree.ts'
import { namesOf, positionsOf, resolve, type Scope } from './scope.ts'

/** Where a condition stands decides what follows from it. */
export interface ConditionPlace {
  place: Sublink['place']
  /** In ON of a join of this kind; a filter (WHERE) is like an inner join. */
  join: JoinKind
  /** The side of an outer join that may be missing. */
  nullable: ReadonlySet<Item>
  /** Collects the equalities of one join. */
  equals: [string, string][]
  /** Collects the items that must be there for the condition to be true. */
  strict: Set<Item>
  /** Of ON: does the join as good as stand beside the one before it? Asked once all is read. */
  isFree?: () => boolean
}

export interface ConditionReader {
  equalities: Equalities
  readExpression(node: Node, scope: Scope, place: Sublink['place']): void
  readSublink(query: Node, scope: Scope, place: Sublink['place']): Sublink | undefined
}

/** Takes the equalities out of a condition that must be true, and reads the rest as an expression. */
export function readCondition(
  node: Node | undefined,
  scope: Scope,
  at: ConditionPlace,
  reader: ConditionReader,
): void {
  if (node === undefined) return
  if ('BoolExpr' in node && node.BoolExpr.boolop === 'AND_EXPR') {
    for (const arg of node.BoolExpr.args ?? []) readCondition(arg, scope, at, reader)
    return
  }
  if (
    'SubLink' in node &&
    node.SubLink.subLinkType === 'ANY_SUBLINK' &&
    node.SubLink.subselect !== undefined
  ) {
    const { testexpr, operName, subselect } = node.SubLink
    if (testexpr !== undefined) reader.readExpression(testexpr, scope, at.place)
    const sublink = reader.readSublink(subselect, scope, at.place)
    const isEqual = operName === undefined || isNamed(operName, '=')
    if (sublink === undefined || testexpr === undefined || !isEqual) return
    const outputs = positionsOf(sublink.query)
    noteStrict([testexpr], scope, at)
    for (const [index, part] of partsOf(testexpr).entries()) {
      const [left, right] = [columnOfNode(part, scope), outputs[index]]
      if (left !== undefined && right !== undefined) link(left, { column: right }, scope, at, reader)
    }
    return
  }
  reader.readExpression(node, scope, at.place)
  if ('NullTest' in node && node.NullTest.nulltesttype === 'IS_NOT_NULL')
    noteStrict([node.NullTest.arg], scope, at)
  if ('NullTest' in node && node.NullTest.nulltesttype === 'IS_NULL' && at.place === 'where') {
    const found = node.NullTest.arg === undefined ? undefined : columnOfNode(node.NullTest.arg, scope)
    if (found !== undefined) scope.level.nulls.set(found.column, found.item)
  }
  if (!('A_Expr' in node)) return
  if (!nullSafe.has(node.A_Expr.kind ?? '')) noteStrict([node.A_Expr.lexpr, node.A_Expr.rexpr], scope, at)
  readEquality(node.A_Expr, scope, at, reader)
}

const nullSafe = new Set(['AEXPR_DISTINCT', 'AEXPR_NOT_DISTINCT', 'AEXPR_NULLIF'])

/** A comparison with NULL is not true, so both its sides are there. */
function noteStrict(sides: readonly (Node | undefined)[], scope: Scope, at: ConditionPlace): void {
  for (const side of sides) {
    for (const part of side === undefined ? [] : partsOf(side)) {
      const found = columnOfNode(part, scope)
      if (found !== undefined) at.strict.add(found.item)
    }
  }
}

function readEquality(expression: A_Expr, scope: Scope, at: ConditionPlace, reader: ConditionReader): void {
  const { kind, name, lexpr, rexpr } = expression
  if (lexpr === undefined || rexpr === undefined || !isNamed(name ?? [], '=')) return
  if (kind === 'AEXPR_IN') {
    const items = 'List' in rexpr ? (rexpr.List.items ?? []) : []
    if (items.length === 1) equate(lexpr, items[0]!, scope, at, reader)
  } else if (kind === 'AEXPR_OP_ANY') {
    const items = 'A_ArrayExpr' in rexpr ? (rexpr.A_ArrayExpr.elements ?? []) : []
    if (items.length === 1) equate(lexpr, items[0]!, scope, at, reader)
  } else if (kind === 'AEXPR_OP') {
    const [left, right] = [partsOf(lexpr), partsOf(rexpr)]
    if (left.length !== right.length) return
    for (const [index, part] of left.entries()) equate(part, right[index]!, scope, at, reader)
  }
}

function equate(left: Node, right: Node, scope: Scope, at: ConditionPlace, reader: ConditionReader): void {
  const [a, b] = [columnOfNode(left, scope), columnOfNode(right, scope)]
  if (a !== undefined && b !== undefined) {
    link(a, b, scope, at, reader)
    return
  }
  const found = a ?? b
  const constant = constantOf(a === undefined ? left : right)
  if (found === undefined || constant === undefined) return
  if (at.join === 'inner') reader.equalities.pin(found.column, constant)
  else if (at.join !== 'full' && at.nullable.has(found.item))
    reader.equalities.pinAlone(found.column, constant)
}

interface Side {
  column: string
  item?: Item
}

function link(a: Side, b: Side, scope: Scope, at: ConditionPlace, reader: ConditionReader): void {
  at.equals.push([a.column, b.column])
  // Of an item of this FROM an inner join or WHERE makes sure by itself.
  const optional = [a.item, b.item].filter(
    (item) => item?.isOptional !== undefined && !(at.join === 'inner' && scope.items.includes(item)),
  )
  const isSure = () => optional.every((item) => item?.isOptional?.() === false) || at.isFree?.() === true
  reader.equalities.link(a.column, b.column, optional.length === 0 ? undefined : isSure)
}

function columnOfNode(node: Node, scope: Scope): { item: Item; column: string } | undefined {
  if (!('ColumnRef' in node) || namesOf(node.ColumnRef).length === 0) return undefined
  return resolve(node.ColumnRef, scope)
}

/** A literal or a parameter, cast or not, as something to compare. */
function constantOf(node: Node): string | undefined {
  if ('TypeCast' in node) return node.TypeCast.arg === undefined ? undefined : constantOf(node.TypeCast.arg)
  if ('ParamRef' in node) return `$${node.ParamRef.number ?? 0}`
  if (!('A_Const' in node) || node.A_Const.isnull === true) return undefined
  const { location: _, ...value } = node.A_Const
  return JSON.stringify(value)
}

const partsOf = (node: Node): Node[] => ('RowExpr' in node ? (node.RowExpr.args ?? []) : [node])

const isNamed = (name: readonly Node[], wanted: string): boolean => {
  const last = name.at(-1)
  return last !== undefined && 'String' in last && last.String.sval === wanted
}
