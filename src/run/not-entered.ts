import type { Caller as Asking } from '../collect/aws/ask.ts'
import { identify } from '../collect/aws/identify.ts'
import type { PlannableAccount } from '../collect/kernel/plan-cells.ts'
import { StanceError } from '../core/errors.ts'
import type { Failure } from '../lake/collected.ts'
import type { ConnectionSettings } from './run-settings.ts'

/** The connection itself cannot sign in, whichever account is asked for: nothing was learnt of any of them. */
export class NotSignedIn extends Error {
  readonly problem: StanceError

  constructor(problem: StanceError) {
    super(problem.message)
    this.problem = problem
  }
}

const signingIn = /^COLLECT_(CREDENTIALS_|REGION_UNKNOWN$)/

/**
 * One account that could not be entered. Throws `NotSignedIn` where that says nothing of the account: without keys that
 * work nobody can ask for its role. `signedIn`: that they work is known.
 */
export async function tellNotEntered(
  error: StanceError,
  connection: ConnectionSettings,
  asking: Asking,
  signedIn: boolean,
): Promise<Pick<PlannableAccount, 'not_entered' | 'no_answer'>> {
  if (isOfTheKeys(error, connection, signedIn)) {
    const own = await identify(asking).then(
      () => undefined,
      (problem: unknown) => problem,
    )
    if (own instanceof StanceError && isOfTheKeys(own, connection, false)) throw new NotSignedIn(own)
  }
  return notEntered(error)
}

function isOfTheKeys({ code }: StanceError, { role_arn }: ConnectionSettings, signedIn: boolean): boolean {
  // A role that the profile itself names is on the way to every account; one of the connection is the account's own.
  if (code === 'COLLECT_ASSUME_ROLE_DENIED') return !signedIn && (role_arn?.includes('{account}') ?? true)
  return signedIn ? code === 'COLLECT_CREDENTIALS_EXPIRED' : signingIn.test(code)
}

/** No answer, and no keys to ask with, are no refusal: what was read before counts until it is too old. */
function notEntered(error: StanceError): Required<Pick<PlannableAccount, 'not_entered' | 'no_answer'>> {
  const { code, message, next } = error
  const isRefused = code === 'COLLECT_ASSUME_ROLE_DENIED'
  const not_entered: Failure = {
    ...{ code, message, next, denied_by: 'credentials' },
    ...(isRefused ? { action: 'sts:AssumeRole' } : {}),
  }
  return { not_entered, no_answer: code === 'COLLECT_UNREACHABLE' }
}

/** Of an account behind a connection that could not say who it is. */
export function notAsked(
  error: StanceError,
  connection: ConnectionSettings,
): Pick<PlannableAccount, 'not_entered' | 'no_answer'> {
  const { not_entered, no_answer } = notEntered(error)
  return { not_entered, no_answer: no_answer || isOfTheKeys(error, connection, false) }
}
