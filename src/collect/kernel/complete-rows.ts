import type { Json } from '../../core/json.ts'
import type { AnyTable } from '../../lake/define-table.ts'
import type { Caller } from './call-read.ts'
import type { Unanswered } from './classify-answer.ts'
import { ownerOf } from './collect-deps.ts'
import { type FoundAt, placeOf, valuesOf } from './identify-resource.ts'
import { mapAtOnce } from './map-at-once.ts'
import { readWay, shaped } from './read-way.ts'
import { listOf } from './table-reads.ts'

/** Beside what the limits of the transport allow. */
const mostAtOnce = 8

/**
 * The rows with what the listing left out. One that cannot be completed is left out, and the listing is less than
 * whole; one that went in between is no row.
 */
export async function completeRows(
  table: AnyTable,
  caller: Caller,
  rows: readonly Json[],
  found: FoundAt,
): Promise<{ rows: readonly Json[]; unread: Unanswered | undefined }> {
  const { completion } = listOf(table)
  if (completion === undefined) return { rows, unread: undefined }
  let unread: Unanswered | undefined
  const completed = await mapAtOnce(rows, mostAtOnce, async (row): Promise<Json | undefined> => {
    if (!completion.misses(row as never)) return row
    const place = { ...placeOf(found, caller.part), item: row }
    const way = await readWay(
      caller,
      ownerOf(table),
      completion.read,
      valuesOf(found, caller.part, row),
      place,
    )
    if (way.end === 'gone') return undefined
    if (way.end !== 'ok') {
      unread ??= way
      return undefined
    }
    const full = shaped(() => completion.shape(row as never, way.content as never) as Json)
    if ('failure' in full) unread ??= { end: 'error', failure: full.failure }
    return 'failure' in full ? undefined : full.value
  })
  return { rows: completed.filter((row) => row !== undefined), unread }
}
