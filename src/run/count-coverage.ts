import type { Reader } from '../db/database.ts'
import { unnamedPart } from '../evaluate/unread-scopes.ts'
import { withinRegions } from '../lake/coverage.ts'
import { declaredTables } from './declared-tables.ts'
import type { CoverageFold, CoverageWanted } from './fold-coverage.ts'

/** A cell is one table in one region of one account; a group is one part of a resource's document. */
export interface CoverageCounts {
  cells: { read: number; unread: number; excluded: number }
  groups: { unread: number; excluded: number }
}

/** How much was read and was not: the numbers that every command says. */
export async function countCoverage(
  db: Reader,
  folds: readonly CoverageFold[],
  { accounts, tables, regions }: CoverageWanted,
): Promise<CoverageCounts> {
  const rows = await db.query<{
    account_id: string
    table_name: string
    part: string
    state: string
    n: number
  }>(
    `select account_id, table_name, part, state, count(*) as n from stance.cell
     group by account_id, table_name, part, state`,
  )
  const within = regions === undefined ? undefined : await withinRegions(db, regions)
  const read = rows
    .filter(({ state }) => ['ok', 'absent', 'unsupported'].includes(state))
    // It stood for regions that nobody could name, all of which have names now: there is nothing in it to read.
    .filter(({ part }) => part !== unnamedPart)
    .filter(({ account_id }) => accounts === undefined || accounts.includes(account_id))
    // Cells of a table that Stance no longer has stay in the store, and are nobody's to read.
    .filter(({ table_name }) => (tables ?? declaredTables).includes(table_name))
    .filter(
      ({ part, table_name }) =>
        within === undefined ||
        within.regions.includes(part) ||
        (part === 'global' && within.lists.includes(table_name)),
    )
  const sum = (what: 'cells' | 'groups', excluded: boolean) =>
    folds
      .filter(({ state }) => (state === 'excluded') === excluded)
      .reduce((total, fold) => total + fold[what], 0)
  return {
    cells: {
      read: read.reduce((total, { n }) => total + n, 0),
      unread: sum('cells', false),
      excluded: sum('cells', true),
    },
    groups: { unread: sum('groups', false), excluded: sum('groups', true) },
  }
}
