import { expect, it } from 'vitest'
import { readAccounts } from '../../src/lake/accounts.ts'
import { closedFindings } from '../../src/run/closed-findings.ts'
import { foldCoverage } from '../../src/run/fold-coverage.ts'
import { summarizeScan } from '../../src/run/summarize-scan.ts'
import { eachEngine, longest } from '../setup/test-database.ts'
import { careless, good } from './estate.ts'
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

    it('is another than one that was switched off for a while, whose history stays', {
      timeout: longest,
    }, async () => {
      const estate = await openEstate({ connection: { organization: false } })
      try {
        const { db } = database()
        const stance = await estate.open(db)
        const narrowing = { services: ['kms', 'account'] }
        const [own] = estate.settings.connections
        const as = (accounts: string[], off_accounts: string[] = []) => {
          const second = { ...own!, name: 'second', accounts, off_accounts }
          return { narrowing, settings: { ...estate.settings, connections: [own!, second] } }
        }
        const held = (table: string) =>
          db.query(
            `select h.resource_key from stance.${table} h where h.account_id = $1::text and h.table_name like 'aws_kms%'
             order by h.resource_key nulls last`,
            [careless],
          )
        await estate.scan(stance, as([careless]))
        await estate.scan(stance, as([careless], [careless]))
        const before = [await held('tombstone'), await held('resource_version')]
        expect(before[0]).not.toEqual([])
        const faults = `${careless}/*=denied`
        const back = await estate.scan(stance, { ...as([careless]), faults })
        expect(back.entered).toEqual({ accounts: 1, not_entered: [careless], left: [] })
        const record = await estate.scan(stance, as([]))
        expect(record.entered?.left).toEqual([careless])
        expect((await readAccounts(db)).map(({ account_id }) => account_id)).toContain(careless)
        expect([await held('tombstone'), await held('resource_version')]).toEqual(before)
        // A person lets it go.
        const off = await estate.scan(stance, as([], [careless]))
        expect(off.entered?.left).toEqual([])
        expect([await held('tombstone'), await held('resource_version')]).toEqual(before)
      } finally {
        await estate.stop()
      }
    })
  },
  { engines: ['duckdb'] },
)
