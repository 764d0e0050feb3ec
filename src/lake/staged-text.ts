import type { Json } from '../core/json.ts'
import type { CollectedResource, GroupRead } from './collected.ts'

/** What not every engine can keep, as JSON spells it: NUL and half surrogate pairs. */
const suspicious = /\\u(?:0000|d[89a-f][0-9a-f]{2})/i

/** A resource as text; one whose content cannot be written down keeps its row, and its groups are `error`. */
export function toStagedText(resource: CollectedResource): string {
  try {
    return JSON.stringify(resource)
  } catch {
    const groups = Object.entries(resource.groups).map(([name, { read_at }]): [string, GroupRead] => {
      const failure = {
        code: 'DOCUMENT_REFUSED',
        message: 'The answer cannot be written as JSON.',
        next: 'Report it with the name of the resource.',
      }
      return [name, { state: 'error', read_at, failure }]
    })
    return JSON.stringify({ ...resource, groups: Object.fromEntries(groups) })
  }
}

/** Plain JSON again (times are text, undefined is gone), with nothing in it that an engine would refuse. */
export function fromStagedText(text: string): CollectedResource {
  return JSON.parse(text, suspicious.test(text) ? wellFormed : undefined) as CollectedResource
}

function wellFormed(_key: string, value: Json): Json {
  if (typeof value === 'string') return cleanText(value)
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanText(key), inner]))
}

function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}
