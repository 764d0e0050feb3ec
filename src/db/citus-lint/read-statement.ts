import {
  type CommonTableExpr,
  type JoinExpr,
  type Node,
  parseSync,
  type RangeVar,
  type SelectStmt,
  type WithClause,
} from 'libpg-query'
import type { PlacementOf } from '../placement.ts'
import { Equalities } from './equalities.ts'
import { functionNameOf, isImmutableSource, isVolatile } from './functions.ts'
import {
  accountOf,
  type Item,
  type JoinKind,
  type JoinTree,
  type Level,
  leavesOf,
  type NamedQuery,
  newLevel,
  type Output,
  type Sublink,
} from './query-tree.ts'
import { type ConditionPlace, readCondition } from './read-condition.ts'
import { columnsOf, itemsNamedIn, readExpression } from './read-expression.ts'
import { columnOf, isStar, namesOf, positionsOf, resolve, type Scope } from './scope.ts'

/** The SELECT of a view in schema `public`; undefined if there is none of that name. */
export type ViewOf = (name: string) => string | undefined

/** Turns a parsed statement into levels, and collects on the way which columns are equal. */
export class StatementReader {
  readonly equalities = new Equalities()
  readonly unplaced: RangeVar[] = []
  /** A distributed table is among those it names. */
  touchesShards = false
  #id = 0
  readonly #levels: Level[] = []
  readonly #placementOf: PlacementOf

  readonly #viewOf: ViewOf

  constructor(placementOf: PlacementOf, viewOf: ViewOf) {
    this.#placementOf = placementOf
    this.#viewOf = viewOf
  }

  has(trait: 'clock' | 'naturalJoin' | 'simpleCase' | 'stableOverColumn'): boolean {
    return this.#levels.some((level) => level[trait])
  }

  newScope(up?: Scope): Scope {
    const level = newLevel(++this.#id, up?.level)
    this.#levels.push(level)
    return { level, items: level.items, up }
  }

  readSelect(select: SelectStmt, up?: Scope): Level {
    const scope = this.newScope(up)
    const { level } = scope
    if (select.withClause !== undefined) this.readWith(select.withClause, select, scope)
    if (select.op !== undefined && select.op !== 'SETOP_NONE') this.#readSet(select, scope)
    else if (select.valuesLists !== undefined) this.#readValues(select, scope)
    else this.#readPlain(select, scope)
    level.limit = select.limitCount !== undefined || select.limitOffset !== undefined
    level.locks = (select.lockingClause ?? []).length > 0
    this.readExpression(select.limitCount, scope, 'elsewhere')
    this.readExpression(select.sortClause, scope, 'elsewhere')
    return level
  }

  readExpression(node: Node | readonly Node[] | undefined, scope: Scope, place: Sublink['place']): void {
    readExpression(node, scope, place, this)
  }

  readSublink(query: Node, scope: Scope, place: Sublink['place']): Sublink | undefined {
    if (!('SelectStmt' in query)) return undefined
    const sublink: Sublink = { query: this.readSelect(query.SelectStmt, scope), place }
    scope.level.sublinks.push(sublink)
    return sublink
  }

  readWhere(node: Node | undefined, scope: Scope): void {
    const at: ConditionPlace = {
      place: 'where',
      join: 'inner',
      nullable: new Set(),
      equals: [],
      strict: scope.level.strict,
    }
    readCondition(node, scope, at, this)
  }

  readWith(clause: WithClause, owner: unknown, scope: Scope): void {
    for (const node of clause.ctes ?? []) {
      if ('CommonTableExpr' in node) this.#readNamed(node.CommonTableExpr, clause, owner, scope)
    }
  }

  #readNamed(cte: CommonTableExpr, clause: WithClause, owner: unknown, scope: Scope): void {
    const name = cte.ctename ?? ''
    const columns = stringsOf(cte.aliascolnames)
    const body = cte.ctequery
    const recursive = clause.recursive === true && countNamed(body, name) > 0
    const select = body !== undefined && 'SelectStmt' in body ? body.SelectStmt : undefined
    const uses = countNamed(owner, name) - (recursive ? countNamed(body, name) : 0)
    const inlined =
      select !== undefined &&
      !recursive &&
      cte.ctematerialized !== 'CTEMaterializeAlways' &&
      (uses === 1 || cte.ctematerialized === 'CTEMaterializeNever')
    const named: NamedQuery = {
      name,
      query: newLevel(++this.#id, scope.level),
      columns: columns.length > 0 ? columns : undefined,
      inlined,
      recursive,
      modifies: select === undefined,
    }
    if (recursive) scope.level.ctes.push(named)
    if (select !== undefined) named.query = this.readSelect(select, { ...scope, items: [] })
    else if (body !== undefined) named.query = this.#readModifying(body, scope)
    if (!recursive) scope.level.ctes.push(named)
    if (named.query.volatile) named.inlined = false
  }

  /** A WITH query that writes: enough of it to know its tables and its account. */
  #readModifying(body: Node, up: Scope): Level {
    const scope = this.newScope({ ...up, items: [] })
    const statement = Object.values(body)[0] as {
      relation?: RangeVar
      whereClause?: Node
      usingClause?: Node[]
    }
    if (statement.relation !== undefined) this.readTable(statement.relation, scope)
    for (const node of statement.usingClause ?? []) scope.level.joins.push(this.readFrom(node, scope))
    this.readWhere(statement.whereClause, scope)
    return scope.level
  }

  #readSet(select: SelectStmt, scope: Scope): void {
    const { level } = scope
    const operators = new Set<string>()
    const arms: Level[] = []
    const collect = (one: SelectStmt): void => {
      const isTree = one.op !== undefined && one.op !== 'SETOP_NONE'
      const isBare = one === select || (one.withClause ?? one.limitCount ?? one.sortClause) === undefined
      if (!isTree || !isBare) {
        arms.push(this.readSelect(one, { ...scope, items: [] }))
        return
      }
      operators.add(`${one.op}${one.all === true ? ' ALL' : ''}`)
      if (one.larg !== undefined) collect(one.larg)
      if (one.rarg !== undefined) collect(one.rarg)
    }
    collect(select)
    const places = arms.map(positionsOf)
    let samePlace = false
    level.outputs = (arms[0] === undefined ? [] : outputNames(arms[0])).map((name, index): Output => {
      const column = `s${level.id}.${index}`
      const columns = places.map((positions) => positions[index])
      for (const one of columns) if (one !== undefined) this.equalities.flow(column, one)
      if (columns.every((one) => this.equalities.isAccount(one))) {
        this.equalities.markAccount(column)
        samePlace = true
      }
      return { name, column }
    })
    level.set = { operators, arms, samePlace }
  }

  #readValues(select: SelectStmt, scope: Scope): void {
    this.readExpression(select.valuesLists, scope, 'elsewhere')
    const first = select.valuesLists?.[0]
    const count = first !== undefined && 'List' in first ? (first.List.items ?? []).length : 0
    scope.level.outputs = Array.from({ length: count }, (_, index) => ({
      name: `column${index + 1}`,
      column: undefined,
    }))
  }

  #readPlain(select: SelectStmt, scope: Scope): void {
    const { level } = scope
    for (const node of select.fromClause ?? []) level.joins.push(this.readFrom(node, scope))
    this.readWhere(select.whereClause, scope)
    level.filtered = select.whereClause !== undefined
    level.outputs = this.readTargets(select.targetList ?? [], scope)
    level.having = select.havingClause !== undefined
    this.readExpression(select.havingClause, scope, 'having')
    for (const node of select.windowClause ?? []) {
      if ('WindowDef' in node) level.windows.push(columnsOf(node.WindowDef.partitionClause, scope))
    }
    if (select.groupClause !== undefined) this.#readGroups(select.groupClause, scope)
    const distinct = select.distinctClause
    if (distinct === undefined) return
    const on = distinct.filter((node) => Object.keys(node).length > 0)
    level.distinct = on.length > 0 ? columnsOf(on, scope) : positionsOf(level)
  }

  #readGroups(nodes: readonly Node[], scope: Scope): void {
    const { level } = scope
    level.groupingSets = nodes.some((node) => 'GroupingSet' in node)
    this.readExpression(nodes, scope, 'elsewhere')
    level.groups = nodes.map((node) => {
      if ('A_Const' in node) return positionsOf(level)[(node.A_Const.ival?.ival ?? 0) - 1]
      const names = 'ColumnRef' in node ? namesOf(node.ColumnRef) : []
      const output = names.length === 1 ? level.outputs.find((one) => one.name === names[0]) : undefined
      return output?.column ?? columnsOf([node], scope)[0]
    })
  }

  readTargets(targets: readonly Node[], scope: Scope): Output[] {
    return targets.flatMap((target): Output[] => {
      const value = 'ResTarget' in target ? target.ResTarget.val : undefined
      if (value === undefined || !('ResTarget' in target)) return []
      this.readExpression(value, scope, 'select')
      if (!('ColumnRef' in value)) return [{ name: target.ResTarget.name, column: undefined }]
      const names = namesOf(value.ColumnRef)
      if (isStar(value.ColumnRef)) {
        const star = scope.items.filter((item) => names.length === 0 || item.alias === names.at(-1))
        return [{ name: undefined, column: undefined, star }]
      }
      const name = target.ResTarget.name ?? names.at(-1)
      return [{ name, column: resolve(value.ColumnRef, scope)?.column }]
    })
  }

  readFrom(node: Node, scope: Scope): JoinTree {
    if ('JoinExpr' in node) return this.#readJoin(node.JoinExpr, scope)
    if ('RangeVar' in node) return { item: this.readTable(node.RangeVar, scope) }
    const item: Item = {
      id: ++this.#id,
      alias: '',
      kind: 'function',
      lateral: false,
      immutable: false,
      pulled: false,
    }
    if ('RangeSubselect' in node) {
      const { subquery, alias, lateral } = node.RangeSubselect
      item.alias = alias?.aliasname ?? ''
      item.lateral = lateral === true
      const columns = stringsOf(alias?.colnames)
      if (columns.length > 0) item.columns = columns
      const select = subquery !== undefined && 'SelectStmt' in subquery ? subquery.SelectStmt : {}
      item.query = this.readSelect(select, item.lateral ? scope : { ...scope, items: [] })
      item.kind = 'query'
      // Rows written out are on every shard at once, unlike a subquery.
      if (
        select.valuesLists !== undefined &&
        item.query.sublinks.length === 0 &&
        item.query.ctes.length === 0
      ) {
        item.kind = 'values'
        item.immutable = !item.query.volatile
        item.columns ??= item.query.outputs.map((output) => output.name ?? '')
        delete item.query
      }
    } else if ('RangeFunction' in node) {
      const { alias, functions, lateral } = node.RangeFunction
      const calls = (functions ?? []).flatMap((one) => ('List' in one ? (one.List.items ?? []) : []))
      const call = calls.find((one) => 'FuncCall' in one)
      item.lateral = lateral === true
      item.immutable = call !== undefined && 'FuncCall' in call && isImmutableSource(call.FuncCall)
      item.alias =
        alias?.aliasname ?? (call !== undefined && 'FuncCall' in call ? functionNameOf(call.FuncCall) : '')
      const columns = stringsOf(alias?.colnames)
      if (columns.length > 0) item.columns = columns
      if (call !== undefined && 'FuncCall' in call && isVolatile(call.FuncCall)) scope.level.volatile = true
      this.readExpression(calls, scope, 'elsewhere')
    }
    scope.items.push(item)
    return { item }
  }

  readTable(table: RangeVar, scope: Scope): Item {
    const name = table.relname ?? ''
    const item: Item = {
      id: ++this.#id,
      alias: table.alias?.aliasname ?? name,
      kind: 'table',
      lateral: false,
      immutable: true,
      pulled: false,
      location: table.location,
    }
    const columns = stringsOf(table.alias?.colnames)
    if (columns.length > 0) item.columns = columns
    const named = table.schemaname === undefined ? findNamed(name, scope) : undefined
    const view = table.schemaname === 'public' ? this.#viewOf(name) : undefined
    const body = view === undefined ? undefined : parseSync(view).stmts?.[0]?.stmt
    if (body !== undefined && 'SelectStmt' in body) {
      item.kind = 'query'
      item.query = this.readSelect(body.SelectStmt, { level: scope.level, items: [], up: undefined })
    } else if (named !== undefined) {
      item.columns ??= named.columns
      item.kind = named.inlined ? 'query' : 'result'
      if (named.inlined) item.query = named.query
      else item.columns ??= named.recursive ? undefined : namesIfKnown(named.query)
    } else {
      item.table = table.schemaname === undefined ? { name } : { schema: table.schemaname, name }
      item.placement = this.#placementOf(item.table)
      if (item.placement === undefined) this.unplaced.push(table)
      if (item.placement === 'distributed') {
        this.touchesShards = true
        this.equalities.markAccount(accountOf(item))
      }
    }
    scope.items.push(item)
    return item
  }

  #readJoin(join: JoinExpr, scope: Scope): JoinTree {
    const kind = joinKinds[join.jointype ?? 'JOIN_INNER'] ?? 'inner'
    const left = this.readFrom(join.larg ?? ({} as Node), scope)
    const right = this.readFrom(join.rarg ?? ({} as Node), scope)
    const [leftItems, rightItems] = [[...leavesOf(left)], [...leavesOf(right)]]
    const equals: [string, string][] = []
    const nullable = new Set(kind === 'left' ? rightItems : kind === 'right' ? leftItems : [])
    let using = stringsOf(join.usingClause)
    // NATURAL compares all columns of one name, and every distributed table has account_id.
    if (join.isNatural === true) {
      using = ['account_id']
      scope.level.naturalJoin = true
    }
    for (const name of using) {
      const merged = scope.level.merged.get(name)
      const a = merged ?? this.#columnIn(leftItems, name)
      const b = this.#columnIn(rightItems, name)
      if (a === undefined || b === undefined) continue
      equals.push([a, b])
      this.equalities.link(a, b)
      scope.level.merged.set(name, kind === 'right' ? b : a)
    }
    const strict = new Set<Item>()
    const named = itemsNamedIn(join.quals, scope)
    const { level } = scope
    // A left join that looks only at what was joined last can change places with it, unless it finds what is not there.
    const isFree = () =>
      rightItems.some((item) => level.strict.has(item)) ||
      (leftItems.every((item) => !named.has(item) || item.isOptional !== undefined) &&
        !equals.flat().some((column) => rightItems.includes(level.nulls.get(column)!)))
    const at: ConditionPlace = { place: 'elsewhere', join: kind, nullable, equals, strict, isFree }
    readCondition(join.quals, scope, at, this)
    if (using.length > 0) for (const item of [...leftItems, ...rightItems]) strict.add(item)
    for (const item of kind === 'full' ? [...leftItems, ...rightItems] : nullable)
      item.isOptional = () => !level.strict.has(item)
    return { kind, left, right, equals, strict }
  }

  #columnIn(items: readonly Item[], name: string): string | undefined {
    const item = items.find((one) => one.placement === 'distributed' || one.query !== undefined) ?? items[0]
    return item === undefined ? undefined : columnOf(item, name)
  }
}

const joinKinds: Record<string, JoinKind> = {
  JOIN_INNER: 'inner',
  JOIN_LEFT: 'left',
  JOIN_RIGHT: 'right',
  JOIN_FULL: 'full',
}

function findNamed(name: string, scope: Scope): NamedQuery | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.up) {
    const found = at.level.ctes.find((one) => one.name === name)
    if (found !== undefined) return found
  }
  return undefined
}

function countNamed(node: unknown, name: string): number {
  if (Array.isArray(node)) return node.reduce((sum: number, one) => sum + countNamed(one, name), 0)
  if (typeof node !== 'object' || node === null) return 0
  const table = (node as { RangeVar?: RangeVar }).RangeVar
  const own = table !== undefined && table.relname === name && table.schemaname === undefined ? 1 : 0
  return Object.values(node).reduce((sum: number, one) => sum + countNamed(one, name), own)
}

const outputNames = (level: Level): (string | undefined)[] =>
  level.outputs.flatMap((output) => {
    if (output.star === undefined) return [output.name]
    return positionsOf({ ...level, outputs: [output] }).map((column) => column?.replace(/^.*\./, ''))
  })

const namesIfKnown = (level: Level): string[] | undefined =>
  level.outputs.length === 0 || level.outputs.some((output) => output.star !== undefined)
    ? undefined
    : level.outputs.map((output) => output.name ?? '')

const stringsOf = (nodes: readonly Node[] | undefined): string[] =>
  (nodes ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []))
