import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import type { Stance } from '../../src/run/open-stance.ts'
import type { ScanEvent } from '../../src/run/scan.ts'
import { longest, testEngines } from '../setup/test-database.ts'
import { anotherDay } from './another-day.ts'
import { beforeTransactions, cellWrites } from './before-transactions.ts'
import { documentsOf } from './documents.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { good } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import { clockFrom, type Estate, openEstate } from './open-estate.ts'
import { postureOf } from './posture.ts'

const hour = 3_600_000
/** It has no fact: those of others have more tables read. */
const contested = 'aws_ebs_volume'
const one = { accounts: [good], regions: ['eu-west-1'] }

// The embedded database belongs to one process alone: nobody can take a cell from it.
const engines = testEngines().filter((engine) => engine !== 'duckdb')

const options = { copies: 'one for all', engines } as const
eachScannedStore('a scan that stalls for longer than its lease', options, (scanned) => {
  let estate: Estate
  let stalled: Stance
  let pause: Pause
  /** The other conductor: hours later, when the estate is another. */
  let later: Estate
  let other: Stance
  beforeAll(async () => {
    const { copy } = scanned()
    estate = scanned().estate
    pause = new Pause(await copy.database.open())
    stalled = await estate.open(pause.db)
    later = await openEstate({ edit: anotherDay, clock: clockFrom(estate.clock.now()) })
    later.settings.data_directory = estate.settings.data_directory
    other = await later.open(await copy.database.open())
  }, longest)
  afterAll(async () => {
    vi.useRealTimers()
    await later?.stop()
  })

  it('gives up the cells that another took, and writes the rest', { timeout: longest }, async () => {
    begin()
    const events: ScanEvent[] = []
    pause.set()
    const tables = ['aws_vpc', 'aws_flow_log', contested, 'aws_ec2_managed_prefix_list']
    const scanning = estate.scan(stalled, {
      narrowing: { ...one, tables },
      report: (event) => events.push(event),
    })
    await pause.reached
    aheadOf(estate)
    const taken = await later.scan(other, { narrowing: { ...one, tables: [contested] } })
    expect(taken).toMatchObject({ state: 'done', cells: { planned: 1, read: 1 } })
    const said = await saidOf(other.db)
    pause.end()

    expect(await scanning).toMatchObject({ state: 'done', cells: { planned: 4, read: 3 } })
    expect(tablesIn(events, 'cell_ended')).toEqual(['aws_ec2_managed_prefix_list', 'aws_flow_log', 'aws_vpc'])
    expect(tablesIn(events, 'cell_cancelled')).toEqual([contested])
    expect(tablesIn(events, 'cell_busy')).toEqual([contested])
    expect(await saidOf(other.db)).toEqual(said)
    expect(await other.db.query('select l.holder from stance.cell_lease l')).toEqual([])
    expect(await lakeProblems(other)).toEqual([])
  })

  it('leaves a cell to one that is still reading it', { timeout: longest }, async () => {
    begin()
    const events: ScanEvent[] = []
    pause.set()
    const narrowing = { ...one, tables: [contested] }
    const scanning = estate.scan(stalled, { narrowing, report: (event) => events.push(event) })
    await pause.reached
    aheadOf(estate)
    const theirs = new Pause(await scanned().copy.database.open())
    const reader = await later.open(theirs.db)
    theirs.set()
    const taking = later.scan(reader, { narrowing })
    await theirs.reached
    const before = await saidOf(other.db)
    pause.end()

    expect(await scanning).toMatchObject({ state: 'done', cells: { planned: 1, read: 0 } })
    expect(tablesIn(events, 'cell_busy')).toEqual([contested])
    expect(await saidOf(other.db), 'while the other reads').toEqual(before)
    expect(await other.db.query('select l.table_name from stance.cell_lease l')).toEqual([
      { table_name: contested },
    ])
    theirs.end()
    expect(await taking).toMatchObject({ state: 'done', cells: { planned: 1, read: 1 } })
    expect(await saidOf(other.db)).not.toEqual(before)
    expect(await lakeProblems(other)).toEqual([])
  })

  it('stops reading when it is told', { timeout: longest }, async () => {
    begin()
    const events: ScanEvent[] = []
    let hasBegun = () => {}
    const began = new Promise<void>((resolve) => {
      hasBegun = resolve
    })
    const narrowing = { ...one, tables: [contested] }
    const scanning = estate.scan(stalled, {
      narrowing,
      faults: 'ec2:DescribeVolumes=silent',
      pace: { times: { call_ms: 100_000, first_ms: 100_000 } },
      report: (event) => {
        events.push(event)
        if (event.kind === 'cell_started') hasBegun()
      },
    })
    await began
    await vi.advanceTimersByTimeAsync(20_000)
    aheadOf(estate)
    await later.scan(other, { narrowing })
    const said = await saidOf(other.db)
    const told = performance.now()
    await vi.advanceTimersByTimeAsync(20_000)

    // Nobody answers: it would wait until its time is over.
    expect(await scanning).toMatchObject({ state: 'done', cells: { planned: 1, read: 0 } })
    expect(performance.now() - told).toBeLessThan(30_000)
    expect(tablesIn(events, 'cell_cancelled')).toEqual([contested])
    expect(tablesIn(events, 'cell_busy')).toEqual([contested])
    expect(await saidOf(other.db)).toEqual(said)
    expect(await lakeProblems(other)).toEqual([])
  })

  it('is waited for as long as it renews its lease', { timeout: longest }, async () => {
    begin()
    pause.set()
    const narrowing = { ...one, tables: [contested] }
    const scanning = estate.scan(stalled, { narrowing })
    await pause.reached
    const untilOf = async () =>
      (await other.db.query('select l.until_at from stance.cell_lease l'))[0]?.until_at
    const before = await untilOf()
    estate.clock.skip(50_000)
    await vi.advanceTimersByTimeAsync(20_000)
    while (Number(await untilOf()) === Number(before)) await sleep(50)
    // Later than the lease held at first.
    later.clock.set(estate.clock.now().getTime() + 30_000 - hour)
    const stop = new AbortController()
    const waiting = later.scan(other, { narrowing, signal: stop.signal })
    await sleep(1_500)
    stop.abort()
    expect(await waiting).toMatchObject({ state: 'interrupted', cells: { planned: 1, read: 0 } })
    pause.end()
    expect(await scanning).toMatchObject({ state: 'done', cells: { planned: 1, read: 1 } })
  })

  /** Only what renews leases stands still: everything else takes its time. */
  function begin(): void {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    estate.clock.set(later.clock.now().getTime())
  }

  /** The lease of whoever scans now has run out. */
  function aheadOf({ clock }: Estate): void {
    later.clock.set(clock.now().getTime() + hour)
  }
})

/** A store whose cells are written when it is let. */
class Pause {
  readonly db: Database
  reached: Promise<void> = Promise.resolve()
  #reach = () => {}
  #gate: Promise<void> | undefined
  end = () => {}

  constructor(db: Database) {
    this.db = beforeTransactions(db, cellWrites, async () => {
      if (this.#gate === undefined) return
      this.#reach()
      await this.#gate
    })
  }

  set(): void {
    this.reached = new Promise((resolve) => {
      this.#reach = resolve
    })
    this.#gate = new Promise((resolve) => {
      this.end = resolve
    })
  }
}

/** What the store says of the contested cell, and of what is judged by it. */
async function saidOf(db: Database): Promise<unknown> {
  const [cell] = await db.query(
    `select c.* from stance.cell c
     where c.account_id = $1::text and c.table_name = $2::text and c.part = $3::text`,
    [good, contested, 'eu-west-1'],
  )
  const documents = (await documentsOf(db)).filter(({ table_name }) => table_name === contested)
  const findings = [...(await postureOf(db))].filter(
    ([, { rule_id }]) => rule_id === 'aws-ec2-volume-is-encrypted',
  )
  const versions = await db.query(
    `select v.resource_key, v.valid_from, v.valid_to from stance.resource_version v
     where v.account_id = $1::text and v.table_name = $2::text
     order by v.resource_key nulls last, v.valid_to nulls last`,
    [good, contested],
  )
  return { cell, documents, findings, versions }
}

function tablesIn(events: readonly ScanEvent[], kind: ScanEvent['kind']): string[] {
  return events
    .filter((event) => event.kind === kind)
    .map((event) => ('cell' in event ? event.cell.table : ''))
    .sort()
}
