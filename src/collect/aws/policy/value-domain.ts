import { type AddressRange, cutIntoCells } from './address-range.ts'
import type { Caller } from './caller.ts'
import { type KeyView, viewKey } from './condition-keys.ts'
import type { Candidate } from './evaluate-condition.ts'
import { limits } from './limits.ts'
import type { Condition } from './parse-condition.ts'
import { hasWildcard, STAR } from './pattern.ts'
import type { PolicyStatement } from './policy.ts'

/**
 * For every condition key of a document, the values that are worth trying: those that the document names, one that
 * it does not name, and none at all. A finite stand-in for all requests of a caller.
 */
export class ValueDomains {
  private readonly conditions = new Map<string, Condition[]>()
  private readonly chosen = new Map<string, Candidate[]>()
  private cells: Candidate[] | undefined
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
    if (this.cells === undefined) {
      const ranges = new Map<string, AddressRange>()
      for (const condition of this.conditions.get('aws:sourceip') ?? []) {
        for (const range of condition.ranges) {
          if (range !== undefined) ranges.set(`${range.from} ${range.to} ${range.version}`, range)
        }
      }
      const cells = cutIntoCells([...ranges.values()])
      this.cells = cells?.map((range) => ({ kind: 'address', range })) ?? [{ kind: 'opaque' }]
    }
    return this.cells
  }

  /** What a caller may choose, as far as the conditions of the document can tell the choices apart. */
  private choices(key: string): Candidate[] {
    const known = this.chosen.get(key)
    if (known !== undefined) return known
    const conditions = this.conditions.get(key) ?? []
    const found = conditions.every(comparesFixedValues) ? toValues(conditions) : undefined
    const choices = found ?? [{ kind: 'texts', texts: { some: [[STAR]], each: [], none: [] } } as const]
    this.chosen.set(key, choices)
    return choices
  }
}

/** Compares with fixed values only, so that these and one more stand for all. */
function comparesFixedValues(condition: Condition): boolean {
  if (condition.family === 'null') return true
  if (!['string', 'bool', 'numeric', 'binary'].includes(condition.family)) return false
  if (condition.quantifier !== '' || condition.ignoresCase) return false
  return condition.values.every((value) => value.variables.length === 0 && !hasWildcard(value.tokens))
}

function toValues(conditions: readonly Condition[]): Candidate[] | undefined {
  const texts = new Set<string>(['zq7x-something-else'])
  const numbers = new Set<number>()
  for (const condition of conditions) {
    if (condition.family === 'null') continue
    if (condition.family === 'bool') texts.add('true').add('false')
    for (const value of condition.values) {
      texts.add(value.text)
      if (condition.family === 'numeric') numbers.add(Number(value.text))
      if (texts.size > limits.candidates) return undefined
    }
  }
  for (const number of between(numbers)) texts.add(String(number))
  return [...texts].map((text) => ({ kind: 'text', text }))
}

/** Numbers below, between, at and above the given ones. */
function between(numbers: ReadonlySet<number>): number[] {
  const sorted = [...numbers].filter(Number.isFinite).sort((a, b) => a - b)
  if (sorted.length === 0) return []
  const found = [sorted[0]! - 1, sorted.at(-1)! + 1]
  sorted.forEach((number, at) => {
    found.push(number, (number + (sorted[at + 1] ?? number)) / 2)
  })
  return found
}
