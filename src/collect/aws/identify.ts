import { StanceError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import { isPassing } from '../kernel/provider-meaning.ts'
import type { FailedAnswer } from '../kernel/transport.ts'
import { ask, type Caller } from './ask.ts'
import { partitionOfArn, partitions } from './partition.ts'

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
    problem.message ??
      `The connection "${caller.connection}" could not say who it is${who}: ${failed.message}${failed.code === '' ? '' : ` (${failed.code})`}`,
    { next: problem.next, details: { ...failed } },
  )
}

const unreachable = {
  code: 'COLLECT_UNREACHABLE',
  next: 'Look at the network between this machine and AWS: HTTPS_PROXY, NO_PROXY, `network.ca_bundle`, a VPC endpoint for STS, and `endpoint` where the connection has one.',
}
const expired = {
  code: 'COLLECT_CREDENTIALS_EXPIRED',
  next: 'Renew the credentials of this connection: `aws sso login --profile <its profile>`, or get new keys from where these came from.',
}
const invalid = {
  code: 'COLLECT_CREDENTIALS_INVALID',
  next: 'Look whether the keys are active and the clock of this machine is right. For China, GovCloud and other partitions set `home_region` to a region of theirs.',
}

/** Something else answers: that does not go away by waiting. */
const unreadable = {
  code: 'COLLECT_UNREACHABLE',
  next: 'Find what answers in the place of AWS: a proxy, a login page, a gateway at `endpoint`. Try `curl -v` to the host from this machine, or set HTTPS_PROXY and NO_PROXY.',
}
const busy = { code: 'COLLECT_UNREACHABLE', next: 'AWS does not answer for now: scan again in a while.' }

interface Problem {
  code: string
  next: string
  /** Where it says all by itself. */
  message?: string
}

/** A recording keeps the answer, not what was said about it. */
const withoutWords: Readonly<Record<string, string>> = {
  COLLECT_ASSUME_ROLE_DENIED:
    "See that the role exists, that its trust policy admits this connection's identity, and that the identity may sts:AssumeRole on it: docs/guide/connecting-aws.md.",
}

function problemOf(failed: FailedAnswer, { transport }: Caller): Problem {
  // A problem with the keys themselves has said already what to do.
  if (failed.code.startsWith('COLLECT_')) {
    const {
      code,
      message,
      next = withoutWords[failed.code] ?? 'See what `stance doctor` says of the connection.',
    } = failed
    return strangeRegion(failed) ?? { code, message, next }
  }
  if (failed.kind !== 'answer') return strangeRegion(failed) ?? unreachable
  if (failed.code === 'UNREADABLE_ANSWER') return unreadable
  if (isPassing(failed, { service: 'sts', operation: 'GetCallerIdentity' }, transport.answers))
    return failed.next === undefined ? busy : { ...busy, next: failed.next }
  return /^(ExpiredToken|RequestExpired)/.test(failed.code) ? expired : invalid
}

/** A host that does not exist, in a region that nobody has heard of: that is no matter of the network. */
function strangeRegion({ kind, message, metadata }: FailedAnswer): Problem | undefined {
  const region = /\bsts\.([a-z0-9-]{1,40})\.amazonaws\.com/.exec(`${metadata?.host ?? ''} ${message}`)?.[1]
  if (kind === 'answer' || region === undefined) return undefined
  const known = partitions.flatMap(({ enabled_by_default }) => enabled_by_default)
  if (known.includes(region) || !/ENOTFOUND|getaddrinfo/.test(message)) return undefined
  const near = nearest(region, known)
  const hint = near === undefined ? '' : `Did you mean ${near}? `
  return {
    code: 'COLLECT_REGION_UNKNOWN',
    message: `There is no region "${region}": AWS has no host of that name (${message}).`,
    next: `${hint}The region comes from \`home_region\` of the connection, AWS_REGION, AWS_DEFAULT_REGION or the profile.`,
  }
}
