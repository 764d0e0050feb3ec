import type { Read } from '../../core/read.ts'
import { listGroup } from '../../core/table-shape.ts'
import type {
  AnyTable,
  ReadSet as DeclaredSet,
  Group,
  ListGroup,
  SourceDefinition,
} from '../../lake/define-table.ts'

/** Any group of any table: what the kernel may know of it. */
export type AnyGroup = Group<unknown, unknown>
export type AnyList = ListGroup<unknown>
export type ReadSet = DeclaredSet<unknown>

export function isReadSet(way: Read | ReadSet): way is ReadSet {
  return 'reads' in way
}

export function listOf(table: AnyTable): AnyList {
  return table.list as unknown as AnyList
}

/** The groups beside the list. */
export function otherGroups(table: AnyTable): [string, AnyGroup][] {
  return Object.entries(table.groups as unknown as Record<string, AnyGroup>)
}

export function groupsOf(table: AnyTable): [string, AnyGroup | AnyList][] {
  return [[listGroup, listOf(table)], ...otherGroups(table)]
}

export interface DeclaredRead {
  read: Read
  via: string
  service: string
  group: string
  /** `list`: the listing. `group`: of each resource, in scans. `one`: of one resource, for events. `source`: bulk. */
  used: 'list' | 'group' | 'one' | 'source'
}

/** Every read that a table may make, its sources' too. */
export function readsOf(table: AnyTable, sources: ReadonlyMap<string, SourceDefinition>): DeclaredRead[] {
  const all: DeclaredRead[] = []
  const add = (
    way: Read | ReadSet | undefined,
    group: string,
    used: DeclaredRead['used'],
    owner: { via: string; service: string } = table,
  ) => {
    if (way === undefined) return
    for (const read of isReadSet(way) ? Object.values(way.reads) : [way])
      all.push({ read, via: read.via ?? owner.via, service: read.service ?? owner.service, group, used })
  }
  const addSource = (name: string | undefined, group: string) => {
    const source = name === undefined ? undefined : sources.get(name)
    if (source === undefined) return
    add(source.prepare, group, 'source', source)
    add(source.read, group, 'source', source)
    if (source.whole !== 'last page') add(source.whole.witness, group, 'source', source)
  }
  const list = listOf(table)
  add(list.read, listGroup, 'list')
  add(list.completion?.read, listGroup, 'group')
  add(list.one, listGroup, 'one')
  addSource(list.source?.source, listGroup)
  for (const [name, group] of otherGroups(table)) {
    add(group.read, name, group.source === undefined ? 'group' : 'one')
    addSource(group.source?.source, name)
  }
  return all
}
