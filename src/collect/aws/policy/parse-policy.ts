import type { Json, JsonObject } from '../../../core/json.ts'
import { limits } from './limits.ts'
import { type Condition, parseCondition } from './parse-condition.ts'
import { type Principal, parsePrincipal } from './parse-principal.ts'
import { Glob } from './pattern.ts'
import type { PolicyContext, PolicyResult, PolicyStatement } from './policy.ts'
import { PolicyRejected, readJson } from './read-json.ts'

/**
 * Reads a policy document of any kind: of an identity, of a resource, of a role's trust, of an endpoint. The text
 * may be URL-encoded, as IAM hands it out. Never throws: what is not a policy is a result with a problem. An
 * empty text is a document without statements.
 */
export function parsePolicy(document: string | JsonObject, context: PolicyContext): PolicyResult {
  try {
    if (typeof document === 'string' && document.trim() === '') {
      return { ok: true, policy: { context, version: '', statements: [] } }
    }
    return readPolicy(typeof document === 'string' ? readJson(document) : document, context)
  } catch (error) {
    if (!(error instanceof PolicyRejected)) throw error
    return { ok: false, problem: error.problem, message: error.message }
  }
}

/** Counts what it hands out, so that a huge object is refused like a huge text. */
class Reader {
  private values = 0
  private characters = 0
  private names = 0

  strings(value: Json | undefined, what: string): string[] {
    const list = Array.isArray(value) ? value : [value]
    return list.map((one) => this.string(one, what))
  }

  string(value: Json | undefined, what: string): string {
    const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
    if (typeof text !== 'string') throw malformed(`${what} is not a string`)
    this.values++
    this.characters += text.length
    if (
      this.values > limits.values ||
      this.characters > limits.characters ||
      text.length > limits.valueCharacters
    ) {
      throw new PolicyRejected('too_large', `The document has more, or longer, values than AWS would store.`)
    }
    return text
  }

  /** The members of an object, by lower-case name: AWS writes the names of elements in one case only. */
  elements(value: Json | undefined, what: string): Map<string, Json> {
    const found = new Map<string, Json>()
    for (const [name, member] of this.entries(value, what)) {
      const key = name.toLowerCase()
      if (found.has(key)) throw new PolicyRejected('duplicate_keys', `${what} has ${name} twice.`)
      found.set(key, member)
    }
    return found
  }

  entries(value: Json | undefined, what: string): [string, Json][] {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw malformed(`${what} is not an object`)
    }
    const entries = Object.entries(value)
    this.names += entries.length
    if (this.names > limits.values) throw new PolicyRejected('too_large', 'The document has too many names.')
    return entries
  }
}

function malformed(what: string): PolicyRejected {
  return new PolicyRejected('malformed', `${what}.`)
}

function readPolicy(document: Json, context: PolicyContext): PolicyResult {
  const reader = new Reader()
  const elements = reader.elements(document, 'The document')
  const version = elements.has('version') ? reader.string(elements.get('version'), 'Version') : ''
  // Without a version the language is that of 2008, where `${…}` is text like any other.
  const knowsVariables = version !== '' && version !== '2008-10-17'
  const found = elements.get('statement')
  if (found === undefined) throw malformed('The document has no Statement')
  const list = Array.isArray(found) ? found : [found]
  if (list.length > limits.statements) {
    throw new PolicyRejected('too_large', `The document has more than ${limits.statements} statements.`)
  }
  const statements = list.map((one, at) => readStatement(reader, one, at + 1, knowsVariables))
  return { ok: true, policy: { context, version, statements } }
}

function readStatement(reader: Reader, value: Json, nr: number, knowsVariables: boolean): PolicyStatement {
  const what = `Statement ${nr}`
  const elements = reader.elements(value, what)
  const effect = reader.string(elements.get('effect'), `${what}: Effect`).toLowerCase()
  if (effect !== 'allow' && effect !== 'deny') throw malformed(`${what}: Effect is neither Allow nor Deny`)
  const [principal, isNotPrincipal] = either(elements, 'principal', what)
  const [action, isNotAction] = either(elements, 'action', what)
  const [resource, isNotResource] = either(elements, 'resource', what)
  if (action === undefined) throw malformed(`${what} has neither Action nor NotAction`)
  const globs = (strings: string[]): Glob[] => strings.map((text) => new Glob(text, knowsVariables))
  return {
    nr,
    sid: elements.has('sid') ? reader.string(elements.get('sid'), `${what}: Sid`) : '',
    effect: effect === 'allow' ? 'Allow' : 'Deny',
    hasPrincipal: principal !== undefined,
    isNotPrincipal,
    principals: principal === undefined ? [] : readPrincipals(reader, principal, what),
    isNotAction,
    actions: reader.strings(action, `${what}: Action`).map((text) => new Glob(text.trim(), false)),
    isNotResource,
    resources: resource === undefined ? globs(['*']) : globs(reader.strings(resource, `${what}: Resource`)),
    conditions: readConditions(reader, elements.get('condition'), effect === 'allow', what, knowsVariables),
  }
}

function either(elements: Map<string, Json>, name: string, what: string): [Json | undefined, boolean] {
  const plain = elements.get(name)
  const negated = elements.get(`not${name}`)
  if (plain !== undefined && negated !== undefined) throw malformed(`${what} has ${name} and not${name}`)
  return negated === undefined ? [plain, false] : [negated, true]
}

function readPrincipals(reader: Reader, value: Json, what: string): Principal[] {
  // A bare string other than `*` is not in the grammar; it is read as what its author must have meant.
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return reader.strings(value, `${what}: Principal`).map((text) => parsePrincipal('aws', text.trim()))
  }
  const found: Principal[] = []
  for (const [type, list] of reader.elements(value, `${what}: Principal`)) {
    for (const text of reader.strings(list, `${what}: Principal`))
      found.push(parsePrincipal(type, text.trim()))
  }
  return found
}

function readConditions(
  reader: Reader,
  value: Json | undefined,
  isAllow: boolean,
  what: string,
  knowsVariables: boolean,
): Condition[] {
  if (value === undefined) return []
  const found: Condition[] = []
  for (const [operator, keys] of reader.entries(value, `${what}: Condition`)) {
    for (const [key, list] of reader.entries(keys, `${what}: ${operator}`)) {
      const values = reader.strings(list, `${what}: ${operator} ${key}`)
      found.push(parseCondition(operator, key, values, knowsVariables))
    }
  }
  return isAllow ? mergeTwins(found) : found
}

/**
 * The same operator and key in two spellings ("aws:SourceIp", "AWS:sourceip"): AWS does not say which counts. Of an
 * Allow the values are put together, which narrows less; of a Deny both must hold, which denies less.
 */
function mergeTwins(conditions: Condition[]): Condition[] {
  const merged = new Map<string, Condition>()
  for (const condition of conditions) {
    const name = `${condition.operator.toLowerCase()} ${condition.key}`
    const twin = merged.get(name)
    merged.set(name, twin === undefined ? condition : join(twin, condition))
  }
  return [...merged.values()]
}

function join(left: Condition, right: Condition): Condition {
  return { ...left, values: [...left.values, ...right.values], ranges: [...left.ranges, ...right.ranges] }
}
