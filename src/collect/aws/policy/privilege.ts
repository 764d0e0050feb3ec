import { isAllowed } from './admissions.ts'
import type { Caller } from './caller.ts'
import { findRequest } from './find-request.ts'
import { isEmpty } from './language.ts'
import { launchers } from './launchers.ts'
import { surelyNames } from './name-caller.ts'
import { isEverything, matches, type Pattern, toCodes, toPattern } from './pattern.ts'
import type { PolicyStatement } from './policy.ts'
import type { PreparedPolicy } from './prepared-policy.ts'

const holder: Caller = { who: 'holder', path: 'any' }

/** Conditions on who, from where, when and how: they say nothing of what is acted on. */
const callerSide =
  /^aws:(principal.*|userid|username|sourceip|sourcevpc.*|vpce.*|vpcsourceip|multifactorauth.*|securetransport|useragent|referer|currenttime|epochtime|tokenissuetime|requestedregion|sourceidentity|federatedprovider|resourceaccount|resourceorg.*|viaawsservice|calledvia.*|assumedroot)$/

/** The statement covers every action, as written: `*`, `*:*`, `**`. */
export function allowsAllActions(statement: PolicyStatement): boolean {
  if (statement.effect !== 'Allow') return false
  if (statement.isNotAction) return statement.actions.length === 0
  return statement.actions.some((glob) => /^\*+(:\*+)?$/.test(glob.text))
}

/** … every resource, as written: `*`, `arn:*`, `arn:aws:*`, `arn:aws:*:*:*:*`. */
export function allowsAllResources(prepared: PreparedPolicy, statement: PolicyStatement): boolean {
  if (statement.effect !== 'Allow') return false
  if (statement.isNotResource) return statement.resources.length === 0
  const { partition } = prepared.policy.context
  return statement.resources.some((glob) => {
    if (isEverything(glob.tokens)) return true
    const [scheme, where, ...rest] = glob.text.split(':')
    if (scheme !== 'arn' || (where !== partition && !/^\*+$/.test(where ?? ''))) return false
    return rest.every((part) => /^\*+$/.test(part)) && (rest.length > 0 || where !== partition)
  })
}

/** Services of which it allows every action by name, between commas: `,kms,s3,`. */
export function servicesAllowedWhole(statement: PolicyStatement): string {
  if (statement.effect !== 'Allow' || statement.isNotAction) return ''
  const found = new Set<string>()
  for (const glob of statement.actions) {
    const service = /^([a-z0-9-]+):\*+$/i.exec(glob.text)?.[1]
    if (service !== undefined) found.add(service.toLowerCase())
  }
  return found.size === 0 ? '' : `,${[...found].sort().join(',')},`
}

/**
 * Everything on everything, or everything but a few things with IAM among what is left. A condition on the caller
 * does not change that; nor does a Deny, unless it leaves nothing at all.
 */
export function isAdmin(prepared: PreparedPolicy, statement: PolicyStatement): boolean {
  return areAdmin(prepared, [statement])
}

/** … by several statements that are it together. */
export function areAdminTogether(prepared: PreparedPolicy): boolean {
  return areAdmin(prepared, prepared.policy.statements)
}

/**
 * Everything on everything, what speaks of identities and of the account itself apart: what AWS's PowerUserAccess gives.
 * Beside the right to take another identity's rights it is everything.
 */
export function allowsAllButIam(prepared: PreparedPolicy): boolean {
  return areAdmin(prepared, prepared.policy.statements, sparedByPowerUsers)
}

/** Names of services begin with a letter, so that `a*` to `z*` are everything as much as `*` is. */
const letters = [...'abcdefghijklmnopqrstuvwxyz']
const anyService = letters.map((letter) => toPattern(`${letter}*:*`))
const allOfIam = [toPattern('iam:*')]
const sparedByPowerUsers = ['iam:*', 'organizations:*', 'account:*'].map((one) => toPattern(one))

function areAdmin(
  prepared: PreparedPolicy,
  statements: readonly PolicyStatement[],
  spared: readonly Pattern[] = [],
): boolean {
  const isBroad = (statement: PolicyStatement): boolean =>
    keepsIdentities(prepared, statement) || (spared.length > 0 && keepsMost(prepared, statement))
  const allows = statements.filter((statement) => {
    if (!isOfIdentity(statement) || !isBroad(statement)) return false
    return statement.conditions.every((condition) => callerSide.test(condition.key))
  })
  // What none of them allows: left out by each NotAction, and named by no Action.
  const named = allows.map((statement) => prepared.actionsOf(statement))
  const each = named.filter(({ isNegated }) => isNegated).map(({ patterns }) => patterns)
  const none = named.filter(({ isNegated }) => !isNegated).flatMap(({ patterns }) => patterns)
  if (each.length === 0) {
    const mayBeEverything = none.length >= letters.length || none.some(([token]) => (token ?? 0) < 0)
    const left = { some: anyService, each, none: [...none, ...spared] }
    if (!mayBeEverything || !isEmpty(left, prepared.budget)) return false
  }
  if (!isEmpty({ some: allOfIam, each, none: [...none, ...spared] }, prepared.budget)) return false
  return allows.some((statement) => isAllowed(prepared, statement, holder, prepared.denies))
}

/** All resources but some, whichever they are. */
function keepsMost(prepared: PreparedPolicy, statement: PolicyStatement): boolean {
  const resources = prepared.resourcesOf(statement, holder)
  if (resources === undefined || !resources.isNegated) return false
  const every = toPattern(`arn:${prepared.policy.context.partition}:*`)
  return !isEmpty({ some: [every], each: [], none: resources.patterns }, prepared.budget)
}

/** Every resource, or all but some with users, groups, roles or policies of the account among what is left. */
function keepsIdentities(prepared: PreparedPolicy, statement: PolicyStatement): boolean {
  if (allowsAllResources(prepared, statement)) return true
  const resources = prepared.resourcesOf(statement, holder)
  if (resources === undefined) return false
  const { patterns, isNegated } = resources
  if (isNegated) {
    const isLeft = (kind: string) =>
      !isEmpty({ some: [anyOf(prepared, kind)], each: [], none: patterns }, prepared.budget)
    return ['user', 'group', 'role', 'policy'].some(isLeft)
  }
  if (patterns.length < letters.length) return false
  const everyArn = letters.map((letter) => toPattern(`arn:${prepared.policy.context.partition}:${letter}*`))
  return isEmpty({ some: everyArn, each: [], none: patterns }, prepared.budget)
}

/**
 * Actions that hand their holder the rights of another identity, and what they must be allowed on for it to be any
 * identity. Known since 2018: https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/
 */
const escalations: readonly (readonly [action: string, kind: string])[] = [
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

export function allowsPrivilegeEscalation(
  prepared: PreparedPolicy,
  statements: readonly PolicyStatement[],
): boolean {
  const allows = statements.filter((statement) => isOfIdentity(statement) && touches(statement, 'iam'))
  if (allows.length === 0) return false
  const can = (action: string, kind: string): boolean =>
    allows.some((statement) => reaches(prepared, statement, action, anyOf(prepared, kind)))
  if (escalations.some(([action, kind]) => can(action, kind))) return true
  if (!can('iam:PassRole', 'role')) return false
  const mayStart = (action: string): boolean =>
    statements.some((one) => isOfIdentity(one) && reaches(prepared, one, action, undefined))
  return launchers.some((actions) => actions.every(mayStart))
}

/** `sts:AssumeRole` on every role of the account, or of every account. */
export function allowsAnyRole(prepared: PreparedPolicy, statement: PolicyStatement): boolean {
  if (!isOfIdentity(statement) || !touches(statement, 'sts')) return false
  return reaches(prepared, statement, 'sts:AssumeRole', anyOf(prepared, 'role'))
}

function isOfIdentity(statement: PolicyStatement): boolean {
  return statement.effect === 'Allow' && !statement.hasPrincipal
}

/** Does an action begin as those of the service do, as far as it is fixed? `i*:*` does. */
function touches(statement: PolicyStatement, service: string): boolean {
  const begins = (text: string) => service.startsWith(/^[^*?:]*/.exec(text.toLowerCase())?.[0] ?? '')
  return statement.isNotAction || statement.actions.some((glob) => begins(glob.text))
}

function anyOf(prepared: PreparedPolicy, kind: string): Pattern {
  const { partition, accountId } = prepared.policy.context
  return toPattern(`arn:${partition}:iam::${accountId}:${kind}/*`)
}

/** The whole `target` (any resource: undefined) is allowed for the action, and not all of it is taken back. */
function reaches(
  prepared: PreparedPolicy,
  statement: PolicyStatement,
  action: string,
  target: Pattern | undefined,
): boolean {
  const actions = prepared.actionsOf(statement)
  const wanted = toCodes(action.toLowerCase())
  if (actions.patterns.some((pattern) => matches(pattern, wanted)) === actions.isNegated) return false
  const resources = prepared.resourcesOf(statement, holder)
  if (resources === undefined) return false
  if (target !== undefined) {
    const isTarget = isEmpty(
      resources.isNegated
        ? { some: [target], each: [resources.patterns], none: [] }
        : { some: [target], each: [], none: resources.patterns },
      prepared.budget,
    )
    if (!isTarget) return false
  }
  const denies = prepared.denies.filter((deny) => surelyNames(deny, holder))
  const grant = {
    caller: holder,
    actions: { patterns: [wanted], isNegated: false },
    resources: target === undefined ? resources : { patterns: [target], isNegated: false },
    conditions: statement.conditions,
  }
  return findRequest(prepared, grant, denies)
}
