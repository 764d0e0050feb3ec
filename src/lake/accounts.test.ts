import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eachEngine } from '../../test/setup/test-database.ts'
import type { Database } from '../db/database.ts'
import { type Account, readAccounts, saveAccounts } from './accounts.ts'
import { coverage } from './coverage.ts'
import { ensureLake } from './ensure-lake.ts'
import {
  account,
  cell,
  denied,
  emptyLake,
  ended,
  HandClock,
  hour,
  lock,
  lockCatalogue,
  scan,
} from './lake.fixture.ts'
import type { CellChange, WriteOptions } from './open-cell-write.ts'
import { planCells } from './plan-cells.ts'
import { setAccountState, unreadAccount } from './set-account-state.ts'

const tree = (more: Partial<Account> = {}): Account => ({
  account_id: account,
  provider: 'test',
  kind: 'account',
  name: 'one',
  parent_id: '',
  cloud_partition: 'test',
  connection: 'main',
  aliases: ['uno'],
  tags: { team: 'night' },
  ...more,
})

async function all<T>(pages: AsyncIterable<T[]>): Promise<T[]> {
  const rows: T[] = []
  for await (const page of pages) rows.push(...page)
  return rows
}

eachEngine(
  'accounts and planned cells',
  (database) => {
    let db: Database
    let clock: HandClock
    let changes: CellChange[]
    let options: WriteOptions
    beforeAll(async () => {
      db = database().db
      await ensureLake(db, lockCatalogue)
    })
    beforeEach(async () => {
      clock = new HandClock()
      changes = []
      options = { clock, partition: 'test', derive: async (_tx, change) => void changes.push(change) }
      await emptyLake(db)
      await db.transaction((tx) => tx.run('delete from stance.account'))
    })

    const listed = async () =>
      (await db.query('select _listed from lake.test_lock order by resource_key nulls last')).map(
        (row) => row._listed,
      )
    const cells = () => db.query('select part, state, in_force from stance.cell order by part nulls last')
    const fill = () =>
      scan(db, options, [lock('a', clock.now()), lock('b', clock.now())], ended('ok', clock.now()))

    it('writes the tree and keeps states and first seen', async () => {
      const first = clock.now()
      await saveAccounts(db, [tree()], first)
      await setAccountState(db, lockCatalogue, account, 'off', options)
      const later = clock.pass(hour)
      await saveAccounts(db, [tree({ name: 'two' }), tree({ account_id: '444455556666' })], later)
      const known = await readAccounts(db)
      expect(known[0]).toEqual({
        ...tree({ name: 'two' }),
        state: 'off',
        state_since: first,
        first_seen: first,
      })
      expect(known[1]).toMatchObject({ state: 'active', first_seen: later })
    })

    it('switched off, resources leave with tombstones and history stays; on again they are the same', async () => {
      await saveAccounts(db, [tree()], clock.now())
      const first = clock.now()
      await fill()
      clock.pass(hour)
      changes.length = 0
      await setAccountState(db, lockCatalogue, account, 'off', options)
      expect(await listed()).toEqual([])
      expect(await cells()).toEqual([])
      expect(changes).toMatchObject([{ table: 'test_lock', part: '*', deleted: 'all' }])
      const stones = await db.query('select reason from stance.tombstone')
      expect(stones).toEqual([{ reason: 'off' }, { reason: 'off' }])
      expect(await db.query('select closed_as from stance.resource_version group by closed_as')).toHaveLength(
        1,
      )
      clock.pass(hour)
      await setAccountState(db, lockCatalogue, account, 'active', options)
      await fill()
      const rows = await db.query('select first_seen from stance.resource')
      expect(rows).toEqual([{ first_seen: first }, { first_seen: first }])
    })

    it('no longer listed, or not to be entered: rows stay and nothing is in force', async () => {
      await saveAccounts(db, [tree()], clock.now())
      await fill()
      clock.pass(hour)
      await setAccountState(db, lockCatalogue, account, 'unlisted', options)
      expect(await listed()).toEqual([null, null])
      expect(await cells()).toEqual([{ part: 'here', state: 'not_collected', in_force: false }])
      clock.pass(hour)
      await fill()
      expect(await listed()).toEqual([true, true])
      clock.pass(hour)
      const failure = {
        code: 'AssumeRoleDenied',
        message: 'No.',
        action: 'sts:AssumeRole',
        next: 'Trust us.',
      }
      await unreadAccount(
        db,
        lockCatalogue,
        account,
        { state: 'denied', failure, except: ['test_lock'] },
        options,
      )
      expect(await listed()).toEqual([true, true])
      await unreadAccount(db, lockCatalogue, account, { state: 'denied', failure }, options)
      expect(await listed()).toEqual([null, null])
      expect(await all(coverage(db))).toMatchObject([{ action: 'sts:AssumeRole', since: clock.now() }])
      expect(await db.query('select * from stance.tombstone')).toEqual([])
    })

    describe('planning', () => {
      const plan = (state: 'not_collected' | 'excluded', ...parts: string[]) =>
        planCells(
          db,
          lockCatalogue,
          account,
          parts.map((part) => ({ table: 'test_lock', part, state })),
          options,
        )

      it('writes cells that have no row, and leaves the others as they are', async () => {
        await fill()
        changes.length = 0
        expect(await plan('not_collected', 'here', 'there')).toEqual({ added: 1, excluded: 0 })
        expect(changes).toMatchObject([{ part: 'there', keys: [], cell_changed: true }])
        expect(await cells()).toEqual([
          { part: 'here', state: 'ok', in_force: true },
          { part: 'there', state: 'not_collected', in_force: false },
        ])
        expect(await plan('not_collected', 'here', 'there')).toEqual({ added: 0, excluded: 0 })
      })

      it('excludes at once, and an excluded cell waits for its read to come back', async () => {
        await fill()
        clock.pass(hour)
        expect(await plan('excluded', 'here')).toEqual({ added: 0, excluded: 1 })
        expect(await listed()).toEqual([null, null])
        expect(await cells()).toEqual([{ part: 'here', state: 'excluded', in_force: false }])
        expect(await plan('not_collected', 'here')).toEqual({ added: 0, excluded: 0 })
        expect((await cells())[0]!.state).toBe('excluded')
        clock.pass(hour)
        await fill()
        expect(await listed()).toEqual([true, true])
        const history = await db.query(
          `select state from stance.coverage_history where resource_key = '' order by valid_from nulls last`,
        )
        expect(history).toEqual([{ state: 'ok' }, { state: 'excluded' }])
      })
    })

    it('says what is not known', async () => {
      await planCells(
        db,
        lockCatalogue,
        account,
        [{ table: 'test_lock', part: 'there', state: 'not_collected' }],
        options,
      )
      const groups = { alarm: denied(clock.now()) }
      await scan(db, options, [lock('a', clock.now(), { groups })], ended('ok', clock.now()))
      const unknown = await all(coverage(db, { accounts: [account] }))
      expect(unknown).toMatchObject([
        {
          part: 'here',
          group_name: 'alarm',
          resource_key: 'lock/a',
          state: 'denied',
          action: 'test:GetAlarm',
        },
        { part: 'there', group_name: '', state: 'not_collected', attempted_at: null },
      ])
      expect(await all(coverage(db, { parts: ['nowhere'] }))).toEqual([])
      expect(cell.part).toBe('here')
    })
  },
  { migrated: true },
)
