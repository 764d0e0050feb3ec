import { sqlColumns } from '../core/table-shape.ts'
import type { Database } from '../db/database.ts'
import type { LakeCatalogue } from './catalogue.ts'

interface View {
  name: string
  columns: readonly string[]
  from: string
}

const failure = ['code', 'message', 'action', 'denied_by', 'next']
const coverageColumns = ['account_id', 'table_name', 'part', 'region', 'resource_key', 'group_name', 'state']
const coverageTimes = ['in_force', 'since', 'ok_at', 'attempted_at']

/** What we do not know, since when and why: a row per cell that is not read, and per group of a resource. */
const coverageSql = `(
  select account_id, table_name, part, part as region, '' as resource_key, '' as group_name, state,
    ${[...coverageTimes, ...failure].join(', ')}
  from stance.cell where state in ('denied', 'error', 'excluded', 'not_collected')
  union all
  select account_id, table_name, part, region, resource_key, group_name, state,
    in_force, since, ok_at, cast(null as timestamptz) as attempted_at, ${failure.join(', ')}
  from stance.unread_group
) as unread`

const findingColumns = [
  ...`account_id finding_id rule_id table_name resource_key region verdict since definite_verdict`.split(' '),
  ...`definite_since severity severity_max first_seen first_failed_at`.split(' '),
]

const ownViews: readonly View[] = [
  {
    name: 'account',
    columns:
      `account_id provider kind name parent_id cloud_partition tags state state_since first_seen`.split(' '),
    from: 'stance.account',
  },
  {
    name: 'cell',
    columns: [
      ...`account_id table_name part state in_force since ok_at attempted_at rows calls throttles`.split(' '),
      'duration_ms',
      ...failure,
    ],
    from: 'stance.cell',
  },
  { name: 'coverage', columns: [...coverageColumns, ...coverageTimes, ...failure], from: coverageSql },
  {
    name: 'finding',
    columns: [...findingColumns, 'valid_from', 'evidence'],
    from: 'stance.finding',
  },
  {
    name: 'finding_event',
    columns:
      `account_id finding_id happened_at kind rule_id table_name resource_key region verdict severity`.split(
        ' ',
      ),
    from: 'stance.finding_event',
  },
  {
    name: 'finding_history',
    columns: [...findingColumns, 'valid_from', 'valid_to', 'closed_as', 'evidence'],
    from: 'stance.finding_history',
  },
  {
    name: 'resource',
    columns: [
      ...`account_id resource_key table_name provider region owner_account_id native_id name tags content`.split(
        ' ',
      ),
      ...`list_read_at in_force first_seen valid_from`.split(' '),
    ],
    from: 'stance.resource',
  },
  {
    name: 'resource_tag',
    columns: 'account_id resource_key tag_key tag_value table_name region'.split(' '),
    from: 'stance.resource_tag',
  },
  {
    name: 'resource_version',
    columns: [
      ...`account_id resource_key valid_from valid_to table_name provider region owner_account_id`.split(' '),
      ...`native_id name tags content first_seen closed_as`.split(' '),
    ],
    from: 'stance.resource_version',
  },
  {
    name: 'rule',
    columns: `rule_id table_name service title severity_private severity_public enabled`.split(' '),
    from: 'stance.rule',
  },
  {
    name: 'tombstone',
    columns: [
      ...`account_id resource_key deleted_at table_name region native_id name first_seen reason`.split(' '),
      'returned_at',
    ],
    from: 'stance.tombstone',
  },
]

/** Documented views in schema `public`: what people, BI and the sandbox read. Made anew where columns differ. */
export async function createViews(db: Database, catalogue: LakeCatalogue): Promise<string[]> {
  const typed = [...catalogue.shapes.values()].map((shape): View => {
    return {
      name: shape.name,
      columns: sqlColumns(shape).map(({ name }) => name),
      from: `lake.${shape.name}`,
    }
  })
  const there = await viewColumns(db)
  const stale = [...ownViews, ...typed].filter((view) => there.get(view.name) !== view.columns.join(','))
  // One transaction on DuckDB, which keeps no lock for each view until the end.
  const groups = db.engine === 'duckdb' && stale.length > 0 ? [stale] : stale.map((view) => [view])
  for (const group of groups) {
    await db.transaction(
      async (tx) => {
        for (const { name, columns, from } of group) {
          if (there.has(name)) await tx.run(`drop view if exists public.${name}`)
          await tx.run(`create view public.${name} as select ${columns.join(', ')} from ${from}`)
        }
      },
      { label: 'views' },
    )
  }
  return stale.map((view) => view.name)
}

async function viewColumns(db: Database): Promise<Map<string, string>> {
  const rows = await db.query<{ table_name: string; column_name: string }>(
    `select c.table_name::text as table_name, c.column_name::text as column_name
     from information_schema.columns c
     join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
     where c.table_schema = 'public' and t.table_type = 'VIEW'
     order by c.table_name nulls last, c.ordinal_position nulls last`,
  )
  const views = new Map<string, string[]>()
  for (const { table_name, column_name } of rows) {
    views.set(table_name, [...(views.get(table_name) ?? []), column_name])
  }
  return new Map([...views].map(([name, columns]) => [name, columns.join(',')]))
}
