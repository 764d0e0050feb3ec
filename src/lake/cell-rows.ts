import type { Transaction, Value } from '../db/database.ts'
import { type CellRow, cellTarget, cellValues, readCell, readCells, writeCell } from './cell-row.ts'
import type { CellId } from './collected.ts'
import { historyTarget } from './write-merged.ts'

/** Cells of one account, for as long as a transaction that has its turn lasts. */
export interface CellRows {
  read(cell: CellId): Promise<CellRow | undefined>
  /** Answers whether the state changed. */
  write(before: CellRow | undefined, cell: CellRow): Promise<boolean>
}

export function cellsOneByOne(tx: Transaction): CellRows {
  return {
    read: (cell) => readCell(tx, cell),
    write: (before, cell) => writeCell(tx, before, cell),
  }
}

/** Read when the first of them is asked for, and written together by `flush`: three statements instead of three each. */
export class CellsTogether implements CellRows {
  readonly #tx: Transaction
  readonly #accountId: string
  readonly #written = new Map<string, CellRow>()
  readonly #ended: Value[][] = []
  #stored: Map<string, CellRow> | undefined

  constructor(tx: Transaction, accountId: string) {
    this.#tx = tx
    this.#accountId = accountId
  }

  async read(cell: CellId): Promise<CellRow | undefined> {
    const id = idOf(cell)
    return this.#written.get(id) ?? (await this.#all()).get(id)
  }

  async write(before: CellRow | undefined, cell: CellRow): Promise<boolean> {
    this.#written.set(idOf(cell), cell)
    if (before === undefined) return true
    if (before.state === cell.state && before.in_force === cell.in_force) return false
    const { account_id, table, part, since, state, in_force, code, action, denied_by } = before
    this.#ended.push([
      ...[account_id, table, part, '', '', cell.since, since, state, in_force, code, action, denied_by],
    ])
    return true
  }

  async flush(): Promise<void> {
    if (this.#written.size === 0) return
    if (this.#ended.length > 0) await this.#tx.load(historyTarget, this.#ended)
    await this.#tx.run(
      `delete from stance.cell
       where account_id = $1 and table_name || ' ' || part in (select unnest($2::text[]))`,
      [this.#accountId, [...this.#written.keys()]],
    )
    await this.#tx.load(cellTarget, [...this.#written.values()].map(cellValues))
  }

  async #all(): Promise<Map<string, CellRow>> {
    this.#stored ??= new Map((await readCells(this.#tx, this.#accountId)).map((cell) => [idOf(cell), cell]))
    return this.#stored
  }
}

/** No table's name has a space in it. */
const idOf = ({ table, part }: Pick<CellId, 'table' | 'part'>) => `${table} ${part}`
