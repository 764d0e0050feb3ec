import { type ContentMap, carriedBy, type StateMap } from './group-state.ts'
import type { GroupContent } from './project-resource.ts'

/** A group's content with its partial ways, newest first; undefined where it was never read whole. */
export function groupContent(group: string, state: StateMap, content: ContentMap): GroupContent | undefined {
  const main = content[group]
  if (main === undefined) return undefined
  const overlays = Object.entries(state[group]?.overlays ?? {})
    .sort(([, a], [, b]) => (a.read_at < b.read_at ? 1 : -1))
    .map(([key]) => ({ carries: carriedBy(key), content: content[key] ?? null }))
  return overlays.length === 0 ? { content: main } : { content: main, overlays }
}

/** What was read last of each group, also of those that are not in force. */
export function lastContents(state: StateMap, content: ContentMap): Record<string, GroupContent> {
  const groups = Object.keys(state).map((group) => [group, groupContent(group, state, content)] as const)
  return Object.fromEntries(groups.flatMap(([group, known]) => (known === undefined ? [] : [[group, known]])))
}

/** What may be relied on. */
export function contentsInForce(state: StateMap, content: ContentMap): Record<string, GroupContent> {
  const contents: Record<string, GroupContent> = {}
  for (const [group, { in_force }] of Object.entries(state)) {
    const known = in_force ? groupContent(group, state, content) : undefined
    if (known !== undefined) contents[group] = known
  }
  return contents
}
