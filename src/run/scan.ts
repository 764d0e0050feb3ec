import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAwsTransport } from '../collect/aws/transport.ts'
import { usualError } from '../collect/aws/wire-error.ts'
import { defaultLimits } from '../collect/kernel/call-limiter.ts'
import { collectCell } from '../collect/kernel/collect-cell.ts'
import type { CollectDeps, CollectEvent } from '../collect/kernel/collect-deps.ts'
import { CallCounter } from '../collect/kernel/count-calls.ts'
import { type KernelLayers, withKernelLayers } from '../collect/kernel/kernel-layers.ts'
import type { Plan } from '../collect/kernel/plan-cells.ts'
import type { PlannedCell } from '../collect/kernel/planned-cell.ts'
import { secretPaths } from '../collect/kernel/secret-paths.ts'
import { SharedReads } from '../collect/kernel/shared-reads.ts'
import type { Layer } from '../collect/kernel/transport.ts'
import { parseFaults } from '../collect/transport/faults.ts'
import { injectFaults } from '../collect/transport/inject-faults.ts'
import { StanceError } from '../core/errors.ts'
import { judgePending } from '../evaluate/judge-pending.ts'
import { readAccounts, saveAccounts } from '../lake/accounts.ts'
import { openCellWrite } from '../lake/open-cell-write.ts'
import { writeSingle } from '../lake/write-single.ts'
import { type Discovered, discoverAccounts } from './discover-accounts.ts'
import { leaseCell, leaseMs } from './lease-cell.ts'
import type { Stance } from './open-stance.ts'
import { planScan } from './plan-scan.ts'
import type { RunSettings } from './run-settings.ts'
import { endScan, type ScanRecord, startScan } from './scan-record.ts'
import { secretKeyOf } from './secret-key.ts'
import { settleCells } from './settle-cells.ts'

/** What narrows one scan; what it leaves out stays as it was. */
export interface ScanNarrowing {
  accounts?: readonly string[]
  regions?: readonly string[]
  services?: readonly string[]
  tables?: readonly string[]
  rules?: readonly string[]
}

export interface ScanOptions {
  settings: RunSettings
  narrowing?: ScanNarrowing
  /** Skip cells that were read whole since the interrupted scan began. */
  resume?: boolean
  signal?: AbortSignal
  /** Reads everything that is due, intervals or not: a person asked. Default true. */
  isAsked?: boolean
  /** Faults to inject, for tests and demonstrations: `ec2:DescribeSubnets@eu-west-1=denied`. */
  faults?: string
  /** How long waits and retries last, where the defaults are not meant. */
  pace?: Pick<KernelLayers, 'retry' | 'breaker' | 'times'>
  /** Ears of a recording, on the wire. */
  listen?: Parameters<typeof createAwsTransport>[0]['listen']
  report?: (event: ScanEvent) => void
}

/** Progress, for whoever shows it: the CLI now, a console later. */
export type ScanEvent =
  | { kind: 'scan_started'; scan_id: string; started_at: Date; resumed_from?: Date }
  | { kind: 'accounts_found'; accounts: number; failed: Discovered['failed'] }
  | { kind: 'planned'; cells: number; services: readonly PlannedService[] }
  | (CollectEvent & { done: number; cells: number; calls: number })
  | { kind: 'cell_busy'; cell: { account_id: string; table: string; part: string } }
  | { kind: 'judged'; account_id: string; findings_changed: number }
  | { kind: 'scan_ended'; record: ScanRecord }

/** How many cells of a service are read, and which tables they are of. */
export interface PlannedService {
  service: string
  cells: number
  tables: readonly string[]
}

const cellsAtOnce = 8

/**
 * One scan: who is there → what is read and left out → cells as jobs under a lease → facts with each cell's rows →
 * rules and findings as soon as the cell has ended. Never throws for what a cloud does; a signal ends it with a
 * lake that is consistent, and `resume` goes on from there.
 */
export async function scan(stance: Stance, options: ScanOptions): Promise<ScanRecord> {
  const { db, clock, registry, catalogue } = stance
  const { settings } = options
  const signal = options.signal ?? new AbortController().signal
  const report = options.report ?? (() => {})
  const started = await startScan(db, clock.now(), options)
  const { scan_id, started_at, resumed_from } = started
  report({
    kind: 'scan_started',
    scan_id,
    started_at,
    ...(resumed_from === undefined ? {} : { resumed_from }),
  })
  const counter = new CallCounter()
  const key = await secretKeyOf(settings.data_directory)
  const wire = createAwsTransport({
    connections: settings.connections,
    network: settings.network,
    ...(options.listen === undefined ? {} : { listen: options.listen }),
  })
  const paths = secretPaths([...registry.tables.values()], [...registry.sources.values()])
  const faults: { faults?: Layer } =
    options.faults === undefined
      ? {}
      : { faults: injectFaults(parseFaults(options.faults), { usual: usualError }) }
  const transport = withKernelLayers(wire, {
    counter,
    secrets: { paths, key },
    limits: { ...defaultLimits, process: settings.collect.concurrency },
    ...faults,
    ...options.pace,
  })
  const spools = await mkdtemp(join(settings.data_directory, 'scan-'))
  const shared = new SharedReads(registry, spools, settings.collect.cell_time_budget)
  try {
    for (const account_id of await accountsWithMarks(stance)) await judge(account_id)
    const discovered = await discoverAccounts({
      connections: settings.connections,
      transport,
      signal,
      known: await readAccounts(db),
      ...(options.narrowing?.accounts === undefined ? {} : { only: options.narrowing.accounts }),
    })
    signal.throwIfAborted()
    report({ kind: 'accounts_found', accounts: discovered.plannable.length, failed: discovered.failed })
    if (discovered.plannable.length === 0) throw nothingToRead(discovered)
    await saveAccounts(db, discovered.tree, clock.now())
    const plan = await planScan(stance, options, discovered.plannable, started)
    await writePlan(stance, plan, discovered)
    report({ kind: 'planned', cells: plan.read.length, services: servicesOf(stance, plan) })
    for (const { account_id } of discovered.plannable) await judge(account_id)
    await readCells(plan.read)
    // What reached into other accounts, and what is left of those that this scan did not read.
    for (let left = await accountsWithMarks(stance); left.length > 0; left = await accountsWithMarks(stance))
      for (const account_id of left) await judge(account_id)
  } catch (error) {
    // What was cut off says so in its own words; it is no failure.
    const wasStopped = signal.aborted && (error === signal.reason || error instanceof StanceError)
    if (!wasStopped) {
      await end('failed')
      throw error
    }
  } finally {
    await shared.close()
    await transport.close()
    await rm(spools, { recursive: true, force: true })
  }
  const record = await end(signal.aborted ? 'interrupted' : 'done')
  report({ kind: 'scan_ended', record })
  return record

  function end(state: 'done' | 'interrupted' | 'failed'): Promise<ScanRecord> {
    return endScan(db, started, { state, now: clock.now(), cost: counter.summary() })
  }

  async function readCells(cells: readonly PlannedCell[]): Promise<void> {
    const busy: PlannedCell[] = []
    let done = 0
    const progress = () => ({ done, cells: cells.length, calls: counter.summary().calls })
    const judging = new Map<string, Promise<void>>()
    const worker = async (waiting: PlannedCell[]) => {
      for (let cell = waiting.shift(); cell !== undefined && !signal.aborted; cell = waiting.shift()) {
        const wasFree = await readCell(cell, progress)
        if (!wasFree) {
          busy.push(cell)
          continue
        }
        done++
        // Judged one after another per account; a mark that comes while it runs is settled by the next.
        const { account_id } = cell
        const before = judging.get(account_id) ?? Promise.resolve()
        const next = before.then(() => judge(account_id))
        judging.set(account_id, next)
        await next
      }
    }
    const first = [...cells]
    await Promise.all(Array.from({ length: cellsAtOnce }, () => worker(first)))
    // Another scan has them, or one that died: its leases run out. What a living one reads is read.
    for (const until = Date.now() + leaseMs; busy.length > 0 && Date.now() < until && !signal.aborted; ) {
      await sleep(500, undefined, { signal }).catch(() => {})
      await worker(busy.splice(0))
    }
    for (const cell of busy) report({ kind: 'cell_busy', cell })
  }

  async function readCell(
    cell: PlannedCell,
    progress: () => { done: number; cells: number; calls: number },
  ): Promise<boolean> {
    const lease = await leaseCell(db, cell, started.scan_id, () => clock.now())
    if (lease === undefined) return false
    try {
      const deps: CollectDeps = {
        registry,
        transports: new Map([[transport.name, transport]]),
        clock,
        signal,
        shared,
        budgets: {
          cell_ms: settings.collect.cell_time_budget,
          cell_calls: settings.collect.call_budget,
        },
        secret_key: key,
        openWriter: (id) =>
          openCellWrite(db, catalogue, id, {
            clock,
            partition: cell.partition,
            derive: stance.derive,
            staleAfterMs: () => settings.collect.stale_after,
          }),
        report: (event) => report({ ...event, ...progress() }),
      }
      await collectCell(cell, deps)
      return true
    } finally {
      await lease.release()
    }
  }

  async function judge(account_id: string): Promise<void> {
    const { findings_changed } = await judgePending(db, stance.judge, account_id)
    if (findings_changed > 0) report({ kind: 'judged', account_id, findings_changed })
  }
}

/** What is known before anything is read: the planner's own rows, and cells that are not going to be read. */
async function writePlan(stance: Stance, plan: Plan, discovered: Discovered): Promise<void> {
  const { db, catalogue, clock, derive } = stance
  for (const { cell, partition, resource } of plan.rows)
    await writeSingle(db, catalogue, cell, { resource }, { clock, partition, derive })
  await settleCells(stance, plan, discovered.plannable)
}

function servicesOf({ registry }: Stance, plan: Plan): PlannedService[] {
  const byService = Map.groupBy(plan.read, (cell) => registry.table(cell.table).service)
  return [...byService]
    .map(([service, cells]) => ({
      service,
      cells: cells.length,
      tables: [...new Set(cells.map(({ table }) => table))],
    }))
    .sort((a, b) => (a.service < b.service ? -1 : 1))
}

async function accountsWithMarks({ db }: Stance): Promise<string[]> {
  const rows = await db.query<{ account_id: string }>(
    'select p.account_id from stance.pending_judgement p group by p.account_id order by p.account_id nulls last',
  )
  return rows.map(({ account_id }) => account_id)
}

function nothingToRead(discovered: Discovered): StanceError {
  const [first] = discovered.failed
  if (first !== undefined) return first.error
  return new StanceError('SCAN_NOTHING', 'There is no account to read.', {
    next: 'Name an account that a connection reads, or look at `connections` in stance.yaml.',
  })
}
