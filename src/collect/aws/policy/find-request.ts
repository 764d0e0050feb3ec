import { type AddressRange, areBroad } from './address-range.ts'
import { type Caller, isStranger } from './caller.ts'
import { type Candidate, evaluateCondition, narrowTexts, type VariableReader } from './evaluate-condition.ts'
import {
  intersect,
  isEmpty,
  type Language,
  type Named,
  subtract,
  surelyApart,
  toLanguage,
} from './language.ts'
import { type Budget, spend } from './limits.ts'
import type { Condition } from './parse-condition.ts'
import { type Pattern, toPattern } from './pattern.ts'
import type { PolicyStatement } from './policy.ts'
import type { PreparedPolicy } from './prepared-policy.ts'

/** What a request may have at a condition key. */
export type Values = ReadonlyMap<string, readonly Candidate[]>

/** All requests that are still possible: some action of the one set, on some resource of the other, with some values. */
interface Requests {
  readonly actions: Language
  readonly resources: Language
  readonly values: Values
}

export interface Grant {
  readonly caller: Caller
  readonly actions: Named
  readonly resources: Named
  /** What its resources must be as well. */
  readonly also?: readonly Named[]
  readonly conditions: readonly Condition[]
  /** Where only requests are asked for that have one of these. */
  readonly values?: Values
}

interface Search {
  readonly prepared: PreparedPolicy
  readonly caller: Caller
  readonly variables: VariableReader
  readonly budget: Budget
}

const wellFormedAction = [toPattern('?*:?*')]

/**
 * Is there a request of this caller that the grant allows and that none of the Deny statements forbids? The Deny
 * statements must be those that name the caller. Each can be escaped by an action that it does not name, a
 * resource that it does not name, or a value that one of its conditions does not fit; all choices must go together.
 * When the search is given up (see `limits.steps`), the answer is yes.
 */
export function findRequest(
  prepared: PreparedPolicy,
  grant: Grant,
  denies: readonly PolicyStatement[],
): boolean {
  const { budget } = prepared
  const search = { prepared, caller: grant.caller, variables: prepared.variablesFor(grant.caller), budget }
  let values: Values = grant.values ?? new Map()
  for (const condition of grant.conditions) {
    const next = restrict(search, values, condition, 'true')
    if (next === undefined) return false
    values = next
  }
  const actions = prepared.isTrust
    ? intersect(toLanguage(grant.actions), prepared.waysIntoRole(grant.caller))
    : within(grant.actions, prepared.ownActions, budget)
  const own = within(grant.resources, prepared.ownResources, budget)
  const resources = (grant.also ?? []).reduce(narrow, own)
  const requests = { actions: intersect(actions, wellFormedAction), resources, values }
  if (grant.actions.patterns.length === 0 || grant.resources.patterns.length === 0) return false
  if (isEmpty(requests.actions, budget) || isEmpty(resources, budget)) return false
  return findWay(search, requests, denies)
}

function narrow(language: Language, { patterns, isNegated }: Named): Language {
  return subtract(language, { patterns, isNegated: !isNegated })
}

/**
 * What is not this resource's business cannot be done to it. A statement that names nothing of the resource may name
 * it in a way of its service's own, and is left alone.
 */
function within(named: Named, own: readonly Pattern[] | undefined, budget: Budget): Language {
  const language = toLanguage(named)
  if (own === undefined) return language
  const narrowed = intersect(language, own)
  return !named.isNegated && isEmpty(narrowed, budget) ? language : narrowed
}

function findWay(search: Search, requests: Requests, denies: readonly PolicyStatement[]): boolean {
  let fewest: { deny: PolicyStatement; ways: Requests[] } | undefined
  const open: PolicyStatement[] = []
  for (const deny of denies) {
    if (!spend(search.budget, 4)) return true
    const ways = waysAround(search, requests, deny)
    if (ways === 'out of reach') continue
    if (ways.length === 0) return false
    open.push(deny)
    if (fewest === undefined || ways.length < fewest.ways.length) fewest = { deny, ways }
  }
  if (fewest === undefined) return true
  const rest = open.filter((deny) => deny !== fewest.deny)
  return fewest.ways.some((way) => findWay(search, way, rest))
}

function waysAround(search: Search, requests: Requests, deny: PolicyStatement): Requests[] | 'out of reach' {
  const { prepared, budget } = search
  const actions = prepared.actionsOf(deny)
  const resources = prepared.resourcesOf(deny, search.caller)
  if (resources === undefined || areApart(requests.actions, actions)) return 'out of reach'
  if (areApart(requests.resources, resources)) return 'out of reach'
  const ways: Requests[] = []
  for (const condition of deny.conditions) {
    const values = restrict(search, requests.values, condition, 'false')
    if (values === requests.values) return 'out of reach'
    if (values !== undefined) ways.push({ ...requests, values })
  }
  const otherActions = subtract(requests.actions, actions)
  if (!isEmpty(otherActions, budget)) ways.push({ ...requests, actions: otherActions })
  const otherResources = subtract(requests.resources, resources)
  if (!isEmpty(otherResources, budget)) ways.push({ ...requests, resources: otherResources })
  return ways
}

function areApart(language: Language, named: Named): boolean {
  if (named.isNegated) return false
  return language.some.every((left) => named.patterns.every((right) => surelyApart(left, right)))
}

/**
 * Keeps the values under which a condition can be `wanted`. The very same map when that is all of them, undefined
 * when none, or for a stranger too few, are left.
 */
function restrict(
  search: Search,
  values: Values,
  condition: Condition,
  wanted: 'true' | 'false',
): Values | undefined {
  const all = values.get(condition.key) ?? search.prepared.domains.of(search.caller, condition.key)
  const kept: Candidate[] = []
  let isSame = true
  for (const candidate of all) {
    spend(search.budget, 1)
    const truth = evaluateCondition(condition, candidate, search.variables, search.budget)
    if (truth !== wanted && truth !== 'either') {
      isSame = false
    } else if (candidate.kind === 'texts' && truth === 'either') {
      const texts = narrowTexts(condition, candidate.texts, wanted, search.variables, search.budget)
      if (texts !== undefined) kept.push({ kind: 'texts', texts })
      if (texts !== candidate.texts) isSame = false
    } else {
      kept.push(candidate)
    }
  }
  if (!areEnough(kept, search.caller)) return undefined
  if (isSame && (wanted === 'false' || values.has(condition.key))) return values
  return new Map(values).set(condition.key, kept)
}

function areEnough(candidates: readonly Candidate[], caller: Caller): boolean {
  const ranges: AddressRange[] = []
  for (const candidate of candidates) {
    if (candidate.kind !== 'address') return true
    ranges.push(candidate.range)
  }
  return isStranger(caller) ? areBroad(ranges) : ranges.length > 0
}
