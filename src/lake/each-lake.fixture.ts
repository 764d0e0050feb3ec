import { beforeAll, beforeEach } from 'vitest'
import { eachEngine, type TestDatabase } from '../../test/setup/test-database.ts'
import type { Database, Param, Row } from '../db/database.ts'
import type { LakeCatalogue } from './catalogue.ts'
import type { CellEnd, CellId, CollectedResource, ConfirmGone } from './collected.ts'
import { ensureLake } from './ensure-lake.ts'
import { cell, ended, HandClock, lock, lockCatalogue, scan } from './lake.fixture.ts'
import type { CellChange, CellSummary, WriteOptions } from './open-cell-write.ts'
import { type SingleRead, writeSingle } from './write-single.ts'

/** Where a test reads; unless said otherwise the cell of locks. */
interface Place {
  cell?: CellId
  catalogue?: LakeCatalogue
}

/** A lake of locks, what tests do with it, and the clock that they turn. */
export class TestLake {
  readonly clock = new HandClock()
  /** What the writes told the facts. */
  readonly changes: CellChange[] = []
  readonly options: WriteOptions = {
    clock: this.clock,
    partition: 'test',
    derive: async (_tx, change) => void this.changes.push(change),
  }
  readonly #database: () => TestDatabase

  constructor(database: () => TestDatabase) {
    this.#database = database
  }

  get db(): Database {
    return this.#database().db
  }

  query(sql: string, params: Param[] = []): Promise<Row[]> {
    return this.db.query(sql, params)
  }

  /** A lock as it is read now. */
  lock(name: string, given: Parameters<typeof lock>[2] = {}): CollectedResource {
    return lock(name, this.clock.now(), given)
  }

  /** One whole read of a cell, which ends now. */
  scan(
    resources: readonly CollectedResource[],
    end: CellEnd | CellEnd['state'] = 'ok',
    more: Place & { confirm?: ConfirmGone } = {},
  ): Promise<CellSummary> {
    const outcome = typeof end === 'string' ? ended(end, this.clock.now()) : end
    return scan(this.db, this.options, resources, outcome, more)
  }

  /** One read of one resource. */
  single(read: SingleRead, place: Place = {}): ReturnType<typeof writeSingle> {
    return writeSingle(this.db, place.catalogue ?? lockCatalogue, place.cell ?? cell, read, this.options)
  }

  /** The one cell, as it stands in the store. */
  async cell(): Promise<Row> {
    return (await this.query('select * from stance.cell where part = $1', [cell.part]))[0]!
  }

  /** `_listed` of every lock. */
  async listed(): Promise<unknown[]> {
    const rows = await this.query('select _listed from lake.test_lock order by resource_key nulls last')
    return rows.map(({ _listed }) => _listed)
  }

  async restart(): Promise<void> {
    this.clock.restart()
    this.changes.length = 0
    await empty(this.db)
  }
}

/** Runs the same tests on every engine, each test with an empty lake at the same hour. */
export function eachLake(title: string, tests: (lake: TestLake) => void): void {
  eachEngine(
    title,
    (database) => {
      const lake = new TestLake(database)
      beforeAll(() => ensureLake(lake.db, lockCatalogue))
      beforeEach(() => lake.restart())
      tests(lake)
    },
    { migrated: true },
  )
}

async function empty(db: Database): Promise<void> {
  const own = `account cell resource resource_tag resource_version unread_group coverage_history tombstone
    resource_stage resource_change account_turn`
  const tables = [
    ...own.split(/\s+/).map((name) => `stance.${name}`),
    'lake.test_lock',
    'lake.test_lock_door',
  ]
  await db.transaction(async (tx) => {
    for (const table of tables) await tx.run(`delete from ${table} where account_id is not null`)
  })
}
