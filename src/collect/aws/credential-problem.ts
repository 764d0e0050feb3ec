import { StanceError } from '../../core/errors.ts'
import type { DeclaredAnswer, FailedAnswer } from '../kernel/transport.ts'
import type { AwsConnection } from './connection.ts'
import { toFailedAnswer } from './failed-answer.ts'

const readIt = 'See what `stance doctor` says of the connection.'

/** What the problems below mean for what was to be read. */
export const credentialAnswers: readonly DeclaredAnswer[] = [
  { match: ['COLLECT_CREDENTIALS_EXPIRED'], means: 'expired', next: readIt },
  {
    match: [
      'COLLECT_CREDENTIALS_MISSING',
      'COLLECT_CREDENTIALS_INVALID',
      'COLLECT_CREDENTIALS_MFA',
      'COLLECT_CREDENTIALS_REFUSED',
      'COLLECT_ASSUME_ROLE_DENIED',
      'COLLECT_ACCOUNT_OUT_OF_REACH',
    ],
    means: 'credentials',
    next: readIt,
  },
]

/** What is known of a problem when its words are chosen. */
interface Seen {
  /** Name and message of what was thrown. */
  text: string
  failed: FailedAnswer
  connection: AwsConnection
  /** The role that was to be assumed. */
  role: string | undefined
}

interface Problem {
  code: string
  when: (seen: Seen) => boolean
  message: (seen: Seen) => string
  next: (seen: Seen) => string
}

/**
 * What stands between a connection and its keys; the first that fits. The SDK says most of it in sentences only:
 * those looked at here are held by tests, so that a new version of it that says otherwise is noticed.
 */
const problems: readonly Problem[] = [
  {
    code: 'COLLECT_UNREACHABLE',
    when: ({ failed, text }) => isOfTheNetwork(failed) || networkInWords.test(text),
    message: (seen) => `The keys ${whose(seen)} could not be got: ${seen.failed.message}`,
    next: () =>
      'Look at the network between this machine and AWS: HTTPS_PROXY, NO_PROXY, `network.ca_bundle`, a VPC endpoint for STS, and `endpoint` where the connection has one.',
  },
  {
    code: 'COLLECT_CREDENTIALS_EXPIRED',
    when: ({ text }) => isEndedSso(text),
    message: (seen) => `The SSO session ${whose(seen)} has ended.`,
    next: (seen) => `Renew it: \`aws sso login${withProfile(seen)}\`.`,
  },
  {
    code: 'COLLECT_CREDENTIALS_EXPIRED',
    when: ({ text }) => /aws login|reauthenticate/i.test(text),
    message: (seen) => `The login session ${whose(seen)} has ended.`,
    next: (seen) => `Renew it: \`aws login${withProfile(seen)}\`.`,
  },
  {
    code: 'COLLECT_CREDENTIALS_EXPIRED',
    when: ({ text }) => /ExpiredToken|TokenRefreshRequired|RequestExpired/.test(text),
    message: (seen) => `The temporary keys ${whose(seen)} have ended.`,
    next: () =>
      'Get new ones from where these came from, or use a profile or role that renews them by itself.',
  },
  {
    code: 'COLLECT_CREDENTIALS_INVALID',
    when: ({ text }) =>
      /InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|AuthFailure|InvalidAccessKeyId/.test(
        text,
      ),
    message: (seen) => `AWS does not know the keys ${whose(seen)}.`,
    next: () =>
      'Look whether they are active and the clock of this machine is right. For China, GovCloud and other partitions set `home_region` to a region of theirs.',
  },
  {
    code: 'COLLECT_ASSUME_ROLE_DENIED',
    when: ({ role, failed }) => role !== undefined && failed.kind === 'answer',
    message: ({ role, failed }) => `The role ${role} could not be assumed: ${failed.message}`,
    next: trustPolicy,
  },
  {
    code: 'COLLECT_CREDENTIALS_MFA',
    when: ({ text }) => /multi-factor|MFA/.test(text),
    message: (seen) => `The keys ${whose(seen)} ask for a second factor.`,
    next: () => 'Use a role or an SSO profile for scanning: nobody is there to type a code.',
  },
  {
    code: 'COLLECT_CREDENTIALS_MISSING',
    when: ({ connection, text }) =>
      connection.profile !== undefined &&
      /Could not resolve credentials using profile|was not found|could not be found/.test(text),
    message: ({ connection }) => `There are no keys for the profile "${connection.profile}".`,
    next: ({ connection }) =>
      `See what there is with \`aws configure list-profiles\`, or make it with \`aws configure sso --profile ${connection.profile}\`.`,
  },
  {
    code: 'COLLECT_CREDENTIALS_MISSING',
    when: ({ text, failed }) => /credentials/i.test(text) && failed.kind !== 'answer',
    message: ({ connection, failed }) =>
      `No keys were found for the connection "${connection.name}" (${failed.message}).`,
    next: () =>
      'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (with AWS_SESSION_TOKEN), or `profile` of the connection, or run where a role is attached (EC2, ECS, EKS, Lambda).',
  },
]

const anyOther: Omit<Problem, 'when'> = {
  code: 'COLLECT_CREDENTIALS_REFUSED',
  message: (seen) => `The keys ${whose(seen)} could not be got: ${seen.failed.message}`,
  next: (seen) => `Try \`aws sts get-caller-identity${withProfile(seen)}\`.`,
}

export function toCredentialProblem(
  error: unknown,
  connection: AwsConnection,
  roleArn?: string,
): StanceError {
  if (error instanceof StanceError) return error
  const text = error instanceof Error ? `${error.name} ${error.message}` : String(error)
  const late = error instanceof Error && /^(TimeoutError|AbortError)$/.test(error.name)
  const answer = toFailedAnswer(error, { cancelled: false, late, host: undefined })
  // Whoever answers in the place of AWS may say a lot.
  const failed = { ...answer, message: answer.message.slice(0, 1000) }
  // A role that the profile itself names is known from the refusal alone.
  const role = roleArn ?? /sts:AssumeRole on resource: (\S+)/.exec(text)?.[1]
  const seen: Seen = { text, failed, connection, role }
  const problem = problems.find(({ when }) => when(seen)) ?? anyOther
  const details = { connection: connection.name, profile: connection.profile, role_arn: role }
  return new StanceError(problem.code, problem.message(seen), {
    next: problem.next(seen),
    cause: error,
    details,
  })
}

function whose({ connection }: Seen): string {
  const profile = profileOf(connection)
  return profile === undefined ? `of the connection "${connection.name}"` : `of the profile "${profile}"`
}

/** As a shell takes it for one word. */
function withProfile({ connection }: Seen): string {
  const profile = profileOf(connection)
  if (profile === undefined) return ''
  const plain = /^[\w.@+:-]+$/.test(profile)
  return ` --profile ${plain ? profile : `'${profile.replaceAll("'", `'\\''`)}'`}`
}

/** Its own, or the one that the environment names (`AWS_PROFILE`). */
function profileOf({ profile, profile_files }: AwsConnection): string | undefined {
  return profile ?? profile_files?.named
}

/** Whom AWS refused, as a trust policy names them: the role itself in the place of its session. */
function refusedIdentity(text: string): string | undefined {
  const [, arn] = /User: (arn:aws[a-z-]*:(?:iam|sts)::\d{12}:[\w+=,.@/-]+) is not authorized/.exec(text) ?? []
  const [, partition, account, name] = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn ?? '') ?? []
  // A session does not tell the path of its role, and those of single sign-on have one.
  if (name?.startsWith('AWSReservedSSO_')) return undefined
  return name === undefined ? arn : `arn:${partition}:iam::${account}:role/${name}`
}

function trustPolicy({ role, connection, text }: Seen): string {
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: refusedIdentity(text) ?? "<the ARN of this connection's identity>" },
    Action: 'sts:AssumeRole',
    ...(connection.external_id === undefined
      ? {}
      : { Condition: { StringEquals: { 'sts:ExternalId': '<the external_id of this connection>' } } }),
  }
  return [
    `See that ${role} exists and that its trust policy holds ${JSON.stringify(statement)},`,
    'and that the identity may sts:AssumeRole on it.',
  ].join(' ')
}

/** The SDK's chain keeps only the words of what went wrong below it. */
const networkInWords =
  /\b(ERR_(TLS|SSL)_\w+|ECONN\w+|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|TimeoutError)\b|\bcertificate\b|\bsocket hang up\b/

/** STS itself being busy is no refusal. Codes of the system are in capitals, names of errors are not. */
function isOfTheNetwork({ kind, code, status, throttled }: FailedAnswer): boolean {
  if (kind === 'answer') return throttled === true || (status ?? 0) >= 500 || /^(Throttl|TooMany)/.test(code)
  return kind === 'timeout' || /^[A-Z][A-Z0-9_]+$/.test(code)
}

function isEndedSso(text: string): boolean {
  if (/UnauthorizedException|Session token not found or invalid/.test(text)) return true
  return /\bsso\b/i.test(text) && /expired|invalid|not found|refresh/i.test(text)
}
