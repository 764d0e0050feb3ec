import type { EngineName } from '../database.ts'
import type { Expr, From, Order, Query, Target } from './ast.ts'
import { type Dialect, likeToRegex, reservedWords, type Spelling, spellings } from './spelling.ts'

/** Prints the closed subset and nothing else; every operator stands in parentheses. */
export function emitQuery(query: Query, dialect: Dialect): string {
  return new Emitter(spellings[dialect]).query(query)
}

export function emitExpr(expr: Expr, dialect: Dialect): string {
  return new Emitter(spellings[dialect]).expr(expr)
}

export function dialectOf(engine: EngineName): Dialect {
  return engine === 'duckdb' ? 'duckdb' : 'postgres'
}

export function emitName(name: string): string {
  if (/^[a-z_][a-z0-9_]*$/.test(name) && !reservedWords.has(name)) return name
  if (name === '' || name.includes('\0')) throw new TypeError('not a name')
  return `"${name.replaceAll('"', '""')}"`
}

/** Doubled quotes are all that a plain string needs: both engines take a backslash as itself. */
function emitText(value: string): string {
  if (value.includes('\0')) throw new TypeError('a NUL character cannot stand in SQL')
  return `'${value.toWellFormed().replaceAll("'", "''")}'`
}

class Emitter {
  readonly #spell: Spelling

  constructor(spelling: Spelling) {
    this.#spell = spelling
  }

  query(query: Query): string {
    const ctes = query.with.map((one) => `${emitName(one.name)} as (${this.query(one.query)})`)
    const body = query.kind === 'select' ? this.#select(query) : this.#set(query)
    return [
      ctes.length === 0 ? '' : `with ${ctes.join(', ')} `,
      body,
      this.#orderBy(query.orderBy),
      query.limit === undefined ? '' : ` limit ${this.expr(query.limit)}`,
      query.offset === undefined ? '' : ` offset ${this.expr(query.offset)}`,
    ].join('')
  }

  #select(query: Query & { kind: 'select' }): string {
    return [
      `select ${query.distinct ? 'distinct ' : ''}${query.targets.map((one) => this.#target(one)).join(', ')}`,
      query.from.length === 0 ? '' : `\nfrom ${query.from.map((one) => this.#from(one)).join(', ')}`,
      query.where === undefined ? '' : `\nwhere ${this.expr(query.where)}`,
      query.groupBy.length === 0 ? '' : `\ngroup by ${this.list(query.groupBy)}`,
      query.having === undefined ? '' : `\nhaving ${this.expr(query.having)}`,
    ].join('')
  }

  #set(query: Query & { kind: 'set' }): string {
    const op = query.op + (query.all ? ' all' : '')
    return `(${this.query(query.left)}) ${op} (${this.query(query.right)})`
  }

  #target({ expr, as }: Target): string {
    return as === undefined ? this.expr(expr) : `${this.expr(expr)} as ${emitName(as)}`
  }

  #from(from: From): string {
    if (from.kind === 'table') {
      const name = (from.schema === undefined ? '' : `${emitName(from.schema)}.`) + emitName(from.name)
      return from.as === undefined ? name : `${name} as ${emitName(from.as)}`
    }
    if (from.kind === 'subselect') return `(${this.query(from.query)}) as ${emitName(from.as)}`
    const right = from.right.kind === 'join' ? `(${this.#from(from.right)})` : this.#from(from.right)
    const on = from.on === undefined ? '' : ` on ${this.expr(from.on)}`
    return `${this.#from(from.left)}\n${from.join} join ${right}${on}`
  }

  #orderBy(orders: readonly Order[]): string {
    if (orders.length === 0) return ''
    const one = ({ expr, descending, nulls }: Order) =>
      `${this.expr(expr)}${descending ? ' desc' : ' asc'} nulls ${nulls}`
    return ` order by ${orders.map(one).join(', ')}`
  }

  list(exprs: readonly Expr[]): string {
    return exprs.map((expr) => this.expr(expr)).join(', ')
  }

  expr(expr: Expr): string {
    const not = 'negated' in expr && expr.negated ? ' not' : ''
    switch (expr.kind) {
      case 'text':
        return emitText(expr.value)
      case 'number':
        return emitNumber(expr.text)
      case 'boolean':
        return expr.value ? 'true' : 'false'
      case 'null':
        return 'null'
      case 'typed':
        return `${this.#spell.types[expr.type]} ${emitText(expr.value)}`
      case 'column':
        return (expr.table === undefined ? '' : `${emitName(expr.table)}.`) + emitName(expr.name)
      case 'star':
        return expr.table === undefined ? '*' : `${emitName(expr.table)}.*`
      case 'param':
        return `$${String(expr.number)}`
      case 'not':
        return `(not ${this.expr(expr.operand)})`
      case 'minus':
        return `(- ${this.expr(expr.operand)})`
      case 'logic':
        return `(${expr.operands.map((one) => this.expr(one)).join(` ${expr.op} `)})`
      case 'binary':
        return `(${this.expr(expr.left)} ${expr.op} ${this.expr(expr.right)})`
      case 'is':
        return `(${this.expr(expr.operand)} is${not} ${expr.test})`
      case 'distinct':
        return `(${this.expr(expr.left)} is${not} distinct from ${this.expr(expr.right)})`
      case 'between':
        return `(${this.expr(expr.operand)}${not} between ${this.expr(expr.low)} and ${this.expr(expr.high)})`
      case 'in_list':
        if (expr.items.length === 1 && expr.items[0]?.kind === 'scalar') {
          throw new TypeError('a list of one subquery would be read as the rows of that subquery')
        }
        return `(${this.expr(expr.operand)}${not} in (${this.list(expr.items)}))`
      case 'in_select':
        return `(${this.expr(expr.operand)}${not} in (${this.query(expr.query)}))`
      case 'like': {
        const { likePlaces } = this.#spell
        if (
          likePlaces &&
          !expr.ignoreCase &&
          expr.pattern.kind === 'text' &&
          expr.pattern.value.includes('_')
        ) {
          const matches = likePlaces(this.expr(expr.operand), emitText(likeToRegex(expr.pattern.value)))
          return expr.negated ? `(not ${matches})` : matches
        }
        const like = expr.ignoreCase ? 'ilike' : 'like'
        return `(${this.expr(expr.operand)}${not} ${like} ${this.expr(expr.pattern)}${this.#spell.likeEnd})`
      }
      case 'case':
        return this.#case(expr)
      case 'call':
        return this.#call(expr)
      case 'cast':
        return `cast(${this.expr(expr.operand)} as ${this.#spell.types[expr.type]})`
      case 'bytewise':
        return this.#spell.bytewise(this.expr(expr.operand))
      case 'exists':
        return `(exists (${this.query(expr.query)}))`
      case 'scalar':
        return `(${this.query(expr.query)})`
    }
  }

  #case(expr: Expr & { kind: 'case' }): string {
    const whens = expr.whens.map((one) => ` when ${this.expr(one.when)} then ${this.expr(one.result)}`)
    const operand = expr.operand === undefined ? '' : ` ${this.expr(expr.operand)}`
    const otherwise = expr.otherwise === undefined ? '' : ` else ${this.expr(expr.otherwise)}`
    return `(case${operand}${whens.join('')}${otherwise} end)`
  }

  #call(expr: Expr & { kind: 'call' }): string {
    if (!/^[a-z_][a-z0-9_]*$/.test(expr.name)) throw new TypeError('not the name of a function')
    const spelled = Object.hasOwn(this.#spell.calls, expr.name) ? this.#spell.calls[expr.name] : undefined
    if (spelled !== undefined) return spelled(...expr.args.map((arg) => this.expr(arg)))
    const args = (expr.distinct ? 'distinct ' : '') + this.list(expr.args) + this.#orderBy(expr.orderBy)
    const filter = expr.filter === undefined ? '' : ` filter (where ${this.expr(expr.filter)})`
    return `${expr.name}(${args})${filter}${expr.over === undefined ? '' : this.#over(expr.over)}`
  }

  #over(over: { partitionBy: Expr[]; orderBy: Order[] }): string {
    const partition = over.partitionBy.length === 0 ? '' : `partition by ${this.list(over.partitionBy)}`
    return ` over (${partition}${this.#orderBy(over.orderBy)})`
  }
}

/** A negative one stands apart, so that a minus before it cannot become a comment. */
function emitNumber(text: string): string {
  if (!/^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) throw new TypeError('not a number')
  return text.startsWith('-') ? `(${text})` : text
}
