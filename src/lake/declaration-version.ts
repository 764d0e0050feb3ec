import { shortHash } from './canonical-document.ts'
import type { AnyTable } from './define-table.ts'
import { groupsOf } from './table-groups.ts'

/** Functions count by their text, so that a changed one is noticed even where `version` was forgotten. */
function spelled(_key: string, value: unknown): unknown {
  if (typeof value === 'function') return value.toString().replaceAll(/\s+/g, '')
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  return value
}

/**
 * What a table's projection is made of: columns, paths, absences, children, `version`. Rows made by another one
 * are projected again from their documents.
 */
export function projectionVersion(table: AnyTable): string {
  const groups = [...groupsOf(table)].map(([name, { columns, sent }]) => [
    name,
    ...(sent === undefined ? [] : [[...sent].sort()]),
    Object.entries(columns).map(([column, { type, from, absent, of }]) => [
      ...[column, type, from, absent ?? null],
      ...(of === undefined ? [] : [of]),
    ]),
  ])
  const children = Object.entries(table.children ?? {}).map(([name, { group, columns, rows }]) => [
    name,
    group,
    Object.entries(columns).map(([column, { type }]) => [column, type]),
    rows,
  ])
  return shortHash(JSON.stringify([table.version ?? 0, groups, children], spelled)).slice(0, 12)
}

/**
 * What a group's content is made of: its reads, shape and manners, and the release that read it (the provider's
 * SDK comes with it). Between two of them only shared fields make a version.
 */
export function readingVersion(table: AnyTable, group: string, release: string): string {
  const declared = groupsOf(table).get(group)
  const { read, source, shape, volatile, set, secret } = declared ?? {}
  return shortHash(JSON.stringify([release, read, source, shape, volatile, set, secret], spelled)).slice(0, 8)
}
