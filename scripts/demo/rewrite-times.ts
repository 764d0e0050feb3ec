import type { Chronicle } from './chronicle.ts'
import { moment } from './chronicle.ts'

const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|\+00:00)?$/
const spoken = /\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} (?:UTC|GMT)/

export interface TimeContext {
  account: string
  chronicle: Chronicle
  /** When the emulator was started: it made everything later. */
  since: Date
}

/**
 * Replaces the emulator's own times by those of the chronicle. What a time belongs to is told by the nearest names
 * and ids around it; of several the youngest counts, for a key is younger than its user.
 */
export function rewriteTimes(body: string, context: TimeContext): string {
  return /^\s*[{[]/.test(body) ? rewriteJson(body, context) : rewriteXml(body, context)
}

interface FoundTime {
  from: number
  to: number
  text: string
  /** The texts directly within each element around it, the nearest first. */
  scopes: string[][]
}

/** The XML of these services has no CDATA, no comments, and text in leaves alone. */
function rewriteXml(body: string, context: TimeContext): string {
  const open: string[][] = []
  const found: FoundTime[] = []
  const tag = /<(\/?)[\w:.-]+(?:\s[^<>]*?)?(\/?)>([^<]*)/g
  for (const match of body.matchAll(tag)) {
    const [whole, closing, empty, text] = match
    if (closing === '/') open.pop()
    else if (empty === '') open.push([])
    if (closing === '/' || text === undefined || text.trim() === '') continue
    const value = text.trim()
    // A leaf's text belongs to the element around it.
    open.at(-2)?.push(value)
    if (!iso.test(value) && !spoken.test(value)) continue
    const from = match.index + whole.length - text.length
    found.push({ from, to: from + text.length, text: value, scopes: open.slice(0, -1).reverse() })
  }
  const pieces: string[] = []
  let end = 0
  for (const { from, to, text, scopes } of found) {
    pieces.push(body.slice(end, from), newText(text, scopes, context))
    end = to
  }
  return pieces.join('') + body.slice(end)
}

function newText(text: string, names: readonly string[][], context: TimeContext): string {
  const inner = spoken.exec(text)?.[0]
  if (inner !== undefined) {
    const told = new Date(inner.replace(/ (UTC|GMT)$/, 'Z').replace(' ', 'T'))
    if (told < context.since) return text
    const time = newTime(told, names, context)
    return text.replace(inner, `${time.toISOString().slice(0, 19).replace('T', ' ')} GMT`)
  }
  const told = new Date(/(Z|\+00:00)$/.test(text) ? text : `${text}Z`)
  return told < context.since ? text : newTime(told, names, context).toISOString()
}

function rewriteJson(body: string, context: TimeContext): string {
  const walk = (value: unknown, key: string, scopes: readonly string[][]): unknown => {
    if (Array.isArray(value)) return value.map((one) => walk(one, key, scopes))
    if (typeof value === 'object' && value !== null) {
      const leaves = Object.values(value).filter((one): one is string => typeof one === 'string')
      const within = [leaves, ...scopes]
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walk(one, name, within)]))
    }
    if (typeof value === 'number' && /(Date|Time|Timestamp)$/.test(key)) {
      const time = new Date(value * 1000)
      return time < context.since ? value : newTime(time, scopes, context).getTime() / 1000
    }
    return typeof value === 'string' && iso.test(value) ? newText(value, scopes, context) : value
  }
  const before: unknown = JSON.parse(body)
  const after = JSON.stringify(walk(before, '', []))
  return after === JSON.stringify(before) ? body : after
}

function newTime(time: Date, names: readonly string[][], { account, chronicle }: TimeContext): Date {
  const days = Math.round((time.getTime() - Date.now()) / 86_400_000)
  if (days > 0) return new Date(moment.getTime() + days * 86_400_000)
  for (const leaves of names) {
    const known = leaves.flatMap((leaf) => chronicle.of(account, leaf) ?? [])
    if (known.length > 0) return new Date(Math.max(...known.map((one) => one.getTime())))
  }
  return chronicle.default(account)
}
