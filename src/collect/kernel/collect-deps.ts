import type { Clock } from '../../core/clock.ts'
import type { CellEnd, CellId, CollectedResource, ConfirmGone } from '../../lake/collected.ts'
import type { AnyTable } from '../../lake/define-table.ts'
import type { Caller } from './call-read.ts'
import type { ResourceIdentity } from './identify-resource.ts'
import type { PlannedCell } from './planned-cell.ts'
import type { SharedReads } from './shared-reads.ts'
import type { TableRegistry } from './table-registry.ts'
import type { Transport } from './transport.ts'

/** How a cell gets into the lake: staged in batches, then written, or given up, as one. */
export interface CellWriter {
  add(batch: readonly CollectedResource[]): Promise<void>
  finish(end: CellEnd, confirmGone: ConfirmGone): Promise<unknown>
  abandon(): Promise<void>
}

export interface Budgets {
  /** One cell, groups too. */
  cell_ms: number
  /** Calls of one cell, retries too. */
  cell_calls?: number
}

const defaultBudgets: Budgets = { cell_ms: 15 * 60_000 }

/** What reading needs, once per scan. Nothing of it is process-wide. */
export interface CollectDeps {
  registry: TableRegistry
  /** By `via`, with their layers. */
  transports: ReadonlyMap<string, Transport>
  clock: Clock
  signal: AbortSignal
  /** Ends this cell alone: what other cells wait for too goes on. */
  cell_signal?: AbortSignal
  shared: SharedReads
  budgets?: Budgets
  /** Resources of one cell whose groups are read side by side; the limiter bounds the calls. */
  resources_at_once?: number
  /** Replaces what a table declares secret, also where only its shape brings it up. */
  secret_key: string | Buffer
  /** Which of the groups were never read of each, by its key; nothing is asked where left out. */
  neverRead?: (
    accountId: string,
    resources: readonly ResourceIdentity[],
    groups: readonly string[],
  ) => Promise<ReadonlyMap<string, readonly string[]>>
  openWriter: (cell: PlannedCell) => CellWriter | Promise<CellWriter>
  report?: (event: CollectEvent) => void
}

export type CollectEvent =
  | { kind: 'cell_started'; cell: CellId }
  | { kind: 'cell_rows'; cell: CellId; rows: number }
  | { kind: 'cell_ended'; cell: CellId; end: CellEnd; rows: number; unread_groups: UnreadGroups }
  | { kind: 'cell_cancelled'; cell: CellId }

/** Resources of a cell by group and state that could not be read. */
export type UnreadGroups = Record<string, Partial<Record<'denied' | 'error', number>>>

export function callerFor(
  deps: Pick<CollectDeps, 'transports' | 'clock' | 'signal' | 'cell_signal' | 'budgets'>,
  cell: PlannedCell,
): Caller {
  const { cell_ms, cell_calls } = deps.budgets ?? defaultBudgets
  const { signal, cell_signal } = deps
  return {
    transports: deps.transports,
    clock: deps.clock,
    connection: cell.connection,
    account_id: cell.account_id,
    asked_account_id: cell.account_id,
    partition: cell.partition,
    part: cell.part,
    region_status: cell.region_status,
    signal: cell_signal === undefined ? signal : AbortSignal.any([signal, cell_signal]),
    shared_signal: signal,
    deadline: Date.now() + cell_ms,
    meter: { calls: 0, throttles: 0 },
    ...(cell_calls === undefined ? {} : { most_calls: cell_calls }),
  }
}

export function ownerOf(table: AnyTable): { via: string; service: string } {
  return { via: table.via, service: table.service }
}
