import type { Verdict } from '../core/verdict.ts'
import { readKnownNames } from '../run/known-names.ts'
import {
  countFindings,
  type FindingCount,
  type FindingFilter,
  type FindingItem,
  streamFindings,
} from '../run/list-findings.ts'
import type { FindingsContext } from './commands/findings.ts'
import { demoSuffix } from './demo-suffix.ts'
import { refuseUnknownNames } from './refuse-unknown-names.ts'
import { ink, join } from './screen/ink.ts'
import { paintSeverity, paintVerdict } from './screen/palette.ts'
import type { Screen } from './screen/screen.ts'
import { counted, showDay, showMoment } from './screen/show-value.ts'
import { showSeverity } from './show-severity.ts'
import { withReading } from './with-store.ts'
import { writeJsonList } from './write-json-list.ts'

export function listFindings(context: FindingsContext): Promise<number> {
  return withReading(context, async (db) => {
    const { options, out, json } = context
    const known = await readKnownNames(db)
    refuseUnknownNames('--rule', options.rule, known.rules, 'See `stance rules list`.')
    refuseUnknownNames(
      '--account',
      options.account,
      known.accounts,
      'See `stance query "select * from account"`.',
    )
    refuseUnknownNames('--region', options.region, known.regions, 'Nothing is known of that region.')
    refuseUnknownNames('--table', options.table, known.tables, 'See `stance tables list`.')
    refuseUnknownNames('--service', options.service, known.services, 'See `stance tables list`.')
    if (options.closed) {
      const { listClosed } = await import('./print-closed-findings.ts')
      return listClosed(context, db)
    }
    const filter = toFilter(options)
    const counts = await countFindings(db, filter)
    const total = counts.reduce((sum, { n }) => sum + n, 0)
    const limit = options.all ? undefined : options.limit
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
    if (total === 0)
      return sayNone(context, await countFindings(db, { ...filter, verdicts: ['fail', 'unknown', 'pass'] }))
    out.line()
    if (options.at !== undefined) out.line(`As it was at ${showMoment(options.at)} UTC.`)
    summarize(out, counts, total, Math.min(total, limit ?? total))
    if (options.verdict === undefined)
      await mentionOthers(context, await countFindings(db, withoutVerdict(filter)))
    out.line(out.palette.dim(`More of one: stance findings show <id>${demoSuffix(context)}`))
    return 0
  })
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

function printGroup(out: Screen, group: readonly FindingItem[]): void {
  const { palette } = out
  const [head] = group
  if (head === undefined) return
  const severity = paintSeverity(palette, head.severity)(showSeverity(head))
  const verdict = paintVerdict(palette, head.verdict)(head.verdict)
  out.line(join([severity, verdict, palette.bold(head.title)], '  '))
  out.line(ink`  ${palette.dim(head.rule_id)}`)
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
  const said = counts.map(({ verdict, severity, n }) => {
    const word = verdict === 'fail' ? severity : `${severity} (${verdict})`
    return paintSeverity(palette, severity)(`${n} ${word}`)
  })
  out.line(ink`${palette.bold(counted(total, 'finding'))}: ${join(said, ', ')}`)
  if (shown < total) out.line(`The first ${shown} are shown; --all shows every one, --limit so many.`)
}

async function mentionOthers(context: FindingsContext, counts: readonly FindingCount[]): Promise<void> {
  const { out } = context
  const unknown = counts.filter(({ verdict }) => verdict === 'unknown').reduce((sum, { n }) => sum + n, 0)
  if (unknown === 0) return
  const said = counted(unknown, 'more could not be judged', 'more could not be judged')
  out.line(
    out.palette.yellow(
      `${said}: \`stance coverage${demoSuffix(context)}\` says which permission would change that.`,
    ),
  )
}

function sayNone({ out, options }: FindingsContext, counts: readonly FindingCount[]): number {
  const of = (verdict: Verdict) =>
    counts.filter((one) => one.verdict === verdict).reduce((sum, { n }) => sum + n, 0)
  const narrowed = Object.entries(options).some(([name, value]) => {
    return !['limit', 'all', 'json', 'demo', 'config', 'sort', 'closed'].includes(name) && value !== undefined
  })
  if (of('pass') + of('unknown') + of('fail') === 0) {
    out.line(narrowed ? 'No finding is like that.' : 'There are no findings.')
    out.line(
      narrowed
        ? 'Leave out a filter, or see what there is: stance findings --verdict any'
        : 'Run `stance scan`; `stance coverage` says what could not be read.',
    )
    return 0
  }
  out.line(
    `None of these. Of what you asked for, ${of('fail')} fail, ${of('pass')} pass, and ${of('unknown')} are unknown.`,
  )
  out.line('See them all: stance findings --verdict any')
  return 0
}
