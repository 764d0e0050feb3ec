import type { Caller } from './caller.ts'
import type { Principal } from './parse-principal.ts'
import type { PolicyStatement } from './policy.ts'

/**
 * Does a Deny surely name this caller? A statement of an identity's document names its holder. `NotPrincipal`
 * names all but those it lists; a listed user or role spares somebody of its account, so the account is not
 * surely denied.
 */
export function surelyNames(statement: PolicyStatement, caller: Caller): boolean {
  if (!statement.hasPrincipal) return caller.who === 'holder'
  if (!statement.isNotPrincipal) return statement.principals.some((principal) => covers(principal, caller))
  return !statement.principals.some((principal) => mayBe(principal, caller))
}

/** Everybody whom the caller stands for is this principal. */
function covers(principal: Principal, caller: Caller): boolean {
  switch (principal.kind) {
    case 'everyone':
      return true
    case 'account':
      return caller.who === 'member' && caller.account === principal.account
    case 'identity':
      return caller.who === 'member' && caller.arn !== '' && caller.arn === principal.arn
    case 'service':
      return caller.who === 'service' && (principal.service === '*' || principal.service === caller.service)
    case 'federated':
      return caller.who === 'federated' && ['*', caller.provider].includes(principal.provider)
    default:
      return false
  }
}

/** Somebody whom the caller stands for may be this principal. */
function mayBe(principal: Principal, caller: Caller): boolean {
  if (caller.who === 'anyone' || caller.who === 'holder') return principal.kind !== 'deleted'
  switch (principal.kind) {
    case 'everyone':
      return true
    case 'wildcard_account':
      return caller.who !== 'anonymous' && caller.who !== 'service'
    case 'account':
      return caller.who === 'member' && caller.account === principal.account
    case 'identity':
      if (caller.who !== 'member' || caller.account !== principal.account) return false
      return caller.arn === '' || caller.arn === principal.arn
    case 'service':
      return caller.who === 'service' && ['*', caller.service].includes(principal.service)
    case 'federated':
      return caller.who === 'federated' && ['*', caller.provider].includes(principal.provider)
    case 'canonical_user':
    case 'unknown':
      return caller.who === 'member' || caller.who === 'outsider'
    default:
      return false
  }
}
