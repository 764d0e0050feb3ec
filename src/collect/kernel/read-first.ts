import type { CollectedResource } from '../../lake/collected.ts'
import type { AnyTable } from '../../lake/define-table.ts'
import type { CollectDeps } from './collect-deps.ts'
import { callsOf } from './demand-of.ts'
import type { ListedRow } from './list-rows.ts'
import type { PlannedCell } from './planned-cell.ts'
import { otherGroups } from './table-reads.ts'

/** What is not due of a cell, for each listed resource of which it was never read. */
export class ReadFirst {
  readonly #table: AnyTable
  readonly #cell: PlannedCell
  readonly #neverRead: CollectDeps['neverRead']
  #calls: number

  constructor(table: AnyTable, cell: PlannedCell, { neverRead }: Pick<CollectDeps, 'neverRead'>) {
    this.#table = table
    this.#cell = cell
    this.#neverRead = neverRead
    this.#calls = cell.first_reads?.calls ?? 0
  }

  /** By the keys of the rows. */
  async of(rows: readonly ListedRow[]): Promise<ReadonlyMap<string, FirstOfRow>> {
    const { first_reads } = this.#cell
    if (first_reads === undefined || this.#neverRead === undefined || rows.length === 0) return new Map()
    const declared = new Map(otherGroups(this.#table))
    const missing = await this.#neverRead(
      this.#cell.account_id,
      rows.map(({ identity }) => identity),
      first_reads.groups,
    )
    const all = new Map<string, FirstOfRow>()
    for (const [key, groups] of missing) {
      const taken = groups.filter((name) => this.#take(callsOf(declared.get(name))))
      all.set(key, { groups: taken, left: groups.filter((name) => !taken.includes(name)) })
    }
    return all
  }

  #take(calls: number): boolean {
    if (calls > this.#calls) return false
    this.#calls -= calls
    return true
  }
}

interface FirstOfRow {
  groups: readonly string[]
  /** More than the calls that the cell may make. */
  left: readonly string[]
}

/** Said of what was not read, so that nobody takes it for read. */
export function noteLeft(
  resource: CollectedResource,
  left: readonly string[],
  read_at: Date,
): CollectedResource {
  const unread = left.map((name) => [name, { state: 'not_collected' as const, failure: tooMany, read_at }])
  return left.length === 0
    ? resource
    : { ...resource, groups: { ...resource.groups, ...Object.fromEntries(unread) } }
}

const tooMany = {
  code: 'CALL_BUDGET',
  message: 'it is new, and reading this of it would have taken more calls than the cell may make',
  next: 'Nothing to do: the next scans read it, as many as fit; or raise `collect.call_budget`.',
}
