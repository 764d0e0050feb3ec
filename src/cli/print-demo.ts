import { runDemo } from '../run/run-demo.ts'
import type { DemoContext } from './commands/demo.ts'
import { endOnInterrupt, interruptedCode } from './end-on-interrupt.ts'
import { ofDemo } from './load-context.ts'
import { printItems } from './print-findings.ts'
import { printScanSummary } from './print-scan-summary.ts'
import { followScan } from './scan-progress.ts'
import { ink } from './screen/ink.ts'
import type { Screen } from './screen/screen.ts'
import { showMoment } from './screen/show-value.ts'

export async function demoCommand(context: DemoContext): Promise<number> {
  const { out, err, json, options } = context
  const config = context.demo ? context.config() : ofDemo(context.config())
  if (!json) {
    err.flow('The demo replays the recorded answers of a made-up company. Nothing leaves this machine.')
    err.line()
  }
  const interrupt = endOnInterrupt(() => json || err.line('Stopping.'))
  const follow = followScan({ out, err, json, location: config.data_directory, signal: interrupt.signal })
  try {
    const result = await runDemo({
      settings: config,
      store: config.database,
      recording: options.recording,
      logger: context.logger(),
      signal: interrupt.signal,
      report: follow.report,
    })
    follow.end()
    if (json) {
      out.jsonLine({ kind: 'summary', ...result })
      return result.state === 'interrupted' ? interruptedCode : 0
    }
    err.line()
    out.heading('The demo company')
    out.flow(
      `Recorded and judged at ${showMoment(result.recorded_at)} UTC: ages and "last used" count from that moment.`,
    )
    out.line()
    if (result.worst.length > 0) {
      out.heading('The worst of it')
      out.line()
      await printItems(out, [result.worst])
      out.line()
    }
    printScanSummary(out, result, {
      failOn: 'never',
      code: 0,
      failed: follow.failed(),
      next: (screen) => printNext(screen, result.worst[0]?.finding_id),
    })
    return result.state === 'interrupted' ? interruptedCode : 0
  } finally {
    follow.end()
    interrupt.release()
  }
}

function printNext(out: Screen, worst = '<id>'): void {
  const { palette, command } = out
  const lines: [string, string][] = [
    [`${command} findings --demo`, 'what fails, worst first'],
    [`${command} findings show ${worst} --demo`, 'the first of them: evidence, why, fix'],
    [`${command} coverage --demo`, 'what could not be read, and which permission would change that'],
    [`${command} query --demo "select bucket_name, region, is_public from aws_s3_bucket"`, 'ask with SQL'],
    [`${command} scan`, 'your own account, with your AWS credentials'],
  ]
  out.heading('Try next')
  for (const [line, what] of lines) {
    out.line(ink`  ${palette.cyan(line)}`)
    out.flow(palette.dim(what), 6)
  }
}
