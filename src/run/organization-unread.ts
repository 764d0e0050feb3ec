import type { PlannableAccount } from '../collect/kernel/plan-cells.ts'
import { providerMeaning } from '../collect/kernel/provider-meaning.ts'
import type { FailedAnswer, Transport } from '../collect/kernel/transport.ts'

/** Which accounts there are is not known: to be denied it, or to be in none, is no empty organization. */
export function organizationUnread(
  failed: FailedAnswer,
  operation: string,
  { answers }: Transport,
): NonNullable<PlannableAccount['organization_unread']> {
  const { code } = failed
  const action = `organizations:${operation}`
  const said = failed.message === '' ? code : `${failed.message} (${code})`
  if (code === 'AWSOrganizationsNotInUseException')
    return {
      state: 'error',
      failure: {
        code: 'NO_ORGANIZATION',
        message: `The account is in no organization, and \`organization\` of the connection asks for one: ${said}`,
        next: 'Take `organization` out of the connection, or use credentials of an account that is in one.',
      },
    }
  const isDenied =
    providerMeaning(failed, { service: 'organizations', operation }, answers)?.means === 'denied'
  const message = `The organization cannot be read, so other accounts of it may be unread: ${said}`
  if (!isDenied)
    return {
      state: 'error',
      failure: {
        code: 'NO_ORGANIZATION',
        message,
        next: 'Scan again; if it stays, look at `stance doctor`, or take `organization` out of the connection.',
      },
    }
  const next = `Allow ${action} (of the management account or a delegated administrator: docs/guide/connecting-aws.md), or take \`organization\` out of the connection.`
  return { state: 'denied', failure: { code, message, action, next } }
}
