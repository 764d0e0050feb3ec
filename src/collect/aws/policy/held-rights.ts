import type { Caller } from './caller.ts'
import { findRequest, type Values } from './find-request.ts'
import type { Named } from './language.ts'
import { surelyNames } from './name-caller.ts'
import { matches, ONE, type Pattern, toCodes, toPattern } from './pattern.ts'
import type { PolicyStatement } from './policy.ts'
import type { PreparedPolicy } from './prepared-policy.ts'

export type Kind = 'user' | 'group' | 'role' | 'policy' | 'saml-provider'

export function isOfIdentity(statement: PolicyStatement): boolean {
  return statement.effect === 'Allow' && !statement.hasPrincipal
}

/** Whoever the document is attached to; of a user's own policy, by name. */
export function holderOf({ policy }: PreparedPolicy): Caller {
  const { belongsTo = '' } = policy.context
  const userName = kindOf(belongsTo) === 'user' ? belongsTo.split('/').at(-1) : undefined
  return { who: 'holder', path: 'any', ...(userName === undefined ? {} : { userName }) }
}

export function kindOf(arn: string): string | undefined {
  return /^arn:[^:]+:iam::\d{12}:([a-z]+)\//.exec(arn)?.[1]
}

/** All users, groups, roles, … of the account. */
export function anyOf({ policy }: PreparedPolicy, kind: Kind): Pattern {
  const { partition, accountId } = policy.context
  return toPattern(`arn:${partition}:iam::${accountId}:${kind}/?*`)
}

/** … those whose names are variables of the holder's among them. */
export function allOf(prepared: PreparedPolicy, kind: Kind): Pattern {
  return anyOf(prepared, kind).filter((token) => token !== ONE)
}

/** A star for the account may reach across colons; but names and paths of identities have none. */
export function withoutColon({ policy }: PreparedPolicy): Named {
  const { partition, accountId } = policy.context
  return { patterns: [toPattern(`arn:${partition}:iam::${accountId}:*:*`)], isNegated: true }
}

/** Does an action begin as those of the service do, as far as it is fixed? `i*:*` does. */
export function touches(statement: PolicyStatement, service: string): boolean {
  const begins = (text: string) => service.startsWith(/^[^*?:]*/.exec(text.toLowerCase())?.[0] ?? '')
  return statement.isNotAction || statement.actions.some((glob) => begins(glob.text))
}

export function names(prepared: PreparedPolicy, statement: PolicyStatement, action: string): boolean {
  const { patterns, isNegated } = prepared.actionsOf(statement)
  const wanted = toCodes(action.toLowerCase())
  return patterns.some((pattern) => matches(pattern, wanted)) !== isNegated
}

export function only(...patterns: Pattern[]): Named {
  return { patterns, isNegated: false }
}

/**
 * Is there a request of the action on one of the resources, which is `also` one of those, that no Deny takes back? Where some of
 * its `values` are given, one with these.
 */
export function isLeft(
  prepared: PreparedPolicy,
  { conditions }: PolicyStatement,
  action: string,
  resources: Named,
  also: readonly Named[] = [],
  values?: Values,
): boolean {
  const grant = { actions: only(toCodes(action.toLowerCase())), resources, also, conditions }
  const caller = holderOf(prepared)
  return findRequest(prepared, { caller, ...grant, ...(values && { values }) }, deniesOf(prepared))
}

/** What is surely denied for the action, whatever else is in a request that the statement allows. */
export function takenBack(
  prepared: PreparedPolicy,
  { conditions }: PolicyStatement,
  action: string,
  values?: Values,
): Named[] {
  const caller = holderOf(prepared)
  const actions = only(toCodes(action.toLowerCase()))
  const found: Named[] = []
  for (const deny of deniesOf(prepared)) {
    if (!names(prepared, deny, action)) continue
    const resources = prepared.resourcesOf(deny, caller)
    if (resources === undefined || resources.patterns.length === 0) continue
    const grant = { caller, actions, resources, conditions, ...(values && { values }) }
    if (!findRequest(prepared, grant, [deny])) found.push({ ...resources, isNegated: !resources.isNegated })
  }
  return found
}

function deniesOf(prepared: PreparedPolicy): readonly PolicyStatement[] {
  const caller = holderOf(prepared)
  return prepared.denies.filter((deny) => surelyNames(deny, caller))
}
