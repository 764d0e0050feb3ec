import type { Json, JsonObject } from '../core/json.ts'
import { canonicalDocument } from './canonical-document.ts'

/** One difference between two documents; `before` is missing for what was added, `after` for what was removed. */
export interface Difference {
  /** `policy.Statement[1].Effect`; a list's index is that of the later document, of the earlier where removed. */
  path: string
  before?: Json
  after?: Json
}

/** What differs, field by field. Items that both lists have do not differ, wherever they stand. */
export function diffDocuments(before: Json | undefined, after: Json | undefined, path = ''): Difference[] {
  if (before === undefined && after === undefined) return []
  if (before === undefined) return [{ path, after: after! }]
  if (after === undefined) return [{ path, before }]
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(before, after, path)
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
    return keys.flatMap((key) => diffDocuments(own(before, key), own(after, key), join(path, key)))
  }
  return canonicalDocument(before) === canonicalDocument(after) ? [] : [{ path, before, after }]
}

function diffLists(before: Json[], after: Json[], path: string): Difference[] {
  const lost = before.map((item, at) => ({ item, at, text: canonicalDocument(item) }))
  const added: { item: Json; at: number }[] = []
  const byText = Map.groupBy(lost, ({ text }) => text)
  const kept = new Set<number>()
  after.forEach((item, at) => {
    const same = byText.get(canonicalDocument(item))?.find((one) => !kept.has(one.at))
    if (same === undefined) added.push({ item, at })
    else kept.add(same.at)
  })
  const gone = lost.filter(({ at }) => !kept.has(at))
  const pairs = Math.max(gone.length, added.length)
  return Array.from({ length: pairs }, (_, nr): Difference[] => {
    const [old, now] = [gone[nr], added[nr]]
    const at = now?.at ?? old!.at
    return diffDocuments(old?.item, now?.item, `${path}[${at}]`)
  }).flat()
}

function isObject(value: Json): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function own(value: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined
}

function join(path: string, key: string): string {
  const plain = /^[\w$:#,-]+$/.test(key)
  if (!plain) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}
