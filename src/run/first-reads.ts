import type { PlannedCell } from '../collect/kernel/planned-cell.ts'
import type { RuleSet } from '../evaluate/rule-set.ts'
import type { CellId } from '../lake/collected.ts'
import { neverRead } from '../lake/expect-tables.ts'
import type { Stance } from './open-stance.ts'
import { readsOfRule } from './rule-reads.ts'

/** So long findings wait for lists that this scan reads for the first time ever. */
const patience = 60_000

/**
 * What a scan is about to read for the first time ever. Rules that look at it wait, for a while: judged at once, each
 * would be unknown for some seconds, with evidence and history, before anybody could have read anything.
 */
export class FirstReads {
  readonly #tablesOf: ReadonlyMap<string, ReadonlySet<string>>
  readonly #left = new Map<string, Map<string, number>>()
  readonly #cells: ReadonlySet<string>
  readonly #until = performance.now() + patience

  constructor(set: RuleSet, cells: readonly CellId[], neverTried: ReadonlySet<string>) {
    this.#tablesOf = tablesBehind(set)
    this.#cells = neverTried
    for (const cell of cells) if (neverTried.has(idOf(cell))) this.#count(cell, 1)
  }

  ended(cell: CellId): void {
    if (this.#cells.has(idOf(cell))) this.#count(cell, -1)
  }

  /** Whether rules of a table are worth judging now. */
  isReady(account_id: string, table: string): boolean {
    const left = this.#left.get(account_id)
    if (left === undefined || performance.now() > this.#until) return true
    for (const [unread, count] of left)
      if (count > 0 && (unread === table || this.#tablesOf.get(table)?.has(unread) === true)) return false
    return true
  }

  #count({ account_id, table }: CellId, by: number): void {
    const left = this.#left.get(account_id) ?? new Map<string, number>()
    this.#left.set(account_id, left)
    left.set(table, (left.get(table) ?? 0) + by)
  }
}

/** The planned cells of which nothing is known but that they are expected. */
export async function openFirstReads(
  { db, set }: Stance,
  cells: readonly PlannedCell[],
): Promise<FirstReads> {
  const rows = await db.query<CellId>(
    `select c.account_id, c.table_name as "table", c.part from stance.cell c
     where c.state = 'not_collected' and c.attempted_at is null`,
  )
  return new FirstReads(set, cells, new Set(rows.map(idOf)))
}

/** Before there is a plan: the cells of tables that came with an upgrade. */
export async function readsAfterUpgrade({ db, set }: Stance): Promise<FirstReads> {
  const rows = await db.query<CellId>(
    `select c.account_id, c.table_name as "table", c.part from stance.cell c
     where c.state = 'not_collected' and c.attempted_at is null and c.code = $1::text`,
    [neverRead.code],
  )
  return new FirstReads(set, rows, new Set(rows.map(idOf)))
}

function idOf({ account_id, table, part }: CellId): string {
  return `${account_id} ${table} ${part}`
}

/** For each judged table, the resource tables that its enabled rules read, through facts too. */
function tablesBehind(set: RuleSet): Map<string, Set<string>> {
  const tables = new Map<string, Set<string>>()
  for (const ready of set.rules.values()) {
    if (!ready.enabled) continue
    const behind = tables.get(ready.rule.resource) ?? new Set()
    for (const { table } of readsOfRule(set, ready)) behind.add(table)
    tables.set(ready.rule.resource, behind)
  }
  return tables
}
