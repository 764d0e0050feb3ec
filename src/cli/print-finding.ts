import { type FindingShown, showFinding } from '../run/show-finding.ts'
import type { FindingContext } from './commands/findings-show.ts'
import { hasEvidence, printEvidence } from './print-evidence.ts'
import { printFix } from './print-fix.ts'
import { printUnread } from './print-unread.ts'
import { sayClosed } from './say-closed.ts'
import { ink, join } from './screen/ink.ts'
import { paintSeverity, paintVerdict } from './screen/palette.ts'
import type { Screen } from './screen/screen.ts'
import { showMoment } from './screen/show-value.ts'
import type { Cell } from './screen/table.ts'
import { shellWord } from './shell-word.ts'
import { saySeverity, showSeverity } from './show-severity.ts'
import { withReading } from './with-store.ts'

export function printFinding(context: FindingContext): Promise<number> {
  return withReading(context, async (db) => {
    const { out, json, args } = context
    const finding = await showFinding(db, args[0] ?? '', context.config().rules)
    if (json) out.json(finding)
    else print(out, finding)
    return 0
  })
}

function print(out: Screen, finding: FindingShown): void {
  const { palette } = out
  const closed = finding.status === 'closed'
  out.heading(finding.title)
  out.line()
  const verdict = paintVerdict(palette, finding.verdict)(finding.verdict)
  if (closed) {
    out.flow(
      join([
        palette.bold('closed'),
        ink` on ${showMoment(finding.closed_at)} UTC: ${sayClosed(finding.closed_as, finding.definite_verdict !== '')}; it was ${verdict}`,
      ]),
    )
    out.line()
  }
  const pairs: [string, Cell][] = [
    ...(closed
      ? []
      : [
          ['verdict', { text: finding.verdict, paint: paintVerdict(palette, finding.verdict) }] as [
            string,
            Cell,
          ],
          ['since', `${showMoment(finding.since)} UTC`] as [string, Cell],
        ]),
    ['severity', { text: saySeverity(finding), paint: paintSeverity(palette, finding.severity) }],
    ['resource', finding.resource_name],
    ['key', finding.resource_key],
    ['table', finding.table_name],
    ['account', account(finding)],
    ['region', finding.region],
    ['rule', finding.rule_id],
    ['first seen', `${showMoment(finding.first_seen)} UTC`],
    [
      'first failed',
      showMoment(finding.first_failed_at) === 'never'
        ? 'never'
        : `${showMoment(finding.first_failed_at)} UTC`,
    ],
    ...(finding.verdict === 'unknown' && finding.definite_verdict !== ''
      ? [
          ['last known', `${finding.definite_verdict}, since ${showMoment(finding.definite_since)} UTC`] as [
            string,
            Cell,
          ],
        ]
      : []),
    ['id', finding.finding_id],
  ]
  out.pairs(pairs)
  printUnread(out, finding)
  if (hasEvidence(finding.evidence)) {
    out.line()
    out.heading('Evidence')
    printEvidence(out, finding.evidence, finding.resource_key, finding.absent_tables)
  }
  printRule(out, finding)
  printTimeline(out, finding)
  out.line()
  out.hint('The resource', `stance resources show ${shellWord(finding.resource_key)}`)
}

function account({ account_id, account_name }: FindingShown): string {
  return account_name === account_id ? account_id : `${account_id} (${account_name})`
}

function printRule(out: Screen, finding: FindingShown): void {
  const { why, fix, references, nist_800_53 } = finding
  const { palette } = out
  if (why !== '') {
    out.line()
    out.heading('Why')
    out.prose(why.replaceAll('\n', ' '), 2)
  }
  if (fix === null) return
  out.line()
  out.heading('Fix')
  printFix(out, fix)
  out.line()
  if (nist_800_53.length > 0) out.flow(ink`${palette.dim('NIST 800-53:')} ${nist_800_53.join(', ')}`)
  for (const reference of references) out.line(palette.dim(reference))
}

/** What was said to people, beside the verdict that stands in the line. */
const happened: Readonly<Record<string, string>> = {
  failed: 'it fails for the first time',
  reopened: 'it fails again',
  resolved: 'it was mended',
  severity: 'another severity',
}

/** Intervals, oldest first, with what people heard of. */
function printTimeline(out: Screen, { intervals, events }: FindingShown): void {
  const { palette } = out
  const said = new Map(events.map(({ happened_at, kind }) => [happened_at.getTime(), kind]))
  out.line()
  out.heading('Timeline')
  const whole = true as const
  const wasJudged = intervals.some(({ verdict }) => verdict !== 'unknown')
  const rows = intervals.toReversed().flatMap((one): Cell[][] => {
    const kind = said.get(one.valid_from.getTime()) ?? ''
    const row: Cell[] = [
      showMoment(one.valid_from),
      { text: one.verdict, paint: paintVerdict(palette, one.verdict) },
      showSeverity(one),
      { text: happened[kind] ?? kind, paint: palette.dim },
    ]
    const ended = one.closed_as !== '' && one.valid_to !== null
    return ended
      ? [
          row,
          [
            showMoment(one.valid_to),
            'closed',
            '',
            { text: sayClosed(one.closed_as, wasJudged), paint: palette.dim },
          ],
        ]
      : [row]
  })
  out.table(
    [
      { title: 'from (UTC)', whole },
      { title: 'verdict', whole },
      { title: 'severity', whole },
      { title: 'event' },
    ],
    rows,
    2,
  )
}
