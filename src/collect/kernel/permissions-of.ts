import { type DeclaredRead, readsOf } from './table-reads.ts'
import type { TableRegistry } from './table-registry.ts'

/** One permission that reading needs, and what for. */
export interface NeededPermission {
  /** `s3:GetBucketPolicy`; the first of the alternatives. */
  name: string
  /** Others that would do as well. */
  alternatives: string[]
  operation: string
  tables: string[]
  /** `table.group` */
  groups: string[]
}

export interface PermissionsWanted {
  /** Table names; all where left out. */
  tables?: ReadonlySet<string>
  /** `table.group`; all where left out. */
  groups?: ReadonlySet<string>
}

/** Every permission that the declared reads need, by name. */
export function permissionsOf(registry: TableRegistry, wanted: PermissionsWanted = {}): NeededPermission[] {
  const needed = new Map<string, NeededPermission>()
  for (const table of registry.tables.values()) {
    if (wanted.tables !== undefined && !wanted.tables.has(table.name)) continue
    for (const declared of readsOf(table, registry.sources)) {
      const group = `${table.name}.${declared.group}`
      if (wanted.groups !== undefined && !wanted.groups.has(group)) continue
      add(needed, table.name, group, declared)
    }
  }
  return [...needed.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function add(
  needed: Map<string, NeededPermission>,
  table: string,
  group: string,
  declared: DeclaredRead,
): void {
  const { permission, operation } = declared.read
  const [name, ...alternatives] = [permission].flat()
  if (name === undefined) return
  const known = needed.get(name) ?? { name, alternatives: [], operation, tables: [], groups: [] }
  for (const other of alternatives) if (!known.alternatives.includes(other)) known.alternatives.push(other)
  if (!known.tables.includes(table)) known.tables.push(table)
  if (!known.groups.includes(group)) known.groups.push(group)
  needed.set(name, known)
}
