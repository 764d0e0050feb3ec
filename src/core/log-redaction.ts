const mask = '[secret]'

/** Fields that are secret by their name, however they are spelled: `SecretAccessKey`, `session_token`. */
const secretName =
  /pass(word|wd|phrase)|secret|session_?token|auth_?token|api_?key|private_?key|external_?id|credential|authorization|cookie|bearer|database_?url/i
/** Names that only speak about secrets: ids, counts, states. */
const harmlessName = /(_|^)(count|state|age|days|type|kind|name|status|at)$|Count$|Type$|Name$|Status$/

const secretTexts: readonly [RegExp, string][] = [
  // With a password: up to the last @, for one may hold @, / and #. Without: a plain name is no secret.
  [/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@:]*:(?:(?!:\/\/)[^\s"'<>])*@/gi, `$1${mask}@`],
  [/([a-z][a-z0-9+.-]{0,30}:\/\/)(?![a-z_-]{1,24}@)[^\s/@]*@/gi, `$1${mask}@`],
  // As a path that somebody gave an address for: folders lose the second slash.
  [/([a-z][a-z0-9+.-]{0,30}:\/)(?!\/)[^\s/@:]{0,100}:[^\s"'<>/]{1,200}@/gi, `$1${mask}@`],
  [/(X-Amz-(?:Signature|Security-Token|Credential)=)[^&\s"']+/gi, `$1${mask}`],
  [
    /((?:password|passwd|passphrase|[a-z0-9]_pass|pwd|secret|secret_?(?:access_?)?key|api_?key|token)\\?["']?\s*[=:]\s*\\?)("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s,;&"'}]+)/gi,
    `$1${mask}`,
  ],
  [/(\bBearer\s+)[\w.~+/=-]{8,}/gi, `$1${mask}`],
  [/(Authorization:\s*)[^\r\n]+/gi, `$1${mask}`],
  [/(hooks\.slack\.com\/)[^\s"'<>]+/gi, `$1${mask}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, mask],
]

/** Headers as libraries list them: a name, then its value. */
const secretHeader = /^(proxy-)?authorization$|^(set-)?cookie$|^x-amz-security-token$|^password$/i

/** Deep enough for what is worth logging; what lies deeper is cut off. */
const deepest = 8

export interface Redactor {
  text(text: string): string
  value(value: unknown): unknown
}

/** Masks secrets by name, by shape, and the given ones wherever they turn up. */
export function createRedactor(secrets: readonly string[] = []): Redactor {
  // A very short secret would mask half of every line. Longest first: one may be part of another.
  const exact = secrets.filter((secret) => secret.length >= 6).toSorted((a, b) => b.length - a.length)

  const text = (input: string): string => {
    let output = input
    for (const secret of exact) output = output.replaceAll(secret, mask)
    for (const [shape, replacement] of secretTexts) output = output.replace(shape, replacement)
    return output
  }

  const value = (input: unknown, depth = 0): unknown => {
    if (typeof input === 'string') return text(input)
    if (typeof input === 'bigint') return String(input)
    if (typeof input !== 'object' || input === null || input instanceof Date) return input
    if (depth >= deepest) return '[…]'
    if (input instanceof Error) return value(fieldsOf(input), depth)
    if (Array.isArray(input)) {
      const isValue = (at: number) => typeof input[at - 1] === 'string' && secretHeader.test(input[at - 1])
      return input.map((element, at) => (isValue(at) ? mask : value(element, depth + 1)))
    }
    if (ArrayBuffer.isView(input)) return `[${input.byteLength} bytes]`
    return Object.fromEntries(
      Object.entries(input).map(([name, inner]) => {
        const isSecret =
          secretName.test(name) && !harmlessName.test(name) && inner !== undefined && inner !== null
        return [name, isSecret ? mask : value(inner, depth + 1)]
      }),
    )
  }

  return { text, value: (input) => value(input) }
}

/** An error's own fields are not enumerable; others (a request, a client) may drag secrets along and stay out. */
function fieldsOf(error: Error): Record<string, unknown> {
  const { code, next } = error as { code?: unknown; next?: unknown }
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(next === undefined ? {} : { next }),
    ...(error.cause === undefined ? {} : { cause: error.cause }),
    stack: error.stack,
  }
}
