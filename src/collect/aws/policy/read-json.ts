import type { Json } from '../../../core/json.ts'
import { limits } from './limits.ts'
import type { PolicyProblem } from './policy.ts'

/** Ends the reading of one document; caught in `parsePolicy` and nowhere else. */
export class PolicyRejected extends Error {
  readonly problem: PolicyProblem

  constructor(problem: PolicyProblem, message: string) {
    super(message)
    this.problem = problem
  }
}

/**
 * Reads the text of a policy. IAM hands its documents out URL-encoded (RFC 3986), which is undone here. A key that
 * occurs twice in one object is refused: JSON readers disagree on which of the two counts.
 */
export function readJson(source: string): Json {
  if (source.length > limits.characters * 3) throw tooLarge()
  const text = decode(source.trim().replace(/^\uFEFF/, ''))
  if (text.length > limits.characters) throw tooLarge()
  checkShape(text)
  try {
    return JSON.parse(text) as Json
  } catch {
    throw new PolicyRejected('not_json', 'The document is not JSON.')
  }
}

function tooLarge(): PolicyRejected {
  return new PolicyRejected('too_large', `The document has more than ${limits.characters} characters.`)
}

function decode(text: string): string {
  if (!/^(%20|%09|%0a|%0d)*%7b/i.test(text)) return text
  try {
    return decodeURIComponent(text)
  } catch {
    throw new PolicyRejected('not_json', 'The document is URL-encoded, and wrongly.')
  }
}

/** Depth and double keys, in one pass over the text; that it is JSON at all is `JSON.parse`'s business. */
function checkShape(text: string): void {
  const open: (Set<string> | undefined)[] = []
  let keys: Set<string> | undefined
  let isKey = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 34) {
      const from = at
      for (at++; at < text.length && text.charCodeAt(at) !== 34; at++) if (text.charCodeAt(at) === 92) at++
      if (isKey && keys !== undefined) addKey(keys, text.slice(from, at + 1))
    } else if (code === 123 || code === 91) {
      open.push(keys)
      if (open.length > limits.depth) {
        throw new PolicyRejected('too_deep', `The document is nested deeper than ${limits.depth} levels.`)
      }
      keys = code === 123 ? new Set() : undefined
      isKey = code === 123
    } else if (code === 125 || code === 93) {
      keys = open.pop()
      isKey = false
    } else if (code === 44) {
      isKey = keys !== undefined
    } else if (code === 58) {
      isKey = false
    }
  }
}

function addKey(keys: Set<string>, quoted: string): void {
  let key = quoted
  if (quoted.includes('\\')) {
    try {
      key = JSON.stringify(JSON.parse(quoted))
    } catch {
      throw new PolicyRejected('not_json', 'The document is not JSON.')
    }
  }
  if (keys.has(key)) throw new PolicyRejected('duplicate_keys', 'The document has a key twice in one object.')
  keys.add(key)
}
