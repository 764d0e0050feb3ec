import type { PlannedCell } from '../collect/kernel/planned-cell.ts'
import type { RuleSet } from '../evaluate/rule-set.ts'
import { type TablesBehind, tablesBehind } from '../evaluate/tables-behind.ts'
import type { CellId } from '../lake/collected.ts'
import { neverRead } from '../lake/expect-tables.ts'
import type { Stance } from './open-stance.ts'

/** So long findings wait for lists that this scan reads for the first time ever. */
const patience = 60_000

/**
 * What a scan is about to read, and rules that look at it wait for:
 * - what is read for the first time ever, for a while: judged at once, each would be unknown for some seconds, with
 *   evidence and history, before anybody could have read anything
 * - for rules that look into other tables, all that they look at, the judged rows too, and in all accounts where they look
 *   across them: with one of them as it is now and the other as it was, their verdict would be of no moment at all. Until then the one before stands.
 */
export class AwaitedReads {
  readonly #behind: ReadonlyMap<string, TablesBehind>
  readonly #first = new CellCount()
  readonly #all = new CellCount()
  readonly #until = performance.now() + patience
  readonly #isFirst: (cell: CellId) => boolean

  constructor(set: RuleSet, cells: readonly CellId[], neverTried: ReadonlySet<string>) {
    this.#behind = tablesBehind(set)
    this.#isFirst = (cell) => neverTried.has(idOf(cell))
    for (const cell of cells) this.#count(cell, 1)
  }

  ended(cell: CellId): void {
    this.#count(cell, -1)
  }

  /** Whether rules of a table are worth judging now. */
  isReady(account_id: string, table: string): boolean {
    const behind = this.#behind.get(table)
    const waitsFor = (other: string) => other === table || behind?.tables.has(other) === true
    const where = behind?.looksAcross === true ? undefined : account_id
    if (behind?.looksElsewhere === true && this.#all.tables(where).some(waitsFor)) return false
    return performance.now() > this.#until || !this.#first.tables(account_id).some(waitsFor)
  }

  #count(cell: CellId, by: number): void {
    if (this.#isFirst(cell)) this.#first.add(cell, by)
    else this.#all.add(cell, by)
  }
}

/** How many cells are left to read, by account and table. */
class CellCount {
  readonly #left = new Map<string, Map<string, number>>()

  add({ account_id, table }: CellId, by: number): void {
    const left = this.#left.get(account_id) ?? new Map<string, number>()
    this.#left.set(account_id, left)
    left.set(table, (left.get(table) ?? 0) + by)
  }

  /** Of all accounts, where none is named. */
  tables(account_id: string | undefined): string[] {
    const counts = account_id === undefined ? [...this.#left.values()] : [this.#left.get(account_id) ?? []]
    return counts.flatMap((left) => [...left].flatMap(([table, count]) => (count > 0 ? [table] : [])))
  }
}

/** The planned cells, and of which of them nothing is known, or no longer. */
export async function openAwaitedReads(stance: Stance, cells: readonly PlannedCell[]): Promise<AwaitedReads> {
  const rows = await stance.db.query<CellId>(
    `select c.account_id, c.table_name as "table", c.part from stance.cell c
     where c.state = 'not_collected'`,
  )
  return new AwaitedReads(stance.set, cells, new Set(rows.map(idOf)))
}

/**
 * Before there is a plan, whether rules of a table are worth judging: not those that look at tables that came with an
 * upgrade, nor those that look into other tables, of which a scan that was cut off may have written some only.
 */
export async function readyBeforePlan({
  db,
  set,
}: Stance): Promise<(account_id: string, table: string) => boolean> {
  const rows = await db.query<CellId>(
    `select c.account_id, c.table_name as "table", c.part from stance.cell c
     where c.state = 'not_collected' and c.attempted_at is null and c.code = $1::text`,
    [neverRead.code],
  )
  const awaited = new AwaitedReads(set, rows, new Set(rows.map(idOf)))
  const behind = tablesBehind(set)
  return (account_id, table) =>
    behind.get(table)?.looksElsewhere !== true && awaited.isReady(account_id, table)
}

function idOf({ account_id, table, part }: CellId): string {
  return `${account_id} ${table} ${part}`
}
