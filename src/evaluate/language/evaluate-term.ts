import type { ColumnTerm, CompareOperator, Subquery, Term } from './term.ts'

/** text, boolean, bigint, double and (as milliseconds) timestamptz; NULL is what was not read. */
export type TermValue = string | boolean | bigint | number | null

export interface TermEnvironment {
  column(term: ColumnTerm): TermValue
  subquery(sub: Subquery): TermValue
}

/** A bound term in plain TypeScript: what the engines must agree with. */
export function evaluateTerm(term: Term, env: TermEnvironment): TermValue {
  const value = (one: Term) => evaluateTerm(one, env)
  switch (term.kind) {
    case 'constant':
      return term.value
    case 'column':
      return env.column(term)
    case 'subquery':
      return env.subquery(term)
    case 'and':
      return allTrue(term.operands.map(value))
    case 'or':
      return not(allTrue(term.operands.map(value).map(not)))
    case 'not':
      return not(value(term.operand))
    case 'compare':
      return compare(term.op, value(term.left), value(term.right))
    case 'in': {
      const operand = value(term.operand)
      return not(allTrue(term.items.map((item) => not(compare('=', operand, value(item))))))
    }
    case 'case': {
      for (const one of term.whens) {
        const when = value(one.when)
        if (when === null) return null
        if (when === true) return value(one.result)
      }
      return value(term.otherwise)
    }
    case 'param':
    case 'time':
      throw new TypeError('a parameter or now() was not bound')
    default:
      return strict(term, value)
  }
}

/** What gives NULL as soon as one of its operands is. */
function strict(
  term: Term & { kind: 'like' | 'arithmetic' | 'call' | 'to_double' },
  value: (one: Term) => TermValue,
): TermValue {
  const operands =
    term.kind === 'like'
      ? [term.operand, term.pattern]
      : term.kind === 'arithmetic'
        ? [term.left, term.right]
        : term.kind === 'call'
          ? term.args
          : [term.operand]
  const values = operands.map(value)
  if (values.some((one) => one === null)) return null
  const [first, second, third] = values
  switch (term.kind) {
    case 'like':
      return likePattern(String(second)).test(String(first))
    case 'to_double':
      return Number(first)
    case 'arithmetic': {
      const [left, right] = [BigInt(first!), BigInt(second!)]
      return term.op === '+' ? left + right : term.op === '-' ? left - right : left * right
    }
    case 'call':
      return callFunction(term.name, first!, second, third)
  }
}

function callFunction(
  name: string,
  first: NonNullable<TermValue>,
  second?: TermValue,
  third?: TermValue,
): TermValue {
  const text = String(first)
  switch (name) {
    case 'lower':
      return text.replace(/[A-Z]/g, (char) => char.toLowerCase())
    case 'upper':
      return text.replace(/[a-z]/g, (char) => char.toUpperCase())
    case 'length':
      return BigInt([...text].length)
    case 'starts_with':
      return text.startsWith(String(second))
    case 'ends_with':
      return text.endsWith(String(second))
    case 'abs':
      return typeof first === 'bigint' && first < 0n ? -first : first
    case 'split_part':
      return text.split(String(second))[Number(third) - 1] ?? ''
    case 'replace':
      return text.replaceAll(String(second), () => String(third))
  }
  throw new TypeError(`no function ${name}`)
}

function likePattern(pattern: string): RegExp {
  const source = pattern
    .replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.')
  return new RegExp(`^${source}$`, 'su')
}

export function allTrue(values: readonly TermValue[]): boolean | null {
  if (values.includes(false)) return false
  return values.includes(null) ? null : true
}

export function not(value: TermValue): boolean | null {
  return value === null ? null : value !== true
}

export function compare(op: CompareOperator, left: TermValue, right: TermValue): boolean | null {
  if (left === null || right === null) return null
  if (op === '=') return left === right
  if (op === '<>') return left !== right
  const order = orderOf(left, right)
  return op === '<' ? order < 0 : op === '<=' ? order <= 0 : op === '>' ? order > 0 : order >= 0
}

export function orderOf(left: NonNullable<TermValue>, right: NonNullable<TermValue>): number {
  if (typeof left === 'string') return Buffer.compare(Buffer.from(left), Buffer.from(String(right)))
  return left < right ? -1 : left > right ? 1 : 0
}
