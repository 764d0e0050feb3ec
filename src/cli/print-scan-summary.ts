import type { StanceError } from '../core/errors.ts'
import { type Severity, severities } from '../core/severity.ts'
import type { Verdict } from '../core/verdict.ts'
import { tellLeft } from '../run/accounts-left.ts'
import type { ScanSummary } from '../run/summarize-scan.ts'
import { printCoverageFolds } from './print-coverage-folds.ts'
import { printSteps } from './print-steps.ts'
import { hasChanged, nothingNew, sayChanges } from './say-changes.ts'
import { sayCoverage } from './say-coverage.ts'
import { sayNoneOn } from './say-not-read.ts'
import { ink } from './screen/ink.ts'
import { paintSeverity } from './screen/palette.ts'
import type { Screen } from './screen/screen.ts'
import { counted, showBytes, showDuration } from './screen/show-value.ts'
import type { Cell } from './screen/table.ts'

export interface SummaryOptions {
  failOn: Severity | 'never'
  code: number
  failed: readonly { connection: string; error: StanceError }[]
  /** Findings changed before anything was read: rules are new, or are others than they were. */
  judgedBefore?: boolean
  /** What to do next, where it is not what follows a scan. */
  next?: (out: Screen) => void
}

/** The end of a scan: what was found, what is not known, what it cost, what to do next. */
export function printScanSummary(out: Screen, summary: ScanSummary, options: SummaryOptions): void {
  const { palette } = out
  const { resources, accounts, state } = summary
  const reach = sayReach(summary, options.judgedBefore ?? false)
  if (reach !== '') {
    out.prose(reach)
    out.line()
  }
  const unread = summary.accounts_not_read
  const { accounts_empty: empty } = summary
  const none =
    empty === 0
      ? ''
      : `; ${counted(empty, 'more account')} that ${empty === 1 ? 'was' : 'were'} read ${empty === 1 ? 'has' : 'have'} none`
  const others = unread === 0 ? '' : `; of ${counted(unread, 'more account')} nothing could be read`
  out.flow(
    ink`${palette.bold(counted(resources, 'resource'))} in ${counted(accounts, 'account')}${none}${others}`,
  )
  const left = tellLeft(summary.accounts_left)
  if (left !== undefined) out.prose(`${left.said} ${left.next}`)
  out.line()
  printSeverities(out, summary)
  printAtLeast(out, summary)
  printEvents(out, summary)
  out.line()
  if (state !== 'interrupted' || summary.coverage.length + summary.coverage_outside.length > 0) {
    printCoverage(out, summary)
    out.line()
  }
  printCost(out, summary)
  out.line()
  if (options.next === undefined) printNext(out, summary, options)
  else options.next(out)
}

/** How far this scan went, where that is not all there is. */
function sayReach({ state, cells, narrowed_by, read_too }: ScanSummary, judged_before: boolean): string {
  const tried = cells === undefined ? 'nothing yet' : `${cells.read} of ${counted(cells.planned, 'cell')}`
  const asked = narrowed_by === '' ? '' : `, narrowed by ${narrowed_by},`
  if (state === 'interrupted')
    return cells?.read === 0
      ? `The scan${asked} was stopped before it had tried any of ${counted(cells.planned, 'cell')}: all is as it was.`
      : `The scan${asked} was stopped: it had tried ${tried}. That is kept and judged; the rest is as it was.`
  if (narrowed_by === '') return ''
  const names = read_too.length > 4 ? counted(read_too.length, 'table') : read_too.join(', ')
  const judgedToo = judged_before
    ? ' Rules that are new or changed were judged there, too, by what was read before.'
    : ''
  const too = read_too.length === 0 ? '' : ` Facts of it are made of ${names}, so that is read, too.`
  return `This scan was narrowed by ${narrowed_by}: it tried ${tried}.${too} What lies outside ${judged_before ? 'is not read' : 'stays as it was'}, and is not counted here.${judgedToo}`
}

/** Whose the numbers of coverage are, where they are not this scan's alone. */
function sayWhose({ state, narrowed_by, cells, accounts_left }: ScanSummary): string {
  if (state === 'interrupted' || (narrowed_by === '' && accounts_left.length > 0))
    return ' (with what earlier scans read)'
  const before = cells?.not_due ?? 0
  const said = [
    ...(narrowed_by === '' ? [] : ['within what was asked for']),
    ...(before === 0 ? [] : [`${counted(before, 'cell')} read before, and not due again`]),
  ]
  return said.length === 0 ? '' : ` (${said.join('; ')})`
}

function printSeverities(out: Screen, { findings }: ScanSummary): void {
  const { palette } = out
  const number = (count: number, paint = palette.plain): Cell =>
    count === 0 ? { text: 0, paint: palette.dim } : { text: count, paint }
  out.table(
    [
      { title: 'severity', whole: true },
      { title: 'fail', align: 'right', whole: true },
      { title: 'unknown', align: 'right', whole: true },
      { title: 'pass', align: 'right', whole: true },
    ],
    [...severities]
      .reverse()
      .filter((severity) => severity !== 'info' || Object.values(findings.info).some((n) => n > 0))
      .map((severity) => {
        const { fail, unknown, pass } = findings[severity]
        const paint = paintSeverity(palette, severity)
        return [
          { text: severity, paint },
          number(fail, paint),
          number(unknown, palette.yellow),
          number(pass, palette.green),
        ]
      }),
    2,
  )
}

function printAtLeast(out: Screen, { at_least }: ScanSummary): void {
  const count = at_least.filter(({ verdict }) => verdict === 'fail').reduce((sum, { n }) => sum + n, 0)
  const unknown = at_least.filter(({ verdict }) => verdict === 'unknown')
  const mayBe = [...severities].reverse().flatMap((severity) => {
    const n = unknown.reduce((sum, one) => sum + (one.severity_max === severity ? one.n : 0), 0)
    return n === 0 ? [] : [`${n} may be ${severity}`]
  })
  if (count + mayBe.length === 0) return
  out.line()
  const told = [
    ...(count === 0 ? [] : [`${counted(count, 'failing one')} may be more severe`]),
    ...(mayBe.length === 0 ? [] : [`of the unknown, ${mayBe.join(', ')}`]),
  ].join('; ')
  const may = `${told[0]?.toUpperCase()}${told.slice(1)}: whether the resource is public could not be read.`
  out.flow(out.palette.yellow(may), 2)
}

function printEvents(out: Screen, summary: ScanSummary): void {
  const { outside } = summary
  if (summary.is_first) return
  out.line()
  out.flow(`Since the scan before: ${sayChanges(summary, { nothing: nothingNew })}.`, 2)
  // No later scan says it again.
  if (hasChanged(outside)) out.flow(`Outside of what was asked for: ${sayChanges(outside)}.`, 2)
}

function printCoverage(out: Screen, summary: ScanSummary): void {
  const { palette } = out
  const { coverage, coverage_counts } = summary
  const { cells, groups } = coverage_counts
  const paint = cells.unread + groups.unread > 0 ? palette.yellow : palette.green
  const title = palette.bold('Coverage')
  out.flow(ink`${title}  ${paint(sayCoverage(coverage_counts))}${palette.dim(sayWhose(summary))}`)
  if (coverage.length > 0) printCoverageFolds(out, coverage, { most: 6 })
  const { coverage_outside: outside } = summary
  if (outside.length === 0) return
  out.flow('What else is unknown above hangs on what lies outside of what was asked for:', 2)
  printCoverageFolds(out, outside, { most: 3 })
}

function printCost(out: Screen, { cost, started_at, ended_at }: ScanSummary): void {
  const { palette } = out
  if (cost === undefined) return
  const byService = new Map<string, number>()
  for (const { service, calls } of cost.operations)
    byService.set(service, (byService.get(service) ?? 0) + calls)
  const services = [...byService].sort((a, b) => b[1] - a[1])
  const most = services.slice(0, 6).map(([service, calls]) => `${service} ${calls}`)
  const others = services.slice(most.length)
  const rest = others.reduce((sum, [, calls]) => sum + calls, 0)
  if (others.length > 0) most.push(`${counted(others.length, 'other service')} ${rest}`)
  const spent = ended_at === null ? '' : `, ${showDuration(ended_at.getTime() - started_at.getTime())}`
  out.flow(
    ink`${palette.bold('Cost')}  ${counted(cost.calls, 'call')}, ${cost.throttles} throttled, ${showBytes(cost.bytes)}${spent}`,
  )
  if (most.length > 0) out.flow(palette.dim(most.join(' · ')), 2)
}

function printNext(out: Screen, summary: ScanSummary, options: SummaryOptions): void {
  const { findings, state, coverage, narrowed_by } = summary
  const { palette } = out
  const { failOn, code, failed } = options
  for (const { connection, error } of failed)
    out.flow(
      palette.yellow(
        `The ${error.code === 'COLLECT_ORGANIZATION' ? `organization of the connection "${connection}" could not be read` : `connection "${connection}" could not be used`}: ${out.carry('`stance doctor`')} says why.`,
      ),
    )
  const numberOf = (verdict: Verdict) => Object.values(findings).reduce((sum, one) => sum + one[verdict], 0)
  const failing = numberOf('fail')
  const asked = narrowed_by === '' ? '' : ` ${narrowed_by}`
  const next: [string, string][] = []
  if (state === 'interrupted') next.push(['stance scan --resume', 'go on where it stopped'])
  if (failing > 0) next.push([`stance findings${asked}`, 'what fails, worst first'])
  else if (numberOf('pass') > 0)
    next.push([`stance findings${asked} --verdict any`, 'what was judged; none of it fails'])
  else if (numberOf('unknown') > 0)
    next.push([`stance findings${asked} --verdict unknown`, 'what could not be judged'])
  if (coverage.length > 0) next.push([`stance coverage`, 'all that could not be read'])
  if (next.length === 0)
    next.push(
      summary.accounts_off.length > 0
        ? ['stance findings --closed', 'what there was']
        : ['stance resources', 'what was found'],
    )
  out.line(palette.bold('Next'))
  printSteps(out, next)
  if (summary.accounts_off.length > 0)
    out.flow(palette.dim(`(exit code 2: ${sayNoneOn(summary.accounts_off)})`))
  else if (summary.entered_none)
    out.flow(palette.dim('(exit code 2: no account could be entered, so this scan read nothing)'))
  if (code === 1) out.flow(palette.dim(`(exit code 1: something of severity ${failOn} or above fails)`))
  if (code === 3) out.flow(palette.dim(`(exit code 3: ${sayUnknown(summary, failOn)})`))
}

function sayUnknown({ unlisted, accounts_not_read }: ScanSummary, failOn: Severity | 'never'): string {
  if (unlisted.length > 0) return 'there may be accounts that nobody could name, and nothing is known of them'
  if (accounts_not_read > 0)
    return `nothing is known of ${counted(accounts_not_read, 'account')} that could not be entered`
  return `something that is or may be of severity ${failOn} or above is unknown`
}
