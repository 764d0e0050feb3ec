import { valueAt } from '../../lake/stored.ts'

/** Tags as providers write them: a list of Key/Value in any spelling, or an object. */
export function tagsOf(content: unknown, from: string): Record<string, string> {
  const found = from === '' ? content : valueAt(content, from)
  // Whatever a tag is called: written as a property, `__proto__` would be lost.
  const tags = new Map<string, string>()
  const set = (key: unknown, value: unknown) => {
    if (typeof key === 'string') tags.set(key, typeof value === 'string' ? value : '')
  }
  if (Array.isArray(found)) {
    for (const tag of found as unknown[]) {
      if (typeof tag === 'string') set(tag, '')
      if (tag === null || typeof tag !== 'object') continue
      const { Key, key, TagKey, Value, value, TagValue } = tag as Record<string, unknown>
      set(Key ?? key ?? TagKey, Value ?? value ?? TagValue)
    }
  } else if (found !== null && typeof found === 'object') {
    for (const [key, value] of Object.entries(found)) set(key, value)
  }
  return Object.fromEntries(tags)
}
