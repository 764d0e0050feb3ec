import { isLeftUnbounded } from './boundaries.ts'
import {
  anyOf,
  holderOf,
  isLeft,
  isOfIdentity,
  type Kind,
  kindOf,
  names,
  touches,
  withoutColon,
} from './held-rights.ts'
import { isEmpty, type Named } from './language.ts'
import { launchers } from './launchers.ts'
import { Glob, type Pattern, toCodes } from './pattern.ts'
import type { PolicyStatement } from './policy.ts'
import type { PreparedPolicy } from './prepared-policy.ts'
import { writesWhatItBecomes } from './write-and-become.ts'

type Right = readonly [action: string, kind: Kind]

/**
 * Actions that hand their holder the rights of another identity, and what they must be allowed on for it to be any
 * identity. Known since 2018: https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/
 */
const escalations: readonly Right[] = [
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
  // Who says by which certificate a provider is known signs in there as anybody, with each role that trusts it.
  ['iam:UpdateSAMLProvider', 'saml-provider'],
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
  const itself = itselfIn(prepared)
  const others = othersThan(prepared, itself)
  const can = (right: Right, target: Pattern, also: readonly Named[] = []): boolean =>
    allows.some((statement) => reaches(prepared, statement, right, target, also))
  if (escalations.some((right) => can(right, anyOf(prepared, right[1]), [others]))) return true
  if (ofOneself.some((right) => right[1] === own && can(right, toCodes(belongsTo)))) return true
  if (itself.length > 0) {
    // All users are allowed, and a Deny leaves the holder alone. A path that has the holder's name is nobody's.
    const noPath = { patterns: usersOf(prepared, [`*${itsName}*/*`]), isNegated: true }
    const canItself = (right: Right): boolean => itself.some((target) => can(right, target, [noPath]))
    if (ofOneself.some((right) => right[1] === 'user' && canItself(right))) return true
    if (allows.some((statement) => reachesItsUser(prepared, statement, itself))) return true
  }
  const mayRun = () => allowsRunningAsRole(prepared, statements)
  if (allowsPassingAnyRole(prepared, statements) && mayRun()) return true
  return writesWhatItBecomes(prepared, statements.filter(isOfIdentity), mayRun)
}

/** `iam:PassRole` on every role of the account: one half of a right to every right. */
export function allowsPassingAnyRole(
  prepared: PreparedPolicy,
  statements: readonly PolicyStatement[],
): boolean {
  const passes: Right = ['iam:PassRole', 'role']
  const others = othersThan(prepared, itselfIn(prepared))
  const any = anyOf(prepared, 'role')
  return statements.some(
    (one) => isOfIdentity(one) && touches(one, 'iam') && reaches(prepared, one, passes, any, [others]),
  )
}

/** … and the other half: to start something that runs with the role which is passed to it. */
export function allowsRunningAsRole(
  prepared: PreparedPolicy,
  statements: readonly PolicyStatement[],
): boolean {
  const held = statements.filter(isOfIdentity)
  const may = (action: string): boolean => held.some((one) => reachesAny(prepared, one, action))
  return launchers.some((actions) => actions.every(may))
}

/** `sts:AssumeRole` on every role of the account, or of every account. */
export function allowsAnyRole(prepared: PreparedPolicy, statement: PolicyStatement): boolean {
  if (!isOfIdentity(statement) || !touches(statement, 'sts')) return false
  return reaches(prepared, statement, ['sts:AssumeRole', 'role'], anyOf(prepared, 'role'))
}

const itsName = '${aws:username}'

/** The holder's own user. A role has no user name, and a user's own policy knows the name that the variable stands for. */
function itselfIn(prepared: PreparedPolicy): readonly Pattern[] {
  const own = kindOf(prepared.policy.context.belongsTo ?? '')
  return own === 'user' || own === 'role' ? [] : usersOf(prepared, [itsName, `*/${itsName}`])
}

function othersThan({ policy }: PreparedPolicy, itself: readonly Pattern[]): Named {
  return { patterns: [toCodes(policy.context.belongsTo ?? ''), ...itself], isNegated: true }
}

/** Users of the account by what follows `user/`, as the holder makes it. */
function usersOf(prepared: PreparedPolicy, names: readonly string[]): Pattern[] {
  const { partition, accountId } = prepared.policy.context
  return names
    .map((name) => new Glob(`arn:${partition}:iam::${accountId}:user/${name}`, true))
    .map((glob) => prepared.fill(glob, holderOf(prepared)))
    .filter((pattern) => pattern !== undefined)
}

/** Something is allowed for the action. */
function reachesAny(prepared: PreparedPolicy, statement: PolicyStatement, action: string): boolean {
  if (!names(prepared, statement, action)) return false
  const resources = prepared.resourcesOf(statement, holderOf(prepared))
  return resources !== undefined && isLeft(prepared, statement, action, resources)
}

/**
 * The whole `target` is allowed for the action, what a NotResource spares apart, and not all of it is taken back: NotResource is
 * a star and a Deny.
 */
function reaches(
  prepared: PreparedPolicy,
  statement: PolicyStatement,
  right: Right,
  target: Pattern,
  besides: readonly Named[] = [],
): boolean {
  if (!names(prepared, statement, right[0])) return false
  const resources = prepared.resourcesOf(statement, holderOf(prepared))
  if (resources === undefined) return false
  const { patterns, isNegated } = resources
  const whole = { patterns: [target], isNegated: false }
  const also = [withoutColon(prepared), ...besides]
  if (isNegated) return isLeftUnbounded(prepared, statement, right, whole, [resources, ...also])
  const isCovered = isEmpty({ some: [target], each: [], none: patterns }, prepared.budget)
  return isCovered && isLeftUnbounded(prepared, statement, right, whole, also)
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
    return actions.some((right) => isLeftUnbounded(prepared, statement, right, resources, also))
  })
}

function endsInUserName({ text, variables }: Glob): boolean {
  return variables.at(-1)?.name === 'aws:username' && /\}\**$/.test(text)
}
