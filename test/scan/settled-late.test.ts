import { expect, it } from 'vitest'
import type { Plan, PlannableAccount } from '../../src/collect/kernel/plan-cells.ts'
import { expectCells, settleCells } from '../../src/run/settle-cells.ts'
import { longest, oneEngine } from '../setup/test-database.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { good } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import { differences, postureOf } from './posture.ts'

const failure = { code: 'AccessDenied', message: 'no', next: 'Allow it.' }
const account: PlannableAccount = {
  ...{ account_id: good, provider: 'aws', kind: 'account', connection: 'estate', partition: 'aws' },
  ...{ state: 'active', regions: [] },
}
const nothing: Plan = { read: [], settled: [], rows: [] }
const cell = { account_id: good, table: 'aws_vpc', part: 'eu-west-1' }

/** A scan that has looked who is there, stalls, and then writes what it made of it. */
eachScannedStore(
  'what a scan settles without reading',
  { copies: 'one each', engines: oneEngine() },
  (scanned) => {
    const cases: [string, Plan, Partial<PlannableAccount>][] = [
      [
        'a denied cell',
        { ...nothing, settled: [{ ...cell, state: 'denied', failure }] },
        { regions_unread: failure },
      ],
      ['a region opted out of', { ...nothing, settled: [{ ...cell, state: 'absent', failure }] }, {}],
      [
        'a setting that leaves it out',
        { ...nothing, settled: [{ ...cell, state: 'excluded', failure }] },
        {},
      ],
      ['an account that it could not enter', nothing, { not_entered: failure }],
      ['an account that is no longer listed', nothing, { state: 'unlisted' }],
      ['an account that is closed', nothing, { state: 'closed' }],
    ]
    it.each(cases)(
      'gives way to what another read since it looked: %s',
      { timeout: longest },
      async (_, plan, more) => {
        const { estate, stance, clean } = scanned()
        const settle = async (decided_at: Date) => {
          const accounts = [{ ...account, ...more }]
          await expectCells(stance, plan, accounts, decided_at)
          await settleCells(stance, plan, accounts, { decided_at, staleAfterMs: () => 86_400_000 })
        }
        const looked = estate.clock.now()
        const { table, part } = cell
        const only = plan.settled.length > 0 ? { tables: [table], regions: [part] } : {}
        await estate.scan(stance, { narrowing: { accounts: [good], ...only } })
        await settle(looked)
        const cellOf = async () =>
          (
            await stance.db.query(
              'select c.state, c.in_force from stance.cell c where c.account_id = $1 and c.table_name = $2 and c.part = $3',
              [cell.account_id, cell.table, cell.part],
            )
          )[0]
        expect(await cellOf()).toEqual({ state: 'ok', in_force: true })
        expect(await lakeProblems(stance)).toEqual([])
        expect(differences(clean, await postureOf(stance.db), false)).toEqual([])
        // Of what it looked at last, nobody knows better.
        await settle(estate.clock.now())
        expect(await cellOf()).not.toEqual({ state: 'ok', in_force: true })
      },
    )
  },
)
