/**
 * A string of a policy that may hold `*`, `?` and policy variables, as a list of numbers: a UTF-16 code for a
 * character that stands for itself, `STAR`, `ONE`, or `VARIABLE - i` for the i-th variable.
 *
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html (wildcards),
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html (variables, defaults,
 * `${*}`, and that only version 2012-10-17 knows them).
 */
export const STAR = -1
export const ONE = -2
const VARIABLE = -10
/** Numbers from here on stand for the unknown value of a variable: not a character, so `?` never covers one. */
export const SYMBOL = 0x110000

export type Pattern = readonly number[]

export interface PolicyVariable {
  /** Lower case: condition keys are. */
  readonly name: string
  readonly fallback: string | undefined
}

/** Most strings of most documents are never matched against anything: they are taken apart when they are. */
export class Glob {
  readonly text: string
  private readonly knowsVariables: boolean
  private parsed: Parsed | undefined

  constructor(text: string, knowsVariables: boolean) {
    this.text = text
    this.knowsVariables = knowsVariables && text.includes('${')
  }

  get tokens(): Pattern {
    this.parsed ??= parse(this.text, this.knowsVariables)
    return this.parsed.tokens
  }

  get variables(): readonly PolicyVariable[] {
    if (!this.knowsVariables) return none
    this.parsed ??= parse(this.text, true)
    return this.parsed.variables
  }
}

interface Parsed {
  readonly tokens: Pattern
  readonly variables: readonly PolicyVariable[]
}

const none: readonly PolicyVariable[] = []
const variableSyntax = /^\$\{([^${}']+?)(?:\s*,\s*'([^']*)')?\s*\}/
const escaped = new Map([
  ['${*}', 42],
  ['${?}', 63],
  ['${$}', 36],
])

function parse(text: string, knowsVariables: boolean): Parsed {
  const tokens: number[] = []
  const variables: PolicyVariable[] = []
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 36 && knowsVariables && text.charCodeAt(at + 1) === 123) {
      const literal = escaped.get(text.slice(at, at + 4))
      if (literal !== undefined) {
        tokens.push(literal)
        at += 3
        continue
      }
      const found = variableSyntax.exec(text.slice(at, at + 512))
      if (found?.[1] !== undefined) {
        tokens.push(VARIABLE - variables.length)
        variables.push({ name: found[1].trim().toLowerCase(), fallback: found[2] })
        at += found[0].length - 1
        continue
      }
    }
    tokens.push(code === 42 ? STAR : code === 63 ? ONE : code)
  }
  return { tokens, variables }
}

/** Puts values in place of variables; undefined when one has none. */
export function fillIn(
  glob: Glob,
  resolve: (variable: PolicyVariable) => Pattern | undefined,
): Pattern | undefined {
  if (glob.variables.length === 0) return glob.tokens
  const tokens: number[] = []
  for (const token of glob.tokens) {
    if (token > VARIABLE) {
      tokens.push(token)
      continue
    }
    const variable = glob.variables[VARIABLE - token]
    const value = variable === undefined ? undefined : resolve(variable)
    if (value === undefined) return undefined
    tokens.push(...value)
  }
  return tokens
}

export function toPattern(text: string): Pattern {
  return parse(text, false).tokens
}

/** The characters of a string, none of them a wildcard. */
export function toCodes(text: string): Pattern {
  const codes: number[] = []
  for (let at = 0; at < text.length; at++) codes.push(text.charCodeAt(at))
  return codes
}

export function hasWildcard(pattern: Pattern): boolean {
  return pattern.includes(STAR) || pattern.includes(ONE)
}

/** Matches every string: one or more stars and nothing else. */
export function isEverything(pattern: Pattern): boolean {
  return pattern.length > 0 && pattern.every((token) => token === STAR)
}

export function toLowerCase(pattern: Pattern): Pattern {
  return pattern.map((token) => (token >= 65 && token <= 90 ? token + 32 : token))
}

/** Does the pattern match a string (a pattern without wildcards)? Linear in the usual case, never exponential. */
export function matches(pattern: Pattern, subject: Pattern): boolean {
  let at = 0
  let from = 0
  let star = -1
  let retry = 0
  while (from < subject.length) {
    const token = pattern[at]
    const code = subject[from]
    if (token !== undefined && (token === code || (token === ONE && code !== undefined && code < SYMBOL))) {
      at++
      from++
    } else if (token === STAR) {
      star = at++
      retry = from
    } else if (star >= 0) {
      at = star + 1
      from = ++retry
    } else {
      return false
    }
  }
  while (pattern[at] === STAR) at++
  return at === pattern.length
}
