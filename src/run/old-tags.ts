import { tables } from '../collect/tables.generated.ts'
import { listGroup } from '../core/table-shape.ts'
import type { Reader } from '../db/database.ts'

/** Tables whose tags were left as they were when the rest was read again: no rule reads them, so they were not due. */
export interface OldTags {
  tables: string[]
  /** The oldest of them. */
  read_at: Date
}

/** Where a filter on tags finds nothing: tags that are older than what was read beside them. */
export async function oldTags(
  db: Reader,
  wanted: { accounts?: readonly string[]; tables?: readonly string[] },
): Promise<OldTags | undefined> {
  const groups = new Map(
    tables.flatMap(({ name, identity: { tags } }) =>
      tags === undefined || tags.group === listGroup || wanted.tables?.includes(name) === false
        ? []
        : [[name, tags.group] as const],
    ),
  )
  const cells = await db.query<{
    account_id: string
    table_name: string
    attempted_at: Date
    group_attempts: string | null
  }>(
    `select c.account_id, c.table_name, c.attempted_at, c.group_attempts from stance.cell c
     where c.table_name = any($1::text[]) and c.attempted_at is not null and c.rows > 0`,
    [[...groups.keys()]],
  )
  const old = cells.flatMap(({ account_id, table_name, attempted_at, group_attempts }) => {
    const attempts = JSON.parse(group_attempts ?? '{}') as Record<string, string>
    const tried = attempts[groups.get(table_name) ?? '']
    if (tried === undefined || wanted.accounts?.includes(account_id) === false) return []
    const read_at = new Date(tried)
    return read_at < attempted_at ? [{ table_name, read_at }] : []
  })
  if (old.length === 0) return undefined
  return {
    tables: [...new Set(old.map(({ table_name }) => table_name))].sort(),
    read_at: new Date(Math.min(...old.map(({ read_at }) => read_at.getTime()))),
  }
}
