import { isAllowed } from './admissions.ts'
import { allowsPrivilegeEscalation } from './escalation.ts'
import { findRequest, type Values } from './find-request.ts'
import { anyOf, holderOf, isOfIdentity } from './held-rights.ts'
import { isEmpty } from './language.ts'
import { type Glob, isEverything, matches, type Pattern, toCodes, toPattern } from './pattern.ts'
import type { PolicyStatement } from './policy.ts'
import type { PreparedPolicy } from './prepared-policy.ts'

/**
 * Conditions on who, from where, when and how, and on the account itself: they say nothing of what is acted on. Of sessions, what they
 * were begun by or are run in (a provider's claims, an instance, a function, Identity Center), which is there in all their requests.
 */
const callerSide = new RegExp(
  [
    '^aws:(principal.*|userid|username|sourceip|sourcevpc.*|vpce.*|vpcsourceip|ec2instancesource.*|multifactorauth.*)$',
    '^aws:(securetransport|useragent|referer|currenttime|epochtime|tokenissuetime|requestedregion|sourceidentity)$',
    '^aws:(federatedprovider|signinsessionarn|chatbotsourcearn|resourceaccount|resourceorg.*|assumedroot)$',
    '^aws:(viaawsservice|viaawsmcpservice|calledvia.*)$',
    '^(ec2:(sourceinstancearn|roledelivery)|ssm:sourceinstancearn|lambda:sourcefunctionarn)$',
    '^(codebuild:(buildarn|projectarn)|glue:credentialissuingservice)$',
    '^(identitystore:(userid|identitystorearn)|identitycenter:.*)$',
    '^(saml|[^:]*\\.[^:]*):[^:]*$',
  ].join('|'),
)

/** The statement covers every action, as written: `*`, `*:*`, `**`, `*:?*`. */
export function allowsAllActions(prepared: PreparedPolicy, statement: PolicyStatement): boolean {
  if (statement.effect !== 'Allow') return false
  if (statement.isNotAction) return statement.actions.length === 0
  const { patterns } = prepared.actionsOf(statement)
  return isEmpty({ some: [toPattern('?*:?*')], each: [], none: patterns }, prepared.budget)
}

/** … every resource, as written: `*`, `arn:*`, `arn:aws:*`, `arn:aws:*:*:*:*`, `?*`. */
export function allowsAllResources(prepared: PreparedPolicy, statement: PolicyStatement): boolean {
  if (statement.effect !== 'Allow') return false
  if (statement.isNotResource) return statement.resources.length === 0
  const { partition } = prepared.policy.context
  const isWhole = (glob: Glob): boolean => {
    if (isEverything(glob.tokens)) return true
    const [scheme, where, ...rest] = glob.text.split(':')
    if (scheme !== 'arn' || (where !== partition && !/^\*+$/.test(where ?? ''))) return false
    return rest.every((part) => /^\*+$/.test(part)) && (rest.length > 0 || where !== partition)
  }
  return statement.resources.some(isWhole) || holdsAll(prepared, statement, '*')
}

/** Everything of the account, or of all accounts, whichever service it is of. */
function holdsAll(prepared: PreparedPolicy, statement: PolicyStatement, account: string): boolean {
  const resources = prepared.resourcesOf(statement, holderOf(prepared))
  if (resources === undefined || resources.isNegated) return false
  const { patterns } = resources
  const { partition } = prepared.policy.context
  const everyArn = letters.map((letter) => toPattern(`arn:${partition}:${letter}*:*:${account}:?*`))
  // Nearly all lists leave this one out, and are not compared any further.
  const sample = toCodes(`arn:${partition}:zq7x:zq7x:${account === '*' ? 'zq7x' : account}:zq7x`)
  if (!patterns.some((pattern) => matches(pattern, sample))) return false
  return isEmpty({ some: everyArn, each: [], none: patterns }, prepared.budget)
}

/** Services of which it allows every action by name, between commas: `,kms,s3,`. */
export function servicesAllowedWhole(statement: PolicyStatement): string {
  if (statement.effect !== 'Allow' || statement.isNotAction) return ''
  const found = new Set<string>()
  for (const glob of statement.actions) {
    const service = /^([a-z0-9-]+):\??\*+$/i.exec(glob.text)?.[1]
    if (service !== undefined) found.add(service.toLowerCase())
  }
  return found.size === 0 ? '' : `,${[...found].sort().join(',')},`
}

/**
 * Everything on everything, or everything but a few things with the rest, or enough, of IAM among what is left: enough is
 * what still gives any other right. A condition on the caller does not change that, nor one that holds where its key is not there;
 * nor does a Deny, unless it leaves nothing at all.
 */
export function isAdmin(prepared: PreparedPolicy, statement: PolicyStatement): boolean {
  return grantAdministration(prepared, [statement])
}

/** … by several statements that are it together. */
export function areAdminTogether(prepared: PreparedPolicy): boolean {
  return grantAdministration(prepared, prepared.policy.statements)
}

function grantAdministration(prepared: PreparedPolicy, statements: readonly PolicyStatement[]): boolean {
  if (areAdmin(prepared, statements)) return true
  if (!areAdmin(prepared, statements, sparedByPowerUsers)) return false
  return allowsPrivilegeEscalation(prepared, statements)
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
const anyService = letters.map((letter) => toPattern(`${letter}*:?*`))
const allOfIam = [toPattern('iam:?*')]
const sparedByPowerUsers = ['iam:*', 'organizations:*', 'account:*'].map((one) => toPattern(one))

function areAdmin(
  prepared: PreparedPolicy,
  statements: readonly PolicyStatement[],
  spared: readonly Pattern[] = [],
): boolean {
  const isBroad = (statement: PolicyStatement): boolean =>
    keepsIdentities(prepared, statement) || (spared.length > 0 && keepsMost(prepared, statement))
  const allows = statements.filter((statement) => {
    return isOfIdentity(statement) && isBroad(statement) && holdsForMost(prepared, statement)
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
  return allows.some((statement) => isAllowed(prepared, statement, holderOf(prepared), prepared.denies))
}

/**
 * Its conditions let through requests that have none of the keys of what is acted on: few requests have one of them. Of what
 * the caller has, any value will do.
 */
function holdsForMost(prepared: PreparedPolicy, statement: PolicyStatement): boolean {
  const { conditions } = statement
  if (conditions.length === 0) return true
  const caller = holderOf(prepared)
  const resources = prepared.resourcesOf(statement, caller)
  if (resources === undefined) return false
  const values: Values = new Map(
    conditions.filter(({ key }) => !callerSide.test(key)).map(({ key }) => [key, [{ kind: 'absent' }]]),
  )
  const actions = prepared.actionsOf(statement)
  return findRequest(prepared, { caller, actions, resources, conditions, values }, [])
}

/** All resources but some, whichever they are. */
function keepsMost(prepared: PreparedPolicy, statement: PolicyStatement): boolean {
  const resources = prepared.resourcesOf(statement, holderOf(prepared))
  if (resources === undefined || !resources.isNegated) return false
  const every = toPattern(`arn:${prepared.policy.context.partition}:*`)
  return !isEmpty({ some: [every], each: [], none: resources.patterns }, prepared.budget)
}

/** Every resource, or every one of the account, or all but some with users, groups, roles or policies of it among what is left. */
function keepsIdentities(prepared: PreparedPolicy, statement: PolicyStatement): boolean {
  if (allowsAllResources(prepared, statement)) return true
  const resources = prepared.resourcesOf(statement, holderOf(prepared))
  if (resources === undefined) return false
  const { patterns, isNegated } = resources
  if (isNegated) {
    const kinds = (['user', 'group', 'role', 'policy'] as const).map((kind) => anyOf(prepared, kind))
    return kinds.some((kind) => !isEmpty({ some: [kind], each: [], none: patterns }, prepared.budget))
  }
  return holdsAll(prepared, statement, prepared.policy.context.accountId)
}
