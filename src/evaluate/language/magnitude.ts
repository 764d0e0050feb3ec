import type { Term } from './term.ts'

/**
 * Whole-number arithmetic is exact: numeric on PostgreSQL, hugeint (128 bit) on DuckDB. So that the latter cannot
 * overflow, the largest value that a term can have is worked out before it runs and must stay below this.
 */
export const largest = 2n ** 127n

const column = 2n ** 63n
const rows = 2n ** 40n

/** No smaller than the absolute value of whatever the term gives. */
export function magnitude(term: Term): bigint {
  switch (term.kind) {
    case 'constant':
      return typeof term.value === 'bigint' ? absolute(term.value) : column
    case 'arithmetic': {
      const left = magnitude(term.left)
      const right = magnitude(term.right)
      return term.op === '*' ? left * right : left + right
    }
    case 'call':
      if (term.name === 'length') return 2n ** 31n
      return term.name === 'abs' && term.args[0] !== undefined ? magnitude(term.args[0]) : column
    case 'case':
      return [...term.whens.map((one) => one.result), term.otherwise].map(magnitude).reduce(greater, 0n)
    case 'subquery': {
      const otherwise = term.orElse === undefined ? 0n : magnitude(term.orElse)
      const argument = term.argument === undefined ? 1n : magnitude(term.argument)
      return greater(otherwise, term.form === 'max' || term.form === 'min' ? argument : argument * rows)
    }
    default:
      return column
  }
}

/** Printed as a wide number, not as bigint. */
export function isWide(term: Term): boolean {
  switch (term.kind) {
    case 'arithmetic':
      return true
    case 'call':
      return term.name === 'abs'
    case 'case':
      return [...term.whens.map((one) => one.result), term.otherwise].some(isWide)
    case 'subquery':
      return term.form === 'sum' || (term.argument !== undefined && isWide(term.argument))
    default:
      return false
  }
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}

function greater(left: bigint, right: bigint): bigint {
  return left > right ? left : right
}
