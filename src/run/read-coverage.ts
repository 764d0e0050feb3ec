import type { Reader } from '../db/database.ts'
import { coverage, type Unknown, withinRegions } from '../lake/coverage.ts'
import { type CoverageCounts, countCoverage } from './count-coverage.ts'
import { type CoverageFold, type CoverageWanted, foldCoverage } from './fold-coverage.ts'
import { type UnendedScan, unendedScan } from './last-scan.ts'
import { loadDeclared } from './open-stance.ts'
import type { RunSettings } from './run-settings.ts'

export interface CoverageRead {
  folds: CoverageFold[]
  counts: CoverageCounts
  /** Cells and groups that are unread, one by one. */
  total: number
  things(): AsyncIterable<Unknown[]>
}

/** What is not known, by reason and one by one. */
export async function readCoverage(
  db: Reader & { throughHolder?: boolean },
  settings: Pick<RunSettings, 'rules'>,
  wanted: CoverageWanted,
): Promise<CoverageRead> {
  const { set } = await loadDeclared(settings.rules, () => undefined)
  const unended = await unendedScan(db)
  const folds = (await foldCoverage(db, set, wanted)).map((fold) => {
    if (fold.state !== 'not_collected') return fold
    const message = 'no scan has read it yet'
    if (unended?.isWhole && fold.code === 'NOT_ASKED_FOR') return { ...fold, message, next: nextOf(unended) }
    if (fold.code !== '') return fold
    // It was planned, and its scan did not come so far.
    const next = unended === undefined ? 'Run `stance scan --resume`.' : nextOf(unended)
    return { ...fold, message, next }
  })
  const { accounts, tables, regions } = wanted
  const filter = {
    ...(accounts === undefined ? {} : { accounts }),
    ...(tables === undefined ? {} : { tables }),
    ...(regions === undefined ? {} : { within: await withinRegions(db, regions) }),
  }
  return {
    folds,
    counts: await countCoverage(db, folds, wanted),
    total: folds.reduce((sum, fold) => sum + fold.cells + fold.groups, 0),
    things: () => coverage(db, filter),
  }
}

function nextOf({ alive }: UnendedScan): string {
  if (alive === 'yes') return 'Let the scan that is running end.'
  if (alive === 'no') return 'Run `stance scan --resume`: the last scan was cut off.'
  return 'Let the scan that has not ended end; if it was cut off, run `stance scan --resume`.'
}
