import { randomUUID } from 'node:crypto'
import type { Database, Transaction } from '../db/database.ts'
import { takeTurn } from './account-turn.ts'
import { applyChunk, SeenRows } from './apply-chunk.ts'
import type { LakeCatalogue } from './catalogue.ts'
import { doubtCells, latest } from './cell-outcome.ts'
import { type CellRows, cellsOneByOne } from './cell-rows.ts'
import type { CellId, CollectedResource } from './collected.ts'
import { type Deletion, deleteResources } from './delete-resources.ts'
import type { MergePlace } from './merge-resource.ts'
import { deriveFrom, placeOf, type WriteOptions } from './open-cell-write.ts'
import { fromStagedText, toStagedText } from './staged-text.ts'
import { Tally, toSummary, type WriteSummary } from './tally.ts'

/** What a single read or an event says of one resource. */
export type SingleRead =
  /** Some or all of its groups; without `list` only a resource that is known is written. */
  | { resource: CollectedResource }
  /** The provider answered that it does not exist. */
  | { gone: { resource_key?: string; native_id?: string }; read_at: Date }

/**
 * Writes one resource by itself, beside the listing of its cell: nothing else is deleted or vouched for, and
 * whatever was read later than this stays.
 */
export function writeSingle(
  db: Database,
  catalogue: LakeCatalogue,
  cell: CellId,
  read: SingleRead,
  options: WriteOptions,
): Promise<WriteSummary> {
  const label = `one resource of ${cell.table}`
  const work = (tx: Transaction, cells = cellsOneByOne(tx)) =>
    apply(tx, cells, catalogue, cell, read, options)
  return options.transact?.(cell.account_id, work, label) ?? db.transaction((tx) => work(tx), { label })
}

async function apply(
  tx: Transaction,
  cells: CellRows,
  catalogue: LakeCatalogue,
  cell: CellId,
  read: SingleRead,
  options: WriteOptions,
): Promise<WriteSummary> {
  const place = placeOf(catalogue, cell, options)
  const tally = new Tally()
  await takeTurn(tx, cell.account_id)
  if ('resource' in read) {
    const resource = fromStagedText(toStagedText(read.resource))
    const marks = new SeenRows(cell.account_id, randomUUID())
    await applyChunk(tx, place, [resource], marks, tally)
    await marks.flush(tx)
  } else await deleteOne(tx, place, cell, read.gone, read.read_at, tally)
  const more = tally.inserted - tally.deleted
  const isTouched = toSummary(tally).touched.length > 0
  const before = more !== 0 || isTouched ? await cells.read(cell) : undefined
  if (before !== undefined) {
    const changed_in = latest(before.changed_in, isTouched ? place.since : undefined)
    await cells.write(before, { ...before, rows: before.rows + more, changed_in })
  }
  const doubted = await doubtCells(cells, cell, tally.unlisted, place.now)
  const summary = toSummary(tally)
  const lost = { names: summary.names_lost, since: place.since }
  const { since } = place
  await deriveFrom(tx, options.derive, cell, { ...summary, lost, since, cell_changed: doubted.length > 0 })
  return summary
}

async function deleteOne(
  tx: Transaction,
  place: MergePlace,
  cell: CellId,
  gone: { resource_key?: string; native_id?: string },
  readAt: Date,
  tally: Tally,
): Promise<void> {
  const rows = await tx.query<{ resource_key: string; list_read_at: Date }>(
    `select resource_key, list_read_at from stance.resource
     where account_id = $1 and table_name = $2 and part = $3 and (resource_key = $4 or native_id = $5)`,
    [cell.account_id, cell.table, cell.part, gone.resource_key ?? '', gone.native_id ?? ''],
  )
  const older = rows.filter(({ list_read_at }) => list_read_at <= readAt)
  const keys = older.map(({ resource_key }) => resource_key)
  const deletion: Deletion = { reason: 'gone', now: place.now, readAt, lost: tally.lost }
  await deleteResources(tx, place.table, cell.account_id, keys, deletion)
  tally.deleted += keys.length
  tally.gone.add(keys)
  if (rows.length === 0 && gone.resource_key !== undefined)
    await rememberGone(tx, cell, gone.resource_key, deletion)
}

/** It was never known, but a listing on its way may still bring it: the tombstone keeps it out. */
async function rememberGone(
  tx: Transaction,
  { account_id, table, part }: CellId,
  key: string,
  { now, readAt, reason }: Deletion,
): Promise<void> {
  const known = await tx.query(
    `select deleted_at from stance.tombstone
     where account_id = $1 and resource_key = $2 and (read_at >= $3 or deleted_at >= $4)`,
    [account_id, key, readAt, now],
  )
  if (known.length > 0) return
  await tx.run(
    `insert into stance.tombstone (account_id, resource_key, deleted_at, table_name, region, part, native_id, name,
       incarnation, first_seen, read_at, reason)
     values ($1, $2, $3, $4, $5, $5, '', '', '', $6, $6, $7)`,
    [account_id, key, now, table, part, readAt, reason],
  )
}
