import { StanceError } from '../../core/errors.ts'
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
  const code = failed.code.startsWith('COLLECT_') ? failed.code : codeOf(failed)
  return new StanceError(
    code,
    `The connection "${caller.connection}" could not say who it is${who}: ${failed.message} (${failed.code})`,
    { next: nextStep[code] ?? 'Do what the message says, then try `stance doctor`.', details: { ...failed } },
  )
}

function codeOf(failed: FailedAnswer): string {
  if (failed.kind !== 'answer') return 'COLLECT_UNREACHABLE'
  if (/^(ExpiredToken|RequestExpired)/.test(failed.code)) return 'COLLECT_CREDENTIALS_EXPIRED'
  return 'COLLECT_CREDENTIALS_INVALID'
}

const nextStep: Record<string, string> = {
  COLLECT_UNREACHABLE:
    'Look at the network between this machine and AWS: HTTPS_PROXY, NO_PROXY, `network.ca_bundle`, a VPC endpoint for STS.',
  COLLECT_CREDENTIALS_INVALID:
    'Look whether the keys are active and the clock of this machine is right. For China, GovCloud and other partitions set `home_region` to a region of theirs.',
}
