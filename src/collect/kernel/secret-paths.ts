import type { Read } from '../../core/read.ts'
import type { AnyTable, SourceDefinition } from '../../lake/define-table.ts'
import { groupsOf, isReadSet, type ReadSet } from './table-reads.ts'

/** Paths in the answer to (transport, service, operation) whose values are secret. */
export type SecretPaths = ReadonlyMap<string, readonly string[]>

export function secretKey(via: string, service: string, operation: string): string {
  return `${via}/${service}/${operation}`
}

/** The index that the gate works with, derived from the declarations. */
export function secretPaths(tables: readonly AnyTable[], sources: readonly SourceDefinition[]): SecretPaths {
  const index = new Map<string, Set<string>>()
  const add = (owner: { via: string; service: string }, read: Read, paths: readonly string[]) => {
    const key = secretKey(read.via ?? owner.via, read.service ?? owner.service, read.operation)
    const known = index.get(key) ?? new Set()
    for (const path of [...paths, ...(read.secret ?? [])]) known.add(path)
    if (known.size > 0) index.set(key, known)
  }
  for (const table of tables) {
    for (const { read, base, secret } of plainReads(table)) {
      add(
        table,
        read,
        secret.map((path) => (base === undefined ? path : `${base}.${path}`)),
      )
    }
    for (const set of readSets(table)) for (const read of Object.values(set.reads)) add(table, read, [])
  }
  for (const source of sources) add(source, source.read, [])
  return new Map([...index].map(([key, paths]) => [key, [...paths]]))
}

/**
 * Groups whose `secret:` cannot be derived: a shape stands between answer and content, and no read says
 * where the secrets lie in its answer.
 */
export function secretProblems(tables: readonly AnyTable[], sources: readonly SourceDefinition[]): string[] {
  const bySource = new Map(sources.map((source) => [source.name, source]))
  const problems: string[] = []
  for (const table of tables) {
    for (const [name, group] of groupsOf(table)) {
      if ((group.secret ?? []).length === 0) continue
      const shaped: Read[] = []
      for (const way of [group.read, 'one' in group ? group.one : undefined]) {
        if (way === undefined) continue
        if (isReadSet(way)) shaped.push(...Object.values(way.reads))
        else if (name === 'list' && 'shape' in group && group.shape !== undefined) shaped.push(way)
      }
      const source = group.source === undefined ? undefined : bySource.get(group.source.source)
      if (source !== undefined) shaped.push(source.read)
      if (shaped.length > 0 && !shaped.some((read) => (read.secret ?? []).length > 0))
        problems.push(`${table.name}.${name}: its reads are shaped, so one of them must declare \`secret\``)
    }
  }
  return problems
}

function plainReads(table: AnyTable): { read: Read; base: string | undefined; secret: readonly string[] }[] {
  const all: { read: Read; base: string | undefined; secret: readonly string[] }[] = []
  const { list } = table
  const listSecret = list.shape === undefined ? (list.secret ?? []) : []
  if (list.read !== undefined) all.push({ read: list.read, base: list.read.items, secret: listSecret })
  if (list.one !== undefined && !isReadSet(list.one))
    all.push({ read: list.one, base: list.one.items ?? list.one.pick, secret: listSecret })
  for (const [name, group] of groupsOf(table)) {
    if (name !== 'list' && group.read !== undefined && !isReadSet(group.read))
      all.push({ read: group.read, base: group.read.pick, secret: group.secret ?? [] })
  }
  return all
}

function readSets(table: AnyTable): ReadSet[] {
  const ways = [table.list.one, ...groupsOf(table).map(([, group]) => group.read)]
  return ways.filter((way): way is ReadSet => way !== undefined && isReadSet(way))
}
