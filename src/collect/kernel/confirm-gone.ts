import type { Missing } from '../../lake/collected.ts'
import type { AnyTable } from '../../lake/define-table.ts'
import type { Caller } from './call-read.ts'
import type { CollectDeps } from './collect-deps.ts'
import { listRows } from './list-rows.ts'
import { mapAtOnce } from './map-at-once.ts'
import type { PlannedCell } from './planned-cell.ts'
import { readListed } from './read-one.ts'
import { SharedReads } from './shared-reads.ts'
import { listOf } from './table-reads.ts'

/**
 * A deletion that is too big to be believed at once: single reads of some missing resources must answer that
 * they do not exist; where they cannot tell, a second listing, made anew, must miss them again.
 */
export async function confirmGone(
  table: AnyTable,
  sample: readonly Missing[],
  cell: PlannedCell,
  caller: Caller,
  deps: CollectDeps,
): Promise<'gone' | 'still there' | 'could not tell'> {
  if (sample.length === 0) return 'could not tell'
  const { one, within } = listOf(table)
  if (one !== undefined && within === undefined) {
    const ends = await mapAtOnce(sample, 4, async (missing) => {
      return (await readListed(table, missing.native_id, caller)).end
    })
    if (ends.includes('found')) return 'still there'
    if (ends.every((end) => end === 'gone')) return 'gone'
  }
  return listAgain(table, sample, cell, caller, deps)
}

async function listAgain(
  table: AnyTable,
  sample: readonly Missing[],
  cell: PlannedCell,
  caller: Caller,
  deps: CollectDeps,
): Promise<'gone' | 'still there' | 'could not tell'> {
  // The planner's own rows come from the account tree, which says when an account or region is gone.
  if (table.planned !== undefined) return 'gone'
  const missing = new Set(sample.map(({ resource_key }) => resource_key))
  // Shared reads of its own: what was read once must not answer for itself.
  const shared = new SharedReads(deps.registry, deps.shared.directory)
  try {
    const pages = listRows(table, {
      caller,
      shared,
      ...(cell.rows === undefined ? {} : { planned: cell.rows }),
    })
    for (;;) {
      const step = await pages.next()
      if (step.done) return step.value.unread === undefined ? 'gone' : 'could not tell'
      if (step.value.some(({ identity }) => missing.has(identity.resource_key))) return 'still there'
    }
  } finally {
    await shared.close()
  }
}
