import { isColumn, type Subquery, type Term, trueTerm } from '../language/term.ts'

export interface Mutant {
  /** For people: `without group_id = 'x'`, `not (is_open)`. */
  what: string
  /** Made when it is judged: all together they are the square of their condition. */
  make: () => Term
}

type Rebuild = (changed: Term) => Term

/**
 * The mutants of a condition: for each predicate, one without it and one with it negated; for each equality that
 * links a subquery, one without it. Links by account, region and parent are filled in by the proof runner and exempt.
 */
export function mutantsOf(term: Term): Mutant[] {
  return visit(term, (changed) => changed, 'whole')
}

function visit(term: Term, rebuild: Rebuild, around: 'and' | 'or' | 'whole'): Mutant[] {
  switch (term.kind) {
    case 'and':
    case 'or': {
      const { kind } = term
      return term.operands.flatMap((operand, at) =>
        visit(operand, (changed) => rebuild({ ...term, operands: term.operands.with(at, changed) }), kind),
      )
    }
    case 'not':
      return visit(term.operand, (changed) => rebuild({ ...term, operand: changed }), around)
    case 'subquery':
      return [...leaf(term, rebuild, around), ...inside(term, rebuild)]
    case 'compare':
      return [...leaf(term, rebuild, around), ...operands(term, rebuild)]
    case 'constant':
      return []
    case 'case':
      return [
        ...leaf(term, rebuild, around),
        ...term.whens.flatMap((one, at) =>
          visit(
            one.when,
            (changed) => rebuild({ ...term, whens: term.whens.with(at, { ...one, when: changed }) }),
            'whole',
          ),
        ),
      ]
    default:
      return leaf(term, rebuild, around)
  }
}

function leaf(term: Term, rebuild: Rebuild, around: 'and' | 'or' | 'whole'): Mutant[] {
  if (term.type !== 'boolean') return []
  const neutral: Term = around === 'or' ? { kind: 'constant', type: 'boolean', value: false } : trueTerm
  return [
    { what: `without ${describe(term)}`, make: () => rebuild(neutral) },
    {
      what: `with not ${describe(term)}`,
      make: () => rebuild({ kind: 'not', type: 'boolean', operand: term }),
    },
  ]
}

/** Aggregates stand within comparisons. */
function operands(term: Extract<Term, { kind: 'compare' }>, rebuild: Rebuild): Mutant[] {
  const mutants: Mutant[] = []
  if (term.left.kind === 'subquery')
    mutants.push(...inside(term.left, (changed) => rebuild({ ...term, left: changed })))
  if (term.right.kind === 'subquery')
    mutants.push(...inside(term.right, (changed) => rebuild({ ...term, right: changed })))
  return mutants
}

function inside(sub: Subquery, rebuild: Rebuild): Mutant[] {
  const links = sub.keys.flatMap((key, at) => {
    const isFilled = ['resource_key', 'region', 'account_id'].some((name) => isColumn(key.inner, name))
    if (isFilled) return []
    const what = `without ${describe(key.inner)} = ${describe(key.outer)} in ${sub.table}`
    return [{ what, make: () => rebuild({ ...sub, keys: sub.keys.toSpliced(at, 1) }) }]
  })
  return [...links, ...visit(sub.where, (changed) => rebuild({ ...sub, where: changed }), 'whole')]
}

/** A short text of a term, for messages. */
function describe(term: Term): string {
  switch (term.kind) {
    case 'constant':
      return typeof term.value === 'string' ? `'${term.value}'` : String(term.value)
    case 'column':
      return term.name
    case 'param':
      return `:${term.name}`
    case 'time':
      return 'now()'
    case 'compare':
      return `${describe(term.left)} ${term.op} ${describe(term.right)}`
    case 'in':
      return `${describe(term.operand)} in (${term.items.map(describe).join(', ')})`
    case 'like':
      return `${describe(term.operand)} like ${describe(term.pattern)}`
    case 'not':
      return `not ${describe(term.operand)}`
    case 'and':
    case 'or':
      return `(${term.operands.map(describe).join(` ${term.kind} `)})`
    case 'arithmetic':
      return `${describe(term.left)} ${term.op} ${describe(term.right)}`
    case 'call':
      return `${term.name}(${term.args.map(describe).join(', ')})`
    case 'to_double':
      return describe(term.operand)
    case 'case':
      return 'case …'
    case 'subquery':
      return `${term.form} (… ${term.table} …)`
  }
}
