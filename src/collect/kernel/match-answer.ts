import type { Answer } from '../../core/read.ts'
import type { FailedAnswer } from './transport.ts'

/** Does an answer match a declared one? Everything that is declared must agree; nothing declared matches nothing. */
function matchesAnswer(failed: FailedAnswer, declared: Answer): boolean {
  if (failed.kind !== 'answer') return false
  if (typeof declared === 'string') return failed.code === declared
  const { code, status, message, reason } = declared
  if (code === undefined && message === undefined && reason === undefined) return false
  return (
    (code === undefined || failed.code === code) &&
    (status === undefined || failed.status === status) &&
    (message === undefined || holds(failed.message, message)) &&
    (reason === undefined || holds(failed.reason, reason))
  )
}

export function matchesAny(failed: FailedAnswer, declared: Answer | readonly Answer[] | undefined): boolean {
  if (declared === undefined) return false
  const all = Array.isArray(declared) ? (declared as readonly Answer[]) : [declared as Answer]
  return all.some((one) => matchesAnswer(failed, one))
}

function holds(text: string | undefined, part: string): boolean {
  return (text ?? '').toLowerCase().includes(part.toLowerCase())
}
