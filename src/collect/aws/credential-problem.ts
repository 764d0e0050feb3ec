import { StanceError } from '../../core/errors.ts'
import type { AwsConnection } from './connection.ts'
import { toFailedAnswer } from './failed-answer.ts'

/**
 * What stands between a connection and its keys. The SDK says most of it in sentences only: those looked at here
 * are held by tests, so that a new version of it that says otherwise is noticed.
 */
export function toCredentialProblem(
  error: unknown,
  connection: AwsConnection,
  roleArn?: string,
): StanceError {
  if (error instanceof StanceError) return error
  const text = error instanceof Error ? `${error.name} ${error.message}` : String(error)
  const details = {
    connection: connection.name,
    ...(connection.profile === undefined ? {} : { profile: connection.profile }),
    ...(roleArn === undefined ? {} : { role_arn: roleArn }),
  }
  const problem = (code: string, message: string, next: string) =>
    new StanceError(code, message, { next, cause: error, details })
  const who =
    connection.profile === undefined
      ? `of the connection "${connection.name}"`
      : `of the profile "${connection.profile}"`
  const withProfile = connection.profile === undefined ? '' : ` --profile ${connection.profile}`

  const failed = toFailedAnswer(error, { cancelled: false, late: isTimeout(error), host: undefined })
  if (failed.kind === 'timeout' || (failed.kind === 'network' && isSystemCode(failed.code))) {
    return problem(
      'COLLECT_UNREACHABLE',
      `The keys ${who} could not be got: ${failed.code} ${failed.message}`,
      'Look at the network between this machine and AWS: HTTPS_PROXY, NO_PROXY, `network.ca_bundle`, a VPC endpoint for STS.',
    )
  }
  if (/\b(SSO|sso)\b/.test(text) && /expired|invalid|not found|UnauthorizedException|refresh/i.test(text)) {
    return problem(
      'COLLECT_CREDENTIALS_EXPIRED',
      `The SSO session ${who} has ended.`,
      `Renew it: \`aws sso login${withProfile}\`.`,
    )
  }
  if (/UnauthorizedException|Session token not found or invalid/.test(text)) {
    return problem(
      'COLLECT_CREDENTIALS_EXPIRED',
      `The SSO session ${who} has ended.`,
      `Renew it: \`aws sso login${withProfile}\`.`,
    )
  }
  if (/aws login|[Rr]eauthenticate/.test(text)) {
    return problem(
      'COLLECT_CREDENTIALS_EXPIRED',
      `The login session ${who} has ended.`,
      `Renew it: \`aws login${withProfile}\`.`,
    )
  }
  if (/ExpiredToken|TokenRefreshRequired|RequestExpired/.test(text)) {
    return problem(
      'COLLECT_CREDENTIALS_EXPIRED',
      `The temporary keys ${who} have ended.`,
      'Get new ones from where these came from, or use a profile or role that renews them by itself.',
    )
  }
  if (roleArn !== undefined && failed.kind === 'answer') {
    return problem(
      'COLLECT_ASSUME_ROLE_DENIED',
      `The role ${roleArn} could not be assumed: ${failed.message}`,
      trustPolicy(roleArn, connection),
    )
  }
  if (
    /InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|AuthFailure|InvalidAccessKeyId/.test(text)
  ) {
    return problem(
      'COLLECT_CREDENTIALS_INVALID',
      `AWS does not know the keys ${who}.`,
      'Look whether they are active and the clock of this machine is right. For China, GovCloud and other partitions set `home_region` to a region of theirs.',
    )
  }
  if (/multi-factor|MFA/.test(text)) {
    return problem(
      'COLLECT_CREDENTIALS_MFA',
      `The keys ${who} ask for a second factor.`,
      'Use a role or an SSO profile for scanning: nobody is there to type a code.',
    )
  }
  if (
    connection.profile !== undefined &&
    /Could not resolve credentials using profile|was not found|could not be found/.test(text)
  ) {
    return problem(
      'COLLECT_CREDENTIALS_MISSING',
      `There are no keys for the profile "${connection.profile}".`,
      `See what there is with \`aws configure list-profiles\`, or make it with \`aws configure sso --profile ${connection.profile}\`.`,
    )
  }
  if (/Could not load credentials|credentials/i.test(text) && failed.kind !== 'answer') {
    return problem(
      'COLLECT_CREDENTIALS_MISSING',
      `No keys were found for the connection "${connection.name}" (${messageOf(error)}).`,
      'Set AWS_PROFILE, or `profile` of the connection, or run where a role is attached (EC2, ECS, EKS, Lambda).',
    )
  }
  return problem(
    'COLLECT_CREDENTIALS_REFUSED',
    `The keys ${who} could not be got: ${messageOf(error)}`,
    'Try `aws sts get-caller-identity`' + (withProfile === '' ? '.' : ` with${withProfile}.`),
  )
}

function trustPolicy(roleArn: string, connection: AwsConnection): string {
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: "<the ARN of this connection's identity>" },
    Action: 'sts:AssumeRole',
    ...(connection.external_id === undefined
      ? {}
      : { Condition: { StringEquals: { 'sts:ExternalId': '<the external_id of this connection>' } } }),
  }
  return [
    `See that ${roleArn} exists and that its trust policy holds ${JSON.stringify(statement)},`,
    'and that the identity may sts:AssumeRole on it.',
  ].join(' ')
}

function isTimeout(error: unknown): boolean {
  const name = (error as { name?: string }).name
  return name === 'TimeoutError' || name === 'AbortError'
}

/** ECONNREFUSED, ENOTFOUND, UNABLE_TO_VERIFY_LEAF_SIGNATURE; not the name of an error's class. */
function isSystemCode(code: string): boolean {
  return /^[A-Z][A-Z0-9_]+$/.test(code)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
