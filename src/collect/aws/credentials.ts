import { StanceError } from '../../core/errors.ts'
import { createBaseKeys, homeRegionOf } from './base-keys.ts'
import { type AwsConnection, type AwsKeys, ownAccount } from './connection.ts'
import type { SharedHandler } from './http-handlers.ts'
import { partitionOfRegion } from './partition.ts'
import { assumeRole, callerAccount } from './sts.ts'

/** Keys of one connection in many accounts: kept, renewed before they end, asked for once however many wait. */
export interface Credentials {
  /** The keys with which an account is read. Throws a StanceError with the next step. */
  keys(accountId: string): Promise<AwsKeys>
  /** Where calls go that have no region of their own. */
  region(): Promise<string>
  /** The provider said that these keys have ended. */
  forget(accountId: string): void
}

/** Renewed this long before they end: a call that takes minutes still ends with the keys it began with. */
const renewBefore = 5 * 60_000
/** A refusal is remembered, so that a thousand reads of a closed account are not a thousand calls to STS. */
const refusalHolds = 60_000
/** STS that does not answer may do so at once; whoever waits for the same keys asks once, together. */
const outageHolds = 500

export function createCredentials(
  connection: AwsConnection,
  handler: () => SharedHandler,
  now: () => number = Date.now,
): Credentials {
  const kept = new Map<string, Kept<unknown>>()
  const keep = <T>(id: string, lasts: (value: T) => number, get: () => Promise<T>) =>
    keepUntil(kept as Map<string, Kept<T>>, id, lasts, get, now)
  const forever = () => Number.POSITIVE_INFINITY
  const untilRenewal = ({ expiration }: AwsKeys) =>
    expiration === undefined ? forever() : expiration.getTime() - renewBefore

  let base: Promise<() => Promise<AwsKeys>> | undefined
  const region = () => keep('region', forever, () => homeRegionOf(connection))
  const baseKeys = () =>
    keep('base', untilRenewal, async () => {
      base ??= createBaseKeys(connection, handler().forClients)
      return await (await base)()
    })
  const caller = async () => ({
    connection,
    keys: await baseKeys(),
    region: await region(),
    requestHandler: handler().forClients,
  })
  const roleKeys = (roleArn: string) =>
    keep(`role ${roleArn}`, untilRenewal, async () => assumeRole(roleArn, await caller()))
  const own = () => keep('own account', forever, async () => callerAccount(await caller()))

  const inAccount = async (accountId: string, template: string): Promise<AwsKeys> => {
    try {
      return await roleKeys(roleIn(template, accountId, await region()))
    } catch (error) {
      // The management account often lacks the role that its stack sets put into all the others.
      const refused = error instanceof StanceError && error.code === 'COLLECT_ASSUME_ROLE_DENIED'
      if (refused && (await own()) === accountId) return await baseKeys()
      throw error
    }
  }
  return {
    region,
    async keys(accountId) {
      const { keys, role_arn } = connection
      const isAccount = /^\d{12}$/.test(accountId)
      if (role_arn === undefined) {
        if (keys !== undefined) return keys(accountId)
        if (isAccount && (await own()) !== accountId) throw outOfReach(connection, await own(), accountId)
        return await baseKeys()
      }
      if (role_arn.includes('{account}')) {
        // An organization (`o-…`) and whoever asks for itself have no role to assume.
        return isAccount ? await inAccount(accountId, role_arn) : await baseKeys()
      }
      const reached = role_arn.split(':')[4] ?? ownAccount
      if (isAccount && reached !== accountId) throw outOfReach(connection, reached, accountId)
      return await roleKeys(role_arn)
    },
    forget(accountId) {
      for (const id of kept.keys()) if (id === 'base' || id.startsWith('role')) dropIfOf(kept, id, accountId)
    },
  }
}

/** Base keys always go: what was assumed with them may have ended with them. */
function dropIfOf(kept: Map<string, unknown>, id: string, accountId: string): void {
  if (id === 'base' || id.includes(`:${accountId}:`)) kept.delete(id)
}

interface Kept<T> {
  value: Promise<T>
  until: number
}

function keepUntil<T>(
  kept: Map<string, Kept<T>>,
  id: string,
  lasts: (value: T) => number,
  get: () => Promise<T>,
  now: () => number,
): Promise<T> {
  const known = kept.get(id)
  if (known !== undefined && now() < known.until) return known.value
  const fresh: Kept<T> = { value: get(), until: Number.POSITIVE_INFINITY }
  kept.set(id, fresh)
  fresh.value.then(
    (value) => {
      fresh.until = lasts(value)
    },
    (error: unknown) => {
      const isOutage = error instanceof StanceError && error.code === 'COLLECT_UNREACHABLE'
      fresh.until = now() + (isOutage ? outageHolds : refusalHolds)
    },
  )
  return fresh.value
}

/** The template's partition is the written one, `aws`, wherever people copy it to. */
function roleIn(template: string, accountId: string, region: string): string {
  const { name } = partitionOfRegion(region)
  return template.replace('{account}', accountId).replace(/^arn:aws:/, `arn:${name}:`)
}

function outOfReach(connection: AwsConnection, reached: string, asked: string): StanceError {
  return new StanceError(
    'COLLECT_ACCOUNT_OUT_OF_REACH',
    `The connection "${connection.name}" reaches account ${reached}, not ${asked}.`,
    {
      next: `Give it \`role_arn: arn:aws:iam::{account}:role/…\`, a role that exists in ${asked}, or take ${asked} out of its accounts.`,
      details: { connection: connection.name, account_id: asked },
    },
  )
}
