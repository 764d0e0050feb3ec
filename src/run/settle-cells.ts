import type { Plan, PlannableAccount, SettledCell } from '../collect/kernel/plan-cells.ts'
import { openCellWrite } from '../lake/open-cell-write.ts'
import { type ExpectedCell, planCells } from '../lake/plan-cells.ts'
import { setAccountState, unreadAccount } from '../lake/set-account-state.ts'
import type { Stance } from './open-stance.ts'
import type { StaleAfter } from './stale-after.ts'

/**
 * Writes the cells that a scan expects before anything else of it: what was never tried is known to be unread, what
 * configuration leaves out is excluded.
 */
export async function expectCells(
  { db, catalogue, clock, derive }: Stance,
  plan: Plan,
  accounts: readonly PlannableAccount[],
): Promise<void> {
  const options = { clock, derive }
  for (const { account_id, state } of accounts) {
    await setAccountState(db, catalogue, account_id, state, options)
    const own = (cell: { account_id: string }) => cell.account_id === account_id
    const expected: ExpectedCell[] = [
      ...plan.read.filter(own).map(({ table, part }) => ({ table, part, state: 'not_collected' as const })),
      ...plan.settled
        .filter(own)
        .filter(isPlain)
        .map(({ table, part, state, failure }) => ({ table, part, state, failure })),
    ]
    if (expected.length > 0) await planCells(db, catalogue, account_id, expected, options)
  }
}

/** Ends the cells that are not going to be read, and takes the content of accounts that could not be entered out of force. */
export async function settleCells(
  stance: Stance,
  plan: Plan,
  accounts: readonly PlannableAccount[],
  staleAfterMs: StaleAfter,
): Promise<void> {
  const { db, catalogue, clock, derive } = stance
  const options = { clock, derive }
  for (const account of accounts) {
    const { account_id, partition } = account
    if (account.not_entered !== undefined && account.no_answer !== true) {
      const { not_entered: failure } = account
      await unreadAccount(db, catalogue, account_id, { state: 'not_collected', failure }, options)
    }
    if (account.kind === 'account' && account.regions_unread === undefined && !account.not_entered)
      await forgetUnnamedRegions(stance, account)
    for (const cell of plan.settled) {
      if (cell.account_id !== account_id || isPlain(cell)) continue
      const write = openCellWrite(db, catalogue, cell, { ...options, partition, staleAfterMs })
      const cost = { calls: 0, throttles: 0, duration_ms: 0 }
      const isPlanned = catalogue.tables.get(cell.table)?.declared.planned !== undefined
      // The planner's own row of a region that is no longer opted in goes; nothing else is to be read there.
      if (isPlanned && cell.state === 'absent')
        await write.finish({ state: 'ok', listed_at: clock.now(), ...cost })
      else {
        const state = cell.state as 'denied' | 'error' | 'absent'
        await write.finish({ state, failure: cell.failure, listed_at: clock.now(), ...cost })
      }
    }
  }
}

function isPlain(cell: SettledCell): cell is SettledCell & { state: 'excluded' | 'not_collected' } {
  return cell.state === 'excluded' || cell.state === 'not_collected'
}

/** All regions are named again: the part that stood for those nobody could name is read, and empty. */
async function forgetUnnamedRegions(
  stance: Stance,
  { account_id, partition }: PlannableAccount,
): Promise<void> {
  const { db, catalogue, clock, derive } = stance
  const cells = await db.query<{ table_name: string }>(
    `select c.table_name from stance.cell c
     where c.account_id = $1::text and c.part = '*' and not c.in_force order by c.table_name nulls last`,
    [account_id],
  )
  for (const { table_name } of cells) {
    if (!catalogue.tables.has(table_name)) continue
    const cell = { account_id, table: table_name, part: '*' }
    const write = openCellWrite(db, catalogue, cell, { clock, derive, partition })
    await write.finish({ state: 'absent', listed_at: clock.now(), calls: 0, throttles: 0, duration_ms: 0 })
  }
}
