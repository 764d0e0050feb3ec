import type { Expr, Order } from '../sql/ast.ts'
import { call } from '../sql/build.ts'
import { aggregateFunctions, stringAgg, windowFunctions } from './aggregate-functions.ts'
import type { ExpressionChecker } from './check-expression.ts'
import { keyOf } from './grouping.ts'
import { number } from './scalar-functions.ts'
import type { Place } from './scope.ts'
import { coerce, type Typed, typeTitles } from './typed.ts'

type Call = Expr & { kind: 'call' }
type Over = NonNullable<Call['over']>

/** Characters of one string_agg; more could be made of a lake than a process holds. */
const longestStringAgg = 10_000

export class AggregateChecker {
  readonly #checker: ExpressionChecker

  constructor(checker: ExpressionChecker) {
    this.#checker = checker
  }

  aggregate(expr: Call, place: Place): Typed {
    if (place.aggregates === undefined) {
      const inside = place.inAggregate === true
      throw this.#checker.refuse(
        expr.at,
        inside
          ? 'An aggregate cannot stand inside another.'
          : `An aggregate cannot stand in ${place.clause}.`,
        inside
          ? 'Aggregate in a subquery of FROM first.'
          : 'Write the condition after having, or use a subquery.',
      )
    }
    const inner: Place = { ...place, aggregates: undefined, windows: false, inAggregate: true }
    const filter =
      expr.filter === undefined ? undefined : this.#checker.checkAs(expr.filter, inner, 'boolean')
    const typed =
      expr.name === 'string_agg' ? this.#stringAgg(expr, inner, filter) : this.#plain(expr, inner, filter)
    // The whole expression that is printed for it stands for one value of the group.
    place.aggregates.add(typed.expr)
    return typed
  }

  #plain(expr: Call, inner: Place, filter: Typed | undefined, over?: Over): Typed {
    const { name, args, at } = expr
    const shape = aggregateFunctions[name]!
    const [arg, more] = args
    if (arg === undefined || more !== undefined) throw this.#form(at, name, shape.form)
    if (expr.orderBy.length > 0)
      throw this.#checker.refuse(at, `${name} has no order.`, `Write ${shape.form}.`)
    const parts = { filter: filter?.expr, over }
    const extra = (filter?.size ?? 0) + 4
    if (arg.kind === 'star' && arg.table === undefined) {
      if (name !== 'count' || expr.distinct) throw this.#form(at, name, shape.form)
      return {
        expr: callOf('count', [{ kind: 'star' }], false, parts),
        type: 'bigint',
        at,
        size: extra,
        width: 0,
      }
    }
    let typed = this.#checker.check(arg, inner)
    if (typed.type === 'null')
      typed = coerce(
        typed,
        name === 'bool_and' || name === 'bool_or' || name === 'every' ? 'boolean' : 'bigint',
      )!
    if (!shape.takes(typed.type) || (expr.distinct && typed.type === 'json')) {
      const next = typed.type === 'boolean' ? 'Write bool_and or bool_or.' : `Write ${shape.form}.`
      throw this.#checker.fail({
        code: 'SQL_TYPE',
        message: `${name} does not take ${typeTitles[typed.type]}${expr.distinct ? ' with distinct' : ''}.`,
        next,
        at: typed.at ?? at,
      })
    }
    const print = shape.print(typed.expr, typed.type, (fn, operand) =>
      callOf(fn, [operand], expr.distinct, parts),
    )
    const type = shape.result(typed.type)
    return { expr: print, type, at, size: typed.size * 2 + extra * 2, width: typed.width }
  }

  #stringAgg(expr: Call, inner: Place, filter: Typed | undefined): Typed {
    const [textArg, separatorArg, more] = expr.args
    if (textArg === undefined || separatorArg === undefined || more !== undefined)
      throw this.#form(expr.at, 'string_agg', stringAgg.form)
    const arg = this.#checker.checkAs(textArg, inner, 'text')
    const separator = this.#checker.checkAs(separatorArg, inner, 'text')
    if (typeof separator.constant !== 'string' || separator.constant.length > 100) {
      throw this.#form(separator.at, 'string_agg', stringAgg.form)
    }
    const orderBy = this.orders(expr.orderBy, inner)
    const printed = expr.distinct ? this.#checker.ordered(arg) : arg.expr
    const sameOrder = orderBy.length === 1 && keyOf(orderBy[0]!.expr) === keyOf(printed)
    if (orderBy.length === 0 || (expr.distinct && !sameOrder)) {
      throw this.#checker.refuse(
        expr.at,
        expr.distinct ? 'With distinct the order is that of the text itself.' : 'In which order is not said.',
        expr.distinct ? "Write string_agg(distinct x, ', ' order by x)." : `Write ${stringAgg.form}.`,
      )
    }
    const made = callOf('string_agg', [printed, separator.expr], expr.distinct, {
      filter: filter?.expr,
      orderBy,
    })
    return this.#checker.computed({
      expr: call('left', made, number(longestStringAgg)),
      type: 'text',
      at: expr.at,
      size: arg.size * 2 + (filter?.size ?? 0) + 10,
      width: longestStringAgg / 100,
    })
  }

  window(expr: Call, over: Over, place: Place): Typed {
    const { name, at } = expr
    if (!place.windows) {
      throw this.#checker.refuse(
        at,
        `A window cannot stand in ${place.clause}.`,
        'Compute it in a subquery of FROM first.',
      )
    }
    const inner: Place = { ...place, windows: false }
    const printed: Over = {
      partitionBy: over.partitionBy.map((one) => this.#partition(one, inner)),
      orderBy: this.orders(over.orderBy, inner),
    }
    if (expr.distinct || name === 'string_agg') {
      throw this.#checker.refuse(
        at,
        'This aggregate cannot have a window.',
        'Compute it in a subquery of FROM first.',
      )
    }
    if (Object.hasOwn(aggregateFunctions, name)) {
      const filter =
        expr.filter === undefined ? undefined : this.#checker.checkAs(expr.filter, inner, 'boolean')
      return this.#plain(expr, inner, filter, printed)
    }
    if (!Object.hasOwn(windowFunctions, name) || expr.filter !== undefined || expr.orderBy.length > 0) {
      throw this.#checker.fail({
        code: 'SQL_UNKNOWN_NAME',
        message: `There is no window function ${name} like this.`,
        next: `Window functions: ${Object.keys(windowFunctions).join(', ')}, and aggregates.`,
        at,
      })
    }
    return this.#windowFunction(expr, printed, inner)
  }

  #partition(expr: Expr, place: Place): Expr {
    const typed = this.#checker.check(expr, place)
    if (typed.type === 'json' || typed.type === 'interval')
      throw this.#checker.wrongType(typed, 'This cannot be grouped by.', 'text')
    return typed.expr
  }

  #windowFunction(expr: Call, over: Over, place: Place): Typed {
    const { name, at } = expr
    const form = windowFunctions[name]!.form
    const args = expr.args.map((arg) => this.#checker.check(arg, place))
    const [first, count, otherwise, more] = args
    const made = (printed: Expr[], type: Typed['type'], asBigint = false): Typed => {
      const node = callOf(name, printed, false, { over })
      return {
        expr: asBigint ? { kind: 'cast', operand: node, type: 'bigint' } : node,
        type,
        at,
        size: args.reduce((sum, one) => sum + one.size, 4),
        width: first?.width ?? 0,
      }
    }
    const bad = () => this.#form(at, name, form)
    if (name === 'ntile') {
      const groups = first?.constant
      if (typeof groups !== 'bigint' || groups < 1n || groups > 1_000_000n || count !== undefined) throw bad()
      return made([number(groups)], 'bigint', true)
    }
    if (!form.includes('x')) {
      if (first !== undefined) throw bad()
      return name === 'percent_rank' || name === 'cume_dist' ? made([], 'double') : made([], 'bigint', true)
    }
    if (first === undefined || more !== undefined) throw bad()
    const value = first.type === 'null' ? coerce(first, 'text')! : first
    if (name === 'first_value' || name === 'last_value') {
      if (count !== undefined) throw bad()
      return made([value.expr], value.type)
    }
    const distance = count === undefined ? 1n : count.constant
    if (typeof distance !== 'bigint' || distance < 0n || distance > 1_000_000n) throw bad()
    const last = otherwise === undefined ? [] : [this.#checker.as(otherwise, value.type).expr]
    return made([value.expr, number(distance), ...last], value.type)
  }

  orders(orders: readonly Order[], place: Place): Order[] {
    return orders.flatMap((order) => {
      const typed = this.#checker.check(order.expr, place)
      return this.order(typed, order)
    })
  }

  /** A constant orders nothing, and the engines disagree on what to make of one. */
  order(typed: Typed, { descending, nulls }: Order): Order[] {
    if (typed.type === 'json' || typed.type === 'interval') {
      throw this.#checker.wrongType(typed, `${typeTitles[typed.type]} has no order.`, 'text')
    }
    if (typed.constant !== undefined || typed.expr.kind === 'null') return []
    return [{ expr: this.#checker.ordered(typed), descending, nulls }]
  }

  #form(at: number | undefined, name: string, form: string): Error {
    return this.#checker.fail({
      code: 'SQL_TYPE',
      message: `${name} has other arguments.`,
      next: `Write ${form}.`,
      at,
    })
  }
}

function callOf(
  name: string,
  args: Expr[],
  distinct: boolean,
  parts: { filter?: Expr | undefined; over?: Over | undefined; orderBy?: Order[] },
): Call {
  return {
    kind: 'call',
    name,
    args,
    distinct,
    orderBy: parts.orderBy ?? [],
    ...(parts.filter === undefined ? {} : { filter: parts.filter }),
    ...(parts.over === undefined ? {} : { over: parts.over }),
  }
}
