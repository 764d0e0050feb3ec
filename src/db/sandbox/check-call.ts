import { nearest } from '../../core/nearest.ts'
import type { Expr } from '../sql/ast.ts'
import { call } from '../sql/build.ts'
import { aggregateFunctions, stringAgg, windowFunctions } from './aggregate-functions.ts'
import { AggregateChecker } from './check-aggregate.ts'
import type { ExpressionChecker } from './check-expression.ts'
import { comparable } from './check-operator.ts'
import { type Argument, scalarFunctions } from './scalar-functions.ts'
import type { Place } from './scope.ts'
import { partFields, printPart, printToChar, specialForms, truncFields } from './special-forms.ts'
import { printTime } from './time-constant.ts'
import { isNumber, type Typed, typeTitles } from './typed.ts'

type Call = Expr & { kind: 'call' }

/** Functions by name: what is on no list does not exist. */
export class CallChecker {
  readonly #checker: ExpressionChecker
  readonly #aggregates: AggregateChecker

  constructor(checker: ExpressionChecker) {
    this.#checker = checker
    this.#aggregates = new AggregateChecker(checker)
  }

  check(expr: Call, place: Place): Typed {
    const { name } = expr
    if (expr.over !== undefined) return this.#aggregates.window(expr, expr.over, place)
    if (Object.hasOwn(windowFunctions, name)) {
      throw this.#checker.refuse(expr.at, `${name} needs a window.`, `Write ${name}(…) over (order by …).`)
    }
    if (name === 'string_agg' || Object.hasOwn(aggregateFunctions, name))
      return this.#aggregates.aggregate(expr, place)
    if (expr.distinct || expr.filter !== undefined || expr.orderBy.length > 0) {
      throw this.#checker.refuse(
        expr.at,
        `${name} is no aggregate that Stance knows.`,
        `Aggregates: ${known(aggregates)}.`,
      )
    }
    if (Object.hasOwn(specialForms, name)) return this.#special(expr, place)
    if (Object.hasOwn(scalarFunctions, name)) return this.#scalar(expr, place)
    throw this.#unknown(expr)
  }

  #unknown({ name, at }: Call): Error {
    const names = [
      ...Object.keys(scalarFunctions),
      ...Object.keys(specialForms),
      ...aggregates,
      ...Object.keys(windowFunctions),
    ]
    const meant = nearest(name, names)
    return this.#checker.fail({
      code: 'SQL_UNKNOWN_NAME',
      message: `The function ${name} is not on the list.`,
      next:
        hints.get(name) ??
        (meant === undefined ? 'See the list in docs/guide/sql.md.' : `Perhaps you mean ${meant}.`),
      at,
    })
  }

  #scalar({ name, args, at }: Call, place: Place): Typed {
    const shape = scalarFunctions[name]!
    const most = shape.rest === undefined ? shape.args.length : Number.POSITIVE_INFINITY
    if (args.length < shape.args.length - (shape.optional ?? 0) || args.length > most)
      throw this.#form(at, name, shape.form)
    const given = args.map((arg, index) =>
      this.#argument(arg, shape.args[index] ?? shape.rest!, place, shape.form),
    )
    const type = shape.result === 'same' ? given[0]!.type : shape.result
    return this.#checker.computed({
      expr: shape.print(
        given.map((one) => one.expr),
        this.#checker.state.engine,
        given,
      ),
      type,
      at,
      size: given.reduce((sum, one) => sum + one.size, name === 'json_array_length' ? given[0]!.size + 6 : 4),
      width: shape.width === undefined ? given.reduce((sum, one) => sum + one.width, 0) : shape.width(given),
    })
  }

  #argument(arg: Expr, wanted: Argument, place: Place, form: string): Typed {
    const typed = this.#checker.check(arg, place)
    if (wanted === 'number') {
      if (typed.type === 'null') return this.#checker.as(typed, 'bigint')
      if (isNumber(typed.type)) return typed
      throw this.#checker.wrongType(
        typed,
        `This is ${typeTitles[typed.type]}, where a number is wanted.`,
        'bigint',
      )
    }
    if (typeof wanted === 'string') return this.#checker.as(typed, wanted)
    const value = typed.constant
    const fits =
      wanted.constant === 'text'
        ? typeof value === 'string' && typed.type === 'text'
        : typeof value === 'bigint'
    if (fits && wanted.good(value as string | bigint)) return typed
    throw this.#checker.fail({
      code: 'SQL_TYPE',
      message: `Here ${form} wants ${wanted.what}, written in the query.`,
      next: `Write ${form}.`,
      at: typed.at,
    })
  }

  #form(at: number | undefined, name: string, form: string): Error {
    return this.#checker.fail({
      code: 'SQL_TYPE',
      message: `${name} has other arguments.`,
      next: `Write ${form}.`,
      at,
    })
  }

  #special(expr: Call, place: Place): Typed {
    const { name, args, at } = expr
    const form = specialForms[name]!.form
    const wrong = () => this.#form(at, name, form)
    if (name === 'now') {
      if (args.length > 0) throw wrong()
      const value = printTime(this.#checker.state.now)!
      return {
        expr: { kind: 'typed', type: 'timestamptz', value },
        type: 'timestamptz',
        at,
        constant: value,
        size: 1,
        width: 0,
      }
    }
    if (name === 'extract' || name === 'date_part' || name === 'date_trunc') {
      if (args.length !== 2) throw wrong()
      return this.#timeField(expr, args[0]!, args[1]!, place, form)
    }
    if (name === 'to_char') {
      if (args.length !== 2) throw wrong()
      return this.#toChar(args[0]!, args[1]!, place, at, form)
    }
    if (args.length < (name === 'nullif' ? 2 : 1) || (name === 'nullif' && args.length > 2)) throw wrong()
    const parts = args.map((arg) => this.#checker.check(arg, place))
    const all =
      name === 'coalesce' ? this.#checker.alike(parts, 'The values').all : comparable(this.#checker, parts)
    const ordered = name === 'greatest' || name === 'least'
    const printed = all.map((one, index) => (ordered && index === 0 ? this.#checker.ordered(one) : one.expr))
    return this.#checker.computed({
      expr: call(name, ...printed),
      type: all[0]!.type,
      at,
      size: all.reduce((sum, one) => sum + one.size, 1),
      width: Math.max(...all.map(({ width }) => width)),
    })
  }

  #timeField(expr: Call, fieldArg: Expr, timeArg: Expr, place: Place, form: string): Typed {
    const truncates = expr.name === 'date_trunc'
    const field = fieldArg.kind === 'text' ? fieldArg.value.toLowerCase() : ''
    const fields = truncates ? truncFields : partFields
    if (!fields.includes(field)) {
      throw this.#checker.fail({
        code: 'SQL_TYPE',
        message: `${form} does not know this field.`,
        next: `Fields: ${fields.join(', ')}.`,
        at: fieldArg.at ?? expr.at,
      })
    }
    const given = this.#checker.check(timeArg, place)
    const made = (node: Expr, type: Typed['type']): Typed => ({
      expr: node,
      type,
      at: expr.at,
      size: given.size + 4,
      width: 0,
    })
    if (given.type === 'duration' && !truncates) return this.#durationField(field, given, made)
    const time = this.#checker.as(given, 'timestamptz').expr
    if (truncates)
      return made(call('date_trunc', { kind: 'typed', type: 'text', value: field }, time), 'timestamptz')
    return made(printPart(field, time), field === 'epoch' ? 'double' : 'bigint')
  }

  #durationField(field: string, given: Typed, made: (node: Expr, type: Typed['type']) => Typed): Typed {
    if (field === 'epoch') {
      const left: Expr = { kind: 'cast', operand: given.expr, type: 'double' }
      return made(
        { kind: 'binary', op: '/', left, right: { kind: 'typed', type: 'double', value: '1000000' } },
        'double',
      )
    }
    if (field === 'day') {
      return made(
        call('whole_div', given.expr, { kind: 'typed', type: 'bigint', value: '86400000000' }),
        'bigint',
      )
    }
    throw this.#checker.refuse(
      given.at,
      `${field} cannot be taken from the time between two times.`,
      'Take epoch, which is seconds, or day.',
    )
  }

  #toChar(timeArg: Expr, patternArg: Expr, place: Place, at: number | undefined, form: string): Typed {
    const given = this.#checker.checkAs(timeArg, place, 'timestamptz')
    const pattern = patternArg.kind === 'text' ? patternArg.value : ''
    const printed = printToChar(given.expr, pattern, this.#checker.state.engine)
    if (printed === undefined)
      throw this.#form(patternArg.at ?? at, 'to_char', `${form}: ${specialForms.to_char!.does}`)
    return this.#checker.computed({ expr: printed, type: 'text', at, size: given.size + 2, width: 1 })
  }
}

const aggregates = [...Object.keys(aggregateFunctions), 'string_agg']
const known = (names: readonly string[]) => names.join(', ')

/** A map: `constructor` is no hint. */
const hints: ReadonlyMap<string, string> = new Map(
  Object.entries({
    array_agg: `Write ${stringAgg.form}.`,
    group_concat: `Write ${stringAgg.form}.`,
    listagg: `Write ${stringAgg.form}.`,
    age: 'Write a - b, inside extract(epoch from a - b).',
    datediff: 'Write extract(day from a - b).',
    date_diff: 'Write extract(day from a - b).',
    strftime: "Write to_char(time, 'YYYY-MM-DD').",
    ifnull: 'Write coalesce(a, b).',
    iff: 'Write case when … then … else … end.',
    instr: 'Write strpos(text, part).',
    contains: 'Write strpos(text, part) > 0.',
    regexp_matches: "Write like '%text%', starts_with or split_part.",
    regexp_replace: 'Write replace or split_part.',
    current_setting: 'Settings cannot be read here.',
  }),
)
