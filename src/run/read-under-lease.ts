import { collectCell } from '../collect/kernel/collect-cell.ts'
import type { CollectDeps } from '../collect/kernel/collect-deps.ts'
import type { PlannedCell } from '../collect/kernel/planned-cell.ts'
import { type Lease, LeaseLost, leaseCell } from './lease-cell.ts'
import type { Stance } from './open-stance.ts'

export type LeasedRead =
  | 'read'
  /** Another scan reads the cell. */
  | 'busy'
  /** Another scan took the cell while this one stalled: what this one read is given up. */
  | 'lost'

/** Reads a cell that nobody else reads. `depsOf` hands the fence to whoever writes it. */
export async function readUnderLease(
  { db, clock, logger }: Stance,
  cell: PlannedCell,
  holder: string,
  depsOf: (fence: Lease['fence']) => CollectDeps,
): Promise<LeasedRead> {
  const lease = await leaseCell(db, cell, holder, clock)
  if (lease === undefined) return 'busy'
  const { fence, lost } = lease
  const deps = { ...depsOf(fence), cell_signal: lost }
  try {
    const { outcome } = await collectCell(cell, deps)
    return outcome === 'cancelled' && lost.aborted ? 'lost' : 'read'
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error
    const { account_id, table, part } = cell
    deps.report?.({ kind: 'cell_cancelled', cell: { account_id, table, part } })
    return 'lost'
  } finally {
    // One that cannot be let go runs out by itself, and must not hide what went wrong before; where the store is gone
    // there are as many as cells are read at once.
    await lease.release().catch((error: unknown) => logger.debug({ error: String(error) }, 'lease'))
  }
}
