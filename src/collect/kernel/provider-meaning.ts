import { matchesAny } from './match-answer.ts'
import type { DeclaredAnswer, FailedAnswer, ProviderAnswers, TransportRequest } from './transport.ts'

type Asked = Pick<TransportRequest, 'service' | 'operation'>

/** The first declared answer that fits: what the provider means by it, whatever was asked. */
export function providerMeaning(
  failed: FailedAnswer,
  asked: Asked,
  answers: ProviderAnswers,
): DeclaredAnswer | undefined {
  return answers.declared.find(
    ({ match, service, operation }) =>
      (service === undefined || service === asked.service) &&
      (operation === undefined || asked.operation.startsWith(operation)) &&
      matchesAny(failed, match),
  )
}

export function isThrottled(failed: FailedAnswer, asked: Asked, answers: ProviderAnswers): boolean {
  return failed.throttled === true || providerMeaning(failed, asked, answers)?.means === 'throttled'
}

/** Goes away by itself: throttling, a server's own trouble, a lost connection. */
export function isPassing(failed: FailedAnswer, asked: Asked, answers: ProviderAnswers): boolean {
  if (failed.kind === 'network' || failed.kind === 'timeout') return true
  if (failed.kind === 'cancelled') return false
  return isThrottled(failed, asked, answers) || providerMeaning(failed, asked, answers)?.means === 'transient'
}
