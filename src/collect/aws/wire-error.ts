interface WireError {
  status: number
  headers: Record<string, string>
  body: Buffer
}

/** The forms in which services write errors; names as on the "Common errors" pages of each. */
const json = new Set(['kms', 'cloudtrail', 'organizations', 'account'])
const denied: Record<string, [status: number, code: string]> = { ec2: [403, 'UnauthorizedOperation'] }
const throttled: Record<string, [status: number, code: string]> = {
  ec2: [503, 'RequestLimitExceeded'],
  s3: [503, 'SlowDown'],
  organizations: [400, 'TooManyRequestsException'],
}

/** Status and code of a denial or of throttling by this service. */
export function usualError(service: string, kind: 'denied' | 'throttled'): { status: number; code: string } {
  const usual = (kind === 'denied' ? denied : throttled)[service]
  if (usual !== undefined) return { status: usual[0], code: usual[1] }
  if (kind === 'throttled')
    return { status: 400, code: json.has(service) ? 'ThrottlingException' : 'Throttling' }
  return json.has(service)
    ? { status: service === 'account' ? 403 : 400, code: 'AccessDeniedException' }
    : { status: 403, code: 'AccessDenied' }
}

/** What a service says beside the code, where nobody says it in other words. */
const words = {
  denied: 'The caller may not do this.',
  throttled: 'Too many requests.',
  failed: 'The service could not answer.',
}

export function errorOnTheWire(service: string, kind: 'denied' | 'throttled'): WireError
export function errorOnTheWire(service: string, status: number, code: string, message?: string): WireError
export function errorOnTheWire(
  service: string,
  what: 'denied' | 'throttled' | number,
  given?: string,
  message = words[typeof what === 'number' ? 'failed' : what],
): WireError {
  const { status, code } =
    typeof what === 'number' ? { status: what, code: given ?? '' } : usualError(service, what)
  if (json.has(service)) {
    return {
      status,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': code },
      body: Buffer.from(JSON.stringify({ __type: code, message })),
    }
  }
  return { status, headers: { 'content-type': 'text/xml' }, body: Buffer.from(xmlOf(service, code, message)) }
}

function xmlOf(service: string, code: string, message: string): string {
  const inner = `<Code>${escaped(code)}</Code><Message>${escaped(message)}</Message>`
  if (service === 'ec2')
    return `<Response><Errors><Error>${inner}</Error></Errors><RequestID>replay</RequestID></Response>`
  if (service === 's3') return `<Error>${inner}<RequestId>replay</RequestId></Error>`
  return `<ErrorResponse><Error><Type>Sender</Type>${inner}</Error><RequestId>replay</RequestId></ErrorResponse>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
