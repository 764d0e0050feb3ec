import type { BinaryOperator, Expr, From, Select, Target } from './ast.ts'

/** Short constructors for programs that make SQL. `all` and `any` keep and/or flat, as the parser does. */
export const yes: Expr = { kind: 'boolean', value: true }
export const no: Expr = { kind: 'boolean', value: false }
export const none: Expr = { kind: 'null' }

export function column(table: string, name: string): Expr {
  return { kind: 'column', table, name }
}

export function textValue(value: string): Expr {
  return { kind: 'text', value }
}

export function all(operands: readonly Expr[]): Expr {
  return logic('and', operands, yes)
}

export function any(operands: readonly Expr[]): Expr {
  return logic('or', operands, no)
}

function logic(op: 'and' | 'or', operands: readonly Expr[], empty: Expr): Expr {
  const flat = operands.flatMap((operand) =>
    operand.kind === 'logic' && operand.op === op ? operand.operands : [operand],
  )
  const [only] = flat
  if (only === undefined) return empty
  return flat.length === 1 ? only : { kind: 'logic', op, operands: flat }
}

export function binary(op: BinaryOperator, left: Expr, right: Expr): Expr {
  return { kind: 'binary', op, left, right }
}

export function equal(left: Expr, right: Expr): Expr {
  return binary('=', left, right)
}

export function isTest(test: 'null' | 'true' | 'false' | 'unknown', operand: Expr, negated = false): Expr {
  return { kind: 'is', test, negated, operand }
}

export function call(name: string, ...args: Expr[]): Expr {
  return { kind: 'call', name, args, distinct: false, orderBy: [] }
}

/** One of the values, by the shortest form. */
export function oneOf(operand: Expr, values: readonly string[]): Expr {
  const [only] = values
  if (only === undefined) return no
  if (values.length === 1) return equal(operand, textValue(only))
  return { kind: 'in_list', negated: false, operand, items: values.map(textValue) }
}

/**
 * By the operand's three truth values. Searched, though the operand is then run twice where it is not TRUE: Citus
 * cannot ship `case x when …` in a write (facts measured in docs/guide/citus.md).
 */
export function choose(operand: Expr, whenTrue: Expr, whenFalse: Expr, otherwise: Expr): Expr {
  return {
    kind: 'case',
    whens: [
      { when: operand, result: whenTrue },
      { when: { kind: 'not', operand }, result: whenFalse },
    ],
    otherwise,
  }
}

/** 2 where it is TRUE, 1 where it is NULL, 0 where it is FALSE. Printed once: nested, `choose` doubles it at each level. */
export function truthNumber(operand: Expr): Expr {
  return call('coalesce', binary('*', { kind: 'cast', operand, type: 'integer' }, integer(2)), integer(1))
}

function integer(value: number): Expr {
  return { kind: 'number', text: String(value) }
}

export function when(condition: Expr, result: Expr, otherwise: Expr = none): Expr {
  return { kind: 'case', whens: [{ when: condition, result }], otherwise }
}

export function table(relation: string, as: string): From {
  const [schema, name] = relation.includes('.') ? relation.split('.') : [undefined, relation]
  if (name === undefined || name === '') throw new TypeError(`not a relation: ${relation}`)
  return schema === undefined ? { kind: 'table', name, as } : { kind: 'table', schema, name, as }
}

export function select(parts: {
  targets: Target[]
  from: From[]
  where?: Expr | undefined
  groupBy?: Expr[]
}): Select {
  const where = parts.where?.kind === 'boolean' && parts.where.value ? undefined : parts.where
  return {
    kind: 'select',
    with: [],
    distinct: false,
    targets: parts.targets,
    from: parts.from,
    ...(where === undefined ? {} : { where }),
    groupBy: parts.groupBy ?? [],
    orderBy: [],
  }
}
