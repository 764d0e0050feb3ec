import type { CollectEvent } from '../collect/kernel/collect-deps.ts'
import type { Plan } from '../collect/kernel/plan-cells.ts'
import { settleAll } from '../collect/kernel/settle-all.ts'
import { StanceError } from '../core/errors.ts'
import { readAccounts, saveAccounts } from '../lake/accounts.ts'
import { awaitCells, awaitNoMore } from '../lake/await-cells.ts'
import type { CellId } from '../lake/collected.ts'
import { forgetAccount } from '../lake/set-account-state.ts'
import { writeSingle } from '../lake/write-single.ts'
import { accountsRead } from './accounts-left.ts'
import { openAwaitedReads, readyBeforePlan } from './awaited-reads.ts'
import { type Discovered, discoverAccounts } from './discover-accounts.ts'
import { accountsWithMarks, judgeAccount, judgeMarked } from './judge-marked.ts'
import { dropOldHistory } from './keep-house.ts'
import { type CollectingOptions, openCollecting } from './open-collecting.ts'
import type { Stance } from './open-stance.ts'
import { planScan } from './plan-scan.ts'
import { readCells } from './read-cells.ts'
import { refuseEmptyPlan } from './refuse-empty-plan.ts'
import { refuseUnknownAccounts } from './refuse-unknown-accounts.ts'
import { refuseUnknownRegions } from './refuse-unknown-regions.ts'
import { endScan, forgetScan, type ScanRecord, startScan, type UnlistedAccounts } from './scan-record.ts'
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
  | { kind: 'scan_started'; scan_id: string; started_at: Date; resumed_from?: Date | null }
  | {
      kind: 'accounts_found'
      /** Those that are read. */
      accounts: number
      /** Others, that could not be entered. */
      not_entered: readonly string[]
      /** Where none is left to read: those that are off, or closed. */
      off?: readonly string[]
      failed: Discovered['failed']
    }
  | {
      kind: 'planned'
      cells: number
      not_due: number
      out_of_reach: number
      services: readonly PlannedService[]
    }
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

/**
 * One scan: who is there → what is read and left out → cells as jobs under a lease → facts with each cell's rows →
 * rules and findings as soon as the cell has ended. Never throws for what a cloud does; a signal ends it with a
 * lake that is consistent, and `resume` goes on from there.
 */
export async function scan(stance: Stance, options: ScanOptions): Promise<ScanRecord> {
  const { db, clock } = stance
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
    // Said of a scan that was to go on with another, too, and found none.
    ...(options.resume === true ? { resumed_from: resumed_from ?? null } : {}),
  })
  const collecting = await openCollecting(stance, options)
  const { transport, counter } = collecting
  let cells: ScanRecord['cells']
  let entered: ScanRecord['entered']
  let unlisted: ScanRecord['unlisted']
  let isWaiting = false
  const writes = new SharedWrites(db, stance.deriveAll)
  try {
    signal.throwIfAborted()
    // What was left to judge; what an upgrade brought, when it is read: judged now, it would be unknown for a while.
    const isReady = await readyBeforePlan(stance)
    for (const account_id of await accountsWithMarks(stance))
      await judge(account_id, (table) => isReady(account_id, table))
    isWaiting = (await accountsWithMarks(stance)).length > 0
    signal.throwIfAborted()
    const decided_at = clock.now()
    const since = isOneScan(resumed_from, decided_at) ? resumed_from : decided_at
    const discovered = await discoverAccounts({
      connections: settings.connections,
      transport,
      signal,
      known: await readAccounts(db),
      regionsBefore: await regionsBefore(stance),
      wasRead: await accountsRead(db, stance.catalogue),
      ...(options.narrowing?.accounts === undefined ? {} : { only: options.narrowing.accounts }),
    })
    signal.throwIfAborted()
    const readable = discovered.plannable.filter(
      ({ account_id, kind, state }) =>
        kind === 'account' &&
        (state === 'active' || state === 'unlisted') &&
        !discovered.left.includes(account_id),
    )
    const not_entered = readable.filter((one) => one.not_entered !== undefined).map((one) => one.account_id)
    const off = readable.length > 0 ? [] : switchedOff(discovered.plannable)
    entered = {
      ...{ accounts: readable.length - not_entered.length, not_entered, left: discovered.left },
      ...(off.length === 0 ? {} : { off }),
    }
    unlisted = unlistedOf(discovered, options.narrowing?.accounts)
    report({ kind: 'accounts_found', ...entered, failed: discovered.failed })
    refuseUnknownAccounts(discovered, options.narrowing?.accounts)
    refuseUnknownRegions(discovered.plannable, options.narrowing?.regions, settings.connections)
    await saveAccounts(db, discovered.tree, clock.now())
    for (const account_id of discovered.never_read)
      await forgetAccount(db, stance.catalogue, account_id, { clock, derive: stance.derive, decided_at })
    const plan = await planScan(stance, options, discovered.plannable, started)
    if (options.resume !== true && options.isAsked !== false)
      refuseEmptyPlan(plan, discovered.plannable, options.narrowing)
    await writePlan(stance, options, plan, discovered, { decided_at, since }, writes)
    const { not_due, out_of_reach } = plan
    const counted = { planned: plan.read.length, read: 0, not_due, out_of_reach }
    cells = counted
    report({
      kind: 'planned',
      cells: plan.read.length,
      not_due,
      out_of_reach,
      services: servicesOf(stance, plan),
    })
    for (const [account_id, own] of Map.groupBy(plan.read, (cell) => cell.account_id))
      await awaitCells(db, account_id, own, since)
    await readCells(stance, {
      ...{ scan_id, since, plan, collecting, writes, signal, failing, judge },
      awaited: await openAwaitedReads(stance, plan.read),
      report: (event) => {
        if (event.kind === 'cell_ended') counted.read++
        report(event)
      },
    })
    // What a scan that was cut off has not read goes with nothing that it has read.
    if (!asked.aborted || counted.read === 0)
      for (const account_id of new Set(plan.read.map((cell) => cell.account_id)))
        await awaitNoMore(db, account_id, { since, now: clock.now(), derive: stance.derive })
    // What reached into other accounts, and what is left of those that this scan did not read.
    await judgeMarked(stance, sayJudged)
  } catch (error) {
    // What was cut off says so in its own words; it is no failure.
    const wasStopped = asked.aborted && (error === asked.reason || error instanceof StanceError)
    if (!wasStopped) {
      // What waited for this scan's reads is unknown now that there are none.
      if (isWaiting)
        await judgeMarked(stance).catch((other: unknown) => say(other, error, 'judging after a failure'))
      await (isRefusal(error) ? forgetScan(db, started) : end('failed')).catch((other: unknown) =>
        say(other, error, 'scan record'),
      )
      throw error
    }
  } finally {
    await collecting.close()
  }
  const ended = await end(asked.aborted ? 'interrupted' : 'done')
  const record = {
    ...ended,
    ...(cells && { cells }),
    ...(entered && { entered }),
    ...(unlisted && { unlisted }),
  }
  if (!asked.aborted) await keepHouse()
  report({ kind: 'scan_ended', record })
  return record

  function end(state: 'done' | 'interrupted' | 'failed'): Promise<ScanRecord> {
    return endScan(db, started, {
      state,
      now: clock.now(),
      cost: counter.summary(),
      planned: cells !== undefined,
    })
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

  /** The same that ended the scan is told once, in words: it needs no log. */
  function say(other: unknown, error: unknown, where: string): void {
    const code = (one: unknown) => (one instanceof StanceError ? one.code : undefined)
    const level = code(error) !== undefined && code(other) === code(error) ? 'debug' : 'error'
    stance.logger[level]({ error: String(other) }, where)
  }

  function sayJudged(judged: { account_id: string; findings_changed: number }): void {
    report({ kind: 'judged', ...judged })
  }

  function judge(account_id: string, isReady?: (table: string) => boolean): Promise<void> {
    return judgeAccount(stance, account_id, sayJudged, isReady)
  }
}

/** A scan that goes on with another so soon is one with it: what both read is of one time. */
const oneScanMs = 4 * 3_600_000

function isOneScan(resumed_from: Date | undefined, now: Date): resumed_from is Date {
  return resumed_from !== undefined && now.getTime() - resumed_from.getTime() <= oneScanMs
}

/** What was typed cannot be meant: nothing was begun. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof StanceError &&
    ['SCAN_NOTHING', 'SCAN_UNKNOWN_ACCOUNT', 'SCAN_UNKNOWN_REGION'].includes(error.code)
  )
}

function switchedOff(accounts: Discovered['plannable']): string[] {
  return accounts.flatMap(({ account_id, state }) =>
    state === 'off' || state === 'closed' ? [account_id] : [],
  )
}

/** Connections behind which something may be that was asked for: nothing, where every account that was named is known. */
function unlistedOf(
  { failed, plannable }: Discovered,
  asked: readonly string[] | undefined,
): UnlistedAccounts[] {
  if (asked?.every((id) => plannable.some(({ account_id }) => account_id === id))) return []
  return failed.map(({ connection, error: { code, message, next } }) => ({ connection, code, message, next }))
}

/** What is known before anything is read: the planner's own rows, and cells that are not going to be read. */
async function writePlan(
  stance: Stance,
  { settings }: ScanOptions,
  plan: Plan,
  discovered: Discovered,
  { decided_at, since }: { decided_at: Date; since: Date },
  writes: SharedWrites,
): Promise<void> {
  const { db, catalogue, clock } = stance
  const staleAfterMs = staleAfterOf(stance, settings)
  const options = { clock, since, staleAfterMs, ...writes.options }
  // Cells before rows: a row whose cell is not there yet is vouched for by nobody.
  await expectCells(stance, plan, discovered.plannable, decided_at)
  const there = await plannedRowsOf(stance)
  const idOf = ({ account_id, table, part }: CellId) => `${account_id} ${table} ${part}`
  const settled = new Set(plan.settled.map(idOf))
  const missing = plan.rows.filter(
    ({ cell, resource }) =>
      settled.has(idOf(cell)) || !there.has(`${cell.account_id} ${resource.resource_key}`),
  )
  await settleAll(
    missing.map(({ cell, partition, resource }) =>
      writeSingle(db, catalogue, cell, { resource }, { ...options, partition }),
    ),
  )
  await settleCells(stance, plan, discovered.plannable, { decided_at, staleAfterMs })
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
