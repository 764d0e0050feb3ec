import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Recording } from '../../src/collect/transport/read-recording.ts'
import { fromBody } from '../../src/collect/transport/recording.ts'
import { readAccounts } from '../../src/lake/accounts.ts'
import { accountsLeft } from '../../src/run/accounts-left.ts'
import { closedFindings } from '../../src/run/closed-findings.ts'
import { summarizeScan } from '../../src/run/summarize-scan.ts'
import { eachEngine, longest, oneEngine } from '../setup/test-database.ts'
import { daysOfEstate } from './days-of-estate.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { careless, good } from './estate.ts'
import { type Estate, openEstate } from './open-estate.ts'
import { differences, type Posture, postureOf } from './posture.ts'

const narrowed = { narrowing: { services: ['kms', 's3'] } }

const one = { engines: oneEngine() }

eachEngine(
  'an account that a person switches off',
  (database) => {
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

    it('leaves where no connection lists it any more, too; until then what was read stands while it is young', {
      timeout: longest,
    }, async () => {
      const { db } = database()
      const stance = await on.open(db)
      await on.scan(stance, narrowed)
      const before = await postureOf(db)
      // By itself the connection reads its own account.
      const alone = (off_accounts: string[]) => {
        const [first] = on.settings.connections
        return { ...on.settings, connections: [{ ...first!, organization: false, off_accounts }] }
      }
      const record = await on.scan(stance, { ...narrowed, settings: alone([]) })
      expect(record.entered).toEqual({ accounts: 1, not_entered: [], left: [careless] })
      expect(differences(before, await postureOf(db), false)).toEqual([])
      const { accounts_left } = await summarizeScan(db, stance.set, record, narrowed.narrowing)
      expect(accounts_left).toEqual([{ account_id: careless, read_at: expect.any(Date) }])
      const listed = [{ ...alone([]).connections[0]!, accounts: [good] }]
      expect(await accountsLeft(db, await readAccounts(db), listed)).toEqual([careless])
      on.clock.skip(3 * 86_400_000)
      const later = await on.scan(stance, { ...narrowed, settings: alone([]) })
      expect(later.entered).toEqual({ accounts: 1, not_entered: [], left: [careless] })
      const old = [...(await postureOf(db)).values()].filter(({ account_id }) => account_id === careless)
      expect(old.length).toBeGreaterThan(10)
      // What is said of the account itself lies outside of the narrowing.
      const definite = old.filter(({ verdict }) => verdict !== 'unknown').map(({ rule_id }) => rule_id)
      expect(definite).toEqual(['aws-account-is-readable'])
      expect(old.flatMap(({ evidence }) => evidence?.unread?.map(({ code }) => code) ?? [])).toContain(
        'ACCOUNT_LEFT',
      )
      const remembered = await db.query(
        `select 1 from stance.finding where account_id = '${careless}' and verdict = 'unknown' and definite_verdict = 'fail'`,
      )
      const off = await on.scan(stance, { ...narrowed, settings: alone([careless]) })
      expect(off.entered?.left).toEqual([])
      // None of them failed when it closed.
      const { events } = await summarizeScan(db, stance.set, off)
      expect(remembered.length).toBeGreaterThan(0)
      expect(events).toMatchObject({ closed_unknown: remembered.length })
      expect(events).not.toHaveProperty('closed')
      const { items } = await closedFindings(db, { account: [careless] })
      expect(new Set(items.map(({ verdict }) => verdict))).toEqual(new Set(['unknown', 'pass']))
      const left = new Set([...(await postureOf(db)).values()].map(({ account_id }) => account_id))
      expect([...left]).toEqual([good])
      expect(await accountsLeft(db, await readAccounts(db), listed), 'it is off').toEqual([])
    })
  },
  one,
)

const copies = { copies: 'one for all', ...one } as const
eachScannedStore('an account of which the organization says', copies, (scanned) => {
  const day = daysOfEstate()

  it('that it is suspended is read; that it is closed leaves', { timeout: longest }, async () => {
    const { stance, estate, clean } = scanned()
    const { db } = stance
    const { clock } = estate
    const narrowing = { services: ['s3', 'organizations'] }
    const resources = () =>
      db.query('select name from stance.resource where account_id = $1 order by resource_key nulls last', [
        careless,
      ])
    const there = await resources()
    expect(there.length).toBeGreaterThan(5)
    const suspended = await day({ clock, edit: listedAs('SUSPENDED') })
    await suspended.scan(stance, { narrowing })
    expect(await resources()).toEqual(there)
    const ofAccount = (posture: Posture) =>
      new Map([...posture].filter(([, { account_id }]) => account_id === careless))
    expect(differences(ofAccount(clean), ofAccount(await postureOf(db)), false)).toEqual([])
    const closed = await day({ clock, edit: listedAs('CLOSED') })
    await closed.scan(stance, { narrowing })
    expect(await resources()).toEqual([])
    expect(ofAccount(await postureOf(db)).size).toBe(0)
    const reasons = await db.query(
      'select closed_as from stance.finding_closed where account_id = $1 group by closed_as',
      [careless],
    )
    expect(reasons).toEqual([{ closed_as: 'account_closed' }])
  })
})

function listedAs(state: string) {
  return (exchanges: Recording['exchanges']): Recording['exchanges'] =>
    exchanges.map((exchange) => {
      if (exchange.operation !== 'ListAccounts') return exchange
      const body = JSON.parse(fromBody(exchange.body).toString('utf8')) as { Accounts: { Id: string }[] }
      const Accounts = body.Accounts.map((one) =>
        one.Id === careless ? { ...one, State: state, Status: 'SUSPENDED' } : one,
      )
      return { ...exchange, body: JSON.stringify({ ...body, Accounts }) }
    })
}
