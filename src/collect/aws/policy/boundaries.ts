import { awsPoliciesThatEscalate } from './aws-policies-that-escalate.ts'
import { type Candidate, evaluateCondition } from './evaluate-condition.ts'
import type { Values } from './find-request.ts'
import {
  allOf,
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
import { newBudget } from './limits.ts'
import type { Condition } from './parse-condition.ts'
import { toCodes } from './pattern.ts'
import { policiesItWrites, writesVersion } from './policies-it-writes.ts'
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
const writesText = /^iam:(put(user|group|role)policy|(create|setdefault)policyversion)$/i

/** What a target has for a boundary. */
export type Boundary = Candidate | 'whatever it is'

interface Choices {
  /** Boundaries that bound nothing, beside none: what gives the right to everything, and what the holder writes. */
  readonly boundaries: readonly Candidate[] | 'any'
  /** Policies that give the right to everything, or what the holder writes. */
  readonly policies: readonly Candidate[] | 'any'
}

const known = new WeakMap<PreparedPolicy, Choices>()

/** What boundary a target may have so that it bounds nothing: it has none, or one that can be removed from it. */
export function looseBoundaries(prepared: PreparedPolicy, kind: Kind, target: readonly Named[]): Boundary[] {
  const { boundaries } = choicesOf(prepared)
  if (boundaries === 'any' || (kind !== 'user' && kind !== 'role')) return ['whatever it is']
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
  if (policies === 'any') return [fixed]
  if (attaches.test(action)) return policies.map((policy) => new Map(fixed).set(policyKey, [policy]))
  return [writesText.test(action) ? new Map(fixed).set(policyKey, [{ kind: 'absent' }]) : fixed]
}

function valuesWith(prepared: PreparedPolicy, action: string, boundary: Boundary): Values | undefined {
  if (choicesOf(prepared).boundaries === 'any') return undefined
  // The condition key is there only in requests of actions that know it: asked for elsewhere, it is asked in vain.
  if (!knowsBoundary.test(action)) return new Map([[boundaryKey, [{ kind: 'absent' }]]])
  return boundary === 'whatever it is' ? undefined : new Map([[boundaryKey, [boundary]]])
}

/** `isLeft`, of a target that no boundary bounds, and, where policies are attached, of one that gives everything. */
export function isLeftUnbounded(
  prepared: PreparedPolicy,
  statement: PolicyStatement,
  [action, kind]: readonly [action: string, kind: Kind],
  resources: Named,
  also: readonly Named[],
): boolean {
  return looseBoundaries(prepared, kind, [resources, ...also]).some((boundary) =>
    looseValues(prepared, action, boundary).some((values) =>
      isLeft(prepared, statement, action, resources, also, values),
    ),
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
  const of = (wanted: string): Condition[] =>
    statements.flatMap(({ conditions }) => conditions.filter(({ key }) => key === wanted))
  const [bounding, attaching] = [of(boundaryKey), of(policyKey)]
  if (bounding.length === 0 && attaching.length === 0) return { boundaries: 'any', policies: 'any' }
  const own = policiesItWrites(prepared, [...bounding, ...attaching])
  if (own === undefined) return { boundaries: 'any', policies: 'any' }
  // A list that leaves any policy of the account is none: some of them may give everything.
  const some = `arn:${context.partition}:iam::${context.accountId}:policy/zq7x-some-policy`
  const texts = [...awsPoliciesThatEscalate(context.partition), some, ...own]
  return {
    boundaries: toldApart(prepared, bounding, texts),
    policies: toldApart(prepared, attaching, texts),
  }
}

/** One for each that the conditions tell from the others; `any` where there are none, or too many. */
function toldApart(
  prepared: PreparedPolicy,
  conditions: readonly Condition[],
  texts: readonly string[],
): readonly Candidate[] | 'any' {
  if (conditions.length === 0) return 'any'
  const variables = prepared.variablesFor(holderOf(prepared))
  const budget = newBudget()
  const found = new Map<string, Candidate>()
  for (const text of texts) {
    const candidate: Candidate = { kind: 'text', text }
    const truths = conditions.map((one) => evaluateCondition(one, candidate, variables, budget))
    if (budget.left <= 0) return 'any'
    const told = truths.join()
    if (!found.has(told)) found.set(told, candidate)
  }
  return [...found.values()]
}
