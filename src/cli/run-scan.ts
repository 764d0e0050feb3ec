import { systemClock } from '../core/clock.ts'
import { StanceError } from '../core/errors.ts'
import { isAtLeast, type Severity } from '../core/severity.ts'
import { logScan } from '../run/log-scan.ts'
import { openStance } from '../run/open-stance.ts'
import { openStore } from '../run/open-store.ts'
import { recordScan } from '../run/record-scan.ts'
import { type ScanNarrowing, scan } from '../run/scan.ts'
import { type ScanSummary, summarizeScan } from '../run/summarize-scan.ts'
import type { ScanContext } from './commands/scan.ts'
import { endOnInterrupt, interruptedCode } from './end-on-interrupt.ts'
import { printScanSummary } from './print-scan-summary.ts'
import { refuseUnknownScope } from './refuse-unknown-scope.ts'
import { followScan } from './scan-progress.ts'
import { counted } from './screen/show-value.ts'

export async function runScan(context: ScanContext): Promise<number> {
  const { options, out, err, json } = context
  const config = context.config()
  const { failOn, failOnUnknown } = endingOf(options, config.scan)
  const narrowing = toNarrowing(options)
  const db = await openStore(config.database)
  let tell = (text: string) => {
    if (json) return
    err.line()
    err.flow(text)
  }
  const interrupt = endOnInterrupt(
    () => {
      tell('Stopping: what is being read now is given up or ends first. Ctrl-C again stops at once.')
    },
    () => json || err.flow(err.carry('Stopped. What had been read is kept: `stance scan --resume` goes on.')),
  )
  try {
    const stance = await openStance(db, {
      settings: config,
      clock: systemClock,
      logger: context.logger(),
      onProgress: (what) => json || interrupt.signal.aborted || err.line(`${what}…`),
    })
    await refuseUnknownScope(stance, narrowing)
    const log = logScan(context.logger())
    const follow = followScan({ out, err, json, location: db.location, signal: interrupt.signal })
    tell = follow.say
    const { record_directory } = config.collect
    const recorder =
      record_directory === undefined
        ? undefined
        : await recordScan(stance, record_directory, config.data_directory)
    try {
      const record = await scan(stance, {
        settings: config,
        narrowing,
        resume: options.resume,
        signal: interrupt.signal,
        report: (event) => {
          log(event)
          follow.report(event)
          if (json || event.kind !== 'scan_started' || !options.resume || event.resumed_from != null) return
          const all = Object.keys(narrowing).length === 0 ? 'everything' : 'all that was asked for'
          err.line(`No scan was cut off, so there is nothing to go on with: this scan reads ${all}.`)
        },
        ...(recorder === undefined ? {} : { listen: recorder.listen }),
        ...(options.faults === undefined ? {} : { faults: options.faults }),
      })
      follow.end()
      const summary = await summarizeScan(db, stance.set, record, narrowing)
      const code = exitCode(summary, failOn, failOnUnknown)
      if (json) out.jsonLine({ kind: 'summary', ...summary, exit_code: code })
      else {
        err.line()
        printScanSummary(out, summary, {
          failOn,
          code,
          failed: follow.failed(),
          judgedBefore: follow.judgedBefore() || stance.opened.has_new_rules,
        })
      }
      if (recorder !== undefined) sayRecorded(context, await recorder.close())
      return code
    } finally {
      follow.end()
      // Where the scan failed: what was heard until then is worth having, and its own error is the one to tell.
      await recorder?.close().catch(() => undefined)
    }
  } finally {
    interrupt.release()
    await db.close()
  }
}

function sayRecorded(
  { err, json }: ScanContext,
  { exchanges, unrecorded }: Awaited<ReturnType<Awaited<ReturnType<typeof recordScan>>['close']>>,
): void {
  for (const { service, operation, reason } of unrecorded)
    err.flow(err.palette.yellow(`Not recorded: ${service}:${operation}: ${reason}`))
  if (!json) err.line(err.palette.dim(`${counted(exchanges, 'answer')} recorded.`))
}

function toNarrowing(options: ScanContext['options']): ScanNarrowing {
  const { account, region, service, table, rule } = options
  return {
    ...(account === undefined ? {} : { accounts: account }),
    ...(region === undefined ? {} : { regions: region }),
    ...(service === undefined ? {} : { services: service }),
    ...(table === undefined ? {} : { tables: table }),
    ...(rule === undefined ? {} : { rules: rule }),
  }
}

/** When the scan does not end with 0. What is typed goes before what is set. */
function endingOf(
  typed: ScanContext['options'],
  set: { fail_on: Severity | 'never'; fail_on_unknown: boolean },
): { failOn: Severity | 'never'; failOnUnknown: boolean } {
  const failOn = typed.failOn ?? set.fail_on
  const failOnUnknown = typed.failOnUnknown || (set.fail_on_unknown && typed.failOn !== 'never')
  if (failOn !== 'never' || !failOnUnknown) return { failOn, failOnUnknown }
  const never = typed.failOn === undefined ? '`scan.fail_on: never`' : '`--fail-on never`'
  const unknown = typed.failOnUnknown ? '`--fail-on-unknown`' : '`scan.fail_on_unknown`'
  throw new StanceError(
    'CLI_USAGE',
    `${never} ends with 0 whatever is found, and ${unknown} asks for 3 where something of a severity is unknown.`,
    {
      next: 'Say of which severity, as in `--fail-on critical --fail-on-unknown`, or leave one of them out.',
    },
  )
}

/** 1 before 3: something that fails is worse news than something that is not known. */
export function exitCode(summary: ScanSummary, failOn: Severity | 'never', failOnUnknown: boolean): number {
  if (summary.state === 'interrupted') return interruptedCode
  // Whatever is remembered of them: this scan could not run.
  if (summary.entered_none) return 2
  if (failOn === 'never') return 0
  const at = Object.entries(summary.findings).filter(([severity]) => isAtLeast(severity as Severity, failOn))
  if (at.some(([, counts]) => counts.fail > 0)) return 1
  if (!failOnUnknown) return 0
  // Accounts that nobody could name, or enter, may hold anything.
  if (summary.unlisted.length > 0 || summary.accounts_not_read > 0) return 3
  const mayBe = summary.at_least.some(
    ({ verdict, severity_max }) => verdict !== 'pass' && isAtLeast(severity_max, failOn),
  )
  return mayBe || at.some(([, counts]) => counts.unknown > 0) ? 3 : 0
}
