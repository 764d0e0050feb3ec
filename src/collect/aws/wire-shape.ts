/** Who answered in the service's place, as far as a body of a success can show it. */
export interface WireSuccess {
  service: string
  operation: string
  method: string
  status: number
  body: Buffer
}

/** A success that is none. */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer'
  readonly $response: { statusCode: number; headers: Record<string, string> }

  constructor(message: string, response: { statusCode: number; headers: Record<string, string> }) {
    super(message)
    this.$response = response
  }
}

/** Their root element repeats the operation: `<DescribeVpcsResponse>`. */
const named = new Set(['ec2', 'elasticloadbalancingv2', 'iam', 'sts'])

/**
 * The SDK takes whatever XML, HTML or nothing it gets with status 200 for an answer in which everything is left
 * out: "no buckets", said by a login page. So each success is looked at before the SDK reads it. Says what is
 * wrong with it; undefined where nothing is.
 */
export function wrongShape(success: WireSuccess): string | undefined {
  const { service, operation, method, status, body } = success
  if (method === 'HEAD' || status === 204 || operation === 'GetObject') return undefined
  const text = body.subarray(0, 2048).toString('utf8').trimStart()
  if (text === '') return 'The answer is empty.'
  const start = text.replace(/^(?:<\?xml[^>]*\?>|<!--[\s\S]*?-->|\s+)+/, '')
  // Not by its declared type: emulators call all that they say text/html.
  if (/^<(!doctype\s+)?html\b/i.test(start)) return 'The answer is a web page.'
  if (named.has(service) && /^<(?:\w+:)?(\w+)/.exec(start)?.[1] !== `${operation}Response`) {
    return `The answer is not a ${operation}Response.`
  }
  if (start.startsWith('<') && !endsAsBegun(start, body)) return 'The answer breaks off.'
  return undefined
}

/** The element that begins is the last one to end. */
function endsAsBegun(start: string, body: Buffer): boolean {
  const root = /^<([\w:.-]+)[^>]*?(\/?)>/.exec(start)
  if (root === null) return false
  if (root[2] === '/') return true
  return body.subarray(-512).toString('utf8').trimEnd().endsWith(`</${root[1]}>`)
}
