import type { Json, JsonObject } from '../../core/json.ts'

/**
 * Recordings hold what went over the wire, in which the secret gate cannot replace a value by an object. So each
 * secret's place there takes a *seal*: text that carries what the gate left of it. A replay turns seals back into
 * what the gate wrote. The text is base64, so that it also stands where the wire holds bytes.
 */
const mark = 'stance-sealed-secret:'

export function seal(replacement: Json): string {
  return Buffer.from(mark + JSON.stringify(replacement), 'utf8').toString('base64')
}

/** Only for answers of a replay: in a live answer a seal would be something that the cloud made up. */
export function unseal(value: Json): Json {
  if (typeof value === 'string') return opened(value) ?? value
  if (Array.isArray(value)) return value.map(unseal)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unseal(item)]))
}

const start = Buffer.from(mark).toString('base64').slice(0, 24)
const startTwice = Buffer.from(start).toString('base64').slice(0, 24)

/** A body that is one value comes back as base64 once more. */
function opened(text: string): Json | undefined {
  if (text.startsWith(startTwice)) return opened(Buffer.from(text, 'base64').toString('utf8'))
  if (!text.startsWith(start)) return undefined
  const inner = Buffer.from(text, 'base64').toString('utf8')
  return inner.startsWith(mark) ? (JSON.parse(inner.slice(mark.length)) as Json) : undefined
}

export interface Secret {
  value: string
  replacement: Json
}

/** The values that the gate took out: leaves of the answer that are another thing after it. */
export function secretsBetween(before: Json, after: Json): Secret[] {
  const found = new Map<string, Json>()
  const look = (old: Json, now: Json | undefined, replacement: Json | undefined) => {
    if (Array.isArray(old)) {
      const list = Array.isArray(now) ? now : undefined
      for (const [index, item] of old.entries())
        look(item, list?.[index], list === undefined ? now : undefined)
    } else if (old !== null && typeof old === 'object') {
      const object = isObject(now) && !Object.hasOwn(now, '$secret') ? now : undefined
      for (const [key, item] of Object.entries(old))
        look(item, object?.[key], object === undefined ? now : undefined)
    } else if (old !== null && old !== now && String(old) !== '') {
      found.set(String(old), now ?? replacement ?? null)
    }
  }
  look(before, after, undefined)
  return [...found].map(([value, replacement]) => ({ value, replacement }))
}

function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** Short values also stand where they are no secret; they are sealed only where they are a whole value. */
const longEnough = 6

/**
 * The wire's text with every secret sealed, or why that cannot be done: then nothing may be written. Whole values
 * that are a secret take its seal; where one is part of a longer value it is blotted out.
 */
export function sealText(text: string, secrets: readonly Secret[]): { text: string } | { refused: string } {
  if (secrets.length === 0) return { text }
  if (text.includes('<![CDATA[')) return { refused: 'the answer holds CDATA beside a secret' }
  const byValue = new Map(secrets.map((secret) => [secret.value, secret]))
  const used = new Set<string>()
  const replace = (decoded: string): string | undefined => {
    const whole = byValue.get(decoded) ?? byValue.get(decoded.trim()) ?? byValue.get(base64(decoded))
    if (whole === undefined) return undefined
    used.add(whole.value)
    return seal(whole.replacement)
  }
  let sealed = replaceLeaves(text, replace)
  for (const { value } of secrets) {
    if (value.length < longEnough) continue
    for (const form of formsOf(value)) {
      if (!sealed.includes(form)) continue
      sealed = sealed.replaceAll(form, '[secret]')
      used.add(value)
    }
  }
  if (used.size < byValue.size) return { refused: 'a secret of the answer was not found on the wire' }
  return { text: sealed }
}

function replaceLeaves(text: string, replace: (decoded: string) => string | undefined): string {
  const whole = replace(text)
  if (whole !== undefined) return whole
  if (/^\s*[{[]/.test(text)) return replaceInJson(text, replace)
  return text.replaceAll(/>([^<>]+)</g, (found, inner: string) => {
    const sealed = replace(fromXml(inner))
    return sealed === undefined ? found : `>${sealed}<`
  })
}

function replaceInJson(text: string, replace: (decoded: string) => string | undefined): string {
  const walk = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(walk)
    if (isObject(value))
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item)]))
    return value === null ? null : (replace(String(value)) ?? value)
  }
  try {
    return JSON.stringify(walk(JSON.parse(text) as Json))
  } catch {
    return text
  }
}

/** The ways in which a value may be written within a body: longer forms first, they hold the shorter. */
function formsOf(value: string): string[] {
  const plain = [value]
  const decoded = Buffer.from(value, 'base64')
  const isBase64 = value.length >= 8 && decoded.toString('base64') === value
  if (isBase64) {
    const inner = decoded.toString('utf8')
    if (Buffer.from(inner, 'utf8').equals(decoded)) plain.push(inner)
  }
  const forms = plain.flatMap((one) => [
    one,
    toXml(one),
    JSON.stringify(one).slice(1, -1),
    encodeURIComponent(one),
    base64(one),
  ])
  return [...new Set(forms)].filter((form) => form.length >= longEnough).sort((a, b) => b.length - a.length)
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}

const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

function fromXml(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));/gi, (all, hex, decimal, name) => {
    if (name !== undefined) return entities[String(name)] ?? all
    const code = hex === undefined ? Number(decimal) : Number.parseInt(String(hex), 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : all
  })
}

function toXml(text: string): string {
  return text.replaceAll(
    /[&<>"]/g,
    (sign) => `&${Object.keys(entities).find((name) => entities[name] === sign)};`,
  )
}
