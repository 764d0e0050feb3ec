import type { Json } from '../core/json.ts'
import type { State } from '../core/state.ts'
import type { Reader } from '../db/database.ts'
import { withoutVolatile } from './canonical-document.ts'
import type { LakeCatalogue } from './catalogue.ts'
import { type Difference, diffDocuments } from './diff-documents.ts'
import type { ContentMap } from './group-state.ts'
import { groupsOf } from './table-groups.ts'

export interface ResourceVersion {
  valid_from: Date
  /** null for the one that stands. */
  valid_to: Date | null
  /** changed | gone | replaced | off | closed; '' for the one that stands. */
  closed_as: string
  name: string
  content: ContentMap
  /** What differs from the version before it; empty for the first. Volatile fields make no difference. */
  changes: Difference[]
}

export interface ResourceHistory {
  versions: ResourceVersion[]
  /** When each group was read and when not, closed intervals, oldest first. */
  coverage: {
    group_name: string
    state: State
    in_force: boolean
    valid_from: Date
    valid_to: Date
    code: string
  }[]
}

interface VersionRow {
  table_name: string
  valid_from: Date
  valid_to: Date | null
  closed_as: string
  name: string
  content: string
}

/** All that is known of one resource over time, newest version first. */
export async function resourceHistory(
  db: Reader,
  catalogue: LakeCatalogue,
  accountId: string,
  key: string,
): Promise<ResourceHistory> {
  const closed = await db.query<VersionRow>(
    `select table_name, valid_from, valid_to, closed_as, name, content from stance.resource_version
     where account_id = $1 and resource_key = $2 order by valid_from nulls last`,
    [accountId, key],
  )
  const open = await db.query<VersionRow>(
    `select table_name, valid_from, cast(null as timestamptz) as valid_to, '' as closed_as, name, content
     from stance.resource where account_id = $1 and resource_key = $2`,
    [accountId, key],
  )
  const versions: ResourceVersion[] = []
  let before: ContentMap | undefined
  for (const { table_name, content: text, ...row } of [...closed, ...open]) {
    const content = JSON.parse(text) as ContentMap
    const settled = settledContent(catalogue, table_name, content)
    const changes = before === undefined ? [] : diffDocuments(before, settled)
    versions.unshift({ ...row, content, changes })
    before = settled
  }
  const coverage = await db.query<ResourceHistory['coverage'][number]>(
    `select group_name, state, in_force, valid_from, valid_to, code from stance.coverage_history
     where account_id = $1 and resource_key = $2 order by valid_from nulls last, group_name nulls last`,
    [accountId, key],
  )
  return { versions, coverage }
}

function settledContent(catalogue: LakeCatalogue, table: string, content: ContentMap): ContentMap {
  const declared = catalogue.tables.get(table)?.declared
  if (declared === undefined) return content
  const groups = groupsOf(declared)
  return Object.fromEntries(
    Object.entries(content).map(([group, value]): [string, Json] => {
      const manners = groups.get(group.split('#')[0]!)
      return [group, manners === undefined ? value : withoutVolatile(value, manners)]
    }),
  )
}
