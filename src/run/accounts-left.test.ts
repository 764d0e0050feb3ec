import { expect, it } from 'vitest'
import { saveAccounts } from '../lake/accounts.ts'
import type { LakeCatalogue } from '../lake/catalogue.ts'
import { eachLake } from '../lake/each-lake.fixture.ts'
import { account, hour, lockCatalogue } from '../lake/lake.fixture.ts'
import { setAccountState } from '../lake/set-account-state.ts'
import { accountsRead } from './accounts-left.ts'

eachLake('accounts of which anything was read', (lake) => {
  const { clock, options } = lake
  const read = async (catalogue = lockCatalogue) => [...(await accountsRead(lake.db, catalogue))]
  const forget = (table: string) =>
    lake.db.transaction((tx) => tx.run(`delete from stance.${table} where account_id = $1::text`, [account]))

  it('are those whose history says so, too, where a person had switched them off', async () => {
    const tree = { account_id: account, provider: 'test', kind: 'account', name: 'one', parent_id: '' }
    await saveAccounts(
      lake.db,
      [{ ...tree, cloud_partition: 'test', connection: 'main', aliases: [], tags: {} }],
      clock.now(),
    )
    expect(await read()).toEqual([])
    await lake.scan([lake.lock('a')])
    expect(await read()).toEqual([account])
    clock.pass(hour)
    await setAccountState(lake.db, lockCatalogue, account, 'off', options)
    clock.pass(hour)
    await setAccountState(lake.db, lockCatalogue, account, 'active', options)
    // Each by itself: they grow too old at different times.
    expect(await read(plannedOnly)).toEqual([account])
    await forget('coverage_history')
    expect(await read(plannedOnly), 'rows that nobody read').toEqual([])
    expect(await read()).toEqual([account])
    await forget('tombstone')
    expect(await read(plannedOnly), 'rows that nobody read').toEqual([])
    expect(await read()).toEqual([account])
    await forget('resource_version')
    expect(await read()).toEqual([])
  })
})

/** As if the planner made these rows by itself. */
const plannedOnly: LakeCatalogue = {
  ...lockCatalogue,
  tables: new Map(
    [...lockCatalogue.tables].map(([name, table]) => [
      name,
      { ...table, declared: { ...table.declared, planned: 'account' } },
    ]),
  ),
}
