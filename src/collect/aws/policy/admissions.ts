import { anonymousCallers, anyService, awsUsers, type Caller, describeCaller } from './caller.ts'
import { namesAccount } from './condition-keys.ts'
import { cognito, isShared } from './federation.ts'
import { findRequest } from './find-request.ts'
import { surelyNames } from './name-caller.ts'
import type { PolicyStatement } from './policy.ts'
import type { PreparedPolicy } from './prepared-policy.ts'

/** Whom one Allow lets in, after its own conditions and the Deny statements of its document. */
export interface Admissions {
  readonly anonymous: boolean
  readonly awsUsers: boolean
  /** Strangers by way of any AWS service, where the statement names everyone. */
  readonly throughServices: boolean
  /** All who can sign in at a provider that the statement trusts. */
  readonly federatedUsers: boolean
  /** … that is no SAML provider. Such a one names the roles of its users itself; the others leave the choice to them. */
  readonly webIdentities: boolean
  /** … and anybody can sign in there. */
  readonly sharedFederation: boolean
  /** An AWS service, whoever it acts for: the confused deputy. */
  readonly serviceForAnyone: boolean
  readonly otherAccounts: readonly string[]
  readonly unknownAccounts: boolean
  /** As written the statement is for everyone, and its own conditions keep strangers out. */
  readonly isNarrowed: boolean
  /** Strangers would get in, did not the Deny statements of the document keep them out. */
  readonly isTakenBack: boolean
  /** One of the strangers who get in, for the reader. */
  readonly stranger: Caller | undefined
}

const nobody: Admissions = {
  anonymous: false,
  awsUsers: false,
  throughServices: false,
  federatedUsers: false,
  webIdentities: false,
  sharedFederation: false,
  serviceForAnyone: false,
  otherAccounts: [],
  unknownAccounts: false,
  isNarrowed: false,
  isTakenBack: false,
  stranger: undefined,
}

export function admit(prepared: PreparedPolicy, statement: PolicyStatement): Admissions {
  if (statement.effect !== 'Allow' || !statement.hasPrincipal) return nobody
  const strangers = strangersNamedBy(statement)
  const getsIn = (caller: Caller): boolean => isAllowed(prepared, statement, caller, prepared.denies)
  const admitted = strangers.filter(getsIn)
  const federated = admitted.filter((caller) => caller.who === 'federated')
  const namesStrangers = strangers.length > 0
  const wouldGetIn =
    admitted.length > 0 ||
    (namesStrangers && strangers.some((caller) => isAllowed(prepared, statement, caller, [])))
  const isOpen = admitted.some((caller) => caller.who === 'aws_user' || caller.who === 'anonymous')
  return {
    anonymous: admitted.some((caller) => caller.who === 'anonymous'),
    awsUsers: admitted.some((caller) => caller.who === 'aws_user'),
    throughServices: admitted.some((caller) => caller.who === 'service'),
    federatedUsers: federated.length > 0,
    webIdentities: federated.some((caller) => caller.who === 'federated' && caller.provider !== 'saml'),
    sharedFederation: federated.some((caller) => caller.who === 'federated' && isShared(caller.provider)),
    serviceForAnyone: admitted.includes(anyService) || servicesOf(prepared, statement).some(getsIn),
    otherAccounts: accountsOf(prepared, statement).filter((account) =>
      membersNamedBy(statement, account).some(getsIn),
    ),
    unknownAccounts: isOpen || (namesOutsiders(statement) && getsIn({ who: 'outsider', path: 'any' })),
    isNarrowed: namesStrangers && !wouldGetIn,
    isTakenBack: wouldGetIn && admitted.length === 0,
    stranger:
      admitted.find((caller) => caller.who !== 'federated' || isShared(caller.provider)) ?? admitted[0],
  }
}

/** Does one statement let this caller in, past the given Deny statements? */
export function isAllowed(
  prepared: PreparedPolicy,
  statement: PolicyStatement,
  caller: Caller,
  denies: readonly PolicyStatement[],
): boolean {
  const resources = prepared.resourcesOf(statement, caller)
  if (resources === undefined) return false
  const grant = {
    caller,
    actions: prepared.actionsOf(statement),
    resources,
    conditions: statement.conditions,
  }
  return findRequest(
    prepared,
    grant,
    denies.filter((deny) => surelyNames(deny, caller)),
  )
}

/** Allow with NotPrincipal is not supported by AWS; if it stands, it is for everyone who is not listed. */
export function namesEveryone(statement: PolicyStatement): boolean {
  const listsEveryone = statement.principals.some((principal) => principal.kind === 'everyone')
  return statement.isNotPrincipal ? !listsEveryone : listsEveryone
}

function strangersNamedBy(statement: PolicyStatement): Caller[] {
  if (namesEveryone(statement)) return [...anonymousCallers, ...awsUsers, anyService]
  const found: Caller[] = []
  if (statement.isNotPrincipal) return found
  for (const principal of statement.principals) {
    if (principal.kind === 'wildcard_account') found.push(...awsUsers)
    if (principal.kind === 'service' && principal.service === '*') found.push(anyService)
    if (principal.kind === 'federated') {
      for (const path of ['internet', 'own_vpc'] as const) {
        const user: Caller = { who: 'federated', path, provider: principal.provider }
        found.push(user)
        if (principal.provider === cognito.provider) found.push({ ...user, isGuest: true })
      }
    }
  }
  return found
}

/** The services that a statement may let in, by name; if it is for everyone, those that the document singles out. */
function servicesOf(prepared: PreparedPolicy, statement: PolicyStatement): Caller[] {
  const found = new Set<string>()
  const add = (other: PolicyStatement): void => {
    for (const principal of other.principals) if (principal.kind === 'service') found.add(principal.service)
  }
  if (!namesEveryone(statement)) {
    if (!statement.isNotPrincipal) add(statement)
  } else {
    for (const other of prepared.policy.statements) {
      if (other.isNotPrincipal) add(other)
      for (const condition of other.conditions) {
        if (!condition.key.startsWith('aws:principalservicename')) continue
        for (const value of condition.values) found.add(value.text)
      }
    }
  }
  return [...found].map((service) => ({ who: 'service', path: 'internet', service }))
}

function namesOutsiders(statement: PolicyStatement): boolean {
  if (namesEveryone(statement)) return true
  if (statement.isNotPrincipal) return false
  return statement.principals.some(
    ({ kind }) => kind === 'wildcard_account' || kind === 'canonical_user' || kind === 'unknown',
  )
}

/** The accounts that a statement may let in, by name: of its principals and, if it is for everyone, its conditions. */
function accountsOf(prepared: PreparedPolicy, statement: PolicyStatement): string[] {
  const found = new Set<string>()
  if (!statement.isNotPrincipal) {
    for (const principal of statement.principals) if ('account' in principal) found.add(principal.account)
  }
  if (namesOutsiders(statement)) {
    for (const condition of statement.conditions) {
      if (condition.isNegated || !namesAccount(condition.key)) continue
      for (const value of condition.values) {
        const account = condition.key.endsWith('arn') ? value.text.split(':')[4] : value.text
        if (account !== undefined && /^\d{12}$/.test(account)) found.add(account)
      }
    }
  }
  found.delete(prepared.policy.context.accountId)
  found.delete('')
  return [...found].sort()
}

function membersNamedBy(statement: PolicyStatement, account: string): Caller[] {
  const anybody: Caller = { who: 'member', path: 'any', account, arn: '' }
  if (namesOutsiders(statement)) return [anybody]
  const found: Caller[] = []
  for (const principal of statement.principals) {
    if (principal.kind === 'account' && principal.account === account) return [anybody]
    if (principal.kind === 'identity' && principal.account === account)
      found.push({ ...anybody, arn: principal.arn })
    if (principal.kind === 'federated' && principal.account === account) found.push(anybody)
  }
  return found
}

/** One sentence on who gets in and why, '' when no stranger does. */
export function explain(statement: PolicyStatement, admissions: Admissions): string {
  const { stranger } = admissions
  if (stranger === undefined) return ''
  const name =
    statement.sid === '' ? `Statement ${statement.nr}` : `Statement ${statement.nr} (${statement.sid})`
  const conditions = statement.conditions.length === 0 ? '' : '; its conditions keep no stranger out'
  return `${name} lets in ${describeCaller(stranger)}${conditions}.`
}
