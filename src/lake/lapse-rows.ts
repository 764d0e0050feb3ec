import { listGroup, novelty, sqlColumns } from '../core/table-shape.ts'
import type { Param, Transaction } from '../db/database.ts'
import type { LakeTable } from './catalogue.ts'
import { type KeyList, mostKeys } from './tally.ts'

export interface Lapse {
  account_id: string
  /** All parts of the table where left out. */
  parts?: readonly string[]
  /** Rows that were read by themselves at or after this stay listed. */
  staleBefore: Date
  now: Date
}

const untouched = new Set([
  ...['account_id', 'region', 'resource_key', 'owner_account_id', '_part'],
  ...novelty.map(({ name }) => name),
])

/**
 * Rows that nobody vouches for any more: `_listed` and all other columns become NULL, child rows go; documents
 * stay. Set by set, never row by row: a lost permission may concern every row of an account.
 */
export async function lapseRows(
  tx: Transaction,
  table: LakeTable,
  lapse: Lapse,
  touched: KeyList,
): Promise<number> {
  const params: Param[] = [lapse.account_id, table.declared.name, lapse.staleBefore]
  let which = 'r.account_id = $1 and r.table_name = $2 and r.in_force and r.list_read_at < $3'
  if (lapse.parts !== undefined) {
    params.push(lapse.parts)
    which += ' and r.part = any($4::text[])'
  }
  const rows = await tx.query<{ resource_key: string }>(
    `select r.resource_key from stance.resource r where ${which} limit ${mostKeys + 1}`,
    params,
  )
  if (rows.length === 0) return 0
  touched.add(rows.map(({ resource_key }) => resource_key))
  const at = `$${params.length + 1}`
  await tx.run(
    `insert into stance.coverage_history (account_id, table_name, part, resource_key, group_name, valid_to, valid_from,
       state, in_force, code, action, denied_by)
     select r.account_id, r.table_name, r.part, r.resource_key, '${listGroup}',
       greatest(${at}::timestamptz, r.in_force_since + interval '1 millisecond'), r.in_force_since, r.list_state,
       r.in_force, '', '', ''
     from stance.resource r where ${which}`,
    [...params, lapse.now],
  )
  const nulls = sqlColumns(table.shape)
    .filter(({ name }) => !untouched.has(name))
    .map(({ name }) => `${name} = null`)
  await tx.run(
    `update lake.${table.shape.name} as t set ${nulls.join(', ')} from stance.resource r
     where ${which} and t.account_id = $1 and t.account_id = r.account_id and t.resource_key = r.resource_key`,
    params,
  )
  for (const { name } of table.children) {
    await tx.run(
      `delete from lake.${name} as t using stance.resource r
       where ${which} and t.account_id = $1 and t.account_id = r.account_id and t.resource_key = r.resource_key`,
      params,
    )
  }
  // The moment is taken from the interval that was just closed: Citus refuses arithmetic of times in an update.
  return tx.run(
    `update stance.resource as r set in_force = false, tags_read = false, row_hash = '', in_force_since = h.valid_to
     from stance.coverage_history h
     where ${which} and h.account_id = $1 and h.account_id = r.account_id and h.table_name = r.table_name
       and h.part = r.part and h.resource_key = r.resource_key and h.group_name = '${listGroup}'
       and h.valid_from = r.in_force_since`,
    params,
  )
}
