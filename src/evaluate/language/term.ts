import type { LakeType } from '../../core/table-shape.ts'

/**
 * A condition after names are resolved, types checked and joins nested (docs/adr/0005): every subquery is over
 * one table and meets the row around it only in its keys. Columns belong to the row that the term stands for:
 * the judged row, or, in a subquery's `where`, `argument` and inner keys, the subquery's own.
 */
export type Term =
  | Constant
  | { kind: 'param'; name: string; type: LakeType; at: number }
  /** now(), moved by whole days, hours or minutes. */
  | { kind: 'time'; type: 'timestamptz'; shifts: Shift[]; at: number }
  | ColumnTerm
  | { kind: 'and' | 'or'; type: 'boolean'; operands: Term[] }
  | { kind: 'not'; type: 'boolean'; operand: Term }
  | { kind: 'compare'; type: 'boolean'; op: CompareOperator; left: Term; right: Term }
  /** Items are terms of the operand's type; a list parameter stands for all its values. */
  | { kind: 'in'; type: 'boolean'; operand: Term; items: Term[] }
  | { kind: 'like'; type: 'boolean'; operand: Term; pattern: Term }
  | { kind: 'arithmetic'; type: 'bigint'; op: '+' | '-' | '*'; left: Term; right: Term }
  | { kind: 'call'; type: LakeType; name: string; args: Term[] }
  | { kind: 'to_double'; type: 'double'; operand: Term }
  | { kind: 'case'; type: LakeType; whens: { when: Term; result: Term }[]; otherwise: Term }
  | Subquery

export type Constant =
  | { kind: 'constant'; type: 'text'; value: string }
  | { kind: 'constant'; type: 'boolean'; value: boolean }
  | { kind: 'constant'; type: 'bigint'; value: bigint }
  | { kind: 'constant'; type: 'double'; value: number }
  /** Milliseconds since 1970. */
  | { kind: 'constant'; type: 'timestamptz'; value: number }

export type CompareOperator = '=' | '<>' | '<' | '<=' | '>' | '>='

export interface Shift {
  sign: 1 | -1
  milliseconds: number
  /** How many of them; a name is a bigint parameter. */
  count: bigint | { param: string }
}

export interface ColumnTerm {
  kind: 'column'
  type: LakeType
  /** Which row of the condition's text; of no meaning once joins are nested. */
  row: number
  table: string
  name: string
  at: number
}

export interface Subquery {
  kind: 'subquery'
  type: LakeType
  form: 'exists' | 'count' | 'sum' | 'max' | 'min'
  table: string
  /** The row of this table in the condition's text. */
  row: number
  /** The account whose rows are meant, over the row around; left out: the same account. */
  account?: Term
  /** Equalities with the row around, but for the account. */
  keys: { inner: Term; outer: Term }[]
  /** What a row must be, over the row of this table. */
  where: Term
  argument?: Term
  /** What it is over no rows, over the row around. Left out only where a nested join makes that impossible. */
  orElse?: Term
  /** Where it stands in the text. */
  at: number
}

export const trueTerm: Term = { kind: 'constant', type: 'boolean', value: true }

export function allOf(terms: readonly Term[]): Term {
  const flat = terms
    .flatMap((term) => (term.kind === 'and' ? term.operands : [term]))
    .filter((term) => !(term.kind === 'constant' && term.value === true))
  const [only] = flat
  if (only === undefined) return trueTerm
  return flat.length === 1 ? only : { kind: 'and', type: 'boolean', operands: flat }
}

export function conjuncts(term: Term): Term[] {
  return term.kind === 'and' ? term.operands.flatMap(conjuncts) : [term]
}

/** The terms directly below, of the same row and (subqueries) of the row around. */
export function children(term: Term): Term[] {
  switch (term.kind) {
    case 'constant':
    case 'param':
    case 'time':
    case 'column':
      return []
    case 'and':
    case 'or':
      return term.operands
    case 'not':
    case 'to_double':
      return [term.operand]
    case 'compare':
    case 'arithmetic':
      return [term.left, term.right]
    case 'in':
      return [term.operand, ...term.items]
    case 'like':
      return [term.operand, term.pattern]
    case 'call':
      return term.args
    case 'case':
      return [...term.whens.flatMap((one) => [one.when, one.result]), term.otherwise]
    case 'subquery':
      return outerTerms(term)
  }
}

/** Of a subquery: what it says of the row around. */
function outerTerms(sub: Subquery): Term[] {
  return [
    ...(sub.account === undefined ? [] : [sub.account]),
    ...sub.keys.map((key) => key.outer),
    ...(sub.orElse === undefined ? [] : [sub.orElse]),
  ]
}

/** Of a subquery: what it says of its own row. */
export function innerTerms(sub: Subquery): Term[] {
  return [
    ...sub.keys.map((key) => key.inner),
    sub.where,
    ...(sub.argument === undefined ? [] : [sub.argument]),
  ]
}

/** This row's terms, the term itself first; subqueries' own rows are not entered. */
export function* sameRow(term: Term): Generator<Term> {
  yield term
  for (const child of children(term)) yield* sameRow(child)
}

export function subqueriesOf(term: Term): Subquery[] {
  return [...sameRow(term)].filter((one) => one.kind === 'subquery')
}

/** Every subquery, at every depth. */
export function* everySubquery(term: Term): Generator<Subquery> {
  for (const sub of subqueriesOf(term)) {
    yield sub
    for (const inner of innerTerms(sub)) yield* everySubquery(inner)
  }
}

export function isColumn(term: Term, name: string): boolean {
  return term.kind === 'column' && term.name === name
}

/** The same text for the same meaning: rows and positions do not count. */
export function canonical(term: unknown): string {
  return JSON.stringify(term, (key, value: unknown) => {
    if (key === 'at' || key === 'row') return undefined
    return typeof value === 'bigint' ? `${String(value)}n` : value
  })
}

/** The region that an equality of the subquery names, over the row around: a key, or a constant of `where`. */
export function regionOf(sub: Subquery): Term | undefined {
  const key = sub.keys.find(({ inner }) => isColumn(inner, 'region'))
  if (key !== undefined) return key.outer
  for (const term of conjuncts(sub.where)) {
    if (term.kind !== 'compare' || term.op !== '=') continue
    if (isColumn(term.left, 'region') && isFixed(term.right)) return term.right
    if (isColumn(term.right, 'region') && isFixed(term.left)) return term.left
  }
  return undefined
}

/** Child rows of the row around, which is of `table`: they are of one document with it. */
export function isOwnChild(sub: Subquery, parent: string | undefined, table: string): boolean {
  const isByKey = sub.keys.some(({ inner, outer }) => {
    return isColumn(inner, 'resource_key') && isColumn(outer, 'resource_key')
  })
  return sub.account === undefined && parent === table && isByKey
}

/** The keys by which it looks for something that the row around names; a region is a place, and no name. */
export function namingKeys(sub: Subquery): Subquery['keys'] {
  return sub.keys.filter(({ inner }) => !isColumn(inner, 'region'))
}

/** The same for every row. */
export function isFixed(term: Term): boolean {
  return term.kind === 'constant' || term.kind === 'param' || term.kind === 'time'
}
