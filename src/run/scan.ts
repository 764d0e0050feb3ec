import { setTimeout as sleep } from 'node:timers/promises'
import type { CollectEvent } from '../collect/kernel/collect-deps.ts'
import type { Plan } from '../collect/kernel/plan-cells.ts'
import type { PlannedCell } from '../collect/kernel/planned-cell.ts'
import { settleAll } from '../collect/kernel/settle-all.ts'
import { StanceError } from '../core/errors.ts'
import { judgePending } from '../evaluate/judge-pending.ts'
import { readAccounts, saveAccounts } from '../lake/accounts.ts'
import type { CellId } from '../lake/collected.ts'
import { openCellWrite } from '../lake/open-cell-write.ts'
import { writeSingle } from '../lake/write-single.ts'
import { type Discovered, discoverAccounts } from './discover-accounts.ts'
import { type FirstReads, openFirstReads } from './first-reads.ts'
import { JudgeSoon } from './judge-soon.ts'
import { dropOldHistory } from './keep-house.ts'
import { leaseMs } from './lease-cell.ts'
import { type CollectingOptions, openCollecting } from './open-collecting.ts'
import type { Stance } from './open-stance.ts'
import { planScan, type ScanPlan } from './plan-scan.ts'
import { type LeasedRead, readUnderLease } from './read-under-lease.ts'
import { refuseEmptyPlan } from './refuse-empty-plan.ts'
import { refuseUnknownAccounts } from './refuse-unknown-accounts.ts'
import { refuseUnknownRegions } from './refuse-unknown-regions.ts'
import { endScan, type ScanRecord, startScan } from './scan-record.ts'
import { expectCells, settleCells } from './settle-cells.ts'
import { SharedWrites } from './share-writes.ts'
import { staleAfterOf } from './stale-after.ts'

/** What narrows one scan; what it leaves out stays as it was. */
export interface ScanNarrowing {
  accounts?: readonly string[]
  regions?: readonly string[]
  services?: readonly string[]
  tables?: readonly string[]
  rules?: readonly string[]
}

export interface ScanOptions extends CollectingOptions {
  narrowing?: ScanNarrowing
  /** Skip cells that were read whole since the interrupted scan began. */
  resume?: boolean
  signal?: AbortSignal
  /** Reads everything that is due, intervals or not: a person asked. Default true. */
  isAsked?: boolean
  report?: (event: ScanEvent) => void
}

/** Progress, for whoever shows it: the CLI now, a console later. */
export type ScanEvent =
  | { kind: 'scan_started'; scan_id: string; started_at: Date; resumed_from?: Date }
  | {
      kind: 'accounts_found'
      /** Those that are read. */
      accounts: number
      /** Others, that could not be entered. */
      not_entered: readonly string[]
      failed: Discovered['failed']
    }
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
  const { db, clock, catalogue } = stance
  const { settings } = options
  const asked = options.signal ?? new AbortController().signal
  // What fails in one place ends the others before anything that they stand on is closed.
  const failing = new AbortController()
  const signal = AbortSignal.any([asked, failing.signal])
  const report = options.report ?? (() => {})
  const started = await startScan(db, clock, options)
  const { scan_id, started_at, resumed_from } = started
  report({
    kind: 'scan_started',
    scan_id,
    started_at,
    ...(resumed_from === undefined ? {} : { resumed_from }),
  })
  const collecting = await openCollecting(stance, options)
  const { transport, counter } = collecting
  let cells: ScanRecord['cells']
  let entered: ScanRecord['entered']
  const writes = new SharedWrites(db, stance.deriveAll)
  try {
    for (const account_id of await accountsWithMarks(stance)) await judge(account_id)
    const discovered = await discoverAccounts({
      connections: settings.connections,
      transport,
      signal,
      known: await readAccounts(db),
      regionsBefore: await regionsBefore(stance),
      ...(options.narrowing?.accounts === undefined ? {} : { only: options.narrowing.accounts }),
    })
    signal.throwIfAborted()
    const readable = discovered.plannable.filter(
      ({ kind, state }) => kind === 'account' && (state === 'active' || state === 'unlisted'),
    )
    const not_entered = readable.filter((one) => one.not_entered !== undefined).map((one) => one.account_id)
    entered = { accounts: readable.length - not_entered.length, not_entered }
    report({ kind: 'accounts_found', ...entered, failed: discovered.failed })
    refuseUnknownAccounts(discovered, options.narrowing?.accounts)
    refuseUnknownRegions(discovered.plannable, options.narrowing?.regions, settings.connections)
    await saveAccounts(db, discovered.tree, clock.now())
    const plan = await planScan(stance, options, discovered.plannable, started)
    if (options.resume !== true && options.isAsked !== false)
      refuseEmptyPlan(plan, discovered.plannable, options.narrowing)
    await writePlan(stance, options, plan, discovered, writes)
    cells = { planned: plan.read.length, read: 0 }
    report({ kind: 'planned', cells: plan.read.length, services: servicesOf(stance, plan) })
    await readCells(plan, await openFirstReads(stance, plan.read))
    // What reached into other accounts, and what is left of those that this scan did not read.
    for (let left = await accountsWithMarks(stance); left.length > 0; left = await accountsWithMarks(stance))
      for (const account_id of left) await judge(account_id)
  } catch (error) {
    // What was cut off says so in its own words; it is no failure.
    const wasStopped = asked.aborted && (error === asked.reason || error instanceof StanceError)
    if (!wasStopped) {
      await end('failed').catch((other: unknown) =>
        stance.logger.error({ error: String(other) }, 'scan record'),
      )
      throw error
    }
  } finally {
    await collecting.close()
  }
  const ended = await end(asked.aborted ? 'interrupted' : 'done')
  const record = { ...ended, ...(cells && { cells }), ...(entered && { entered }) }
  if (!asked.aborted) await keepHouse()
  report({ kind: 'scan_ended', record })
  return record

  function end(state: 'done' | 'interrupted' | 'failed'): Promise<ScanRecord> {
    return endScan(db, started, { state, now: clock.now(), cost: counter.summary() })
  }

  /** The scan is over, whatever becomes of this: tomorrow's tries again. */
  async function keepHouse(): Promise<void> {
    try {
      const dropped = await dropOldHistory(db, clock)
      if (dropped !== undefined && dropped > 0) stance.logger.info({ dropped }, 'old history was dropped')
    } catch (error) {
      stance.logger.warn({ error: String(error) }, 'old history could not be dropped')
    }
  }

  async function readCells(plan: ScanPlan, first: FirstReads): Promise<void> {
    const { read: cells, settled } = plan
    const busy: PlannedCell[] = []
    let done = 0
    const progress = () => ({ done, cells: cells.length, calls: counter.summary().calls })
    const judging = new JudgeSoon(
      (account_id) => judge(account_id, (table) => first.isReady(account_id, table)),
      (error) => failing.abort(error),
    )
    for (const account_id of new Set(settled.map((cell) => cell.account_id))) judging.ask(account_id)
    const worker = async (waiting: PlannedCell[]) => {
      for (let cell = waiting.shift(); cell !== undefined && !signal.aborted; cell = waiting.shift()) {
        const outcome = await readCell(plan, cell, progress)
        if (outcome === 'busy') busy.push(cell)
        if (outcome === 'lost') report({ kind: 'cell_busy', cell })
        if (outcome !== 'read') continue
        done++
        first.ended(cell)
        judging.ask(cell.account_id)
      }
    }
    const stopOthers = (error: unknown) => {
      failing.abort(error)
      throw error
    }
    try {
      const waiting = [...cells]
      await settleAll(Array.from({ length: cellsAtOnce }, () => worker(waiting).catch(stopOthers)))
      // Another scan has them, or one that died: its leases run out. What a living one reads is read.
      for (const until = Date.now() + leaseMs; busy.length > 0 && Date.now() < until && !signal.aborted; ) {
        await sleep(500, undefined, { signal }).catch(() => {})
        await worker(busy.splice(0))
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
    plan: ScanPlan,
    cell: PlannedCell,
    progress: () => { done: number; cells: number; calls: number },
  ): Promise<LeasedRead> {
    return readUnderLease(stance, cell, started.scan_id, (fence) => ({
      ...collecting.deps(signal),
      openWriter: (id) =>
        openCellWrite(db, catalogue, id, {
          clock,
          partition: cell.partition,
          staleAfterMs: plan.staleAfterMs(cell),
          fence,
          ...writes.options,
        }),
      report: (event) => {
        if (event.kind === 'cell_ended' && cells !== undefined) cells.read++
        report({ ...event, ...progress() })
      },
    }))
  }

  async function judge(account_id: string, isReady?: (table: string) => boolean): Promise<void> {
    const { findings_changed } = await judgePending(db, stance.judge, account_id, isReady)
    if (findings_changed > 0) report({ kind: 'judged', account_id, findings_changed })
  }
}

/** What is known before anything is read: the planner's own rows, and cells that are not going to be read. */
async function writePlan(
  stance: Stance,
  { settings }: ScanOptions,
  plan: Plan,
  discovered: Discovered,
  writes: SharedWrites,
): Promise<void> {
  const { db, catalogue, clock } = stance
  const staleAfterMs = staleAfterOf(stance, settings)
  // Cells before rows: a row whose cell is not there yet is vouched for by nobody.
  await expectCells(stance, plan, discovered.plannable)
  const there = await plannedRowsOf(stance)
  const idOf = ({ account_id, table, part }: CellId) => `${account_id} ${table} ${part}`
  const settled = new Set(plan.settled.map(idOf))
  const missing = plan.rows.filter(
    ({ cell, resource }) =>
      settled.has(idOf(cell)) || !there.has(`${cell.account_id} ${resource.resource_key}`),
  )
  await settleAll(
    missing.map(({ cell, partition, resource }) =>
      writeSingle(db, catalogue, cell, { resource }, { clock, partition, staleAfterMs, ...writes.options }),
    ),
  )
  await settleCells(stance, plan, discovered.plannable, staleAfterMs)
}

/** The scopes' own rows that are there already: their cells' reads bring them up to date. */
async function plannedRowsOf({ db, registry }: Stance): Promise<Set<string>> {
  const tables = [...registry.tables.values()].filter(({ planned }) => planned !== undefined)
  const rows = await db.query<{ account_id: string; resource_key: string }>(
    'select r.account_id, r.resource_key from stance.resource r where r.table_name = any($1::text[])',
    [tables.map(({ name }) => name)],
  )
  return new Set(rows.map(({ account_id, resource_key }) => `${account_id} ${resource_key}`))
}

/** The regions of each account that the planner made rows of. */
async function regionsBefore({ db, registry }: Stance): Promise<(accountId: string) => string[]> {
  const tables = [...registry.tables.values()].filter(({ planned }) => planned === 'region')
  const rows = await db.query<{ account_id: string; region: string }>(
    `select r.account_id, r.region from stance.resource r where r.table_name = any($1::text[])
     order by r.account_id nulls last, r.region nulls last`,
    [tables.map(({ name }) => name)],
  )
  const byAccount = Map.groupBy(rows, (row) => row.account_id)
  return (accountId) => (byAccount.get(accountId) ?? []).map(({ region }) => region)
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
