import { type AddressRange, cutIntoCells, parseAddressRange } from './address-range.ts'
import type { Caller } from './caller.ts'
import { type KeyView, viewKey } from './condition-keys.ts'
import type { Candidate } from './evaluate-condition.ts'
import { limits } from './limits.ts'
import type { Condition } from './parse-condition.ts'
import { hasWildcard, ONE, STAR } from './pattern.ts'
import type { PolicyStatement } from './policy.ts'

/**
 * For every condition key of a document, the values that are worth trying: those that the document names, one that
 * it does not name, and none at all. A finite stand-in for all requests of a caller.
 */
export class ValueDomains {
  private readonly conditions = new Map<string, Condition[]>()
  private readonly chosen = new Map<string, Candidate[]>()
  private cells: AddressRange[] | undefined
  private hasCells = false
  private readonly ownAccount: string

  constructor(statements: readonly PolicyStatement[], ownAccount: string) {
    this.ownAccount = ownAccount
    for (const statement of statements) {
      for (const condition of statement.conditions) {
        const same = this.conditions.get(condition.key)
        if (same === undefined) this.conditions.set(condition.key, [condition])
        else same.push(condition)
      }
    }
  }

  view(caller: Caller, key: string): KeyView {
    return viewKey(caller, key, this.ownAccount)
  }

  of(caller: Caller, key: string): readonly Candidate[] {
    const view = this.view(caller, key)
    const found: Candidate[] = view.mayBeAbsent ? [{ kind: 'absent' }] : []
    for (const text of view.known ?? []) found.push({ kind: 'text', text })
    if (view.foreign !== undefined) {
      const provider = caller.who === 'federated' ? caller.provider : ''
      found.push({ kind: 'foreign', nature: view.foreign, provider })
    }
    if (view.ofAccount !== undefined) found.push({ kind: 'of_account', account: view.ofAccount })
    if (view.isOpaque === true) found.push({ kind: 'opaque' })
    if (view.isAddress === true) found.push(...this.addresses())
    if (view.mayBeChosen) found.push(...this.choices(key))
    return found
  }

  private addresses(): Candidate[] {
    if (!this.hasCells) {
      this.hasCells = true
      const ranges = new Map<string, AddressRange>()
      for (const condition of this.conditions.get('aws:sourceip') ?? []) {
        for (const value of condition.values) {
          const range = parseAddressRange(value.text)
          if (range !== undefined) ranges.set(value.text, range)
        }
      }
      this.cells = cutIntoCells([...ranges.values()])
    }
    return this.cells?.map((range) => ({ kind: 'address', range })) ?? [{ kind: 'opaque' }]
  }

  /** What a caller may choose, as far as the conditions of the document can tell the choices apart. */
  private choices(key: string): Candidate[] {
    const known = this.chosen.get(key)
    if (known !== undefined) return known
    const texts = new Set<string>(['zq7x-something-else'])
    const numbers = new Set<number>()
    const patterns = new Set<string>()
    let isOpaque = false
    for (const condition of this.conditions.get(key) ?? []) {
      // Several values at once, times and addresses are not tried one by one.
      if (condition.quantifier !== '' || condition.family === 'date' || condition.family === 'address') {
        isOpaque = true
      }
      for (const value of condition.values) {
        if (texts.size > limits.candidates) isOpaque = true
        else for (const filling of ['zq', 'k4']) texts.add(instanceOf(value.tokens, filling))
        if (hasWildcard(value.tokens) || value.variables.length > 0) patterns.add(value.text)
        if (condition.ignoresCase) texts.add(value.text.toLowerCase()).add(value.text.toUpperCase())
        if (condition.family === 'numeric') numbers.add(Number(value.text))
        if (condition.family === 'bool') texts.add('true').add('false')
      }
    }
    for (const number of between(numbers)) texts.add(String(number))
    const found: Candidate[] = [...texts].map((text) => ({ kind: 'text', text }))
    // One request may have to fit two patterns; which string does is not worked out.
    if (isOpaque || patterns.size > 1) found.push({ kind: 'opaque' })
    this.chosen.set(key, found)
    return found
  }
}

/** A string that the pattern fits. */
function instanceOf(tokens: readonly number[], filling: string): string {
  return tokens
    .map((token) =>
      token === STAR ? filling : token === ONE ? filling[0] : token < 0 ? 'z' : String.fromCharCode(token),
    )
    .join('')
}

/** Numbers below, between, at and above the given ones. */
function between(numbers: ReadonlySet<number>): number[] {
  const sorted = [...numbers]
    .filter(Number.isFinite)
    .sort((a, b) => a - b)
    .slice(0, limits.candidates)
  if (sorted.length === 0) return []
  const found = [sorted[0]! - 1, sorted.at(-1)! + 1]
  sorted.forEach((number, at) => {
    found.push(number, (number + (sorted[at + 1] ?? number)) / 2)
  })
  return found
}
