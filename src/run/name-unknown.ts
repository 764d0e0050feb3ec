import { otherGroups } from '../collect/kernel/table-reads.ts'
import { valuesAt } from '../collect/kernel/values-at.ts'
import type { Database } from '../db/database.ts'
import type { CollectedResource, GroupRead } from '../lake/collected.ts'
import type { AnyTable } from '../lake/define-table.ts'

/**
 * The resource as it may be written by itself: a group that names rows of another table, one of which the lake does not
 * hold, counts as not collected. What the unknown one allows, nobody can say, and what was known before it was named does
 * not hold any more.
 */
export async function nameUnknown(
  db: Database,
  table: AnyTable,
  accountId: string,
  resource: CollectedResource,
): Promise<CollectedResource> {
  const groups: Record<string, GroupRead> = { ...resource.groups }
  for (const [name, { source }] of otherGroups(table)) {
    const read = groups[name]
    if (source?.names === undefined || read?.state !== 'ok') continue
    const named = new Set(valuesAt(read.content, source.names.at).map(String))
    const missing = await firstUnknown(db, accountId, source.names.table, [...named])
    if (missing === undefined) continue
    const message = `it names ${missing.slice(0, 300)}, of which there is no row in ${source.names.table}`
    const next = 'See what became of that one; the next scan reads both again.'
    groups[name] = {
      state: 'not_collected',
      read_at: read.read_at,
      failure: { code: 'NOT_IN_LAKE', message, next },
    }
  }
  return { ...resource, groups }
}

async function firstUnknown(
  db: Database,
  accountId: string,
  table: string,
  ids: readonly string[],
): Promise<string | undefined> {
  for (const id of ids) {
    const rows = await db.query(
      `select r.resource_key from stance.resource r
       where r.account_id = $1::text and r.table_name = $2::text and r.native_id = $3::text`,
      [accountId, table, id],
    )
    if (rows.length === 0) return id
  }
  return undefined
}

/** How many tables stand before this one, because it names rows of theirs, or is listed within them. */
export function depthOf(
  tables: ReadonlyMap<string, AnyTable>,
  name: string,
  seen: readonly string[] = [],
): number {
  const table = tables.get(name)
  if (table === undefined || seen.includes(name)) return 0
  const named = otherGroups(table).flatMap(([, { source }]) => source?.names?.table ?? [])
  const before = [...named, ...(table.list.within === undefined ? [] : [table.list.within])]
  return before.reduce((depth, one) => Math.max(depth, 1 + depthOf(tables, one, [...seen, name])), 0)
}
