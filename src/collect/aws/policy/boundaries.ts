import { commonText } from './common-text.ts'
import type { Candidate } from './evaluate-condition.ts'
import type { Values } from './find-request.ts'
import {
  allOf,
  anyOf,
  holderOf,
  isLeft,
  isOfIdentity,
  type Kind,
  kindOf,
  names,
  only,
  touches,
  withoutColon,
} from './held-rights.ts'
import type { Named } from './language.ts'
import { limits, matchCost, spend } from './limits.ts'
import { SYMBOL, toCodes } from './pattern.ts'
import type { PolicyStatement } from './policy.ts'
import type { PreparedPolicy } from './prepared-policy.ts'

/**
 * Rights over others are worth all rights only where nothing bounds what the others can be given: a permissions boundary, or a
 * list of policies that may be attached. Both are asked for by conditions:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
 */
const boundaryKey = 'iam:permissionsboundary'
const policyKey = 'iam:policyarn'
const knowsBoundary = /^iam:(create(user|role)|(put|attach)(user|role)policy)$/i
const attaches = /^iam:attach(user|group|role)policy$/i
const writesVersion = ['iam:CreatePolicyVersion', 'iam:SetDefaultPolicyVersion']
const writesPolicy = ['iam:CreatePolicy', ...writesVersion]

/** What a target has for a boundary. */
export type Boundary = Candidate | 'whatever it is'

interface Choices {
  /** Boundaries that bound nothing, beside none: everything, and what the holder writes. */
  readonly boundaries: readonly Candidate[] | 'any'
  /** Policies that give everything, or what the holder writes. */
  readonly policies: readonly Candidate[] | 'any'
}

const known = new WeakMap<PreparedPolicy, Choices>()

/** What boundary a target may have so that it bounds nothing: it has none, or one that can be removed from it. */
export function looseBoundaries(prepared: PreparedPolicy, kind: Kind, target: readonly Named[]): Boundary[] {
  const { boundaries } = choicesOf(prepared)
  if (boundaries === 'any' || kind === 'group' || kind === 'policy') return ['whatever it is']
  const none: Candidate = { kind: 'absent' }
  return [
    none,
    ...boundaries,
    ...(letsShedBoundary(prepared, kind, target) ? ['whatever it is' as const] : []),
  ]
}

/** What a request of the action must have so that it gives what is not bounded; any of these. */
export function looseValues(
  prepared: PreparedPolicy,
  action: string,
  boundary: Boundary,
): readonly (Values | undefined)[] {
  const fixed = valuesWith(prepared, action, boundary)
  const { policies } = choicesOf(prepared)
  if (policies === 'any' || !attaches.test(action)) return [fixed]
  return policies.map((policy) => new Map(fixed).set(policyKey, [policy]))
}

function valuesWith(prepared: PreparedPolicy, action: string, boundary: Boundary): Values | undefined {
  if (choicesOf(prepared).boundaries === 'any') return undefined
  // The condition key is there only in requests of actions that know it: asked for elsewhere, it is asked in vain.
  if (!knowsBoundary.test(action)) return new Map([[boundaryKey, [{ kind: 'absent' }]]])
  return boundary === 'whatever it is' ? undefined : new Map([[boundaryKey, [boundary]]])
}

/** `isLeft`, of a target that no boundary bounds. */
export function isLeftUnbounded(
  prepared: PreparedPolicy,
  statement: PolicyStatement,
  [action, kind]: readonly [action: string, kind: Kind],
  resources: Named,
  also: readonly Named[],
): boolean {
  return looseBoundaries(prepared, kind, [resources, ...also]).some((boundary) =>
    isLeft(prepared, statement, action, resources, also, valuesWith(prepared, action, boundary)),
  )
}

/**
 * As a permissions boundary it lets its holder take it away, or write it anew. Whose boundary it is, it does not know: what it says
 * of any user or role, it may say of its holder.
 */
export function boundsNothing(prepared: PreparedPolicy, kind: 'user' | 'role'): boolean {
  if (letsShedBoundary(prepared, kind, [only(allOf(prepared, kind)), withoutColon(prepared)])) return true
  const itself = prepared.policy.context.belongsTo
  if (itself === undefined || kindOf(itself) !== 'policy') return false
  return prepared.policy.statements.some((statement) => {
    const resources = prepared.resourcesOf(statement, holderOf(prepared))
    if (!isOfIdentity(statement) || resources === undefined) return false
    return writesVersion.some(
      (action) =>
        names(prepared, statement, action) &&
        isLeft(prepared, statement, action, only(toCodes(itself)), [resources]),
    )
  })
}

/** May the holder take the permissions boundary away from such a user or role, or put one there that bounds nothing? */
export function letsShedBoundary(
  prepared: PreparedPolicy,
  kind: 'user' | 'role',
  [resources, ...also]: readonly Named[],
): boolean {
  if (resources === undefined) return false
  const named = kind === 'user' ? 'UserPermissionsBoundary' : 'RolePermissionsBoundary'
  const { boundaries } = choicesOf(prepared)
  const replacing =
    boundaries === 'any' ? [undefined] : boundaries.map((one) => new Map([[boundaryKey, [one]]]))
  const ways = [
    { action: `iam:Delete${named}`, values: [undefined] },
    { action: `iam:Put${named}`, values: replacing },
  ]
  return prepared.policy.statements.some((statement) => {
    if (!isOfIdentity(statement) || !touches(statement, 'iam')) return false
    const allowed = prepared.resourcesOf(statement, holderOf(prepared))
    if (allowed === undefined) return false
    return ways.some(
      ({ action, values }) =>
        names(prepared, statement, action) &&
        values.some((one) => isLeft(prepared, statement, action, resources, [allowed, ...also], one)),
    )
  })
}

function choicesOf(prepared: PreparedPolicy): Choices {
  const found = known.get(prepared) ?? findChoices(prepared)
  known.set(prepared, found)
  return found
}

function findChoices(prepared: PreparedPolicy): Choices {
  const { statements, context } = prepared.policy
  const keys = new Set(statements.flatMap(({ conditions }) => conditions.map(({ key }) => key)))
  if (!keys.has(boundaryKey) && !keys.has(policyKey)) return { boundaries: 'any', policies: 'any' }
  const own = policiesItWrites(prepared)
  if (own === undefined) return { boundaries: 'any', policies: 'any' }
  const ofAws = (name: string): string => `arn:${context.partition}:iam::aws:policy/${name}`
  // A list that leaves any policy of the account is none: some of them may give everything.
  const some = `arn:${context.partition}:iam::${context.accountId}:policy/zq7x-some-policy`
  const toCandidates = (...texts: string[]): Candidate[] => texts.map((text) => ({ kind: 'text', text }))
  return {
    boundaries: keys.has(boundaryKey) ? toCandidates(ofAws('AdministratorAccess'), some, ...own) : 'any',
    policies: keys.has(policyKey)
      ? toCandidates(ofAws('AdministratorAccess'), ofAws('IAMFullAccess'), some, ...own)
      : 'any',
  }
}

/** Policies that the holder makes or changes, one for each thing that the conditions ask; undefined where they are too many. */
function policiesItWrites(prepared: PreparedPolicy): string[] | undefined {
  const caller = holderOf(prepared)
  const { statements } = prepared.policy
  const all = only(anyOf(prepared, 'policy'))
  const asked = statements
    .flatMap(({ conditions }) => conditions.filter(({ key }) => key === boundaryKey || key === policyKey))
    .flatMap(({ values }) => values.map((value) => prepared.fill(value, caller)))
    .filter((pattern) => pattern !== undefined)
  const found = new Set<string>()
  for (const statement of statements) {
    if (!isOfIdentity(statement) || !touches(statement, 'iam')) continue
    const actions = writesPolicy.filter((action) => names(prepared, statement, action))
    const resources = prepared.resourcesOf(statement, caller)
    if (actions.length === 0 || resources === undefined) continue
    for (const pattern of resources.isNegated ? all.patterns : resources.patterns) {
      for (const wanted of asked) {
        if (!spend(prepared.budget, matchCost(pattern.length, wanted.length))) return undefined
        const text = commonText(pattern, wanted)
        if (text === undefined || text.some((code) => code >= SYMBOL)) continue
        const named = only(text)
        if (!actions.some((action) => isLeft(prepared, statement, action, named, [resources, all]))) continue
        found.add(String.fromCharCode(...text))
        if (found.size > limits.candidates) return undefined
      }
    }
  }
  return [...found]
}
