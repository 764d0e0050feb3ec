import type { Json } from '../core/json.ts'

/** What not every engine can keep, as JSON spells it: NUL and half surrogate pairs. */
const suspicious = /\\u(?:0000|d[89a-f][0-9a-f]{2})/i
const deepest = 200

/**
 * A provider's answer as a document may hold it: plain JSON, undefined left out, without characters that
 * PostgreSQL refuses. What is nested deeper than 200 levels is refused: it is an attack, not a configuration.
 */
export function cleanContent(content: Json | undefined): Json {
  if (content === undefined || content === null) return null
  checkDepth(content, 0)
  const text = JSON.stringify(content)
  return JSON.parse(text, suspicious.test(text) ? wellFormed : undefined) as Json
}

export function cleanText(text: string): string {
  return (text.isWellFormed() ? text : text.toWellFormed()).replaceAll('\0', '\uFFFD')
}

function wellFormed(_key: string, value: Json): Json {
  if (typeof value === 'string') return cleanText(value)
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanText(key), inner]))
}

function checkDepth(value: Json, depth: number): void {
  if (value === null || typeof value !== 'object') return
  if (depth > deepest) throw new RangeError(`nested deeper than ${deepest} levels`)
  for (const inner of Array.isArray(value) ? value : Object.values(value)) checkDepth(inner, depth + 1)
}
