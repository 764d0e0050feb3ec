import { afterAll, beforeAll, expect, it } from 'vitest'
import { eachEngine, longest } from '../setup/test-database.ts'
import { careless, good } from './estate.ts'
import { type Estate, openEstate } from './open-estate.ts'
import { differences, postureOf } from './posture.ts'

const narrowed = { narrowing: { services: ['kms', 's3'] } }

eachEngine('an account that a person switches off', (database) => {
  let on: Estate
  let off: Estate
  beforeAll(async () => {
    on = await openEstate()
    off = await openEstate({ clock: on.clock, connection: { off_accounts: [careless] } })
  })
  afterAll(async () => {
    await on.stop()
    await off.stop()
  })

  it('has no finding, says why, and has them again when it is on', { timeout: longest }, async () => {
    const { db } = database()
    const stance = await on.open(db)
    await on.scan(stance, narrowed)
    const before = await postureOf(db)
    const closed = () =>
      db.query<{ account_id: string; closed_as: string }>(
        'select account_id, closed_as from stance.finding_closed group by account_id, closed_as',
      )
    expect(await closed()).toEqual([])
    await off.scan(await off.open(db), narrowed)
    expect(await closed()).toEqual([{ account_id: careless, closed_as: 'account_off' }])
    const left = new Set([...(await postureOf(db)).values()].map(({ account_id }) => account_id))
    expect([...left]).toEqual([good])
    const history = await db.query<{ closed_as: string }>(
      `select closed_as from stance.finding_history where account_id = '${careless}' and closed_as <> '' group by closed_as`,
    )
    expect(history).toEqual([{ closed_as: 'account_off' }])
    const stones = await db.query('select reason from stance.tombstone group by reason')
    expect(stones).toEqual([{ reason: 'off' }])
    await on.scan(stance, narrowed)
    expect(differences(before, await postureOf(db), false)).toEqual([])
    expect(await closed()).toEqual([])
  })
})
