import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { eachEngine } from '../../test/setup/test-database.ts'
import type { Database } from '../db/database.ts'
import type { CollectedResource, GroupRead } from './collected.ts'
import { ensureLake } from './ensure-lake.ts'
import { denied, ended, failed, HandClock, lock, lockCatalogue, ok } from './lake.fixture.ts'
import { type AlarmRead, LakeModel, type Real } from './lake-model.fixture.ts'
import { materializeWorld } from './materialize-world.ts'
import { openCellWrite, type WriteOptions } from './open-cell-write.ts'
import { writeSingle } from './write-single.ts'

const names = ['a', 'b', 'c', 'd'] as const
const name = fc.constantFrom(...names)
const outcome = fc.constantFrom('ok', 'ok', 'denied', 'error', undefined)

/** Somebody changes something in the cloud. */
const change = fc.record({ kind: fc.constantFrom('make', 'drop', 'door', 'alarm'), name })
/** One resource is read by itself. */
const single = fc.record({ kind: fc.constant('single' as const), name, alarm: outcome })
const small = fc.oneof(change, single)
const scan = fc.record({
  kind: fc.constant('scan' as const),
  end: fc.constantFrom('ok', 'ok', 'ok', 'error', 'denied', 'absent'),
  /** A listing that breaks off has seen so many. */
  reads: fc.nat(4),
  alarms: fc.array(outcome, { minLength: 4, maxLength: 4 }),
  during: fc.array(small, { maxLength: 2 }),
  throws: fc.boolean(),
})
const step = fc.record({
  hours: fc.integer({ min: 0, max: 30 }),
  what: fc.oneof({ weight: 2, arbitrary: scan }, small),
})

type Small = typeof small extends fc.Arbitrary<infer T> ? T : never
type Scan = typeof scan extends fc.Arbitrary<infer T> ? T : never
let accounts = 0

/** A cloud, a lake that reads it, and the model of what the lake should know. */
class Estate {
  readonly cloud = new Map<string, Real>()
  readonly model = new LakeModel()
  readonly clock = new HandClock()
  readonly account = String(200_000_000_000 + accounts++)
  readonly cell = { account_id: this.account, table: 'test_lock', part: 'here' }
  readonly options: WriteOptions = { clock: this.clock, partition: 'test' }
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  alarm(
    state: 'ok' | 'denied' | 'error' | undefined,
    real: Real,
  ): [Record<string, GroupRead>, AlarmRead | undefined] {
    if (state === undefined) return [{}, undefined]
    const at = this.clock.now()
    const reads = { ok: ok({ On: real.on }, at), denied: denied(at), error: failed(at) }
    return [{ alarm: reads[state] }, { state, on: real.on, at: at.getTime() }]
  }

  resource(id: string, real: Real, at: Date, groups: Record<string, GroupRead>): CollectedResource {
    const doors = Array.from({ length: real.doors }, (_, nr) => ({ Number: String(nr) }))
    const read = lock(id, at, { list: { MadeAt: real.made, Doors: doors }, groups })
    return { ...read, owner_account_id: this.account }
  }

  async small(what: Small): Promise<void> {
    this.clock.pass(1_000)
    const now = this.clock.now()
    const real = this.cloud.get(what.name)
    if ('alarm' in what) {
      if (real === undefined) {
        const gone = { gone: { resource_key: `lock/${what.name}` }, read_at: now }
        await writeSingle(this.#db, lockCatalogue, this.cell, gone, this.options)
        this.model.gone(what.name, now.getTime())
        return
      }
      const [groups, alarm] = this.alarm(what.alarm, real)
      const resource = this.resource(what.name, real, now, groups)
      await writeSingle(this.#db, lockCatalogue, this.cell, { resource }, this.options)
      this.model.read(what.name, real, now.getTime(), alarm, now.getTime())
    } else if (what.kind === 'drop') this.cloud.delete(what.name)
    else if (real === undefined) this.cloud.set(what.name, { made: now.toISOString(), doors: 1, on: true })
    else if (what.kind === 'door') real.doors = (real.doors + 1) % 3
    else if (what.kind === 'alarm') real.on = !real.on
  }

  async scan({ end, reads, alarms, during, throws }: Scan): Promise<void> {
    const listedAt = this.clock.now()
    const isWhole = end === 'ok'
    const listed = end === 'absent' ? [] : [...this.cloud].slice(0, isWhole ? undefined : reads)
    const snapshot = listed.map(([id, real]) => [id, { ...real }] as const)
    const write = openCellWrite(this.#db, lockCatalogue, this.cell, {
      ...this.options,
      derive: throws ? () => Promise.reject(new Error('stopped')) : async () => undefined,
    })
    const taken: (() => void)[] = []
    for (const [at, [id, real]] of snapshot.entries()) {
      this.clock.pass(1_000)
      const [groups, alarm] = this.alarm(alarms[at], this.cloud.get(id) ?? real)
      await write.add([this.resource(id, real, listedAt, groups)])
      const now = () => this.clock.now().getTime()
      taken.push(() => this.model.read(id, real, listedAt.getTime(), alarm, now()))
    }
    for (const one of during) await this.small(one)
    this.clock.pass(1_000)
    try {
      await write.finish(ended(end, listedAt))
    } catch (error) {
      if (!(error instanceof Error) || error.message !== 'stopped') throw error
      await write.abandon()
      return
    }
    for (const take of taken) take()
    const seen = new Set(snapshot.map(([id]) => id))
    this.model.end(end, listedAt.getTime(), seen, this.clock.now().getTime())
  }

  rows(relation = 'lake.test_lock'): Promise<unknown[]> {
    return this.#db.query(
      `select resource_key, _listed, door_count, is_on from ${relation} where account_id = $1
       order by resource_key nulls last`,
      [this.account],
    )
  }

  async count(table: string, more = ''): Promise<unknown> {
    const rows = await this.#db.query(`select count(*) as n from ${table} where account_id = $1 ${more}`, [
      this.account,
    ])
    return rows[0]!.n
  }

  async check(): Promise<void> {
    expect(await this.rows()).toEqual(this.model.rows())
    expect(await this.count('stance.resource_version', "and closed_as = 'changed'")).toBe(this.model.versions)
    expect(await this.count('stance.resource_version', "and closed_as <> 'changed'")).toBe(
      this.model.deletions,
    )
    const doors = this.model
      .rows()
      .reduce<number>((sum, row) => sum + ((row as { door_count: number }).door_count ?? 0), 0)
    expect(await this.count('lake.test_lock_door')).toBe(doors)
    const [cell] = await this.#db.query(
      'select state, in_force, rows from stance.cell where account_id = $1',
      [this.account],
    )
    const expected = this.model.cell
    if (expected === undefined) expect(cell).toBeUndefined()
    else {
      const { state, inForce } = expected
      expect(cell).toEqual({ state, in_force: inForce, rows: this.model.known.size })
    }
  }
}

eachEngine(
  'random reads',
  (database) => {
    let db: Database
    beforeAll(async () => {
      db = database().db
      await ensureLake(db, lockCatalogue)
    })

    it('leave the lake as the model says: no wrong deletion, no false version, nothing half', async () => {
      const steps = fc.array(step, { minLength: 1, maxLength: 12 })
      await fc.assert(
        fc.asyncProperty(steps, async (all) => {
          const estate = new Estate(db)
          const past: { moment: Date; rows: unknown }[] = []
          for (const { hours, what } of all) {
            estate.clock.pass(hours * 3_600_000 + 1_000)
            if (what.kind === 'scan') await estate.scan(what as Scan)
            else await estate.small(what as Small)
            await estate.check()
            past.push({ moment: estate.clock.now(), rows: await estate.rows() })
          }
          // What was there at a moment is what is found of it later.
          const { moment, rows } = past[Math.floor(past.length / 2)]!
          const tables = ['test_lock']
          const scratch = await materializeWorld(db, lockCatalogue, moment, {
            tables,
            accounts: [estate.account],
          })
          try {
            expect(await estate.rows(scratch.world.relation('test_lock'))).toEqual(rows)
          } finally {
            await scratch.drop()
          }
        }),
        { numRuns: 40 },
      )
    }, 240_000)
  },
  { migrated: true },
)
