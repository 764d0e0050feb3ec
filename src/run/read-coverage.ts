import type { Reader } from '../db/database.ts'
import { coverage, type Unknown } from '../lake/coverage.ts'
import { type CoverageFold, type CoverageWanted, foldCoverage } from './fold-coverage.ts'
import { loadDeclared } from './open-stance.ts'
import type { RunSettings } from './run-settings.ts'

export interface CoverageRead {
  folds: CoverageFold[]
  /** Lists (a table in a region of an account): how many were read, were not, were left out. */
  cells: { read: number; unread: number; excluded: number }
  /** Lists and settings that are unread, one by one. */
  total: number
  things(): AsyncIterable<Unknown[]>
}

/** What is not known, by reason and one by one. */
export async function readCoverage(
  db: Reader,
  settings: Pick<RunSettings, 'rules'>,
  wanted: CoverageWanted,
): Promise<CoverageRead> {
  const { set } = await loadDeclared(settings.rules)
  const folds = await foldCoverage(db, set, wanted)
  const { accounts, tables, regions } = wanted
  const filter = {
    ...(accounts === undefined ? {} : { accounts }),
    ...(tables === undefined ? {} : { tables }),
    ...(regions === undefined ? {} : { parts: regions }),
  }
  const cells = { read: 0, unread: 0, excluded: 0 }
  for (const { state, account_id, table_name, part, n } of await cellStates(db)) {
    if (accounts !== undefined && !accounts.includes(account_id)) continue
    if (tables !== undefined && !tables.includes(table_name)) continue
    if (regions !== undefined && !regions.includes(part)) continue
    const kind = state === 'excluded' ? 'excluded' : state === 'ok' || state === 'absent' ? 'read' : 'unread'
    cells[kind] += n
  }
  return {
    folds,
    cells,
    total: folds.reduce((sum, fold) => sum + fold.cells + fold.groups, 0),
    things: () => coverage(db, filter),
  }
}

function cellStates(db: Reader) {
  return db.query<{ account_id: string; table_name: string; part: string; state: string; n: number }>(
    `select account_id, table_name, part, state, count(*) as n from stance.cell
     group by account_id, table_name, part, state`,
  )
}
