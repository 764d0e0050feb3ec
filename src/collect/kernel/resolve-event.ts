import type { AnyTable } from '../../lake/define-table.ts'
import { isReadSet, listOf, otherGroups } from './table-reads.ts'
import { valuesAt } from './values-at.ts'

/** An entry of a provider's audit log, in what all of them have. */
export interface AuditEvent {
  provider: string
  /** The service in the log's own words: `iam` of `iam.amazonaws.com`. */
  service: string
  name: string
  account_id: string
  region: string
  happened_at: Date
  /** It failed, or only read: nothing changed. */
  changes_nothing: boolean
  /** The whole entry: `events` paths start here. */
  body: unknown
}

/** A resource to read again. */
export interface TouchedResource {
  table: string
  native_id: string
  account_id: string
  /** The cell's part. */
  part: string
  happened_at: Date
}

/** More would be a list made to keep us busy; the next scan of the cell sees the rest. */
const mostPerEvent = 1000

/** Which resources an event has touched, by the `events` of the tables. */
export function resolveEvent(tables: Iterable<AnyTable>, event: AuditEvent): TouchedResource[] {
  if (event.changes_nothing) return []
  const touched: TouchedResource[] = []
  for (const table of tables) {
    if (table.provider !== event.provider || table.events === undefined) continue
    const paths = Object.hasOwn(table.events, event.name) ? table.events[event.name] : undefined
    if (paths === undefined || !servicesOf(table).has(event.service)) continue
    const { account_id, happened_at } = event
    const part = table.parts === 'global' ? 'global' : event.region
    const toId = (found: string) =>
      table.identity.from_event === undefined ? found : table.identity.from_event(found, event)
    for (const native_id of idsOf(event.body, paths, toId))
      touched.push({ table: table.name, native_id, account_id, part, happened_at })
  }
  return touched
}

type ToId = (found: string) => string | undefined

function idsOf(body: unknown, paths: NonNullable<AnyTable['events']>[string], toId: ToId): string[] {
  if (typeof paths === 'string') return idsAt(body, [paths], toId)
  if (!('each' in paths)) return idsAt(body, paths, toId)
  const each = paths.each.map((path) => idsAt(body, [path], toId))
  return each.some((ids) => ids.length === 0) ? [] : [...new Set(each.flat())].slice(0, mostPerEvent)
}

/** The first place that holds ids of this table; those of a list are all taken. */
function idsAt(body: unknown, paths: readonly string[], toId: ToId): string[] {
  for (const path of paths) {
    const ids = valuesAt(body, path).flatMap((value) => {
      const text = typeof value === 'number' ? String(value) : value
      if (typeof text !== 'string' || text === '' || text.length > 2048) return []
      return toId(text) ?? []
    })
    if (ids.length > 0) return [...new Set(ids)].slice(0, mostPerEvent)
  }
  return []
}

/** What the log may call the table's service: its own name, and the prefixes of its permissions. */
function servicesOf(table: AnyTable): Set<string> {
  const names = new Set([table.service])
  const list = listOf(table)
  const ways = [list.read, list.one, ...otherGroups(table).map(([, group]) => group.read)]
  for (const way of ways) {
    if (way === undefined) continue
    for (const { permission } of isReadSet(way) ? Object.values(way.reads) : [way])
      for (const name of [permission].flat()) if (name.includes(':')) names.add(name.split(':')[0] as string)
  }
  return names
}
