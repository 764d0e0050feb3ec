import { setTimeout as sleep } from 'node:timers/promises'
import type { CollectEvent } from '../collect/kernel/collect-deps.ts'
import type { PlannedCell } from '../collect/kernel/planned-cell.ts'
import { settleAll } from '../collect/kernel/settle-all.ts'
import { openCellWrite } from '../lake/open-cell-write.ts'
import type { AwaitedReads } from './awaited-reads.ts'
import { JudgeSoon } from './judge-soon.ts'
import { leaseMs } from './lease-cell.ts'
import { neverRead } from './never-read.ts'
import type { Collecting } from './open-collecting.ts'
import type { Stance } from './open-stance.ts'
import type { ScanPlan } from './plan-scan.ts'
import { type LeasedRead, readUnderLease } from './read-under-lease.ts'
import { ReleaseReads } from './release-reads.ts'
import type { ScanEvent } from './scan.ts'
import type { SharedWrites } from './share-writes.ts'

export interface CellsToRead {
  scan_id: string
  /** When the scan began to look around. */
  since: Date
  plan: ScanPlan
  awaited: AwaitedReads
  collecting: Collecting
  writes: SharedWrites
  signal: AbortSignal
  /** Ends all that goes on in this scan, with the failure of one of them. */
  failing: AbortController
  judge: (account_id: string, isReady: (table: string) => boolean) => Promise<void>
  report: (event: ScanEvent) => void
}

const cellsAtOnce = 8

/** Reads cells as jobs under a lease, and has accounts judged as soon as something of theirs has ended. */
export async function readCells(stance: Stance, work: CellsToRead): Promise<void> {
  const { plan, awaited, collecting, signal, failing, report } = work
  const cells = plan.read
  const releasing = new ReleaseReads(collecting.shared)
  const busy: PlannedCell[] = []
  let done = 0
  const progress = (event: CollectEvent) => {
    if (event.kind === 'cell_ended') done++
    report({ ...event, done, cells: cells.length, calls: collecting.counter.summary().calls })
  }
  const judging = new JudgeSoon(
    (account_id) => work.judge(account_id, (table) => awaited.isReady(account_id, table)),
    (error) => failing.abort(error),
  )
  for (const account_id of new Set(plan.settled.map((cell) => cell.account_id))) judging.ask(account_id)
  const worker = async (waiting: PlannedCell[]) => {
    for (let cell = waiting.shift(); cell !== undefined && !signal.aborted; cell = waiting.shift()) {
      const outcome = await readCell(stance, work, cell, progress)
      // One that is busy may be tried again much later: who needs what it shares has it read anew.
      await releasing.ended(cell)
      if (outcome === 'busy') busy.push(cell)
      if (outcome === 'lost') report({ kind: 'cell_busy', cell })
      if (outcome !== 'read') continue
      awaited.ended(cell)
      judging.ask(cell.account_id)
    }
  }
  const stopOthers = (error: unknown) => {
    failing.abort(error)
    throw error
  }
  try {
    const waiting = releasing.expect([...cells])
    await settleAll(Array.from({ length: cellsAtOnce }, () => worker(waiting).catch(stopOthers)))
    // Another scan has them, or one that died: its leases run out. What a living one reads is read.
    for (const until = Date.now() + leaseMs; busy.length > 0 && Date.now() < until && !signal.aborted; ) {
      await sleep(500, undefined, { signal }).catch(() => {})
      await worker(releasing.expect(busy.splice(0)))
    }
  } catch (error) {
    await judging.stop()
    // What came first, not what it led to.
    throw failing.signal.aborted ? failing.signal.reason : error
  }
  await judging.finish()
  for (const cell of busy) report({ kind: 'cell_busy', cell })
}

function readCell(
  stance: Stance,
  { scan_id, since, plan, collecting, writes, signal }: CellsToRead,
  cell: PlannedCell,
  report: (event: CollectEvent) => void,
): Promise<LeasedRead> {
  const { db, clock, catalogue } = stance
  return readUnderLease(stance, cell, scan_id, (fence) => ({
    ...collecting.deps(signal),
    neverRead: (account_id, resources, groups) => neverRead(db, account_id, resources, groups),
    openWriter: (id) =>
      openCellWrite(db, catalogue, id, {
        clock,
        since,
        partition: cell.partition,
        staleAfterMs: plan.staleAfterMs(cell),
        fence,
        ...writes.options,
      }),
    report,
  }))
}
