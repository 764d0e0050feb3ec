import { hash } from 'node:crypto'
import type { Json } from '../core/json.ts'
import type { Manners } from './define-table.ts'

/** Fields of a group's content with a manner of their own, as a tree of keys; lists are passed through. */
interface Marks {
  volatile?: boolean
  set?: boolean
  below: Map<string, Marks>
}

const known = new WeakMap<Manners, Marks>()

function marksOf(manners: Manners): Marks {
  let root = known.get(manners)
  if (root !== undefined) return root
  root = { below: new Map() }
  for (const kind of ['volatile', 'set'] as const) {
    for (const path of manners[kind] ?? []) {
      let here: Marks = root
      for (const key of path.split('.')) {
        let next: Marks | undefined = here.below.get(key)
        if (next === undefined) {
          next = { below: new Map() }
          here.below.set(key, next)
        }
        here = next
      }
      here[kind] = true
    }
  }
  known.set(manners, root)
  return root
}

/**
 * The one spelling of a document: keys sorted, lists declared `set` sorted, and without `volatile` fields
 * unless they are kept. Two documents that say the same have the same spelling.
 */
export function canonicalDocument(
  content: Json,
  manners: Manners = {},
  options: { keepVolatile?: boolean } = {},
): string {
  return spell(content, marksOf(manners), options.keepVolatile ?? false, 0)
}

/** What is nested deeper is an attack, not a configuration. */
const deepest = 200

function spell(
  value: Json | undefined,
  marks: Marks | undefined,
  keepVolatile: boolean,
  depth: number,
): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value !== 'object') return JSON.stringify(value)
  if (depth > deepest) throw new RangeError(`nested deeper than ${deepest} levels`)
  if (Array.isArray(value)) {
    const below = marks?.set ? { ...marks, set: false } : marks
    const items = value.map((item) => spell(item, below, keepVolatile, depth + 1))
    if (marks?.set) items.sort()
    return `[${items.join(',')}]`
  }
  const fields: string[] = []
  for (const key of Object.keys(value).sort()) {
    const mark = marks?.below.get(key)
    if (value[key] === undefined || (mark?.volatile && !keepVolatile)) continue
    fields.push(`${JSON.stringify(key)}:${spell(value[key], mark, keepVolatile, depth + 1)}`)
  }
  return `{${fields.join(',')}}`
}

/** The content without its volatile fields, for comparing what columns make of it. */
export function withoutVolatile(content: Json, manners: Manners): Json {
  if ((manners.volatile?.length ?? 0) === 0) return content
  return JSON.parse(canonicalDocument(content, manners)) as Json
}

/** 128 bits of SHA-256: documents come from outside, so a weak hash would let a change be hidden. */
export function shortHash(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22)
}

export interface ContentHash {
  /** Over what makes a version. */
  hash: string
  /** Over everything, volatile fields too; the same where there are none. */
  full: string
}

export function hashContent(content: Json, manners: Manners): ContentHash {
  const settled = shortHash(canonicalDocument(content, manners))
  if ((manners.volatile?.length ?? 0) === 0) return { hash: settled, full: settled }
  return { hash: settled, full: shortHash(canonicalDocument(content, manners, { keepVolatile: true })) }
}

/** A field's name on its way through lists: what two documents of different declarations have in common. */
type Fields = Map<string, Fields>

function fieldsOf(value: Json, into: Fields = new Map()): Fields {
  if (Array.isArray(value)) for (const item of value) fieldsOf(item, into)
  else if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) {
      const below = into.get(key) ?? new Map<string, Fields>()
      into.set(key, below)
      fieldsOf(inner, below)
    }
  }
  return into
}

function keepFields(value: Json, fields: Fields): Json {
  if (Array.isArray(value)) return value.map((item) => keepFields(item, fields))
  if (value === null || typeof value !== 'object') return value
  const kept = Object.entries(value).flatMap(([key, inner]) => {
    const below = fields.get(key)
    return below === undefined ? [] : [[key, keepFields(inner, below)] as const]
  })
  return Object.fromEntries(kept)
}

/**
 * Did the configuration change between two documents that were read in different ways (an upgrade, another
 * shape)? Only fields that both have can tell.
 */
export function differsInSharedFields(before: Json, after: Json, manners: Manners): boolean {
  const spellOf = (value: Json, fields: Fields) => canonicalDocument(keepFields(value, fields), manners)
  const [old, now] = [fieldsOf(before), fieldsOf(after)]
  return spellOf(before, now) !== spellOf(after, old)
}
