import type { Verdict } from '../core/verdict.ts'
import { accountsNotRead } from '../run/accounts-not-read.ts'
import { readKnownNames } from '../run/known-names.ts'
import { tellUnended, unendedScan } from '../run/last-scan.ts'
import {
  countFindings,
  type FindingCount,
  type FindingFilter,
  type FindingItem,
  streamFindings,
} from '../run/list-findings.ts'
import type { FindingsContext } from './commands/findings.ts'
import { usage } from './options.ts'
import { pageSize } from './page-size.ts'
import { refuseBeforeFirst } from './refuse-before-first.ts'
import { refuseUnknownNames } from './refuse-unknown-names.ts'
import { repeatFilters } from './repeat-filters.ts'
import { sayNotRead } from './say-not-read.ts'
import { escapeText } from './screen/escape-text.ts'
import { Ink, ink, join } from './screen/ink.ts'
import { paintSeverity, paintVerdict } from './screen/palette.ts'
import type { Screen } from './screen/screen.ts'
import { counted, showDay, showMoment } from './screen/show-value.ts'
import { cutText } from './screen/text-width.ts'
import { showSeverity } from './show-severity.ts'
import { withReading } from './with-store.ts'
import { writeJsonList } from './write-json-list.ts'

export async function listFindings(context: FindingsContext): Promise<number> {
  if (context.options.closed) refuseWithClosed(context.options)
  return withReading(context, async (db) => {
    const { options, out, err, json } = context
    const known = await readKnownNames(db)
    const unjudged = await refuseUnknownRules(context, known.rules)
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
    refuseUnknownNames('--table', options.table, known.tables, 'See `stance tables list`.', true)
    refuseUnknownNames('--service', options.service, known.services, 'See `stance tables list`.')
    if (options.at !== undefined) await refuseBeforeFirst(db, options.at)
    if (options.closed) {
      const { listClosed } = await import('./print-closed-findings.ts')
      return listClosed(context, db)
    }
    for (const id of unjudged)
      err.prose(err.carry(`The rule ${id} is known and has not judged anything yet: \`stance scan\` does.`))
    const filter = toFilter(options)
    const counts = await countFindings(db, filter)
    const total = counts.reduce((sum, { n }) => sum + n, 0)
    const limit = pageSize(options)
    const page = {
      ...(options.sort === undefined ? {} : { sort: options.sort }),
      ...(limit === undefined ? {} : { limit }),
    }
    const items = streamFindings(db, filter, page)
    if (json) {
      await writeJsonList(out, items, { total, counts })
      return 0
    }
    await printItems(out, items)
    const unended = options.at === undefined ? await unendedScan(db) : undefined
    if (unended !== undefined) {
      const { said, next } = tellUnended(unended, 'what it had not come to is as it was before.')
      err.prose(err.carry(`${said} ${next}`))
    }
    if (total === 0) {
      if (unjudged.length > 0 && unjudged.length === options.rule?.length) {
        out.line('There are no findings of it yet.')
        return 0
      }
      const all = await countFindings(db, { ...filter, verdicts: ['fail', 'unknown', 'pass'] })
      const notRead = all.length === 0 ? await accountsNotRead(db, options.account) : []
      const code = sayNone(context, all, unended !== undefined || notRead.length > 0)
      for (const one of notRead) out.prose(sayNotRead(one))
      return code
    }
    out.line()
    if (options.at !== undefined) out.line(`As it was at ${showMoment(options.at)} UTC.`)
    summarize(out, counts, total, Math.min(total, limit ?? total))
    if (options.verdict === undefined) mentionOthers(context, await countFindings(db, withoutVerdict(filter)))
    out.hint('More of one', 'stance findings show <id>')
    return 0
  })
}

/** What is closed has no verdict any more, and a filter that is passed over in silence would mislead. */
function refuseWithClosed({ severity, verdict, service, at, sort }: FindingsContext['options']): void {
  const given = Object.entries({ severity, verdict, service, at, sort }).filter(
    ([, value]) => value !== undefined,
  )
  if (given.length === 0) return
  const flags = given.map(([name]) => `--${name}`).join(', ')
  throw usage(
    `--closed does not go with ${flags}.`,
    'Narrow what is closed with --rule, --account, --region, --table, --resource or --since.',
  )
}

/** A rule that was written since the last scan is not in the store yet; gives back those. */
async function refuseUnknownRules(
  { options, config }: FindingsContext,
  judged: readonly string[],
): Promise<readonly string[]> {
  const unjudged = options.rule?.filter((id) => !judged.includes(id)) ?? []
  if (unjudged.length === 0) return []
  const { loadDeclared } = await import('../run/open-stance.ts')
  const { set } = await loadDeclared(config().rules, () => undefined)
  refuseUnknownNames('--rule', unjudged, [...judged, ...set.rules.keys()], 'See `stance rules list`.', true)
  return unjudged
}

function toFilter(options: FindingsContext['options']): FindingFilter {
  const { severity, verdict, rule, account, region, table, service, resource, since, at } = options
  const verdicts: readonly Verdict[] =
    verdict === undefined
      ? ['fail']
      : verdict.includes('any')
        ? ['fail', 'unknown', 'pass']
        : (verdict as readonly Verdict[])
  return {
    verdicts,
    ...(severity === undefined ? {} : { severities: severity }),
    ...(rule === undefined ? {} : { rules: rule }),
    ...(account === undefined ? {} : { accounts: account }),
    ...(region === undefined ? {} : { regions: region }),
    ...(table === undefined ? {} : { tables: table }),
    ...(service === undefined ? {} : { services: service }),
    ...(resource === undefined ? {} : { resource }),
    ...(since === undefined ? {} : { since }),
    ...(at === undefined ? {} : { at }),
  }
}

function withoutVerdict({ verdicts: _, ...rest }: FindingFilter): FindingFilter {
  return rest
}

/** Findings that follow each other and are of one rule and severity stand under one title. */
export async function printItems(
  out: Screen,
  chunks: AsyncIterable<FindingItem[]> | Iterable<FindingItem[]>,
): Promise<void> {
  let group: FindingItem[] = []
  let first = true
  const flush = () => {
    if (group.length === 0) return
    if (!first) out.line()
    first = false
    printGroup(out, group)
    group = []
  }
  for await (const chunk of chunks) {
    if (out.isLeft) return
    for (const item of chunk) {
      const [head] = group
      if (head !== undefined && groupOf(head) !== groupOf(item)) flush()
      group.push(item)
    }
  }
  flush()
}

function groupOf({ rule_id, severity, severity_max, verdict }: FindingItem): string {
  return [rule_id, severity, severity_max, verdict].join(' ')
}

/** Below it a name would have no room beside the rest. */
const narrow = 100

function printGroup(out: Screen, group: readonly FindingItem[]): void {
  const { palette } = out
  const [head] = group
  if (head === undefined) return
  const severity = paintSeverity(palette, head.severity)(showSeverity(head))
  const verdict = paintVerdict(palette, head.verdict)(head.verdict)
  out.flow(join([severity, verdict, palette.bold(head.title)], '  '), 0, 2)
  out.line(ink`  ${palette.dim(head.rule_id)}`)
  if (out.width < narrow) {
    for (const one of group) {
      const name = cutText(escapeText(one.resource_name), out.width - one.finding_id.length - 4)
      out.line(ink`  ${palette.cyan(one.finding_id)}  ${Ink.raw(name)}`)
      out.prose(`${one.region}  ${one.account_id}  since ${showDay(one.since)}`, 4)
    }
    return
  }
  const whole = true as const
  out.rows(
    [{ title: '', whole }, { title: '' }, { title: '', whole }, { title: '', whole }, { title: '', whole }],
    group.map((one) => [
      { text: one.finding_id, paint: palette.cyan },
      one.resource_name,
      one.region,
      one.account_id,
      { text: `since ${showDay(one.since)}`, paint: palette.dim },
    ]),
    2,
  )
}

function summarize(out: Screen, counts: readonly FindingCount[], total: number, shown: number): void {
  const { palette } = out
  const isOne = counts.every(({ verdict }) => verdict === 'fail')
  const said = counts.map(({ verdict, severity, n }) => {
    const word = isOne && verdict === 'fail' ? severity : `${severity} (${verdict})`
    return paintSeverity(palette, severity)(`${n} ${word}`)
  })
  out.flow(ink`${palette.bold(counted(total, 'finding'))}: ${join(said, ', ')}`)
  if (shown < total)
    out.flow(
      `${shown === 1 ? 'The first is' : `The first ${shown} are`} shown: --all shows every one, --limit <n> as many as you say.`,
    )
}

/** What is unknown may be worse than what fails: a filter does not hide it. */
function mentionOthers({ out, options }: FindingsContext, counts: readonly FindingCount[]): void {
  const unknown = numberOf(counts, 'unknown')
  if (unknown === 0) return
  const { severity } = options
  const asked = repeatFilters(options, [...filters, 'at'])
  const may = severity === undefined ? '' : ` and may be ${severity.join(' or ')}`
  // Where nothing else was judged they have been told.
  const isAll = counts.every(({ verdict }) => verdict === 'unknown')
  const those = unknown === 1 ? 'It' : 'They'
  const said = `${isAll ? those : counted(unknown, 'more', 'more')} could not be judged${may}`
  const { palette } = out
  out.hint(said, `stance findings --verdict unknown${asked}`, palette.yellow)
  // What they hang on may be of another table, service or region.
  out.hint('What would change that', `stance coverage${repeatFilters(options, ['account'])}`, palette.yellow)
}

function numberOf(counts: readonly FindingCount[], verdict: Verdict): number {
  return counts.filter((one) => one.verdict === verdict).reduce((sum, { n }) => sum + n, 0)
}

const filters = ['severity', 'rule', 'account', 'region', 'table', 'service', 'resource', 'since'] as const

function isNarrowed(options: FindingsContext['options']): boolean {
  return [...filters, 'verdict' as const].some((name) => options[name] !== undefined)
}

function sayNone(context: FindingsContext, counts: readonly FindingCount[], isRunning: boolean): number {
  const { out, options } = context
  const fail = numberOf(counts, 'fail')
  const unknown = numberOf(counts, 'unknown')
  const pass = numberOf(counts, 'pass')
  const narrowed = options.at !== undefined || isNarrowed(options)
  if (counts.length === 0 && options.at !== undefined && !isNarrowed(options)) {
    out.line(`Nothing had been judged yet at ${showMoment(options.at)} UTC.`)
    return 0
  }
  if (counts.length === 0) {
    if (isRunning && !narrowed) {
      out.line('There are no findings yet.')
      return 0
    }
    out.line(narrowed ? 'No finding is like that.' : 'There are no findings.')
    out.flow(
      out.carry(
        narrowed
          ? `Leave out a filter, or see what there is: stance findings --verdict any${repeatFilters(options, ['at'])}`
          : 'Run `stance scan`; `stance coverage` says what could not be read.',
      ),
    )
    return 0
  }
  if (options.verdict === undefined) {
    const judged = `${pass} pass${unknown === 0 ? '' : `, ${unknown} ${unknown === 1 ? 'is' : 'are'} unknown`}.`
    // What nobody could judge is not fine.
    if (pass === 0) out.flow(out.palette.yellow(`Nothing could be judged: ${unknown} unknown.`))
    else if (unknown > 0) out.flow(`Of what could be judged, nothing fails: ${judged}`)
    else out.flow(narrowed ? `None of these fails; ${judged}` : `Nothing fails; ${judged}`)
    mentionOthers(context, counts)
  } else out.flow(`None of these. Of what you asked for, ${fail} fail, ${unknown} are unknown, ${pass} pass.`)
  const asked = repeatFilters(options, [...filters, 'at'])
  out.hint('See them all', `stance findings --verdict any${asked}`, out.palette.plain)
  return 0
}
