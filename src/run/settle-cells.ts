import type { Plan, PlannableAccount, SettledCell } from '../collect/kernel/plan-cells.ts'
import type { Reader, Transaction } from '../db/database.ts'
import type { CellEnd, CellId } from '../lake/collected.ts'
import { forgetCells, forgetEmptyCells } from '../lake/forget-cells.ts'
import { openCellWrite } from '../lake/open-cell-write.ts'
import { type ExpectedCell, planCells } from '../lake/plan-cells.ts'
import { isReadSince } from '../lake/read-since.ts'
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
  decided_at: Date,
): Promise<void> {
  const options = { clock, derive, decided_at }
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

/**
 * Ends the cells that are not going to be read, and takes the content of accounts that could not be entered out of
 * force. It holds no lease: another scan that began to read a cell after this one had looked knows better, and one that
 * is still reading has the last word when it ends.
 */
export async function settleCells(
  stance: Stance,
  plan: Plan,
  accounts: readonly PlannableAccount[],
  { decided_at, staleAfterMs }: { decided_at: Date; staleAfterMs: StaleAfter },
): Promise<void> {
  const { db, catalogue, clock, derive } = stance
  const options = { clock, derive, decided_at }
  for (const account of accounts) {
    const { account_id, partition } = account
    if (account.not_entered !== undefined && account.no_answer !== true) {
      const { not_entered: failure } = account
      const asked = plan.settled.filter((cell) => cell.account_id === account_id)
      const only = new Map(
        [...Map.groupBy(asked, ({ table }) => table)].map(([table, cells]) => [
          table,
          cells.map(({ part }) => part),
        ]),
      )
      const why = { state: 'not_collected' as const, failure, ...(plan.isNarrowed ? { only } : {}) }
      await unreadAccount(db, catalogue, account_id, why, options)
    }
    const settling = { partition, staleAfterMs, decided_at }
    if (account.kind === 'account' && account.regions_unread === undefined && !account.not_entered)
      await forgetUnnamedRegions(stance, account, settling)
    if (account.kind === 'account' && account.organization_unread === undefined && !account.not_entered)
      await forgetUnnamedOrganization(stance, account)
    const gone = plan.settled.filter((cell) => cell.account_id === account_id && cell.state === 'absent')
    await forgetEmptyCells(db, account_id, gone, options)
    const left = await cellsOf(db, account_id, gone)
    for (const cell of plan.settled) {
      if (cell.account_id !== account_id || isPlain(cell)) continue
      if (cell.state === 'absent' && !left.has(`${cell.table}\0${cell.part}`)) continue
      const isPlanned = catalogue.tables.get(cell.table)?.declared.planned !== undefined
      // The planner's own row of a region that is no longer opted in goes; nothing else is to be read there.
      if (isPlanned && cell.state === 'absent') await settle(stance, cell, { state: 'ok' }, settling)
      else {
        const state = cell.state as 'denied' | 'error' | 'absent'
        await settle(stance, cell, { state, failure: cell.failure }, settling)
      }
    }
  }
}

/** Those that there are still. */
async function cellsOf(db: Reader, accountId: string, cells: readonly CellId[]): Promise<Set<string>> {
  if (cells.length === 0) return new Set()
  const rows = await db.query<{ table_name: string; part: string }>(
    `select c.table_name, c.part from stance.cell c
     where c.account_id = $1::text and c.part = any($2::text[])`,
    [accountId, [...new Set(cells.map(({ part }) => part))]],
  )
  return new Set(rows.map(({ table_name, part }) => `${table_name}\0${part}`))
}

interface Settling {
  partition: string
  staleAfterMs: StaleAfter
  decided_at: Date
}

class ReadMeanwhile extends Error {}

async function settle(
  { db, catalogue, clock, derive }: Stance,
  cell: CellId,
  end: Pick<CellEnd, 'state' | 'failure'>,
  { partition, staleAfterMs, decided_at }: Settling,
): Promise<void> {
  const fence = async (tx: Transaction) => {
    if (await isReadSince(tx, cell, { decided_at })) throw new ReadMeanwhile()
  }
  const write = openCellWrite(db, catalogue, cell, { clock, derive, partition, staleAfterMs, fence })
  try {
    await write.finish({ ...end, listed_at: clock.now(), calls: 0, throttles: 0, duration_ms: 0 })
  } catch (error) {
    if (!(error instanceof ReadMeanwhile)) throw error
  }
}

function isPlain(cell: SettledCell): cell is SettledCell & { state: 'excluded' | 'not_collected' } {
  return cell.state === 'excluded' || cell.state === 'not_collected'
}

/** All regions are named again: the part that stood for those nobody could name is read, and empty. */
async function forgetUnnamedRegions(
  stance: Stance,
  { account_id }: PlannableAccount,
  settling: Settling,
): Promise<void> {
  const { db, catalogue } = stance
  const cells = await db.query<{ table_name: string }>(
    `select c.table_name from stance.cell c
     where c.account_id = $1::text and c.part = '*' and not c.in_force order by c.table_name nulls last`,
    [account_id],
  )
  for (const { table_name } of cells) {
    if (!catalogue.tables.has(table_name)) continue
    await settle(stance, { account_id, table: table_name, part: '*' }, { state: 'absent' }, settling)
  }
}

/** The organization has a name again, or is not asked for any more. */
async function forgetUnnamedOrganization(
  { db, registry, clock, derive }: Stance,
  { account_id }: PlannableAccount,
): Promise<void> {
  const all = [...registry.tables.values()].filter(({ belongs_to }) => belongs_to === 'organization')
  await forgetCells(db, account_id, new Set(all.map(({ name }) => name)), { clock, derive })
}
