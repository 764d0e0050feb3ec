import type { Json } from '../../core/json.ts'
import { listGroup } from '../../core/table-shape.ts'
import type { CollectedResource } from '../../lake/collected.ts'
import type { AnyTable } from '../../lake/define-table.ts'
import { type FoundAt, identifyResource } from './identify-resource.ts'
import { tagsOf } from './tags-of.ts'

/** A row that the planner makes of what the account tree says: the account, or a region. */
export function plannedResource(table: AnyTable, row: Json, found: FoundAt, now: Date): CollectedResource {
  const { tags } = table.identity
  return {
    ...identifyResource(table, row, found),
    tags: tags?.group === listGroup ? tagsOf(row, tags.from) : {},
    groups: { [listGroup]: { state: 'ok', content: row, read_at: now } },
  }
}
