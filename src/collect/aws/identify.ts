import { StanceError } from '../../core/errors.ts'
import { isPassing } from '../kernel/provider-meaning.ts'
import type { FailedAnswer } from '../kernel/transport.ts'
import { ask, type Caller } from './ask.ts'
import { partitionOfArn } from './partition.ts'

export interface Identity {
  account_id: string
  arn: string
  partition: string
}

/** Who a connection is. Throws a StanceError that says what to do, for nothing can be read without. */
export async function identify(caller: Caller): Promise<Identity> {
  const answer = await ask(caller, 'sts', 'GetCallerIdentity')
  if (!answer.ok) throw unknown(caller, answer)
  const { Account, Arn } = answer.body
  if (typeof Account !== 'string' || typeof Arn !== 'string') {
    throw unknown(caller, { ...noIdentity, message: 'STS named no account.' })
  }
  return { account_id: Account, arn: Arn, partition: partitionOfArn(Arn) }
}

const noIdentity: FailedAnswer = { ok: false, kind: 'answer', code: 'NO_IDENTITY', message: '' }

function unknown(caller: Caller, failed: FailedAnswer): StanceError {
  const who = caller.account_id === undefined ? '' : ` in account ${caller.account_id}`
  const problem = problemOf(failed, caller)
  return new StanceError(
    problem.code,
    `The connection "${caller.connection}" could not say who it is${who}: ${failed.message} (${failed.code})`,
    { next: problem.next, details: { ...failed } },
  )
}

const unreachable = {
  code: 'COLLECT_UNREACHABLE',
  next: 'Look at the network between this machine and AWS: HTTPS_PROXY, NO_PROXY, `network.ca_bundle`, a VPC endpoint for STS.',
}
const expired = {
  code: 'COLLECT_CREDENTIALS_EXPIRED',
  next: 'Renew the credentials of this connection: `aws sso login`, or from where these came from.',
}
const invalid = {
  code: 'COLLECT_CREDENTIALS_INVALID',
  next: 'Look whether the keys are active and the clock of this machine is right. For China, GovCloud and other partitions set `home_region` to a region of theirs.',
}

const busy = { code: 'COLLECT_UNREACHABLE', next: 'AWS does not answer for now: scan again in a while.' }

function problemOf(failed: FailedAnswer, { transport }: Caller): { code: string; next: string } {
  // A problem with the keys themselves has said already what to do.
  if (failed.code.startsWith('COLLECT_')) {
    return { code: failed.code, next: 'Do what the message says, then try `stance doctor`.' }
  }
  if (failed.kind !== 'answer') return unreachable
  if (isPassing(failed, { service: 'sts', operation: 'GetCallerIdentity' }, transport.answers)) return busy
  return /^(ExpiredToken|RequestExpired)/.test(failed.code) ? expired : invalid
}
