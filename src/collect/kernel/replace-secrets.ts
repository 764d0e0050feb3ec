import { createHmac } from 'node:crypto'
import type { Json, JsonObject } from '../../core/json.ts'
import { detectorVersion, detectSecrets } from './detect-secrets.ts'

/** What stands in a document where a secret stood: all that rules may know. */
export interface SecretMark {
  $secret: {
    length: number
    /** HMAC-SHA-256 under this installation's key, 32 hex digits: equal secrets are seen to be equal. */
    hash: string
    kinds: string[]
    detector: number
  }
}

/**
 * Replaces what stands at the paths, in place. Paths go through lists; `*` is any key. Below a path all
 * values are replaced and all names are kept. What is replaced already stays.
 */
export function replaceSecrets(document: Json, paths: readonly string[], key: string | Buffer): void {
  for (const path of paths) replaceAt(document, path.split('.'), 0, key)
}

function replaceAt(here: Json | undefined, steps: readonly string[], at: number, key: string | Buffer): void {
  if (here === null || typeof here !== 'object') return
  if (Array.isArray(here)) {
    for (const item of here) replaceAt(item, steps, at, key)
    return
  }
  const step = steps[at]
  if (step === undefined) return
  const names = step === '*' ? Object.keys(here) : Object.hasOwn(here, step) ? [step] : []
  for (const name of names) {
    if (at === steps.length - 1) here[name] = marked(here[name] ?? null, name, key)
    else replaceAt(here[name], steps, at + 1, key)
  }
}

function marked(value: Json, name: string, key: string | Buffer): Json {
  if (value === null || isMark(value)) return value
  if (Array.isArray(value)) return value.map((item) => marked(item, name, key))
  if (typeof value === 'object') {
    const all: JsonObject = {}
    for (const [inner, field] of Object.entries(value)) all[inner] = marked(field, inner, key)
    return all
  }
  return toMark(String(value), name, key) as unknown as Json
}

function toMark(text: string, name: string, key: string | Buffer): SecretMark {
  return {
    $secret: {
      length: text.length,
      hash: createHmac('sha256', key).update(text).digest('hex').slice(0, 32),
      kinds: detectSecrets(text, name),
      detector: detectorVersion,
    },
  }
}

/** Strict, so that nothing else passes as "replaced already". */
function isMark(value: Json): boolean {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false
  if (Object.keys(value).join() !== '$secret') return false
  const mark = value.$secret as JsonObject | null | undefined
  if (mark === null || typeof mark !== 'object' || Array.isArray(mark)) return false
  const { length, hash, kinds, detector, ...rest } = mark
  return (
    Object.keys(rest).length === 0 &&
    typeof length === 'number' &&
    typeof detector === 'number' &&
    typeof hash === 'string' &&
    /^[0-9a-f]{32}$/.test(hash) &&
    Array.isArray(kinds) &&
    kinds.every((kind) => typeof kind === 'string' && /^[a-z_]{1,40}$/.test(kind))
  )
}
