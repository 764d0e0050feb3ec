import type { Caller } from './caller.ts'
import { findRequest } from './find-request.ts'
import { isEmpty, type Named } from './language.ts'
import { launchers } from './launchers.ts'
import { surelyNames } from './name-caller.ts'
import { Glob, matches, type Pattern, toCodes, toPattern } from './pattern.ts'
import type { PolicyStatement } from './policy.ts'
import type { PreparedPolicy } from './prepared-policy.ts'

type Kind = 'user' | 'group' | 'role' | 'policy'

/**
 * Actions that hand their holder the rights of another identity, and what they must be allowed on for it to be any
 * identity. Known since 2018: https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/
 */
const escalations: readonly (readonly [action: string, kind: Kind])[] = [
  ['iam:CreatePolicyVersion', 'policy'],
  ['iam:SetDefaultPolicyVersion', 'policy'],
  ['iam:CreateAccessKey', 'user'],
  ['iam:CreateLoginProfile', 'user'],
  ['iam:UpdateLoginProfile', 'user'],
  ['iam:AttachUserPolicy', 'user'],
  ['iam:PutUserPolicy', 'user'],
  ['iam:AttachGroupPolicy', 'group'],
  ['iam:PutGroupPolicy', 'group'],
  ['iam:AddUserToGroup', 'group'],
  ['iam:AttachRolePolicy', 'role'],
  ['iam:PutRolePolicy', 'role'],
  ['iam:UpdateAssumeRolePolicy', 'role'],
]

/** Over oneself, keys and passwords give nothing that one has not; to write what one is allowed gives everything. */
const writesRights = /^iam:((Put|Attach)(User|Group|Role)Policy|(Create|SetDefault)PolicyVersion)$/
const ofOneself = escalations.filter(([action]) => writesRights.test(action))

export function allowsPrivilegeEscalation(
  prepared: PreparedPolicy,
  statements: readonly PolicyStatement[],
): boolean {
  const allows = statements.filter((statement) => isOfIdentity(statement) && touches(statement, 'iam'))
  if (allows.length === 0) return false
  const { belongsTo = '' } = prepared.policy.context
  const own = kindOf(belongsTo)
  // A role has no user name, and a user's own policy knows the name that the variable stands for.
  const itself = own === 'user' || own === 'role' ? [] : usersOf(prepared, [itsName, `*/${itsName}`])
  const others = { patterns: [toCodes(belongsTo), ...itself], isNegated: true }
  const can = (action: string, target: Pattern, also: readonly Named[] = []): boolean =>
    allows.some((statement) => reaches(prepared, statement, action, target, also))
  if (escalations.some(([action, kind]) => can(action, anyOf(prepared, kind), [others]))) return true
  if (ofOneself.some(([action, kind]) => kind === own && can(action, toCodes(belongsTo)))) return true
  if (itself.length > 0) {
    // All users are allowed, and a Deny leaves the holder alone. A path that has the holder's name is nobody's.
    const noPath = { patterns: usersOf(prepared, [`*${itsName}*/*`]), isNegated: true }
    const canItself = (action: string): boolean => itself.some((target) => can(action, target, [noPath]))
    if (ofOneself.some(([action, kind]) => kind === 'user' && canItself(action))) return true
    if (allows.some((statement) => reachesItsUser(prepared, statement, itself))) return true
  }
  if (!can('iam:PassRole', anyOf(prepared, 'role'), [others])) return false
  const mayStart = (action: string): boolean =>
    statements.some((one) => isOfIdentity(one) && reaches(prepared, one, action, undefined))
  return launchers.some((actions) => actions.every(mayStart))
}

/** `sts:AssumeRole` on every role of the account, or of every account. */
export function allowsAnyRole(prepared: PreparedPolicy, statement: PolicyStatement): boolean {
  if (!isOfIdentity(statement) || !touches(statement, 'sts')) return false
  return reaches(prepared, statement, 'sts:AssumeRole', anyOf(prepared, 'role'))
}

export function isOfIdentity(statement: PolicyStatement): boolean {
  return statement.effect === 'Allow' && !statement.hasPrincipal
}

/** Whoever the document is attached to; of a user's own policy, by name. */
export function holderOf({ policy }: PreparedPolicy): Caller {
  const { belongsTo = '' } = policy.context
  const userName = kindOf(belongsTo) === 'user' ? belongsTo.split('/').at(-1) : undefined
  return { who: 'holder', path: 'any', ...(userName === undefined ? {} : { userName }) }
}

/** All users, groups, roles or policies of the account. */
export function anyOf({ policy }: PreparedPolicy, kind: Kind): Pattern {
  const { partition, accountId } = policy.context
  return toPattern(`arn:${partition}:iam::${accountId}:${kind}/?*`)
}

const itsName = '${aws:username}'

/** Users of the account by what follows `user/`, as the holder makes it. */
function usersOf(prepared: PreparedPolicy, names: readonly string[]): Pattern[] {
  const { partition, accountId } = prepared.policy.context
  return names
    .map((name) => new Glob(`arn:${partition}:iam::${accountId}:user/${name}`, true))
    .map((glob) => prepared.fill(glob, holderOf(prepared)))
    .filter((pattern) => pattern !== undefined)
}

/** A star for the account may reach across colons; but names and paths of identities have none. */
function withoutColon({ policy }: PreparedPolicy): Named {
  const { partition, accountId } = policy.context
  return { patterns: [toPattern(`arn:${partition}:iam::${accountId}:*:*`)], isNegated: true }
}

function kindOf(arn: string): string | undefined {
  return /^arn:[^:]+:iam::\d{12}:([a-z]+)\//.exec(arn)?.[1]
}

/** Does an action begin as those of the service do, as far as it is fixed? `i*:*` does. */
function touches(statement: PolicyStatement, service: string): boolean {
  const begins = (text: string) => service.startsWith(/^[^*?:]*/.exec(text.toLowerCase())?.[0] ?? '')
  return statement.isNotAction || statement.actions.some((glob) => begins(glob.text))
}

function names(prepared: PreparedPolicy, statement: PolicyStatement, action: string): boolean {
  const { patterns, isNegated } = prepared.actionsOf(statement)
  const wanted = toCodes(action.toLowerCase())
  return patterns.some((pattern) => matches(pattern, wanted)) !== isNegated
}

/**
 * The whole `target` (any resource: undefined) is allowed for the action, what a NotResource spares apart, and not all of it is
 * taken back: NotResource is a star and a Deny.
 */
function reaches(
  prepared: PreparedPolicy,
  statement: PolicyStatement,
  action: string,
  target: Pattern | undefined,
  besides: readonly Named[] = [],
): boolean {
  if (!names(prepared, statement, action)) return false
  const resources = prepared.resourcesOf(statement, holderOf(prepared))
  if (resources === undefined) return false
  if (target === undefined) return isLeft(prepared, statement, action, resources)
  const { patterns, isNegated } = resources
  const whole = { patterns: [target], isNegated: false }
  const also = [withoutColon(prepared), ...besides]
  if (isNegated) return isLeft(prepared, statement, action, whole, [resources, ...also])
  const isCovered = isEmpty({ some: [target], each: [], none: patterns }, prepared.budget)
  return isCovered && isLeft(prepared, statement, action, whole, also)
}

/** Writes policies of the user who holds it, whoever that is: `user/${aws:username}`, with a path or without. */
function reachesItsUser(
  prepared: PreparedPolicy,
  statement: PolicyStatement,
  itself: readonly Pattern[],
): boolean {
  const actions = ofOneself.filter(([action, kind]) => kind === 'user' && names(prepared, statement, action))
  if (statement.isNotResource || actions.length === 0) return false
  const also = [{ patterns: itself, isNegated: false }, withoutColon(prepared)]
  return statement.resources.filter(endsInUserName).some((glob) => {
    const pattern = prepared.fill(glob, holderOf(prepared))
    if (pattern === undefined) return false
    const resources = { patterns: [pattern], isNegated: false }
    return actions.some(([action]) => isLeft(prepared, statement, action, resources, also))
  })
}

function endsInUserName({ text, variables }: Glob): boolean {
  return variables.at(-1)?.name === 'aws:username' && /\}\**$/.test(text)
}

/** Is there a request of the action on one of the resources, which is `also` one of those, that no Deny takes back? */
function isLeft(
  prepared: PreparedPolicy,
  { conditions }: PolicyStatement,
  action: string,
  resources: Named,
  also: readonly Named[] = [],
): boolean {
  const caller = holderOf(prepared)
  const actions = { patterns: [toCodes(action.toLowerCase())], isNegated: false }
  const denies = prepared.denies.filter((deny) => surelyNames(deny, caller))
  return findRequest(prepared, { caller, actions, resources, also, conditions }, denies)
}
