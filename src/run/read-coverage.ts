import type { Reader } from '../db/database.ts'
import { type AccountState, readAccounts } from '../lake/accounts.ts'
import { coverage, type Unknown, withinRegions } from '../lake/coverage.ts'
import { type AccountLeft, accountsLeft, readOfLeft } from './accounts-left.ts'
import { accountsNotRead } from './accounts-not-read.ts'
import { type CoverageCounts, countCoverage } from './count-coverage.ts'
import { declaredTables } from './declared-tables.ts'
import { type CoverageFold, type CoverageWanted, foldCoverage } from './fold-coverage.ts'
import { tellNotRead } from './not-read-yet.ts'
import { loadDeclared } from './open-stance.ts'
import type { RunSettings } from './run-settings.ts'

export interface CoverageRead {
  folds: CoverageFold[]
  counts: CoverageCounts
  /** Accounts among them that no connection reads now. */
  left: AccountLeft[]
  /** Those that were asked for by name and of which nothing is read: they are off, or closed. */
  not_read: { account_id: string; state: AccountState }[]
  /** Cells and groups that are unread, one by one. */
  total: number
  things(): AsyncIterable<Unknown[]>
}

/** What is not known, by reason and one by one. */
export async function readCoverage(
  db: Reader & { throughHolder?: boolean },
  settings: Pick<RunSettings, 'rules' | 'connections'>,
  wanted: CoverageWanted,
): Promise<CoverageRead> {
  const { set } = await loadDeclared(settings.rules, () => undefined)
  const folds = await tellNotRead(db, await foldCoverage(db, set, wanted))
  const { accounts, tables, regions } = wanted
  const known = await readAccounts(db)
  const left = await accountsLeft(db, known, settings.connections)
  const filter = {
    ...(accounts === undefined ? {} : { accounts }),
    tables: tables ?? declaredTables,
    ...(regions === undefined ? {} : { within: await withinRegions(db, regions) }),
  }
  return {
    folds,
    left: await readOfLeft(
      db,
      left.filter((id) => accounts?.includes(id) ?? true),
    ),
    not_read: await accountsNotRead(db, accounts),
    counts: await countCoverage(db, folds, wanted),
    total: folds.reduce((sum, fold) => sum + fold.cells + fold.groups, 0),
    things: () => coverage(db, filter),
  }
}
