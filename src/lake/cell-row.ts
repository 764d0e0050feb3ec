import type { State } from '../core/state.ts'
import type { Reader, Transaction, Value } from '../db/database.ts'
import { loadTarget } from '../db/load-target.ts'
import type { CellId, Failure } from './collected.ts'

/** A row of `stance.cell`. */
export interface CellRow extends CellId {
  state: State
  in_force: boolean
  since: Date
  ok_at: Date | null
  attempted_at: Date | null
  /** When the scan began in which a row of it last changed. */
  changed_in: Date | null
  /** When the scan began that is about to read it. */
  awaited_since: Date | null
  /** Where it is not in force: rows read before this are not listed. */
  stale_before: Date | null
  rows: number
  calls: number
  throttles: number
  duration_ms: number
  /** When each group beside the list was last tried for all rows. */
  group_attempts: Readonly<Record<string, Date>>
  code: string
  message: string
  action: string
  denied_by: string
  next: string
}

export const cellTarget = loadTarget('stance.cell', {
  account_id: 'text',
  table_name: 'text',
  part: 'text',
  state: 'text',
  in_force: 'boolean',
  since: 'timestamptz',
  ok_at: 'timestamptz',
  attempted_at: 'timestamptz',
  stale_before: 'timestamptz',
  rows: 'bigint',
  calls: 'bigint',
  throttles: 'bigint',
  duration_ms: 'bigint',
  code: 'text',
  message: 'text',
  action: 'text',
  denied_by: 'text',
  next: 'text',
  changed_in: 'timestamptz',
  awaited_since: 'timestamptz',
  group_attempts: 'json',
})

const columns = cellTarget.columns.map(({ name }) => name).join(', ')

export function cellValues(cell: CellRow): Value[] {
  const { account_id, table, part, group_attempts, ...rest } = cell
  const names = cellTarget.columns.slice(3, -1).map(({ name }) => name)
  const values = names.map((name) => rest[name as keyof typeof rest])
  return [account_id, table, part, ...values, JSON.stringify(group_attempts)]
}

export async function readCell(
  db: Reader,
  { account_id, table, part }: CellId,
): Promise<CellRow | undefined> {
  const rows = await db.query(
    `select ${columns} from stance.cell where account_id = $1 and table_name = $2 and part = $3`,
    [account_id, table, part],
  )
  return rows[0] === undefined ? undefined : toCellRow(rows[0])
}

/** All cells of an account. */
export async function readCells(db: Reader, accountId: string): Promise<CellRow[]> {
  const rows = await db.query(`select ${columns} from stance.cell where account_id = $1`, [accountId])
  return rows.map(toCellRow)
}

function toCellRow(row: object): CellRow {
  const { table_name, group_attempts, ...rest } = row as Record<string, unknown>
  const attempts = JSON.parse(String(group_attempts ?? '{}')) as Record<string, string>
  const times = Object.entries(attempts).map(([group, time]) => [group, new Date(time)])
  return { ...rest, table: table_name, group_attempts: Object.fromEntries(times) } as unknown as CellRow
}

/** Writes the cell, and the interval that ended where its state changed. Answers whether it did. */
export async function writeCell(
  tx: Transaction,
  before: CellRow | undefined,
  cell: CellRow,
): Promise<boolean> {
  if (before === undefined) {
    await tx.load(cellTarget, [cellValues(cell)])
    return true
  }
  const changed = before.state !== cell.state || before.in_force !== cell.in_force
  if (changed) await closeCellInterval(tx, cell, cell.since)
  await tx.run(
    `update stance.cell set state = $4, in_force = $5, since = $6, ok_at = $7, attempted_at = $8, stale_before = $9,
       rows = $10, calls = $11, throttles = $12, duration_ms = $13, code = $14, message = $15, action = $16,
       denied_by = $17, next = $18, changed_in = $19, awaited_since = $20, group_attempts = $21
     where account_id = $1 and table_name = $2 and part = $3`,
    cellValues(cell),
  )
  return changed
}

export async function closeCellInterval(
  tx: Transaction,
  { account_id, table, part }: CellId,
  now: Date,
): Promise<void> {
  await tx.run(
    `insert into stance.coverage_history (account_id, table_name, part, resource_key, group_name, valid_to, valid_from,
       state, in_force, code, action, denied_by)
     select account_id, table_name, part, '', '', $4::timestamptz, since, state, in_force, code, action, denied_by
     from stance.cell where account_id = $1 and table_name = $2 and part = $3`,
    [account_id, table, part, now],
  )
}

export function failureColumns(
  failure: Failure | undefined,
): Pick<CellRow, 'code' | 'message' | 'action' | 'denied_by' | 'next'> {
  return {
    code: failure?.code ?? '',
    message: failure?.message ?? '',
    action: failure?.action ?? '',
    denied_by: failure?.denied_by ?? '',
    next: failure?.next ?? '',
  }
}
