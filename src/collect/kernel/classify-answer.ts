import type { Read } from '../../core/read.ts'
import type { Failure } from '../../lake/collected.ts'
import { matchesAny } from './match-answer.ts'
import { isThrottled, providerMeaning } from './provider-meaning.ts'
import type { DeclaredAnswer, FailedAnswer, ProviderAnswers } from './transport.ts'

/** What is known of a region before it is asked. */
export type RegionStatus = 'opted in' | 'opted out' | 'unknown'

export interface Asked {
  read: Read
  service: string
  operation: string
  region: string
  region_status: RegionStatus
  /** A listing: only there can an answer mean that the region has no such service. */
  is_list: boolean
  answers: ProviderAnswers
}

/** How a call ended that did not end well. */
export type Unanswered =
  | { end: 'absent' | 'unsupported'; failure?: Failure }
  | { end: 'denied' | 'error'; failure: Failure }
  | { end: 'gone'; failure: Failure }
  | { end: 'cancelled' }

/**
 * An answer becomes a state only by a declared match: the read's own answers first, then the provider's. What
 * is not declared is `error`.
 */
export function classifyAnswer(failed: FailedAnswer, asked: Asked): Unanswered {
  const { read } = asked
  if (failed.kind === 'cancelled') return { end: 'cancelled' }
  if (failed.kind !== 'answer') return { end: 'error', failure: networkFailure(failed, asked) }
  if (matchesAny(failed, read.gone)) return { end: 'gone', failure: toFailure(failed, 'It does not exist.') }
  if (matchesAny(failed, read.absent)) return { end: 'absent' }
  if (matchesAny(failed, read.unsupported)) return { end: 'unsupported' }
  if (asked.is_list && matchesAny(failed, read.no_service))
    return {
      end: 'absent',
      failure: toFailure(failed, `Nothing to do: ${asked.region} has no ${asked.service}.`),
    }
  const meaning = providerMeaning(failed, asked, asked.answers)
  if (isThrottled(failed, asked, asked.answers))
    return { end: 'error', failure: throttledFailure(failed, asked) }
  return meaning === undefined ? undeclared(failed) : meant(failed, meaning, asked)
}

function meant(failed: FailedAnswer, meaning: DeclaredAnswer, asked: Asked): Unanswered {
  const fill = (text: string) =>
    text.replaceAll('{action}', permissionOf(asked.read)).replaceAll('{region}', asked.region)
  const end = (state: 'denied' | 'error', next: string, by?: Failure['denied_by']): Unanswered => {
    const denied_by = meaning.denied_by ?? by
    const failure = toFailure(failed, failed.next ?? fill(meaning.next ?? next))
    // Such an answer names nothing itself: what was asked tells where to look.
    if (failed.code === 'UNREADABLE_ANSWER')
      failure.message = `${permissionOf(asked.read)}: ${failure.message}`
    return { end: state, failure: denied_by === undefined ? failure : { ...failure, denied_by } }
  }
  switch (meaning.means) {
    case 'denied':
      return { end: 'denied', failure: deniedFailure(failed, meaning, asked) }
    case 'expired':
      return end('error', 'Renew the credentials of this connection and scan again.', 'credentials')
    case 'credentials':
      return end(
        'denied',
        'Give this connection credentials that work: `stance doctor` tries them.',
        'credentials',
      )
    case 'credentials or region':
      return asked.region_status === 'opted in' || asked.region === 'global'
        ? end('denied', 'Give this connection credentials that work in {region}.', 'credentials')
        : notOptedIn(failed, asked)
    case 'region not opted in':
      return notOptedIn(failed, { ...asked, region_status: 'opted out' })
    case 'no service':
      return asked.is_list
        ? { end: 'absent', failure: toFailure(failed, fill('Nothing to do: {region} has no such service.')) }
        : end('error', 'Report it: this answer is not declared for a single resource.')
    case 'wrong region':
      return end('error', 'Report it: the resource is in another region than it was asked for in.')
    case 'throttled':
    case 'transient':
      return end('error', 'Nothing to do: the next scan tries again.')
  }
}

/**
 * A region that is known to be opted out is read, and empty. Where that is not known, credentials of the wrong
 * kind get the same answer, so nothing may be said about the region.
 */
function notOptedIn(failed: FailedAnswer, asked: Asked): Unanswered {
  const isKnown = asked.region_status === 'opted out'
  const next = isKnown
    ? `Opt in to ${asked.region}, or leave it out of the regions to scan.`
    : `Opt in to ${asked.region}, leave it out of the regions to scan, or let the regions be listed; if it is opted in, use credentials that are valid there.`
  const failure: Failure = { ...toFailure(failed, next), denied_by: 'region not opted in' }
  return { end: isKnown && asked.is_list ? 'absent' : 'denied', failure }
}

function deniedFailure(failed: FailedAnswer, meaning: DeclaredAnswer, asked: Asked): Failure {
  const { answers } = asked
  const action = answers.deniedPermission?.(failed) ?? permissionOf(asked.read)
  const text = failed.message.toLowerCase()
  const known = answers.in_the_way.find(({ message }) => text.includes(message))
  const denied_by = meaning.denied_by ?? known?.denied_by
  const next = (meaning.next ?? known?.next ?? answers.denied_next)
    .replaceAll('{action}', action)
    .replaceAll('{region}', asked.region)
  return { ...toFailure(failed, next), action, ...(denied_by === undefined ? {} : { denied_by }) }
}

function throttledFailure(failed: FailedAnswer, asked: Asked): Failure {
  const next = `Nothing to do: the next scan tries again. If it stays, scan less often or raise the account's ${asked.service} request quota.`
  return toFailure(failed, next)
}

function networkFailure(failed: FailedAnswer, asked: Asked): Failure {
  const host = failed.metadata?.host ?? `${asked.service} in ${asked.region}`
  if (failed.code === 'TIME_BUDGET')
    return toFailure(failed, 'Raise the time budget of a cell, or scan fewer accounts at once.')
  const failure = toFailure(
    failed,
    `See that this machine can reach ${host} (network, proxy, DNS), or leave the region out.`,
  )
  return failed.kind === 'network' ? { ...failure, denied_by: 'network' } : failure
}

function undeclared(failed: FailedAnswer): Unanswered {
  const next = 'Scan again; if it stays, report the code: this answer is not declared yet.'
  return { end: 'error', failure: toFailure(failed, failed.next ?? next) }
}

function permissionOf(read: Read): string {
  return typeof read.permission === 'string' ? read.permission : (read.permission[0] ?? read.operation)
}

/** Parts that differ from call to call would make an unchanged failure look like a new one. */
function toFailure(failed: FailedAnswer, next: string): Failure {
  const message = failed.message
    .slice(0, 8192)
    .replace(/\s*Encoded authorization failure message: \S+/i, '')
    .replace(/\(?\brequest ?id:? [0-9A-Za-z-]{8,64}\)?/gi, '')
    .trim()
    .slice(0, 1000)
  return {
    code: failed.code === '' ? `HTTP_${failed.status ?? 0}` : failed.code.slice(0, 128),
    message,
    next,
  }
}
