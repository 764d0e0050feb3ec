import { type Budget, matchCost, spend } from './limits.ts'
import { hasWildcard, matches, ONE, type Pattern, STAR, SYMBOL } from './pattern.ts'

/**
 * A set of strings (actions, or resource ARNs): those that match one of `some`, one of each group in `each`, and
 * none of `none`. Enough to say "what this Allow grants, less what those Deny statements take back", with
 * NotAction and NotResource on either side.
 */
export interface Language {
  readonly some: readonly Pattern[]
  readonly each: readonly (readonly Pattern[])[]
  readonly none: readonly Pattern[]
}

/** What one statement names: the patterns themselves or, of a Not… element, everything else. */
export interface Named {
  readonly patterns: readonly Pattern[]
  readonly isNegated: boolean
}

const everything: readonly Pattern[] = [[STAR]]

export function toLanguage(named: Named): Language {
  return named.isNegated
    ? { some: everything, each: [], none: named.patterns }
    : { some: named.patterns, each: [], none: [] }
}

export function intersect(language: Language, patterns: readonly Pattern[]): Language {
  return { ...language, each: [...language.each, patterns] }
}

export function subtract(language: Language, named: Named): Language {
  return named.isNegated
    ? { ...language, each: [...language.each, named.patterns] }
    : { ...language, none: [...language.none, ...named.patterns] }
}

/** Surely no string is in both: their fixed beginnings or endings differ. FALSE when not sure. */
export function surelyApart(left: Pattern, right: Pattern): boolean {
  for (let at = 0; at < left.length && at < right.length; at++) {
    const a = left[at]
    const b = right[at]
    if (a === STAR || b === STAR) break
    if (a !== b && a !== ONE && b !== ONE) return true
  }
  for (let at = 1; at <= left.length && at <= right.length; at++) {
    const a = left[left.length - at]
    const b = right[right.length - at]
    if (a === STAR || b === STAR) break
    if (a !== b && a !== ONE && b !== ONE) return true
  }
  return false
}

/** Stands for "any run of characters": only a star of another pattern covers it. */
const RUN = 0x7fffffff
/** A character that no pattern names. */
const OTHER = SYMBOL - 1

/** Every string of `inner` is surely one of `outer`. FALSE when not sure. */
function surelyCovers(outer: Pattern, inner: Pattern, budget: Budget): boolean {
  if (outer.length === 1 && outer[0] === STAR) return true
  if (!spend(budget, matchCost(outer.length, inner.length))) return false
  return matches(outer, inner.includes(STAR) ? inner.map((token) => (token === STAR ? RUN : token)) : inner)
}

/** One string of a pattern that few other patterns match. */
function sampleOf(pattern: Pattern): Pattern {
  if (!hasWildcard(pattern)) return pattern
  const sample: number[] = []
  for (const token of pattern) {
    if (token === STAR) sample.push(122, 113, 55, 120)
    else sample.push(token === ONE ? 122 : token)
  }
  return sample
}

/**
 * Is there no string in it? Exact; but a language too entangled for the budget counts as not empty, so that in
 * doubt an Allow stays.
 */
export function isEmpty(language: Language, budget: Budget): boolean {
  if (budget.left <= 0) return false
  const covered = (pattern: Pattern): boolean =>
    language.none.some((other) => surelyCovers(other, pattern, budget))
  const live = language.some.filter((pattern) => !covered(pattern))
  if (live.length === 0) return true
  if (language.each.some((group) => group.length === 0)) return true
  const isIn = (pattern: Pattern, sample: Pattern): boolean =>
    spend(budget, matchCost(pattern.length, sample.length)) && matches(pattern, sample)
  const isMember = (sample: Pattern): boolean =>
    !language.none.some((pattern) => isIn(pattern, sample)) &&
    language.each.every((group) => group.some((pattern) => isIn(pattern, sample)))
  for (const pattern of live) if (isMember(sampleOf(pattern))) return false
  for (const group of language.each) {
    for (const pattern of group) {
      const sample = sampleOf(pattern)
      if (live.some((one) => isIn(one, sample)) && isMember(sample)) return false
    }
  }
  return !search({ some: live, each: language.each, none: language.none }, budget)
}

interface Machine {
  readonly length: number
  readonly stars: bigint
  readonly ones: bigint
  readonly at: ReadonlyMap<number, bigint>
}

function toMachine(pattern: Pattern): Machine {
  let stars = 0n
  let ones = 0n
  const at = new Map<number, bigint>()
  pattern.forEach((token, index) => {
    const bit = 1n << BigInt(index)
    if (token === STAR) stars |= bit
    else if (token === ONE) ones |= bit
    else at.set(token, (at.get(token) ?? 0n) | bit)
  })
  return { length: pattern.length, stars, ones, at }
}

/** A star may also match nothing. */
function close(machine: Machine, places: bigint): bigint {
  let closed = places
  for (;;) {
    const more = closed | ((closed & machine.stars) << 1n)
    if (more === closed) return closed
    closed = more
  }
}

function step(machine: Machine, places: bigint, code: number): bigint {
  const passing = (machine.at.get(code) ?? 0n) | (code < SYMBOL ? machine.ones : 0n)
  return close(machine, ((places & passing) << 1n) | (places & machine.stars))
}

/** The pattern ends in a star that is reached: whatever follows, it matches. */
function isForever(machine: Machine, places: bigint): boolean {
  const last = 1n << BigInt(Math.max(machine.length - 1, 0))
  return machine.length > 0 && (places & machine.stars & last) !== 0n
}

/** Walks all patterns at once, as one machine, until a string is found that is in the language. */
function search(language: Language, budget: Budget): boolean {
  const groups = [language.some, ...language.each, language.none].map((group) => group.map(toMachine))
  const noneAt = groups.length - 1
  const alphabet = new Set<number>([OTHER])
  for (const group of groups)
    for (const machine of group) for (const code of machine.at.keys()) alphabet.add(code)
  const size = groups.flat().reduce((sum, machine) => sum + 1 + (machine.length >> 6), 0)
  const start = groups.map((group) => group.map((machine) => close(machine, 1n)))
  const seen = new Set<string>()
  const stack = [start]
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    if (!spend(budget, alphabet.size * size)) return true
    const accepts = (group: number): boolean =>
      (state?.[group] ?? []).some(
        (places, at) => ((places >> BigInt(groups[group]?.[at]?.length ?? 0)) & 1n) === 1n,
      )
    if (groups.every((_, group) => accepts(group) !== (group === noneAt))) return true
    for (const code of alphabet) {
      const next = state.map((group, g) => group.map((places, at) => step(groups[g]![at]!, places, code)))
      if (next.some((group, g) => g !== noneAt && group.every((places) => places === 0n))) continue
      if (next[noneAt]?.some((places, at) => isForever(groups[noneAt]![at]!, places))) continue
      const name = next.map((group) => group.join(',')).join(';')
      if (seen.has(name)) continue
      seen.add(name)
      stack.push(next)
    }
  }
  return false
}
