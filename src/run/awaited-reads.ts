import type { PlannedCell } from '../collect/kernel/planned-cell.ts'
import type { RuleSet } from '../evaluate/rule-set.ts'
import type { CellId } from '../lake/collected.ts'
import { neverRead } from '../lake/expect-tables.ts'
import type { Stance } from './open-stance.ts'
import { readsOfRule } from './rule-reads.ts'

/** So long findings wait for lists that this scan reads for the first time ever. */
const patience = 60_000

/**
 * What a scan is about to read, and rules that look at it wait for:
 * - what is read for the first time ever, for a while: judged at once, each would be unknown for some seconds, with
 *   evidence and history, before anybody could have read anything
 * - for rules that look into other tables, all that they look at, the judged rows too: with one of them as it is now and
 *   the other as it was, their verdict would be of no moment at all. Until then the one before stands.
 */
export class AwaitedReads {
  readonly #tablesOf: ReadonlyMap<string, ReadonlySet<string>>
  readonly #first = new CellCount()
  readonly #all = new CellCount()
  readonly #until = performance.now() + patience
  readonly #isFirst: (cell: CellId) => boolean

  constructor(set: RuleSet, cells: readonly CellId[], neverTried: ReadonlySet<string>) {
    this.#tablesOf = tablesBehind(set)
    this.#isFirst = (cell) => neverTried.has(idOf(cell))
    for (const cell of cells) this.#count(cell, 1)
  }

  ended(cell: CellId): void {
    this.#count(cell, -1)
  }

  /** Whether rules of a table are worth judging now. */
  isReady(account_id: string, table: string): boolean {
    const behind = this.#tablesOf.get(table)
    const waitsFor = (other: string) => other === table || behind?.has(other) === true
    if (looksElsewhere(table, behind) && this.#all.tables(account_id).some(waitsFor)) return false
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

  tables(account_id: string): string[] {
    return [...(this.#left.get(account_id) ?? [])].flatMap(([table, count]) => (count > 0 ? [table] : []))
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
  const tablesOf = tablesBehind(set)
  return (account_id, table) =>
    !looksElsewhere(table, tablesOf.get(table)) && awaited.isReady(account_id, table)
}

function looksElsewhere(table: string, behind: ReadonlySet<string> | undefined): boolean {
  return behind !== undefined && [...behind].some((other) => other !== table)
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
