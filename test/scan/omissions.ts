import { groupsOf, isReadSet, listOf, otherGroups } from '../../src/collect/kernel/table-reads.ts'
import type { TableRegistry } from '../../src/collect/kernel/table-registry.ts'
import type { Read } from '../../src/core/read.ts'
import type { AnyTable, SourceDefinition } from '../../src/lake/define-table.ts'
import { nameOf } from './operations.ts'

/** Something that an answer must have, and that is left out of it. */
export interface Omission {
  /** As faults name it: `ec2:DescribeVolumes`. */
  operation: string
  path: string
  /** What of the lake it fills. */
  table: string
  group: string
  /** Of a source, which others may fill as well. */
  isSource?: true
}

/**
 * Everything that the declarations say an answer must have: the rows of lists and sources, what a read picks, the mark
 * that says whether more follows, and fields of columns without an absence value. What may be left out has a meaning
 * when it is.
 */
export function omissionsOf(registry: TableRegistry, called: ReadonlySet<string>): Omission[] {
  const all = new Map<string, Omission>()
  const add = (
    owner: { service: string },
    read: Read,
    path: string,
    table: string,
    group: string,
    more: Pick<Omission, 'isSource'> = {},
  ) => {
    const operation = nameOf({ service: read.service ?? owner.service, operation: read.operation })
    if (called.has(operation)) all.set(`${operation} ${path}`, { operation, path, table, group, ...more })
  }
  for (const table of registry.tables.values()) {
    const list = listOf(table)
    if (list.read !== undefined) {
      const { items } = list.read
      if (list.read.omits_empty !== true) add(table, list.read, firstOf(items), table.name, 'list')
      if (list.shape === undefined)
        for (const field of neededBy(table, 'list'))
          add(table, list.read, `${items}.${field}`, table.name, 'list')
    }
    for (const [name, group] of otherGroups(table)) {
      if (group.read === undefined || isReadSet(group.read) || group.source !== undefined) continue
      const { pick, omits_empty } = group.read
      if (pick !== undefined && omits_empty !== true) add(table, group.read, pick, table.name, name)
      const base = pick === undefined ? '' : `${pick}.`
      for (const field of neededBy(table, name)) add(table, group.read, base + field, table.name, name)
    }
    for (const [name, group] of groupsOf(table)) {
      const source = group.source === undefined ? undefined : registry.sources.get(group.source.source)
      if (source === undefined || group.source === undefined) continue
      const { items } = group.source
      if (source.shape === undefined && source.read.omits_empty !== true)
        add(source, source.read, firstOf(items), table.name, name, { isSource: true })
    }
    for (const read of pagedReads(table, registry.sources))
      if (read.pages?.more !== undefined) add(table, read, read.pages.more, table.name, '')
  }
  return [...all.values()]
}

/** Each operation once in each round, so that one scan tries many: what is left out of a list hides what lies below. */
export function inRounds(omissions: readonly Omission[]): Omission[][] {
  const rounds: Omission[][] = []
  const byKind = Map.groupBy(omissions, ({ group }) => group === 'list')
  for (const some of byKind.values()) {
    const first = rounds.length
    const seen = new Map<string, number>()
    for (const one of some) {
      const nr = seen.get(one.operation) ?? 0
      seen.set(one.operation, nr + 1)
      rounds[first + nr] ??= []
      rounds[first + nr]!.push(one)
    }
  }
  return rounds
}

/** Fields of columns that have no absence value, as far as they are paths. */
function neededBy(table: AnyTable, name: string): string[] {
  const group = groupsOf(table).find(([one]) => one === name)?.[1]
  return Object.values(group?.columns ?? {}).flatMap(({ from, absent }) =>
    typeof from === 'string' && absent === undefined ? [from] : [],
  )
}

function pagedReads(table: AnyTable, sources: ReadonlyMap<string, SourceDefinition>): Read[] {
  return groupsOf(table).flatMap(([, group]) => {
    const ways =
      group.read === undefined ? [] : isReadSet(group.read) ? Object.values(group.read.reads) : [group.read]
    const source = group.source === undefined ? undefined : sources.get(group.source.source)?.read
    return source === undefined ? ways : [...ways, source]
  })
}

function firstOf(path: string): string {
  return path.split('.')[0]!
}
