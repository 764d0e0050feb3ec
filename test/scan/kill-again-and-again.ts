import { expect } from 'vitest'
import type { Reader } from '../../src/db/database.ts'
import type { ScanNarrowing } from '../../src/run/scan.ts'
import { freshDatabase, type TestDatabase } from '../setup/test-database.ts'
import { anotherDay } from './another-day.ts'
import { documentsOf, type KnownDocument } from './documents.ts'
import { accounts as all } from './estate.ts'
import { type Length, type Moment, scanInChild } from './kill-scan.ts'
import { lakeProblems } from './lake-problems.ts'
import { type Estate, openEstate } from './open-estate.ts'
import { differences, type Posture, postureOf } from './posture.ts'
import { scanned, scannedStore } from './scanned-store.ts'

type Engine = TestDatabase['engine']

interface Expected {
  posture: Posture
  documents: KnownDocument[]
}

/** How far a scan had come when it was killed. */
export interface Killed {
  moment: Moment
  /** Cells that it had said were in the store. */
  ended: number
  /** Transactions that were open. */
  open: string[]
}

/** The estate on two days, and what undisturbed scans say of it. */
export interface Days {
  /** What scans are narrowed to; nothing: all of the estate. */
  narrowing: Pick<ScanNarrowing, 'accounts'>
  estates: readonly [Estate, Estate]
  expected: readonly [Expected, Expected]
  /** Of a first scan, and of one that finds the other day. */
  lengths: readonly [Length, Length]
  stop(): Promise<void>
}

/** `accounts`: of so much of the estate, for the time that its scans take; all of it where left out. */
export async function undisturbed(engine: Engine, accounts?: readonly string[]): Promise<Days> {
  const narrowing = accounts === undefined ? {} : { accounts }
  const store = await scannedStore(engine)
  const one = store.estate
  const other = await openEstate({ edit: anotherDay, clock: one.clock })
  const stop = async () => {
    await other.stop()
    await store.stop()
  }
  const copy = await store.copy()
  try {
    const { db } = copy.stance
    const first = within(narrowing, { posture: copy.clean, documents: await documentsOf(db) })
    const length = await scanned(other, await other.open(db), narrowing)
    const second = within(narrowing, await expectedOf(db))
    expect(differences(first.posture, second.posture, false).length).toBeGreaterThan(4)
    return {
      narrowing,
      estates: [one, other],
      expected: [first, second],
      lengths: [shareOf(copy.first, narrowing), length],
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  } finally {
    await copy.drop()
  }
}

async function expectedOf(db: Reader): Promise<Expected> {
  return { posture: await postureOf(db), documents: await documentsOf(db) }
}

/** Of a first scan, as far as it is narrowed: its accounts have about as much. */
function shareOf({ statements, ms }: Length, narrowing: Days['narrowing']): Length {
  const share = (narrowing.accounts ?? all).length / all.length
  return { statements: statements * share, ms: ms * share }
}

function within({ accounts }: Days['narrowing'], { posture, documents }: Expected): Expected {
  const isMeant = ({ account_id }: { account_id: string }) => accounts?.includes(account_id) !== false
  return {
    posture: new Map([...posture].filter(([, one]) => isMeant(one))),
    documents: documents.filter(isMeant),
  }
}

/** A store on which scans are killed and completed, one after another. */
export class Victim {
  readonly #days: Days
  readonly #database: TestDatabase
  #scans = 0

  private constructor(days: Days, database: TestDatabase) {
    this.#days = days
    this.#database = database
  }

  static async open(engine: Engine, days: Days): Promise<Victim> {
    const database = await freshDatabase(engine)
    await database.db.close()
    return new Victim(days, database)
  }

  /** Kills one scan, looks at what it left, and lets the next one complete it. Says how far it had come. */
  async kill(moment: Moment): Promise<Killed> {
    const { narrowing, estates, expected, lengths } = this.#days
    const day = this.#scans % 2 === 0 ? 0 : 1
    const estate = estates[day]
    const usual = lengths[this.#scans === 0 ? 0 : 1]
    this.#scans += 1
    estate.clock.skip(3_600_000)
    const scan = {
      store: this.#database.options,
      url: estate.url,
      data_directory: estate.settings.data_directory,
      now: estate.clock.now().getTime(),
      narrowing,
    }
    const child = await scanInChild(scan, moment, usual)
    // It was faster than usual: what it found is right, and one that comes later is killed earlier.
    if (!child.wasKilled) {
      expect(child.length.statements).toBeGreaterThan(0)
      return this.kill({ ...moment, share: moment.share / 2 })
    }
    const db = await this.#database.open()
    try {
      const stance = await estate.open(db)
      expect(await lakeProblems(stance), `after a kill at ${JSON.stringify(moment)}`).toEqual([])
      const cells = await db.query<{ cell: string; state: string }>(
        `select account_id || ' ' || table_name || ' ' || part as cell, state from stance.cell`,
      )
      const states = new Map(cells.map(({ cell, state }) => [cell, state]))
      for (const cell of child.ended) expect(states.get(cell), `${cell} was in the store`).toBe('ok')
      const again: string[] = []
      const record = await estate.scan(stance, {
        resume: true,
        narrowing,
        report(event) {
          if (event.kind !== 'cell_started') return
          const { account_id, table, part } = event.cell
          again.push(`${account_id} ${table} ${part}`)
        },
      })
      expect(record.state).toBe('done')
      expect(
        again.filter((cell) => child.ended.includes(cell)),
        'read twice',
      ).toEqual([])
      const found = within(narrowing, await expectedOf(db))
      expect(differences(expected[day].posture, found.posture, false)).toEqual([])
      expect(found.documents).toEqual(expected[day].documents)
    } finally {
      await db.close()
    }
    return { ended: child.ended.length, open: child.open, moment }
  }

  /** What is wrong with the store after all of it; what one scan leaves wrong is there after the next kill, too. */
  async problems(): Promise<string[]> {
    const db = await this.#database.open()
    try {
      return await lakeProblems(await this.#days.estates[0].open(db))
    } finally {
      await db.close()
    }
  }

  drop(): Promise<void> {
    return this.#database.drop()
  }
}
