import { sayFailure } from '../core/failure-words.ts'
import { sayState } from '../core/say-state.ts'
import { tellLeft } from '../run/accounts-left.ts'
import { tellUnended, unendedScan } from '../run/last-scan.ts'
import { type CoverageRead, readCoverage } from '../run/read-coverage.ts'
import type { CoverageContext } from './commands/coverage.ts'
import { printCoverageFolds, sayPart } from './print-coverage-folds.ts'
import { refuseUnknownNames } from './refuse-unknown-names.ts'
import { sayCoverage } from './say-coverage.ts'
import { sayNotRead } from './say-not-read.ts'
import { showMoment } from './screen/show-value.ts'
import type { Cell } from './screen/table.ts'
import { withReading } from './with-store.ts'
import { asChunks, writeJsonList } from './write-json-list.ts'

export function showCoverage(context: CoverageContext): Promise<number> {
  return withReading(context, async (db) => {
    const { options, out, json } = context
    const { readKnownNames } = await import('../run/known-names.ts')
    const known = await readKnownNames(db)
    refuseUnknownNames(
      '--account',
      options.account,
      known.accounts,
      'See `stance query "select * from account"`.',
    )
    refuseUnknownNames(
      '--region',
      options.region,
      known.regions,
      'Nothing is known of the region that you named.',
    )
    refuseUnknownNames('--table', options.table, known.tables, 'See `stance tables list`.')
    const { account, region, table } = options
    const wanted = {
      ...(account === undefined ? {} : { accounts: account }),
      ...(region === undefined ? {} : { regions: region }),
      ...(table === undefined ? {} : { tables: table }),
    }
    const config = context.config()
    // The demo is read by no connection of anybody's.
    const settings = { rules: config.rules, connections: context.demo ? [] : config.connections }
    const coverage = await readCoverage(db, settings, wanted)
    const unended = await unendedScan(db)
    if (options.all) return listAll(context, coverage)
    if (json) {
      await writeJsonList(out, asChunks(coverage.folds), {
        total: coverage.folds.length,
        ...coverage.counts,
      })
      return 0
    }
    if (coverage.total > 0 || coverage.counts.cells.read > 0)
      out.flow(out.palette.bold(sayCoverage(coverage.counts)))
    const left = tellLeft(coverage.left)
    if (left !== undefined) out.prose(`${left.said} ${left.next}`)
    if (unended !== undefined) {
      const { said, next } = tellUnended(unended, 'what it had not come to is as it was before.')
      out.prose(out.carry(`${said} ${next}`))
    }
    if (coverage.folds.length === 0) {
      sayNone(context, coverage)
      return 0
    }
    out.line()
    printCoverageFolds(out, coverage.folds)
    out.line()
    const counted = coverage.folds.filter(({ unknown_findings }) => unknown_findings > 0)
    const sums = counted.length > 1 ? ' A verdict may depend on several of these.' : ''
    out.prose(`A cell is one table in one region of one account; a group is one part of a resource.${sums}`)
    out.hint('Each by itself', 'stance coverage --all')
    out.hint('All permissions', 'stance permissions aws')
    return 0
  })
}

/** That nothing was asked for is not that all of it has been read. */
function sayNone({ out, options }: CoverageContext, { counts, not_read }: CoverageRead): void {
  if (counts.cells.read > 0) {
    out.line('Everything that was asked for has been read.')
    return
  }
  const ended = not_read.map(sayNotRead)
  const elsewhere =
    options.region === undefined || ended.length > 0
      ? []
      : ['S3 buckets, and what belongs to no region, are listed under `--region global`.']
  out.prose(['No cell fits.', ...ended, ...elsewhere].join(' '))
}

async function listAll(context: CoverageContext, coverage: CoverageRead): Promise<number> {
  const { out, json } = context
  if (json) {
    await writeJsonList(out, coverage.things(), { total: coverage.total })
    return 0
  }
  if (coverage.total === 0) {
    sayNone(context, coverage)
    return 0
  }
  const rows: Cell[][] = []
  for await (const chunk of coverage.things()) {
    for (const one of chunk) {
      rows.push([
        one.table_name,
        one.group_name === '' ? 'all of it' : one.group_name,
        one.resource_key === '' ? sayPart(one.part) : one.resource_key,
        { text: one.account_id, paint: out.palette.plain },
        sayState(one),
        one.action === '' ? sayFailure(one.code) : one.action,
        showMoment(one.since),
      ])
    }
  }
  const whole = true as const
  out.table(
    [
      { title: 'table' },
      { title: 'what' },
      { title: 'where' },
      { title: 'account', whole },
      { title: 'state', whole },
      { title: 'denied action or reason' },
      { title: 'since (UTC)', whole },
    ],
    rows,
  )
  return 0
}
