import { type AddressRange, isWithin } from './address-range.ts'
import type { Nature } from './condition-keys.ts'
import { isBoundSubject } from './federation.ts'
import { isEmpty, type Language } from './language.ts'
import { type Budget, matchCost, spend } from './limits.ts'
import type { Condition } from './parse-condition.ts'
import {
  fillIn,
  type Glob,
  hasWildcard,
  isEverything,
  matches,
  ONE,
  type Pattern,
  type PolicyVariable,
  STAR,
  toCodes,
  toLowerCase,
} from './pattern.ts'

/** One value that a request may have at a condition key. */
export type Candidate =
  | { readonly kind: 'absent' }
  | { readonly kind: 'text'; readonly text: string }
  /** A stranger's own account, organization, VPC, …: equal to no fixed value of the document. */
  | { readonly kind: 'foreign'; readonly nature: Nature; readonly provider: string }
  /** An ARN of this account. */
  | { readonly kind: 'of_account'; readonly account: string }
  | { readonly kind: 'address'; readonly range: AddressRange }
  /** Any of many texts that the caller chooses from. */
  | { readonly kind: 'texts'; readonly texts: Language }
  /** Some text that cannot be told. */
  | { readonly kind: 'opaque' }

/** `either`: the request may be such that it holds, and such that it does not. */
export type Truth = 'true' | 'false' | 'either'

/** What a policy variable stands for in the requests of one caller. */
export interface VariableReader {
  /** A value that is the same for all requests: the resource's account. */
  fixed(variable: PolicyVariable): string | undefined
  /** Can a request of this caller have it at all? */
  mayBePresent(variable: PolicyVariable): boolean
}

/**
 * Does a condition hold for a request with this value at its key? By AWS's rules: a key that is not there fails
 * a positive operator and satisfies a negated one, `…IfExists` and `ForAllValues:`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
export function evaluateCondition(
  condition: Condition,
  candidate: Candidate,
  variables: VariableReader,
  budget: Budget,
): Truth {
  if (condition.family === 'unknown') return 'either'
  if (condition.family === 'null') return evaluateNull(condition, candidate)
  // A variable without a value and without a default makes the whole statement void.
  for (const value of condition.values) {
    for (const variable of value.variables) {
      if (variable.fallback === undefined && !variables.mayBePresent(variable)) return 'false'
    }
  }
  if (candidate.kind === 'opaque' || candidate.kind === 'texts') return 'either'
  if (candidate.kind === 'absent') {
    if (condition.quantifier === 'all') return 'true'
    if (condition.quantifier === 'any') return condition.ifExists ? 'either' : 'false'
    return condition.ifExists || condition.isNegated ? 'true' : 'false'
  }
  const found =
    candidate.kind === 'address'
      ? compareAddress(condition, candidate.range, budget)
      : compareValues(condition, candidate, variables, budget)
  if (!condition.isNegated || found === 'either') return found
  return found === 'true' ? 'false' : 'true'
}

function evaluateNull(condition: Condition, candidate: Candidate): Truth {
  if (condition.quantifier !== '' || condition.ifExists) return 'either'
  const wanted = condition.values.map((value) => value.text.toLowerCase())
  if (wanted.some((value) => value !== 'true' && value !== 'false')) return 'either'
  return wanted.includes(String(candidate.kind === 'absent')) ? 'true' : 'false'
}

type Value = Exclude<Candidate, { kind: 'absent' | 'address' | 'opaque' | 'texts' }>

function compareValues(
  condition: Condition,
  candidate: Value,
  variables: VariableReader,
  budget: Budget,
): Truth {
  let found: Truth = 'false'
  for (const value of condition.values) {
    const truth = compare(condition, value, candidate, variables, budget)
    if (truth === 'true') return 'true'
    if (truth === 'either') found = 'either'
  }
  return found
}

function compare(
  condition: Condition,
  value: Glob,
  candidate: Value,
  variables: VariableReader,
  budget: Budget,
): Truth {
  const isSame = value.variables.length === 1 && value.tokens.length === 1
  // `aws:username` against `${aws:username}`: a value equals itself.
  if (isSame && value.variables[0]?.name === condition.key) return 'true'
  if (candidate.kind === 'text') return compareText(condition, value, candidate.text, variables, budget)
  const pattern = fillIn(value, (variable) => {
    const fixed = variables.fixed(variable)
    return fixed === undefined ? [STAR] : toCodes(fixed)
  })!
  if (candidate.kind === 'of_account') return compareOfAccount(pattern, candidate.account)
  return compareForeign(condition, pattern, candidate.nature, candidate.provider)
}

/**
 * The texts under which a condition is `wanted`, of those that the caller may choose from; undefined when none are
 * left. Exact for plain string comparisons; what is not one may be either, and takes no text away.
 */
export function narrowTexts(
  condition: Condition,
  texts: Language,
  wanted: 'true' | 'false',
  variables: VariableReader,
  budget: Budget,
): Language | undefined {
  if (condition.family !== 'string' || condition.quantifier !== '' || condition.ignoresCase) return texts
  const isKept = condition.isNegated === (wanted === 'false')
  const patterns: Pattern[] = []
  for (const value of condition.values) {
    let isOpen = false
    const pattern = fillIn(value, (variable) => {
      if (variable.name === condition.key) return [STAR]
      const fixed = variables.fixed(variable)
      if (fixed === undefined) isOpen = true
      return fixed === undefined ? [STAR] : toCodes(fixed)
    })!
    if (isOpen) {
      if (isKept) return texts
      continue
    }
    // A wildcard in `StringEquals` is an asterisk to IAM and a wildcard to its author: what leaves more is taken.
    const isLiteral = condition.comparison !== 'like' && !isKept
    patterns.push(
      isLiteral ? pattern.map((token) => (token === STAR ? 42 : token === ONE ? 63 : token)) : pattern,
    )
  }
  const narrowed = isKept
    ? { ...texts, each: [...texts.each, patterns] }
    : { ...texts, none: [...texts.none, ...patterns] }
  return isEmpty(narrowed, budget) ? undefined : narrowed
}

/** Pieces between colons, of a pattern. */
function segmentsOf(pattern: Pattern): Pattern[] {
  const segments: number[][] = [[]]
  for (const token of pattern) {
    if (token === 58) segments.push([])
    else segments.at(-1)!.push(token)
  }
  return segments
}

function toText(pattern: Pattern): string {
  return pattern
    .map((token) => (token === STAR ? '*' : token === ONE ? '?' : String.fromCharCode(token)))
    .join('')
}

/**
 * A stranger's value against a value of the document. Fixed: never equal. A wildcard that fits everything: always.
 * Between the two it depends on where the wildcard stands; where it leaves the account, organization or subject
 * open, a stranger may have a value that fits.
 */
function compareForeign(condition: Condition, pattern: Pattern, nature: Nature, provider: string): Truth {
  const isBound = nature !== 'subject' || isBoundSubject(provider, condition.key, toText(pattern))
  if (!hasWildcard(pattern)) return isBound ? 'false' : 'either'
  const isLike = condition.comparison === 'like'
  // `StringEquals: "*"` is an asterisk to IAM. Its author meant a wildcard, and S3 calls such a value not fixed.
  if (isEverything(pattern)) return isLike ? 'true' : 'either'
  if (nature === 'subject') return isBound ? 'false' : 'either'
  if (nature === 'organization_path') {
    const slash = pattern.indexOf(47)
    return slash > 0 && !hasWildcard(pattern.slice(0, slash)) ? 'false' : 'either'
  }
  if (nature === 'unique_id') {
    const colon = pattern.indexOf(58)
    return colon > 0 && !hasWildcard(pattern.slice(0, colon)) ? 'false' : 'either'
  }
  if (nature === 'arn') {
    const segments = segmentsOf(pattern)
    const account = segments[4]
    if (segments.length < 6 || account === undefined || toText(segments[0]!) !== 'arn') return 'either'
    if (account.length > 0) return hasWildcard(account) ? 'either' : 'false'
    // A bucket's ARN has no account; its whole name says whose it is.
    return segments.slice(5).some(hasWildcard) ? 'either' : 'false'
  }
  return 'either'
}

function compareOfAccount(pattern: Pattern, account: string): Truth {
  const found = segmentsOf(pattern)[4]
  if (found === undefined || found.length === 0 || hasWildcard(found)) return 'either'
  return toText(found) === account ? 'either' : 'false'
}

/** A cell never lies across the end of a range, and the cells of a document are few: each is compared once. */
const compared = new WeakMap<Condition, Map<AddressRange, Truth>>()

function compareAddress(condition: Condition, cell: AddressRange, budget: Budget): Truth {
  if (condition.family !== 'address' && condition.family !== 'string') return 'either'
  let cells = compared.get(condition)
  if (cells === undefined) {
    cells = new Map()
    compared.set(condition, cells)
  }
  const known = cells.get(cell)
  if (known !== undefined) return known
  if (!spend(budget, 1 + (condition.ranges.length >> 4))) return 'either'
  let found: Truth = 'false'
  for (const range of condition.ranges) {
    if (range === undefined) found = 'either'
    else if (isWithin(cell, range)) {
      found = 'true'
      break
    }
  }
  cells.set(cell, found)
  return found
}

function compareText(
  condition: Condition,
  value: Glob,
  text: string,
  variables: VariableReader,
  budget: Budget,
): Truth {
  switch (condition.family) {
    case 'bool':
      return truthOf(value.text.toLowerCase() === text.toLowerCase())
    case 'binary':
      return truthOf(value.text === text)
    case 'numeric':
      return compareNumbers(condition.comparison, Number(text), Number(value.text))
    case 'string':
    case 'arn':
      return compareStrings(condition, value, text, variables, budget)
    default:
      return 'either'
  }
}

function compareStrings(
  condition: Condition,
  value: Glob,
  text: string,
  variables: VariableReader,
  budget: Budget,
): Truth {
  let isOpen = false
  const filled = fillIn(value, (variable) => {
    const fixed = variables.fixed(variable)
    if (fixed !== undefined) return toCodes(fixed)
    isOpen = true
    return [STAR]
  })!
  const fold = (pattern: Pattern): Pattern => (condition.ignoresCase ? toLowerCase(pattern) : pattern)
  const pattern = fold(filled)
  const subject = fold(toCodes(text))
  if (!spend(budget, matchCost(pattern.length, subject.length))) return 'either'
  const doesMatch =
    condition.family === 'arn' && !isEverything(pattern)
      ? matchSegments(segmentsOf(pattern), segmentsOf(subject))
      : matches(pattern, subject)
  if (!doesMatch) return 'false'
  const isExact = condition.comparison === 'like' || !hasWildcard(value.tokens)
  return isOpen || !isExact ? 'either' : 'true'
}

/** ARN operators compare the first five segments each for itself; wildcards do not reach across. */
function matchSegments(pattern: Pattern[], subject: Pattern[]): boolean {
  const join = (segments: Pattern[]): Pattern =>
    segments.flatMap((segment, at) => (at === 0 ? segment : [58, ...segment]))
  if (pattern.length < 6 || subject.length < 6) return matches(join(pattern), join(subject))
  const firstFive = pattern.slice(0, 5).every((segment, at) => matches(segment, subject[at]!))
  return firstFive && matches(join(pattern.slice(5)), join(subject.slice(5)))
}

function compareNumbers(comparison: string, left: number, right: number): Truth {
  if (Number.isNaN(right)) return 'either'
  if (comparison === 'equals') return truthOf(left === right)
  if (comparison === 'lessthan') return truthOf(left < right)
  if (comparison === 'lessthanequals') return truthOf(left <= right)
  if (comparison === 'greaterthan') return truthOf(left > right)
  return truthOf(left >= right)
}

function truthOf(value: boolean): Truth {
  return value ? 'true' : 'false'
}
