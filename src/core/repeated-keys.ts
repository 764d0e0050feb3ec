/** A node of a parsed YAML file, as far as it matters here. */
interface Node {
  items?: readonly unknown[]
  value?: unknown
  key?: unknown
  range?: readonly number[] | null
}

export interface RepeatedKey {
  /** The key; what is no scalar is never a repetition. */
  value: unknown
  /** Where in the text it stands first, and again. */
  first: number
  again: number
}

/**
 * The keys that stand twice in a mapping of a parsed YAML file, each named once. The library looks for them by comparing
 * each with each: a file of 256 KB kept it busy for 38 s.
 */
export function repeatedKeys(contents: unknown): RepeatedKey[] {
  const repeated: RepeatedKey[] = []
  const left: unknown[] = [contents]
  while (left.length > 0) {
    const node = left.pop()
    if (!isNode(node)) continue
    const seen = new Map<unknown, { at: number; said: boolean }>()
    for (const item of node.items ?? []) {
      if (!isNode(item) || !('key' in item)) {
        left.push(item)
        continue
      }
      left.push(item.key, item.value)
      const { key } = item
      if (!isNode(key) || key.items !== undefined || !('value' in key)) continue
      const at = key.range?.[0] ?? 0
      const before = seen.get(key.value)
      if (before === undefined) seen.set(key.value, { at, said: false })
      else if (!before.said) {
        before.said = true
        repeated.push({ value: key.value, first: before.at, again: at })
      }
    }
  }
  return repeated.sort((a, b) => a.again - b.again)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null
}
