import { describe, expect, it } from 'vitest'
import { type Account, readAccounts, saveAccounts } from './accounts.ts'
import { coverage } from './coverage.ts'
import { eachLake } from './each-lake.fixture.ts'
import { account, denied, hour, lockCatalogue } from './lake.fixture.ts'
import { planCells } from './plan-cells.ts'
import { forgetAccount, setAccountState, unreadAccount } from './set-account-state.ts'

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

eachLake('accounts and planned cells', (lake) => {
  const { clock, changes, options } = lake

  const cells = () => lake.query('select part, state, in_force from stance.cell order by part nulls last')
  const fill = () => lake.scan([lake.lock('a'), lake.lock('b')])

  it('writes the tree and keeps states and first seen', async () => {
    const first = clock.now()
    await saveAccounts(lake.db, [tree()], first)
    await setAccountState(lake.db, lockCatalogue, account, 'off', options)
    const later = clock.pass(hour)
    await saveAccounts(lake.db, [tree({ name: 'two' }), tree({ account_id: '444455556666' })], later)
    const known = await readAccounts(lake.db)
    expect(known[0]).toEqual({
      ...tree({ name: 'two' }),
      state: 'off',
      state_since: first,
      first_seen: first,
    })
    expect(known[1]).toMatchObject({ state: 'active', first_seen: later })
  })

  it('switched off, resources leave with tombstones and history stays; on again they are the same', async () => {
    await saveAccounts(lake.db, [tree()], clock.now())
    const first = clock.now()
    await fill()
    clock.pass(hour)
    changes.length = 0
    await setAccountState(lake.db, lockCatalogue, account, 'off', options)
    expect(await lake.listed()).toEqual([])
    expect(await cells()).toEqual([])
    expect(changes).toMatchObject([{ table: 'test_lock', part: '*', deleted: 'all' }])
    const stones = await lake.query('select reason from stance.tombstone')
    expect(stones).toEqual([{ reason: 'off' }, { reason: 'off' }])
    expect(await lake.query('select closed_as from stance.resource_version group by closed_as')).toHaveLength(
      1,
    )
    clock.pass(hour)
    await setAccountState(lake.db, lockCatalogue, account, 'active', options)
    await fill()
    const rows = await lake.query('select first_seen from stance.resource')
    expect(rows).toEqual([{ first_seen: first }, { first_seen: first }])
  })

  it('is active again where another scan read it while it was being forgotten', async () => {
    await saveAccounts(lake.db, [tree()], clock.now())
    const decided_at = clock.now()
    clock.pass(hour)
    await fill()
    await forgetAccount(lake.db, lockCatalogue, account, { ...options, decided_at })
    expect(await lake.query('select state from stance.account')).toEqual([{ state: 'active' }])
    expect(await lake.listed()).toEqual([true, true])
  })

  it('reads one that a killed process was forgetting as active, and forgets it the next time', async () => {
    await saveAccounts(lake.db, [tree()], clock.now())
    await setAccountState(lake.db, lockCatalogue, account, 'never_read', options)
    expect(await readAccounts(lake.db)).toMatchObject([{ state: 'active' }])
    await forgetAccount(lake.db, lockCatalogue, account, options)
    expect(await readAccounts(lake.db)).toEqual([])
  })

  it('no longer listed, or not to be entered: rows stay and nothing is in force', async () => {
    await saveAccounts(lake.db, [tree()], clock.now())
    await fill()
    clock.pass(hour)
    await setAccountState(lake.db, lockCatalogue, account, 'unlisted', options)
    expect(await lake.listed()).toEqual([null, null])
    expect(await cells()).toEqual([{ part: 'here', state: 'not_collected', in_force: false }])
    clock.pass(hour)
    await fill()
    expect(await lake.listed()).toEqual([true, true])
    clock.pass(hour)
    const failure = {
      code: 'AssumeRoleDenied',
      message: 'No.',
      action: 'sts:AssumeRole',
      next: 'Trust us.',
    }
    await unreadAccount(
      lake.db,
      lockCatalogue,
      account,
      { state: 'denied', failure, except: ['test_lock'] },
      options,
    )
    expect(await lake.listed()).toEqual([true, true])
    await unreadAccount(lake.db, lockCatalogue, account, { state: 'denied', failure }, options)
    expect(await lake.listed()).toEqual([null, null])
    expect(await all(coverage(lake.db))).toMatchObject([{ action: 'sts:AssumeRole', since: clock.now() }])
    expect(await lake.query('select * from stance.tombstone')).toEqual([])
  })

  describe('planning', () => {
    const plan = (state: 'not_collected' | 'excluded', ...parts: string[]) =>
      planCells(
        lake.db,
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

    it('excludes at once, and takes back at once; the rows wait for a read', async () => {
      await fill()
      clock.pass(hour)
      expect(await plan('excluded', 'here')).toEqual({ added: 0, excluded: 1 })
      expect(await lake.listed()).toEqual([null, null])
      expect(await cells()).toEqual([{ part: 'here', state: 'excluded', in_force: false }])
      expect(await plan('not_collected', 'here')).toEqual({ added: 0, excluded: 0 })
      expect(await cells()).toEqual([{ part: 'here', state: 'not_collected', in_force: false }])
      expect(await lake.listed()).toEqual([null, null])
      clock.pass(hour)
      await fill()
      expect(await lake.listed()).toEqual([true, true])
      const history = await lake.query(
        `select state from stance.coverage_history where resource_key = '' order by valid_from nulls last`,
      )
      expect(history).toEqual([{ state: 'ok' }, { state: 'excluded' }, { state: 'not_collected' }])
    })
  })

  it('says what is not known', async () => {
    await planCells(
      lake.db,
      lockCatalogue,
      account,
      [{ table: 'test_lock', part: 'there', state: 'not_collected' }],
      options,
    )
    const groups = { alarm: denied(clock.now()) }
    await lake.scan([lake.lock('a', { groups })])
    const unknown = await all(coverage(lake.db, { accounts: [account] }))
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
    expect(await all(coverage(lake.db, { within: { regions: ['nowhere'], lists: [] } }))).toEqual([])
  })
})
