import type { CheckedCondition } from './check-condition.ts'
import { type ParamShapes, type ParamValues, paramError, paramValues } from './params.ts'
import type { Constant, Subquery, Term } from './term.ts'
import { momentOf } from './times.ts'

export interface Binding {
  params: ParamShapes
  values: ParamValues
  now: Date
}

/** The condition with parameters and now() as constants: what two rules share is then plain to see. */
export function bindCondition(condition: CheckedCondition, values: ParamValues, now: Date): Term {
  return bindTerm(condition.term, { params: condition.params, values, now })
}

/** Throws where a value does not fit its parameter, so that it is known when rules are read, not when they run. */
export function checkParamValues(condition: CheckedCondition, values: ParamValues): void {
  bindCondition(condition, values, new Date(0))
}

function bindTerm(term: Term, binding: Binding): Term {
  const bind = (one: Term) => bindTerm(one, binding)
  switch (term.kind) {
    case 'constant':
    case 'column':
      return term
    case 'param':
      return bindParam(term.name, binding)[0]!
    case 'time': {
      for (const { count } of term.shifts) if (typeof count !== 'bigint') bindParam(count.param, binding)
      return {
        kind: 'constant',
        type: 'timestamptz',
        value: momentOf(term.shifts, binding.now, binding.values),
      }
    }
    case 'and':
    case 'or':
      return { ...term, operands: term.operands.map(bind) }
    case 'not':
    case 'to_double':
      return { ...term, operand: bind(term.operand) }
    case 'compare':
    case 'arithmetic':
      return { ...term, left: bind(term.left), right: bind(term.right) }
    case 'in':
      return {
        ...term,
        operand: bind(term.operand),
        items: term.items.flatMap((item) => bindItem(item, binding)),
      }
    case 'like': {
      const pattern = bind(term.pattern)
      if (
        term.pattern.kind === 'param' &&
        pattern.kind === 'constant' &&
        String(pattern.value).includes('\\')
      ) {
        throw paramError(term.pattern.name, 'is used as a pattern and has a backslash')
      }
      return { ...term, operand: bind(term.operand), pattern }
    }
    case 'call':
      return { ...term, args: term.args.map(bind) }
    case 'case':
      return {
        ...term,
        whens: term.whens.map((one) => ({ when: bind(one.when), result: bind(one.result) })),
        otherwise: bind(term.otherwise),
      }
    case 'subquery':
      return bindSubquery(term, bind)
  }
}

function bindSubquery(sub: Subquery, bind: (term: Term) => Term): Subquery {
  return {
    ...sub,
    ...(sub.account === undefined ? {} : { account: bind(sub.account) }),
    keys: sub.keys.map((key) => ({ inner: bind(key.inner), outer: bind(key.outer) })),
    where: bind(sub.where),
    ...(sub.argument === undefined ? {} : { argument: bind(sub.argument) }),
    ...(sub.orElse === undefined ? {} : { orElse: bind(sub.orElse) }),
  }
}

function bindParam(name: string, { params, values }: Binding): Constant[] {
  const shape = Object.hasOwn(params, name) ? params[name] : undefined
  if (shape === undefined) throw paramError(name, 'is not declared')
  return paramValues(name, shape, values).map((value): Constant => {
    if (typeof value === 'string') return { kind: 'constant', type: 'text', value }
    if (typeof value === 'boolean') return { kind: 'constant', type: 'boolean', value }
    return shape.type === 'double'
      ? { kind: 'constant', type: 'double', value }
      : { kind: 'constant', type: 'bigint', value: BigInt(value) }
  })
}

/** A list parameter stands for all its values, as the type that stands beside it. */
function bindItem(item: Term, binding: Binding): Term[] {
  const [param, convert] =
    item.kind === 'to_double' && item.operand.kind === 'param' ? [item.operand, true] : [item, false]
  if (param.kind !== 'param') return [bindTerm(item, binding)]
  return bindParam(param.name, binding).map((one) =>
    convert ? { kind: 'constant', type: 'double', value: Number(one.value) } : one,
  )
}
