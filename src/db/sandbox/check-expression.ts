import type { StanceError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import type { Expr, Query } from '../sql/ast.ts'
import { CallChecker } from './check-call.ts'
import { checkCast, checkTyped } from './check-cast.ts'
import { checkBinary, comparable } from './check-operator.ts'
import type { CheckedQuery, CheckState } from './check-state.ts'
import { sayColumns } from './say-columns.ts'
import type { Place, Scope, Source, SourceColumn } from './scope.ts'
import { coerce, type InnerType, isNumber, type Typed, typeTitles, unify } from './typed.ts'

type Of<K extends Expr['kind']> = Expr & { kind: K }

/** Checks an expression and gives it back as it will be printed. */
export class ExpressionChecker {
  readonly state: CheckState
  readonly #subquery: (query: Query, parent: Scope) => CheckedQuery
  readonly #calls: CallChecker

  constructor(state: CheckState, subquery: (query: Query, parent: Scope) => CheckedQuery) {
    this.state = state
    this.#subquery = subquery
    this.#calls = new CallChecker(this)
  }

  check(expr: Expr, place: Place): Typed {
    return this.state.made(this.#check(expr, place))
  }

  /** As this type, or an error that says what it is. */
  checkAs(expr: Expr, place: Place, type: InnerType): Typed {
    return this.as(this.check(expr, place), type)
  }

  as(typed: Typed, type: InnerType): Typed {
    const coerced = coerce(typed, type)
    if (coerced !== undefined) return coerced
    throw this.wrongType(
      typed,
      `This is ${typeTitles[typed.type]}, where ${typeTitles[type]} is wanted.`,
      type,
    )
  }

  /** All as one type. */
  alike(all: readonly Typed[], what: string): { type: InnerType; all: Typed[] } {
    const type = unify(all)
    if (type === undefined) {
      const titles = [...new Set(all.map((one) => typeTitles[one.type]))].join(' and ')
      const odd = all.find((one) => one.type !== all[0]?.type) ?? all[0]!
      throw this.wrongType(odd, `${what} are of different types: ${titles}.`, all[0]!.type)
    }
    return { type, all: all.map((one) => coerce(one, type)!) }
  }

  wrongType(typed: Typed, message: string, wanted: InnerType): StanceError {
    const next =
      wanted === 'timestamptz' && typed.type === 'text'
        ? "Write a time as timestamptz '2026-01-31 00:00:00+00'."
        : wanted === 'boolean'
          ? 'Write a condition, such as: is_public, or size > 5.'
          : `Compare values of one type, or write cast(… as ${wanted === 'double' ? 'double precision' : wanted}).`
    return this.fail({ code: 'SQL_TYPE', message, next, at: typed.at })
  }

  fail(problem: { code: string; message: string; next: string; at: number | undefined }): StanceError {
    return this.state.fail(problem)
  }

  refuse(at: number | undefined, message: string, next: string): StanceError {
    return this.fail({ code: 'SQL_NOT_SUPPORTED', message, next, at })
  }

  /** A text that has to be computed, for the limit on such texts. */
  computed(typed: Typed): Typed {
    return typed.type === 'text' || typed.type === 'json' ? this.state.computedText(typed) : typed
  }

  subquery(query: Query, place: Place, at: number | undefined): CheckedQuery {
    if (place.inAggregate) {
      throw this.refuse(
        at,
        'A subquery cannot stand inside an aggregate.',
        'Compute it in a subquery of FROM first.',
      )
    }
    return this.#subquery(query, place.scope)
  }

  #check(expr: Expr, place: Place): Typed {
    const at = expr.at
    const made = (node: Expr, type: InnerType, ...parts: Typed[]): Typed => ({
      expr: node,
      type,
      at: at ?? parts[0]?.at,
      size: parts.reduce((sum, { size }) => sum + size, 1),
      width: Math.max(0, ...parts.map(({ width }) => width)),
    })
    switch (expr.kind) {
      case 'text':
        return {
          ...made({ kind: 'typed', type: 'text', value: expr.value }, 'text'),
          constant: expr.value,
          untyped: true,
          width: expr.value.length / 100,
        }
      case 'number':
        return this.#number(expr)
      case 'boolean':
        return { ...made({ kind: 'boolean', value: expr.value }, 'boolean'), constant: expr.value }
      case 'null':
        return made({ kind: 'null' }, 'null')
      case 'typed':
        return checkTyped(this, expr)
      case 'column':
        return this.#column(expr, place)
      case 'star':
        throw this.refuse(at, '* cannot stand here.', 'Name a column.')
      case 'param':
        throw this.refuse(at, 'A parameter cannot stand here.', 'Write the value itself.')
      case 'not': {
        const operand = this.checkAs(expr.operand, place, 'boolean')
        return made({ kind: 'not', operand: operand.expr }, 'boolean', operand)
      }
      case 'minus': {
        const operand = this.check(expr.operand, place)
        if (!isNumber(operand.type)) throw this.wrongType(operand, 'A minus stands before numbers.', 'bigint')
        return made({ kind: 'minus', operand: operand.expr }, operand.type, operand)
      }
      case 'logic': {
        const operands = expr.operands.map((one) => this.checkAs(one, place, 'boolean'))
        const node: Expr = { kind: 'logic', op: expr.op, operands: operands.map((one) => one.expr) }
        return made(node, 'boolean', ...operands)
      }
      case 'binary':
        return checkBinary(this, expr, place)
      case 'is': {
        const { test, negated } = expr
        const operand =
          test === 'null' ? this.check(expr.operand, place) : this.checkAs(expr.operand, place, 'boolean')
        return made({ kind: 'is', test, negated, operand: operand.expr }, 'boolean', operand)
      }
      case 'distinct': {
        const [left, right] = comparable(this, [this.check(expr.left, place), this.check(expr.right, place)])
        const node: Expr = { kind: 'distinct', negated: expr.negated, left: left!.expr, right: right!.expr }
        return made(node, 'boolean', left!, right!)
      }
      case 'between': {
        const parts = [expr.operand, expr.low, expr.high].map((one) => this.check(one, place))
        const [operand, low, high] = comparable(this, parts)
        const node: Expr = {
          kind: 'between',
          negated: expr.negated,
          operand: this.ordered(operand!),
          low: low!.expr,
          high: high!.expr,
        }
        return made(node, 'boolean', operand!, low!, high!)
      }
      case 'in_list': {
        const [operand, ...items] = comparable(
          this,
          [expr.operand, ...expr.items].map((one) => this.check(one, place)),
        )
        const node: Expr = {
          kind: 'in_list',
          negated: expr.negated,
          operand: operand!.expr,
          items: items.map((one) => one.expr),
        }
        return made(node, 'boolean', operand!, ...items)
      }
      case 'in_select':
        return this.#inSelect(expr, place)
      case 'like':
        return this.#like(expr, place)
      case 'case':
        return this.#case(expr, place)
      case 'call':
        return this.#calls.check(expr, place)
      case 'cast':
        return checkCast(this, expr, place)
      case 'bytewise':
        return this.checkAs(expr.operand, place, 'text')
      case 'exists': {
        const { query, size } = this.subquery(expr.query, place, at)
        return { ...made({ kind: 'exists', query }, 'boolean'), size: size + 1 }
      }
      case 'scalar': {
        const { query, columns, size } = this.subquery(expr.query, place, at)
        const [only, more] = columns
        if (only === undefined || more !== undefined) throw this.#oneColumn(at)
        return { ...made({ kind: 'scalar', query }, only.type), size: size + 1, width: only.width }
      }
    }
  }

  /** Texts are ordered by their bytes on every engine. */
  ordered(typed: Typed): Expr {
    return typed.type === 'text' ? { kind: 'bytewise', operand: typed.expr } : typed.expr
  }

  #number({ text, at }: Of<'number'>): Typed {
    if (/^-?\d+$/.test(text)) {
      const value = BigInt(text)
      if (BigInt.asIntN(64, value) === value) return bigintOf(value, at)
      throw this.fail({
        code: 'SQL_TYPE',
        message: 'This whole number is too large.',
        next: 'Write it with a fraction (1e20) to compute with a double.',
        at,
      })
    }
    return doubleOf(this, text, at)
  }

  #column(expr: Of<'column'>, place: Place): Typed {
    let depth = 0
    for (let scope: Scope | undefined = place.scope; scope !== undefined; scope = scope.parent, depth++) {
      const found = this.#find(expr, scope)
      if (found === undefined) continue
      if (depth > 0 && place.inAggregate) {
        throw this.refuse(
          expr.at,
          'An aggregate cannot take a column of the query around it.',
          'Aggregate in a subquery of FROM, and join it.',
        )
      }
      const { source, column } = found
      const node: Expr = { kind: 'column', table: source.alias, name: column.printed }
      if (expr.at !== undefined) node.at = expr.at
      return { expr: node, type: column.type, at: expr.at, size: 1, width: column.width }
    }
    throw this.#unknownColumn(expr, place.scope)
  }

  #find(expr: Of<'column'>, scope: Scope): { source: Source; column: SourceColumn } | undefined {
    const sources = scope.sources.filter(({ name }) => expr.table === undefined || name === expr.table)
    const found = sources.flatMap((source) =>
      source.columns.filter(({ name }) => name === expr.name).map((column) => ({ source, column })),
    )
    if (found.length <= 1) return found[0]
    const names = [...new Set(found.map(({ source }) => `${source.name}.${expr.name}`))]
    throw this.fail({
      code: 'SQL_UNKNOWN_NAME',
      message: `There are several columns ${expr.name}.`,
      next: names.length > 1 ? `Write ${names.join(' or ')}.` : 'Give them different names with as.',
      at: expr.at,
    })
  }

  #unknownColumn(expr: Of<'column'>, scope: Scope): StanceError {
    const all: Source[] = []
    for (let one: Scope | undefined = scope; one !== undefined; one = one.parent) all.push(...one.sources)
    if (expr.table !== undefined && !all.some(({ name }) => name === expr.table)) {
      const names = all.map(({ name }) => name)
      const meant = nearest(expr.table, names)
      return this.fail({
        code: 'SQL_UNKNOWN_NAME',
        message: `There is no table ${expr.table} in this FROM.`,
        next:
          meant === undefined ? `Tables here: ${names.join(', ') || 'none'}.` : `Perhaps you mean ${meant}.`,
        at: expr.at,
      })
    }
    const names = all.filter(({ name }) => expr.table === undefined || name === expr.table)
    const columns = names.flatMap((source) => source.columns.map(({ name }) => name))
    const meant = nearest(expr.name, columns)
    const isQuoted = expr.table === undefined && this.state.source.includes(`"${expr.name}"`)
    const quotes = isQuoted
      ? "In double quotes a name of a column stands; a text stands in single ones: 'fail'. "
      : ''
    const perhaps = meant === undefined ? quotes : `Perhaps you mean ${meant}. `
    return this.fail({
      code: 'SQL_UNKNOWN_NAME',
      message: `There is no column ${expr.name} here.`,
      next: `${perhaps}${sayColumns(names)}`,
      at: expr.at,
    })
  }

  #oneColumn(at: number | undefined): StanceError {
    return this.refuse(at, 'This subquery must have exactly one column.', 'Select the one that is meant.')
  }

  #inSelect(expr: Of<'in_select'>, place: Place): Typed {
    const left = this.check(expr.operand, place)
    const { query, columns, size } = this.subquery(expr.query, place, expr.at)
    const [only, more] = columns
    if (only === undefined || more !== undefined) throw this.#oneColumn(expr.at)
    const inner: Typed = { expr: { kind: 'null' }, type: only.type, at: expr.at, size: 0, width: only.width }
    // The rows stay as they are, so only the left side can be made to fit.
    const operand = inner.type === 'null' ? left : coerce(left, inner.type)
    if (operand === undefined)
      throw this.wrongType(
        left,
        `This is ${typeTitles[left.type]}, the subquery gives ${typeTitles[only.type]}.`,
        only.type,
      )
    comparable(this, [operand])
    const node: Expr = { kind: 'in_select', negated: expr.negated, operand: operand.expr, query }
    return { expr: node, type: 'boolean', at: expr.at, size: operand.size + size + 1, width: 0 }
  }

  #like(expr: Of<'like'>, place: Place): Typed {
    let operand = this.checkAs(expr.operand, place, 'text')
    const pattern = this.checkAs(expr.pattern, place, 'text')
    if (typeof pattern.constant !== 'string' || pattern.constant.length > 1000) {
      throw this.refuse(
        pattern.at,
        'The pattern of LIKE must be written in the query, in up to 1000 characters.',
        "Write like '%text%'; with columns use starts_with(a, b) or strpos(a, b) > 0.",
      )
    }
    let text = pattern.constant
    if (expr.ignoreCase) {
      const lower: Expr = { kind: 'call', name: 'lower', args: [operand.expr], distinct: false, orderBy: [] }
      operand = this.computed({ ...operand, expr: lower, size: operand.size + 1 })
      text = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    }
    // Written plainly, so that the emitter can say it in a way that ends.
    const node: Expr = {
      kind: 'like',
      negated: expr.negated,
      ignoreCase: false,
      operand: operand.expr,
      pattern: { kind: 'text', value: text },
    }
    return { expr: node, type: 'boolean', at: expr.at, size: operand.size + 2, width: 0 }
  }

  #case(expr: Of<'case'>, place: Place): Typed {
    const given = expr.operand === undefined ? undefined : this.check(expr.operand, place)
    const tests = expr.whens.map(({ when }) =>
      given === undefined ? this.checkAs(when, place, 'boolean') : this.check(when, place),
    )
    const [operand, ...whens] =
      given === undefined ? [undefined, ...tests] : comparable(this, [given, ...tests])
    const results = expr.whens.map(({ result }) => this.check(result, place))
    if (expr.otherwise !== undefined) results.push(this.check(expr.otherwise, place))
    const { type, all } = this.alike(results, 'The results of CASE')
    const node: Expr = {
      kind: 'case',
      ...(operand === undefined ? {} : { operand: operand.expr }),
      whens: whens.map((when, index) => ({ when: when!.expr, result: all[index]!.expr })),
      ...(expr.otherwise === undefined ? {} : { otherwise: all.at(-1)!.expr }),
    }
    const parts = [...tests, ...all, ...(operand === undefined ? [] : [operand])]
    return this.computed({
      expr: node,
      type,
      at: expr.at,
      size: parts.reduce((sum, { size }) => sum + size, 1),
      width: Math.max(...all.map(({ width }) => width)),
    })
  }
}

export function bigintOf(value: bigint, at: number | undefined): Typed {
  const expr: Expr = { kind: 'typed', type: 'bigint', value: String(value) }
  return { expr, type: 'bigint', at, constant: value, size: 1, width: 0 }
}

export function doubleOf(checker: ExpressionChecker, text: string, at: number | undefined): Typed {
  const value = Number(text)
  const infinite = /^-?infinity$/i.test(text) || /^nan$/i.test(text)
  if (!infinite && (text.trim() === '' || !Number.isFinite(value))) {
    throw checker.fail({
      code: 'SQL_TYPE',
      message: 'This is not a number that a double can hold.',
      next: 'Write it like 0.5 or 1e10.',
      at,
    })
  }
  const expr: Expr = { kind: 'typed', type: 'double', value: infinite ? text : String(value) }
  return { expr, type: 'double', at, constant: infinite ? Number.NaN : value, size: 1, width: 0 }
}
