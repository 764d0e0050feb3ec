import type { CommonTable, Expr, Order, Query, Select, SetOperation, Target } from '../sql/ast.ts'
import { AggregateChecker } from './check-aggregate.ts'
import { ExpressionChecker } from './check-expression.ts'
import { type CheckedFrom, type CommonQueries, FromChecker, total } from './check-from.ts'
import type { CheckedQuery, CheckState, CommonQuery } from './check-state.ts'
import { keyOf, ungrouped } from './grouping.ts'
import type { Place, Scope, SourceColumn } from './scope.ts'
import { coerce, type Typed, typeTitles, unify } from './typed.ts'
import { asTyped, withTypes, wrapQuery } from './wrap-query.ts'

interface CheckedTarget {
  typed: Typed
  name: string
}

const maxColumns = 400

/** Checks a query and gives it back as it will be printed, with our own names throughout. */
export class QueryChecker {
  readonly #state: CheckState
  readonly #expressions: ExpressionChecker
  readonly #orders: AggregateChecker
  readonly #from: FromChecker
  /** WITH queries that can be seen from where we are. */
  #common: CommonQueries = new Map()
  /** What the subqueries in the expressions of the query that is being checked add to its plan. */
  #inner = { relations: 0, depth: 0 }

  constructor(state: CheckState) {
    this.#state = state
    this.#expressions = new ExpressionChecker(state, (query, parent) => this.#inside(query, parent))
    this.#orders = new AggregateChecker(this.#expressions)
    this.#from = new FromChecker(state, this.#expressions, (query, common) =>
      this.check(query, common, undefined),
    )
  }

  check(query: Query, outer: CommonQueries, parent: Scope | undefined): CheckedQuery {
    const [common, inner] = [this.#common, this.#inner]
    this.#common = this.#with(query.with, outer)
    this.#inner = { relations: 0, depth: 0 }
    const checked = query.kind === 'select' ? this.#select(query, parent) : this.#set(query, parent)
    checked.relations += this.#inner.relations
    checked.depth = Math.max(checked.depth, this.#inner.depth)
    this.#common = common
    this.#inner = inner
    this.#state.checkPlan(checked, query.at)
    return checked
  }

  /** A subquery in an expression. */
  #inside(query: Query, parent: Scope): CheckedQuery {
    const checked = this.check(query, this.#common, parent)
    this.#inner = {
      relations: this.#inner.relations + Math.max(1, checked.relations),
      depth: Math.max(this.#inner.depth, checked.depth + 1),
    }
    this.#state.checkPlan(this.#inner, query.at)
    return checked
  }

  /** WITH queries all move to the top under names of ours: they see nothing of what is around them. */
  #with(tables: readonly CommonTable[], outer: CommonQueries): CommonQueries {
    const visible = new Map<string, CommonQuery>(outer)
    for (const { name, query, at } of tables) {
      const { query: printed, columns, relations, depth } = this.check(query, visible, undefined)
      if (tables.filter((one) => one.name === name).length > 1) {
        throw this.#state.fail({
          code: 'SQL_UNKNOWN_NAME',
          message: `There are two WITH queries ${name}.`,
          next: 'Give one of them another name.',
          at,
        })
      }
      const alias = this.#state.alias()
      this.#state.common.push({ name: alias, query: printed })
      visible.set(name, { alias, columns, relations: Math.max(1, relations), depth })
    }
    return visible
  }

  #select(select: Select, parent: Scope | undefined): CheckedQuery {
    if (select.targets.length === 0)
      throw this.#refuse(select.at, 'Nothing is selected.', 'Write select * from …')
    const froms = this.#from.check(select.from, this.#common, parent)
    const scope: Scope = { sources: froms.flatMap(({ sources }) => sources), parent }
    const aggregates = new Set<Expr>()
    const plain = (clause: string): Place => ({ scope, clause, aggregates: undefined, windows: false })
    const listed: Place = { scope, clause: 'SELECT', aggregates, windows: true }
    const where =
      select.where === undefined
        ? undefined
        : this.#expressions.checkAs(select.where, plain('WHERE'), 'boolean')
    const targets = select.targets.flatMap((target) => this.#target(target, listed))
    if (targets.length > maxColumns) {
      throw this.#state.tooLarge(
        `More than ${String(maxColumns)} columns are selected.`,
        select.targets[0]?.expr.at,
      )
    }
    const groups = select.groupBy.map((expr) => this.#group(expr, targets, plain('GROUP BY')))
    const having =
      select.having === undefined
        ? undefined
        : this.#expressions.checkAs(select.having, { ...listed, clause: 'HAVING', windows: false }, 'boolean')
    const orders = select.orderBy.map((order) => ({
      order,
      typed: this.#orderTarget(order.expr, targets, listed),
    }))
    if (groups.length > 0 || aggregates.size > 0 || having !== undefined) {
      const all = [
        ...targets.map(({ typed }) => typed),
        ...(having ? [having] : []),
        ...orders.map(({ typed }) => typed),
      ]
      this.#refuseUngrouped(all, froms, groups, aggregates)
    }
    const size = total(
      [...targets.map(({ typed }) => typed), ...orders.map(({ typed }) => typed), ...groups],
      'size',
    )
    const body: Select = {
      kind: 'select',
      with: [],
      distinct: select.distinct,
      targets: targets.map(({ typed }, index) => ({ expr: typed.expr, as: `c${String(index + 1)}` })),
      from: froms.map(({ from }) => from),
      ...(where === undefined ? {} : { where: where.expr }),
      groupBy: groups.map(({ expr }) => expr),
      ...(having === undefined ? {} : { having: having.expr }),
      orderBy: [],
    }
    const checked: CheckedQuery = {
      query: body,
      columns: targets.map(({ typed, name }, index) => toColumn(typed, name, index)),
      relations: total(froms, 'relations'),
      depth: Math.max(0, ...froms.map(({ depth }) => depth)),
      size: size + total(froms, 'size') + (where?.size ?? 0) + (having?.size ?? 0) + 1,
    }
    if (checked.size > 100_000) throw this.#state.tooLarge('The query is too large.', select.at)
    const { limit, offset } = this.#limits(select)
    if (!select.distinct) {
      const orderBy = orders.flatMap(({ order, typed }) => this.#orders.order(typed, order))
      checked.query = { ...body, orderBy, ...limit, ...offset }
      return checked
    }
    this.#refuseIncomparable(checked, 'DISTINCT')
    const keys = targets.map(({ typed }) => keyOf(typed.expr))
    const places = orders.map(({ order, typed }) => {
      const index = keys.indexOf(keyOf(typed.expr))
      if (index >= 0 || typed.constant !== undefined) return { order, index }
      throw this.#refuse(
        typed.at,
        'With DISTINCT only selected columns give the order.',
        'Select this one too.',
      )
    })
    return this.#ordered(checked, places, { ...limit, ...offset })
  }

  #set(set: SetOperation, parent: Scope | undefined): CheckedQuery {
    const left = this.check(set.left, this.#common, parent)
    const right = this.check(set.right, this.#common, parent)
    if (left.columns.length !== right.columns.length) {
      throw this.#refuse(
        right.columns[0]?.at,
        `The sides of ${set.op} have ${String(left.columns.length)} and ${String(right.columns.length)} columns.`,
        'Select the same columns on both sides.',
      )
    }
    const types = left.columns.map((column, index) => {
      const other = right.columns[index]!
      // What a side selects is fixed by now, so a text in quotes can no longer be read as a time.
      const type = unify([asTyped(column), asTyped(other)])
      if (type !== undefined) return type
      throw this.#state.fail({
        code: 'SQL_TYPE',
        message: `Column ${String(index + 1)} is ${typeTitles[column.type]} on one side of ${set.op} and ${typeTitles[other.type]} on the other.`,
        next: 'Cast one of them.',
        at: other.at,
      })
    })
    const checked: CheckedQuery = {
      query: {
        kind: 'set',
        with: [],
        op: set.op,
        all: set.all,
        left: withTypes(left, types, this.#state.alias()),
        right: withTypes(right, types, this.#state.alias()),
        orderBy: [],
      },
      columns: left.columns.map((column, index) => ({
        ...column,
        type: types[index]!,
        width: Math.max(column.width, right.columns[index]!.width),
      })),
      relations: left.relations + right.relations,
      depth: Math.max(left.depth, right.depth),
      size: left.size + right.size + types.length * 2,
    }
    if (!set.all) this.#refuseIncomparable(checked, set.op.toUpperCase())
    const places = set.orderBy.map((order) => ({
      order,
      index: this.#outputIndex(order.expr, checked.columns),
    }))
    const { limit, offset } = this.#limits(set)
    return this.#ordered(checked, places, { ...limit, ...offset })
  }

  /** Order and limits around a query whose own order could only name its columns. */
  #ordered(
    checked: CheckedQuery,
    places: readonly { order: Order; index: number }[],
    limits: Pick<Select, 'limit' | 'offset'>,
  ): CheckedQuery {
    if (places.length === 0 && limits.limit === undefined && limits.offset === undefined) return checked
    const alias = this.#state.alias()
    const orderBy = places.flatMap(({ order, index }) =>
      index < 0 ? [] : this.#orders.order(asTyped(checked.columns[index]!, alias), order),
    )
    return { ...checked, query: wrapQuery(checked, alias, { orderBy, ...limits }) }
  }

  #target({ expr, as }: Target, place: Place): CheckedTarget[] {
    if (expr.kind !== 'star') {
      const typed = this.#expressions.check(expr, place)
      if (typed.type === 'interval') {
        throw this.#refuse(typed.at, 'An interval cannot be selected.', 'Select a time, or a number of days.')
      }
      return [{ typed: asOutput(typed), name: as ?? nameOf(expr) }]
    }
    const sources = place.scope.sources.filter(({ name }) => expr.table === undefined || name === expr.table)
    if (sources.length === 0) {
      throw this.#refuse(expr.at, 'There is no such table in this FROM.', 'Name a table, or its alias.')
    }
    return sources.flatMap((source) =>
      source.columns.map((column) => ({
        typed: asTyped({ ...column, at: expr.at }, source.alias),
        name: column.name,
      })),
    )
  }

  #group(expr: Expr, targets: readonly CheckedTarget[], place: Place): Typed {
    const typed = this.#grouped(expr, targets, place)
    if (
      typed.constant !== undefined ||
      typed.expr.kind === 'null' ||
      typed.type === 'json' ||
      typed.type === 'interval'
    ) {
      throw this.#refuse(
        typed.at,
        `GROUP BY cannot take ${typed.constant === undefined ? typeTitles[typed.type] : 'a constant'}.`,
        'Group by a column.',
      )
    }
    return typed
  }

  #grouped(expr: Expr, targets: readonly CheckedTarget[], place: Place): Typed {
    if (expr.kind === 'number') return this.#numbered(expr, targets).typed
    const isOwn = place.scope.sources.some(({ columns }) =>
      columns.some(({ name }) => expr.kind === 'column' && name === expr.name),
    )
    if (expr.kind === 'column' && expr.table === undefined && !isOwn) {
      const target = targets.find(({ name }) => name === expr.name)
      if (target !== undefined) return target.typed
    }
    return this.#expressions.check(expr, place)
  }

  #orderTarget(expr: Expr, targets: readonly CheckedTarget[], place: Place): Typed {
    if (expr.kind === 'number') return this.#numbered(expr, targets).typed
    if (expr.kind === 'column' && expr.table === undefined) {
      const named = targets.filter(({ name }) => name === expr.name)
      if (new Set(named.map(({ typed }) => keyOf(typed.expr))).size === 1) return named[0]!.typed
    }
    return this.#expressions.check(expr, { ...place, clause: 'ORDER BY' })
  }

  #numbered(expr: Expr & { kind: 'number' }, targets: readonly CheckedTarget[]): CheckedTarget {
    const target = /^\d+$/.test(expr.text) ? targets[Number(expr.text) - 1] : undefined
    if (target !== undefined) return target
    throw this.#refuse(
      expr.at,
      `There is no column ${expr.text} among the selected ones.`,
      'Count them from 1.',
    )
  }

  #outputIndex(expr: Expr, columns: readonly SourceColumn[]): number {
    const index =
      expr.kind === 'number' && /^\d+$/.test(expr.text)
        ? Number(expr.text) - 1
        : expr.kind === 'column' && expr.table === undefined
          ? columns.findIndex(({ name }) => name === expr.name)
          : -1
    if (columns[index] !== undefined) return index
    throw this.#refuse(
      expr.at,
      'Here only a selected column gives the order.',
      'Name it, or count it from 1.',
    )
  }

  #refuseUngrouped(
    all: readonly Typed[],
    froms: readonly CheckedFrom[],
    groups: readonly Typed[],
    aggregates: ReadonlySet<Expr>,
  ): void {
    const own = new Set(froms.flatMap(({ sources }) => sources.map(({ alias }) => alias)))
    const keys = new Set(groups.map(({ expr }) => keyOf(expr)))
    for (const { expr, at } of all) {
      const column = ungrouped(expr, own, keys, aggregates)
      if (column === undefined) continue
      throw this.#state.fail({
        code: 'SQL_GROUPING',
        message: 'This column stands neither in GROUP BY nor in an aggregate.',
        next: 'Add it to GROUP BY, or write min(…) or max(…) of it.',
        at: column.at ?? at,
      })
    }
  }

  #refuseIncomparable({ columns }: CheckedQuery, what: string): void {
    const bad = columns.find(({ type }) => type === 'json')
    if (bad === undefined) return
    throw this.#refuse(
      bad.at,
      `${what} cannot compare JSON.`,
      'Select cast(… as text), or leave the column out.',
    )
  }

  #limits({ limit, offset }: Query): { limit: { limit?: Expr }; offset: { offset?: Expr } } {
    const count = (expr: Expr | undefined, what: string): Expr | undefined => {
      if (expr === undefined || expr.kind === 'null') return undefined
      if (expr.kind === 'number' && /^\d{1,9}$/.test(expr.text)) return { kind: 'number', text: expr.text }
      throw this.#refuse(expr.at, `${what} wants a number.`, `Write ${what.toLowerCase()} 100.`)
    }
    const [rows, skipped] = [count(limit, 'LIMIT'), count(offset, 'OFFSET')]
    return {
      limit: rows === undefined ? {} : { limit: rows },
      offset: skipped === undefined ? {} : { offset: skipped },
    }
  }

  #refuse(at: number | undefined, message: string, next: string): Error {
    return this.#state.fail({ code: 'SQL_NOT_SUPPORTED', message, next, at })
  }
}

function toColumn(typed: Typed, name: string, index: number): CheckedQuery['columns'][number] {
  return { name, printed: `c${String(index + 1)}`, type: typed.type, width: typed.width, at: typed.at }
}

/** A NULL is printed as a text, as PostgreSQL would read it; what it is beside other values stays open. */
function asOutput(typed: Typed): Typed {
  return typed.type === 'null' && typed.expr.kind === 'null'
    ? { ...typed, expr: coerce(typed, 'text')!.expr }
    : typed
}

/** What a column without a name of its own is called. */
function nameOf(expr: Expr): string {
  if (expr.kind === 'column' || expr.kind === 'call') return expr.name
  return expr.kind === 'cast' || expr.kind === 'bytewise' ? nameOf(expr.operand) : 'column'
}
