import { expect, it } from 'vitest'
import { noSettings } from '../../src/evaluate/rule-set.ts'
import { tryRule } from '../../src/run/try-rule.ts'
import { eachEngine, longest } from '../setup/test-database.ts'
import { careless, good } from './estate.ts'
import { openEstate } from './open-estate.ts'

const narrowing = { services: ['kms'] }
const europe = 'eu-west-1'
const america = 'us-east-1'

eachEngine(
  'an account that two connections read',
  (database) => {
    it('is read in the regions of both; one that breaks leaves out nothing', {
      timeout: longest,
    }, async () => {
      const estate = await openEstate({ connection: { organization: false } })
      try {
        const [only] = estate.settings.connections
        const a = { ...only!, regions: [europe] }
        const b = { ...only!, name: 'b', regions: [america] }
        estate.settings.connections = [a, b]
        const { db } = database()
        const stance = await estate.open(db)
        const keys = async () =>
          new Map(
            (
              await db.query<{
                part: string
                state: string
                in_force: boolean
                code: string
                message: string
              }>(
                `select part, state, in_force, code, message from stance.cell
                 where account_id = $1 and table_name = 'aws_kms_key' and part in ('${europe}', '${america}')`,
                [good],
              )
            ).map(({ part, ...cell }) => [part, cell]),
          )
        const record = await estate.scan(stance, { narrowing })
        expect(record.entered).toMatchObject({ accounts: 1 })
        const ok = { state: 'ok', in_force: true }
        expect((await keys()).get(europe)).toMatchObject(ok)
        expect((await keys()).get(america)).toMatchObject(ok)
        // Asked for by itself, too.
        expect(await estate.scan(stance, { narrowing: { ...narrowing, regions: [america] } })).toMatchObject({
          cells: { read: 1 },
        })
        // Nobody listens there: it cannot say any more which accounts it reads.
        estate.settings.connections = [a, { ...b, endpoint: 'http://127.0.0.1:1' }]
        await estate.scan(stance, { narrowing })
        expect((await keys()).get(europe)).toMatchObject(ok)
        expect((await keys()).get(america)).toMatchObject({
          state: 'error',
          in_force: true,
          code: 'COLLECT_UNREACHABLE',
        })
        // The first breaks, which says whom it reads.
        estate.settings.connections = [{ ...a, endpoint: 'http://127.0.0.1:1', accounts: [good] }, b]
        await estate.scan(stance, { narrowing })
        expect((await keys()).get(america)).toMatchObject({ ...ok, code: '' })
        expect((await keys()).get(europe)).toMatchObject({ state: 'error', in_force: true })
        estate.settings.connections = [a, { ...b, regions: [europe] }]
        await estate.scan(stance, { narrowing })
        expect((await keys()).get(america)).toMatchObject({ state: 'excluded', in_force: false })
      } finally {
        await estate.stop()
      }
    })

    it('what nobody read is named where a rule that is tried is unknown for it', async () => {
      const { db } = database()
      const text = `exists (select 1 from aws_iam_user u where u.account_id = aws_kms_key.account_id and u.user_name = 'x')`
      const draft = { kind: 'condition' as const, table: 'aws_kms_key', text }
      const tried = await tryRule(db, draft, { settings: { ...noSettings, directories: [] }, limit: 5 })
      expect(tried.counts.unknown).toBeGreaterThan(0)
      expect(tried.rows[0]).toMatchObject({
        verdict: 'unknown',
        unread: [{ table_name: 'aws_iam_user', part: 'global', group_name: '' }],
      })
    })

    it('is read through those alone that have it on, in either order; off it is where all have it off', {
      timeout: longest,
    }, async () => {
      const estate = await openEstate({ connection: { organization: false } })
      try {
        const [only] = estate.settings.connections
        const company = { ...only!, name: 'company', accounts: [good, careless], off_accounts: [careless] }
        const special = { ...only!, name: 'special', accounts: [careless], regions: [europe] }
        const { db } = database()
        const stance = await estate.open(db)
        const cells = async () => {
          const rows = await db.query<{ part: string; state: string }>(
            `select part, state from stance.cell where account_id = $1 and table_name = 'aws_kms_key'`,
            [careless],
          )
          return Object.fromEntries(rows.map(({ part, state }) => [part, state]))
        }
        const account = () =>
          db.query('select state, connection from stance.account where account_id = $1', [careless])
        for (const connections of [
          [company, special],
          [special, company],
        ]) {
          estate.settings.connections = connections
          await estate.scan(stance, { narrowing })
          expect(await cells()).toMatchObject({ [europe]: 'ok', [america]: 'excluded' })
          expect(await account()).toEqual([{ state: 'active', connection: 'special' }])
        }
        const read = await db.query('select 1 from stance.finding where account_id = $1', [careless])
        expect(read.length).toBeGreaterThan(0)
        // That the one which reads it cannot sign in does not switch it off.
        const deaf = { ...special, endpoint: 'http://127.0.0.1:1' }
        for (const connections of [
          [company, deaf],
          [deaf, company],
        ]) {
          estate.settings.connections = connections
          await estate.scan(stance, { narrowing })
          expect(await cells()).toMatchObject({ [europe]: 'error' })
          expect(await account()).toMatchObject([{ state: 'active' }])
        }
        const closed = 'select 1 from stance.finding_closed where account_id = $1'
        expect(await db.query(closed, [careless])).toEqual([])
        estate.settings.connections = [{ ...special, off_accounts: [careless] }, company]
        await estate.scan(stance, { narrowing })
        expect(await cells()).toEqual({})
        expect(await account()).toMatchObject([{ state: 'off' }])
        expect((await db.query(closed, [careless])).length).toBeGreaterThan(0)
      } finally {
        await estate.stop()
      }
    })
  },
  { engines: ['duckdb'] },
)
