import type { State } from '../core/state.ts'
import type { Param, Transaction } from '../db/database.ts'
import type { LakeCatalogue } from './catalogue.ts'
import { failureColumns } from './cell-row.ts'
import type { Failure } from './collected.ts'
import { lapseRows } from './lapse-rows.ts'
import type { KeyList } from './tally.ts'

export interface Unreading {
  account_id: string
  table: string
  /** All parts where left out. */
  parts?: readonly string[]
  state: Exclude<State, 'ok' | 'absent' | 'unsupported' | 'error'>
  failure?: Failure
  /** What configuration leaves out stays so, with the setting that says it. */
  keepExcluded?: boolean
  now: Date
}

/**
 * Cells of one table that are unread from now on, without a read of theirs having ended: configuration leaves
 * them out, or their account cannot be entered. Their rows stay, and are no longer vouched for.
 */
export async function unreadCells(
  tx: Transaction,
  catalogue: LakeCatalogue,
  { account_id, table, parts, state, failure, keepExcluded, now }: Unreading,
  touched: KeyList,
): Promise<number> {
  const params: Param[] = [account_id, table, state, now]
  let which = 'c.account_id = $1 and c.table_name = $2 and (c.state <> $3 or c.in_force)'
  if (keepExcluded === true) which += ` and c.state <> 'excluded'`
  if (parts !== undefined) {
    params.push(parts)
    which += ' and c.part = any($5::text[])'
  }
  await tx.run(
    `insert into stance.coverage_history (account_id, table_name, part, resource_key, group_name, valid_to, valid_from,
       state, in_force, code, action, denied_by)
     select account_id, table_name, part, '', '', greatest($4::timestamptz, since + interval '1 millisecond'), since,
       state, in_force, code, action, denied_by
     from stance.cell c where ${which}`,
    params,
  )
  const why = failureColumns(failure)
  const at = params.length
  const changed = await tx.run(
    `update stance.cell as c set state = $3, in_force = false, awaited_since = null, stale_before = $4, since = h.valid_to,
       code = $${at + 1}, message = $${at + 2}, action = $${at + 3}, denied_by = $${at + 4}, next = $${at + 5}
     from stance.coverage_history h
     where ${which} and h.account_id = $1 and h.account_id = c.account_id and h.table_name = c.table_name
       and h.part = c.part and h.resource_key = '' and h.group_name = '' and h.valid_from = c.since`,
    [...params, why.code, why.message, why.action, why.denied_by, why.next],
  )
  // A table that is no longer declared keeps its cells, but has no rows to speak of.
  const declared = catalogue.tables.get(table)
  if (declared !== undefined) {
    const place = parts === undefined ? { account_id } : { account_id, parts }
    await lapseRows(tx, declared, { ...place, staleBefore: now, now }, touched)
  }
  return changed
}
