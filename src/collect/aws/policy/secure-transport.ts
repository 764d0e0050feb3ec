import type { Caller } from './caller.ts'
import { findRequest } from './find-request.ts'
import type { Named } from './language.ts'
import { surelyNames } from './name-caller.ts'
import { toCodes, toPattern } from './pattern.ts'
import type { PolicyStatement } from './policy.ts'
import type { PreparedPolicy } from './prepared-policy.ts'

/**
 * Is every request over plain HTTP denied, whoever sends it, whatever it does to the resource or what is in it?
 * The statements may share the work (one for the bucket, one for its objects), in any spelling: Bool, BoolIfExists,
 * StringEquals `false`, StringNotEquals `true`. A floor for the TLS version is not this: plain HTTP has none.
 *
 * Source: https://repost.aws/knowledge-center/s3-bucket-policy-for-config-rule
 */
export function deniesInsecureTransport(prepared: PreparedPolicy): boolean {
  if (prepared.denies.length === 0) return false
  const arn = prepared.policy.context.resourceArn
  const isBucket = arn?.split(':')[2] === 's3'
  const whole = arn === undefined ? [toPattern('*')] : [toCodes(arn)]
  if (arn !== undefined && isBucket) whole.push([...toCodes(arn), ...toPattern('/*')])
  const actions = { patterns: prepared.ownActions ?? [toPattern('*:*')], isNegated: false }
  return !getsThrough(prepared, prepared.denies, actions, { patterns: whole, isNegated: false }, false)
}

/** A Deny that stops all requests over plain HTTP for the actions and resources it names, and lets HTTPS be. */
export function isInsecureTransportDeny(prepared: PreparedPolicy, statement: PolicyStatement): boolean {
  if (statement.effect !== 'Deny') return false
  if (!statement.conditions.some((condition) => condition.key === 'aws:securetransport')) return false
  const actions = prepared.actionsOf(statement)
  const resources = prepared.resourcesOf(statement, anyone(false))
  if (resources === undefined) return false
  const passes = (isSecure: boolean): boolean =>
    getsThrough(prepared, [statement], actions, resources, isSecure)
  return !passes(false) && passes(true)
}

function anyone(secureTransport: boolean): Caller {
  return { who: 'anyone', path: 'any', secureTransport }
}

function getsThrough(
  prepared: PreparedPolicy,
  denies: readonly PolicyStatement[],
  actions: Named,
  resources: Named,
  isSecure: boolean,
): boolean {
  const caller = anyone(isSecure)
  const grant = { caller, actions, resources, conditions: [] }
  return findRequest(
    prepared,
    grant,
    denies.filter((deny) => surelyNames(deny, caller)),
  )
}
