import { randomUUID } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import type { Database, Transaction } from '../db/database.ts'
import { takeTurn } from './account-turn.ts'
import { applyChunk, applyKnown, SeenRows } from './apply-chunk.ts'
import { type LakeCatalogue, lakeTable } from './catalogue.ts'
import { cellOutcome, doubted, toCellRow } from './cell-outcome.ts'
import { type CellRows, cellsOneByOne } from './cell-rows.ts'
import type { CellEnd, CellId, CollectedResource, ConfirmGone } from './collected.ts'
import { deleteResources } from './delete-resources.ts'
import { expiredKeys } from './expired-groups.ts'
import { lapseRows } from './lapse-rows.ts'
import type { MergePlace } from './merge-resource.ts'
import { Stage } from './stage.ts'
import { toStagedText } from './staged-text.ts'
import {
  countUnlisted,
  isBigDeletion,
  NeedsConfirmation,
  sampleOf,
  staleResources,
} from './stale-resources.ts'
import { Tally, toSummary, type WriteSummary } from './tally.ts'

/** What a write changed: facts, rules and findings that depend on it are brought up to date from this. */
export interface CellChange {
  account_id: string
  table: string
  /** `*` where every part of the account's table may have changed. */
  part: string
  /** Resources whose typed rows changed, new ones too. */
  keys: readonly string[] | 'all'
  /** Resources that are gone. */
  deleted: readonly string[] | 'all'
  /**
   * What may be relied on of the whole cell changed: `exists` over it may now be unknown, or known; also where it is kept as
   * it was, since its last read failed, or was until now.
   */
  cell_changed: boolean
  /** When the scan began that this write belongs to, or the read of one resource; now where left out. */
  since?: Date
  /**
   * Names that its rows had and that may be in none any more, and when the scan began that read it: what was read before
   * that names what it named then.
   */
  lost?: { names: readonly string[] | 'all'; since: Date }
  /** A scan awaited this, and has it now: facts that could not be told for want of it can be. */
  was_awaited?: boolean
  /** It was read well again, and this is when it was before: what came since then may have asked it in vain. */
  read_before?: Date
}

/** Runs in the transaction that writes the rows, so that no reader sees a row whose facts are not derived. */
export type Derive = (tx: Transaction, change: CellChange) => Promise<void>

export interface WriteOptions {
  clock: Clock
  /** When the scan began that this write belongs to; now, where it reads one resource by itself. */
  since?: Date
  derive?: Derive
  /** Runs first in a cell's transaction; what it throws gives the write up, and the cell stays as it was. */
  fence?: (tx: Transaction) => Promise<void>
  /**
   * Runs the write's transaction, `db.transaction` where left out: several writes of one account may share one, and its
   * cells; then `derive` hears of a change whose cell is not written yet.
   */
  transact?: <T>(
    accountId: string,
    work: (tx: Transaction, cells: CellRows) => Promise<T>,
    label: string,
  ) => Promise<T>
  /** The provider's partition that the account lives in: `aws`, `aws-cn`, … */
  partition: string
  /** How long content outlives reads that end in `error`; 24 h, or two intervals where those are longer. */
  staleAfterMs?: (table: string, group: string) => number
}

export interface CellSummary extends WriteSummary {
  /** The cell as it is now. */
  state: CellEnd['state']
  in_force: boolean
  cell_changed: boolean
}

export interface CellWrite {
  /** Takes resources as they come; the promise is the brake. */
  add(resources: readonly CollectedResource[]): Promise<void>
  /** Applies all that was added in one transaction. */
  finish(end: CellEnd, confirmGone?: ConfirmGone): Promise<CellSummary>
  /** Forgets all that was added; the cell stays as it was. */
  abandon(): Promise<void>
}

const day = 24 * 3_600_000

export function placeOf(
  catalogue: LakeCatalogue,
  { account_id, table, part }: CellId,
  { clock, since, partition, staleAfterMs }: WriteOptions,
): MergePlace {
  const now = clock.now()
  return {
    table: lakeTable(catalogue, table),
    account_id,
    part,
    cloud_partition: partition,
    now,
    since: since ?? now,
    staleAfterMs: (group) => staleAfterMs?.(table, group) ?? day,
  }
}

/** Opens the write of one cell: what its read gives is kept aside until the read ends, then applied as one. */
export function openCellWrite(
  db: Database,
  catalogue: LakeCatalogue,
  cell: CellId,
  options: WriteOptions,
): CellWrite {
  const batch = randomUUID()
  const stage = new Stage(db, cell, batch)
  const seen = new Map<string, string>()
  const twice: string[] = []
  let tail: Promise<void> = Promise.resolve()
  let isOver = false
  lakeTable(catalogue, cell.table)

  async function addAll(resources: readonly CollectedResource[]): Promise<void> {
    for (const resource of resources) {
      const { resource_key, native_id } = resource
      const before = seen.get(resource_key)
      // Pages overlap when something is made while they are read: the first one counts.
      if (before === native_id) continue
      if (before !== undefined) {
        twice.push(resource_key)
        continue
      }
      seen.set(resource_key, native_id)
      await stage.add(toStagedText(resource), options.clock.now())
    }
  }

  function write(end: CellEnd, confirmed: boolean | undefined): Promise<CellSummary> {
    const label = `cell ${cell.table} ${cell.part}`
    const work = (tx: Transaction, cells = cellsOneByOne(tx)) => apply(tx, cells, end, confirmed)
    return options.transact?.(cell.account_id, work, label) ?? db.transaction((tx) => work(tx), { label })
  }

  async function apply(
    tx: Transaction,
    cells: CellRows,
    end: CellEnd,
    confirmed: boolean | undefined,
  ): Promise<CellSummary> {
    const place = placeOf(catalogue, cell, options)
    const tally = new Tally()
    await takeTurn(tx, cell.account_id)
    await options.fence?.(tx)
    const before = await cells.read(cell)
    const marks = new SeenRows(cell.account_id, batch)
    // Keys are looked up chunk by chunk; in the first scan of an account there is nothing to look for.
    const isFirst = stage.isLarge && (await isEmptyAccount(tx, cell.account_id))
    for await (const chunk of stage.chunks(tx)) await applyChunk(tx, place, chunk, marks, tally, isFirst)
    await marks.flush(tx)
    await stage.clear(tx)
    const final = { ...end, ...unsound(twice, tally.collisions) }
    const { stale, known, unlisted } = await staleResources(tx, cell, final, seen)
    let lost = stale
    if (isBigDeletion(stale.length, known - tally.inserted) && confirmed !== true) {
      if (confirmed === undefined) throw new NeedsConfirmation(sampleOf(stale))
      Object.assign(final, unconfirmed(stale.length, known - tally.inserted))
      lost = []
    }
    const keys = lost.map(({ resource_key }) => resource_key)
    const deletion = { reason: 'gone' as const, now: place.now, readAt: final.listed_at, lost: tally.lost }
    await deleteResources(tx, place.table, cell.account_id, keys, deletion)
    tally.deleted += keys.length
    tally.gone.add(keys)
    const rows = known - keys.length
    // A row that is new holds nothing that could be too old.
    if (rows > tally.inserted) {
      const expired = await expiredKeys(tx, cell, place)
      if (expired.length > 0) await applyKnown(tx, place, expired, tally)
    }
    const staleAfterMs = place.staleAfterMs('list')
    const told = cellOutcome(before, final, rows, place.now, staleAfterMs)
    // Events wrote some of them while this was listed: what is counted is what there is now.
    const mayHold = told.in_force && (unlisted > 0 || tally.unlisted.size > 0)
    const outcome = mayHold ? doubted(told, await countUnlisted(tx, cell)) : told
    const { staleBefore } = outcome
    if (staleBefore !== undefined && rows > 0) {
      const { account_id, part } = cell
      await lapseRows(
        tx,
        place.table,
        { account_id, parts: [part], staleBefore, now: place.now },
        tally.touched,
      )
    }
    const touched = toSummary(tally)
    const changedIn = touched.touched.length > 0 ? place.since : undefined
    const row = toCellRow(cell, before, final, outcome, rows, place.now, changedIn)
    // Each read that fails leaves more as it was: what the one before gave until it broke off.
    const isKept = [before?.state, row.state].includes('error')
    const cell_changed = (await cells.write(before, row)) || isKept
    const summary = { ...touched, state: row.state, in_force: row.in_force, cell_changed }
    // Tried, and never read: whatever is there came before its first good read.
    const wasOk = before?.ok_at ?? (before?.attempted_at == null ? null : new Date(0))
    const wasAwaited = before?.awaited_since != null && row.awaited_since === null
    const again = wasOk !== null && row.ok_at !== null && wasOk < row.ok_at ? { read_before: wasOk } : {}
    const names = { names: touched.names_lost, since: place.since }
    await deriveFrom(tx, options.derive, cell, {
      ...{ ...summary, ...again, since: place.since, lost: names },
      ...(wasAwaited ? { was_awaited: true } : {}),
    })
    return summary
  }

  return {
    add(resources) {
      if (isOver) return Promise.reject(new TypeError('the write of this cell has ended'))
      const next = tail.then(() => addAll(resources))
      tail = next
      // Who awaits the answer hears of it; finish() would else be the second to fail.
      next.catch(() => undefined)
      return next
    },
    async finish(end, confirmGone) {
      await tail
      isOver = true
      try {
        return await write(end, undefined)
      } catch (error) {
        if (!(error instanceof NeedsConfirmation)) throw error
        const answer = (await confirmGone?.(error.sample)) ?? 'could not tell'
        return await write(end, answer === 'gone')
      }
    },
    async abandon() {
      isOver = true
      await tail.catch(() => undefined)
      await stage.abandon()
    },
  }
}

async function isEmptyAccount(tx: Transaction, accountId: string): Promise<boolean> {
  const rows = await tx.query('select resource_key from stance.resource where account_id = $1 limit 1', [
    accountId,
  ])
  return rows.length === 0
}

export async function deriveFrom(
  tx: Transaction,
  derive: Derive | undefined,
  { account_id, table, part }: CellId,
  {
    touched,
    gone,
    cell_changed,
    ...more
  }: Pick<CellSummary, 'touched' | 'gone' | 'cell_changed'> &
    Pick<CellChange, 'read_before' | 'lost' | 'since' | 'was_awaited'>,
): Promise<void> {
  // Also where nothing changed: time has passed for rules that read now().
  if (derive === undefined) return
  const { read_before, lost, since, was_awaited } = more
  await derive(tx, {
    ...{ account_id, table, part, keys: touched, deleted: gone, cell_changed },
    ...(since === undefined ? {} : { since }),
    ...(read_before === undefined ? {} : { read_before }),
    ...(was_awaited === true ? { was_awaited } : {}),
    ...(lost === undefined || lost.names.length === 0 ? {} : { lost }),
  })
}

/** A read that names one key for two things has not told what there is: nothing is deleted on its word. */
function unsound(twice: readonly string[], collisions: readonly string[]): Partial<CellEnd> {
  const key = twice[0] ?? collisions[0]
  if (key === undefined) return {}
  const message =
    twice.length > 0
      ? `Two resources have the key ${key}.`
      : `The key ${key} belongs to a resource of another table.`
  return {
    state: 'error',
    failure: { code: 'KEY_TAKEN', message, next: 'Report it: the table’s identity is wrong.' },
  }
}

function unconfirmed(missing: number, known: number): Partial<CellEnd> {
  return {
    state: 'error',
    failure: {
      code: 'DELETION_UNCONFIRMED',
      message: `The listing left out ${missing} of ${known} known resources, and reading some of them did not confirm that they are gone. Nothing was deleted.`,
      next: 'Scan again; if it stays, look whether the listing is complete.',
    },
  }
}
