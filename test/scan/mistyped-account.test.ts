import { expect, it } from 'vitest'
import { readAccounts } from '../../src/lake/accounts.ts'
import { closedFindings } from '../../src/run/closed-findings.ts'
import { foldCoverage } from '../../src/run/fold-coverage.ts'
import { summarizeScan } from '../../src/run/summarize-scan.ts'
import { eachEngine, longest } from '../setup/test-database.ts'
import { good } from './estate.ts'
import { openEstate } from './open-estate.ts'

const mistyped = ['999999999999', '888877776666']

eachEngine(
  'an account that was never read',
  (database) => {
    it('leaves without a word when no connection names it any more', { timeout: longest }, async () => {
      const estate = await openEstate({ connection: { organization: false } })
      try {
        const [only] = estate.settings.connections
        const name = (accounts: readonly string[]) => {
          estate.settings.connections = [
            ...(accounts.includes(good) ? [only!] : []),
            { ...only!, name: 'second', accounts: accounts.filter((id) => id !== good) },
          ]
        }
        const { db } = database()
        const stance = await estate.open(db)
        const narrowing = { services: ['kms', 'account'] }
        name([good, ...mistyped])
        const { entered } = await estate.scan(stance, { narrowing })
        expect(entered).toEqual({ accounts: 1, not_entered: mistyped, left: [] })
        const unknown = await db.query('select 1 from stance.finding where account_id = any($1::text[])', [
          mistyped,
        ])
        expect(unknown.length).toBeGreaterThan(0)
        name([good])
        const record = await estate.scan(stance, { narrowing })
        expect(record.entered).toEqual({ accounts: 1, not_entered: [], left: [] })
        const summary = await summarizeScan(db, stance.set, record, narrowing)
        expect(summary).toMatchObject({
          newly_unknown: 0,
          accounts_not_read: 0,
          accounts_left: [],
          events: {},
        })
        expect((await readAccounts(db)).map(({ account_id }) => account_id)).toEqual([good])
        for (const table of ['finding', 'cell', 'resource', 'tombstone', 'verdict', 'pending_judgement'])
          expect(
            await db.query(`select 1 from stance.${table} where account_id = any($1::text[])`, [mistyped]),
            table,
          ).toEqual([])
        expect((await closedFindings(db, { account: mistyped })).total).toBe(0)
        // What was read is another matter: it stands, and both are named.
        name(mistyped.slice(0, 1))
        const lost = await estate.scan(stance, { narrowing })
        expect(lost.entered?.left).toEqual([good])
        const folds = await foldCoverage(db, stance.set, {})
        expect(folds.find(({ code }) => code === 'ACCOUNT_LEFT')?.next).toContain('Name it in `accounts`')
      } finally {
        await estate.stop()
      }
    })
  },
  { engines: ['duckdb'] },
)
