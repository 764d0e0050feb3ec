import type { FailedAnswer, ProviderAnswers } from '../kernel/transport.ts'

/**
 * What AWS's error answers mean. Codes: the "Common errors" page of each service's API reference, S3's and EC2's
 * "Error responses"; texts of denials: "Troubleshoot access denied error messages" of the IAM user guide.
 * A bare status never decides: some 403 are throttling, and JSON services answer denials with 400.
 */
export const awsAnswers: ProviderAnswers = {
  declared: [
    {
      match: [
        'Throttling',
        'ThrottlingException',
        'ThrottledException',
        'RequestThrottled',
        'RequestThrottledException',
        'TooManyRequestsException',
        'RequestLimitExceeded',
        'BandwidthLimitExceeded',
        'ProvisionedThroughputExceededException',
        'SlowDown',
        'PriorRequestNotComplete',
        'EC2ThrottledException',
        { code: 'LimitExceededException', message: 'rate' },
        { status: 403, message: 'rate exceeded' },
        { status: 400, message: 'rate exceeded' },
        { status: 429, message: '' },
      ],
      means: 'throttled',
    },
    {
      match: 'UNREADABLE_ANSWER',
      means: 'transient',
      next: 'Find what answers in the place of AWS: a proxy, a login page, a gateway at `endpoint`. Try `curl -v` to the host from this machine, or set HTTPS_PROXY and NO_PROXY; then scan again.',
    },
    {
      match: [
        'InternalError',
        'InternalFailure',
        'InternalServerError',
        'InternalServerException',
        'InternalServiceError',
        'InternalServiceException',
        'ServiceUnavailable',
        'ServiceUnavailableException',
        'ServiceException',
        'Unavailable',
        'RequestTimeout',
        'RequestTimeoutException',
        'TransactionInProgressException',
        'KMSInternalException',
        'DependencyTimeoutException',
        'ServiceFailure',
        { status: 500, message: '' },
        { status: 502, message: '' },
        { status: 503, message: '' },
        { status: 504, message: '' },
      ],
      means: 'transient',
    },
    {
      match: 'COLLECT_CREDENTIALS_EXPIRED',
      means: 'expired',
      next: 'See what `stance doctor` says of the connection, then scan again.',
    },
    {
      match: [
        'COLLECT_ASSUME_ROLE_DENIED',
        'COLLECT_CREDENTIALS_INVALID',
        'COLLECT_CREDENTIALS_MFA',
        'COLLECT_CREDENTIALS_MISSING',
        'COLLECT_CREDENTIALS_REFUSED',
      ],
      means: 'credentials',
      next: 'See what `stance doctor` says of the connection, then scan again.',
    },
    {
      match: ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired'],
      means: 'expired',
    },
    {
      match: [
        { code: 'InvalidClientTokenId' },
        { code: 'UnrecognizedClientException' },
        { code: 'AuthFailure', message: 'validate the provided access credentials' },
        { code: 'InvalidToken' },
        { code: 'InvalidAccessKeyId' },
        { code: 'RegionDisabledException' },
      ],
      means: 'credentials or region',
    },
    {
      match: [
        'SignatureDoesNotMatch',
        'IncompleteSignature',
        'InvalidSignatureException',
        'MissingAuthenticationToken',
        'MissingAuthenticationTokenException',
        'RequestTimeTooSkewed',
        'NotSignedUp',
      ],
      means: 'credentials',
      next: 'Look at the credentials of this connection and at the clock of this machine: `stance doctor` tries them.',
    },
    { match: ['OptInRequired', 'SubscriptionRequiredException'], means: 'region not opted in' },
    {
      match: ['PermanentRedirect', 'TemporaryRedirect', 'AuthorizationHeaderMalformed', 'IncorrectEndpoint'],
      service: 's3',
      means: 'wrong region',
    },
    { match: [{ code: 'IllegalLocationConstraintException' }], service: 's3', means: 'wrong region' },
    {
      match: [
        'AccessDenied',
        'AccessDeniedException',
        'AuthFailure',
        'AccessDenied.NoPermission',
        'UnauthorizedOperation',
        'Client.UnauthorizedOperation',
        'UnauthorizedAccess',
        'UnauthorizedException',
        'NotAuthorized',
        'NotAuthorizedException',
        'AuthorizationError',
        'AuthorizationErrorException',
        'AllAccessDisabled',
        'AccountProblem',
        'InsufficientPermissions',
        'InsufficientPrivilegesException',
        'KMS.AccessDeniedException',
        { code: 'InvalidRequestException', message: 'is not authorized to perform' },
        { code: 'ValidationException', message: 'is not authorized to perform' },
      ],
      means: 'denied',
    },
    {
      // An answer to HEAD has no body: the status is all there is, and no HEAD is throttled with 403.
      match: ['', '403', 'Forbidden', 'UnknownError', 'Unknown'].map((code) => ({ code, status: 403 })),
      operation: 'Head',
      means: 'denied',
    },
  ],
  in_the_way: [
    {
      message: 'explicit deny in a service control policy',
      denied_by: 'service control policy',
      next: 'A service control policy of the organization denies {action}: exempt the scanning role there.',
    },
    {
      message: 'no service control policy allows',
      denied_by: 'service control policy',
      next: 'No service control policy of the organization allows {action}: allow it there.',
    },
    {
      message: 'explicit deny in a resource control policy',
      denied_by: 'resource control policy',
      next: 'A resource control policy of the organization denies {action}: exempt the scanning role there.',
    },
    {
      message: 'no resource control policy allows',
      denied_by: 'resource control policy',
      next: 'No resource control policy of the organization allows {action}: allow it there.',
    },
    {
      message: 'explicit deny in a permissions boundary',
      denied_by: 'permissions boundary',
      next: "The scanning role's permissions boundary denies {action}: allow it there.",
    },
    {
      message: 'no permissions boundary allows',
      denied_by: 'permissions boundary',
      next: "The scanning role's permissions boundary does not allow {action}: allow it there.",
    },
    {
      message: 'explicit deny in a session policy',
      denied_by: 'session policy',
      next: 'The session policy given when the role was assumed denies {action}: allow it there.',
    },
    {
      message: 'no session policy allows',
      denied_by: 'session policy',
      next: 'The session policy given when the role was assumed does not allow {action}: allow it there.',
    },
    {
      message: 'explicit deny in a vpc endpoint policy',
      denied_by: 'vpc endpoint policy',
      next: 'The VPC endpoint that this machine goes through denies {action}: change its policy.',
    },
    {
      message: 'no vpc endpoint policy allows',
      denied_by: 'vpc endpoint policy',
      next: 'The VPC endpoint that this machine goes through does not allow {action}: change its policy.',
    },
    {
      message: 'explicit deny in a resource-based policy',
      denied_by: 'resource policy',
      next: "The resource's own policy denies {action}: exempt the scanning role there.",
    },
    {
      message: 'no resource-based policy allows',
      denied_by: 'resource policy',
      next: "The resource's own policy must allow {action} to the scanning role.",
    },
    {
      message: 'explicit deny in an identity-based policy',
      denied_by: 'identity policy',
      next: 'A policy of the scanning role itself denies {action}: take that statement away.',
    },
    {
      message: 'no identity-based policy allows',
      denied_by: 'identity policy',
      next: 'Allow {action} to the scanning role: `stance permissions aws` prints the whole policy.',
    },
  ],
  denied_next: 'Allow {action} to the scanning role: `stance permissions aws` prints the whole policy.',
  deniedPermission,
}

/** `… is not authorized to perform: iam:GetUser on resource: …` */
function deniedPermission(failed: FailedAnswer): string | undefined {
  const named = /not authorized to perform:? ([a-z0-9-]{1,64}:[A-Za-z0-9]{1,128})\b/.exec(
    failed.message.slice(0, 4096),
  )
  return named?.[1]
}
