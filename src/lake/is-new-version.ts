import type { Json } from '../core/json.ts'
import { differsInSharedFields, withoutVolatile } from './canonical-document.ts'
import type { ColumnValue } from './column-value.ts'
import type { Place } from './columns.ts'
import { groupContent } from './group-contents.ts'
import { type ContentMap, type GroupState, isSameDeclaration, type StateMap } from './group-state.ts'
import { type GroupContent, groupColumn } from './project-resource.ts'
import type { DeclaredGroup } from './table-groups.ts'

export interface Document {
  state: StateMap
  content: ContentMap
}

/**
 * Did the configuration of one group change? Only what both documents know counts: a first read, a denied one,
 * an upgrade or another way of reading makes no version.
 */
export function isNewVersion(
  group: string,
  declared: DeclaredGroup,
  before: Document,
  after: Document,
  place: Place,
): boolean {
  const [old, now] = [before.state[group], after.state[group]]
  if (old?.hash === undefined || now?.hash === undefined) return false
  if (overlayHash(old) !== overlayHash(now)) {
    const known = groupContent(group, before.state, before.content)
    const fresh = groupContent(group, after.state, after.content)
    return known !== undefined && fresh !== undefined && differsInColumns(declared, known, fresh, place)
  }
  if (old.hash === now.hash) return false
  if (old.reading === now.reading) return true
  const [a, b] = [before.content[group], after.content[group]]
  if (isThere(a) && isThere(b)) return differsInSharedFields(a, b, declared)
  // "Not configured" means the same in every way of one declaration.
  return isSameDeclaration(old.reading, now.reading)
}

function isThere(content: Json | undefined): content is Exclude<Json, null> {
  return content !== undefined && content !== null
}

function overlayHash(state: GroupState): string {
  return Object.entries(state.overlays ?? {})
    .map(([key, { hash }]) => `${key}=${hash}`)
    .sort()
    .join('\n')
}

/** Two ways of reading have no fields in common but the columns that they fill. */
function differsInColumns(declared: DeclaredGroup, a: GroupContent, b: GroupContent, place: Place): boolean {
  const before = columnsOrNone(declared.columns, settled(a, declared), place)
  const after = columnsOrNone(declared.columns, settled(b, declared), place)
  return Object.keys(declared.columns).some((name) => {
    const [x, y] = [before[name], after[name]]
    return x !== null && y !== null && String(x) !== String(y)
  })
}

/** Columns that are not known, or cannot be computed without their volatile fields, say nothing. */
function columnsOrNone(
  columns: DeclaredGroup['columns'],
  known: GroupContent,
  place: Place,
): Record<string, ColumnValue | null> {
  return Object.fromEntries(
    Object.keys(columns).map((name) => {
      try {
        return [name, groupColumn(name, columns, known, place)]
      } catch {
        return [name, null]
      }
    }),
  )
}

function settled(known: GroupContent, declared: DeclaredGroup): GroupContent {
  return {
    content: withoutVolatile(known.content, declared),
    overlays: known.overlays?.map((way) => ({ ...way, content: withoutVolatile(way.content, declared) })),
  }
}
