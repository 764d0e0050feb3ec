import { relative } from 'node:path'
import {
  type LintReport,
  lintRules,
  lintSettings,
  ruleDirectories,
  unitDirectories,
} from '../run/lint-rules.ts'
import type { LintContext } from './commands/rules-lint.ts'
import { printNext } from './print-next.ts'
import type { Screen } from './screen/screen.ts'
import { counted } from './screen/show-value.ts'
import { shellWord } from './shell-word.ts'

export async function lintCommand({ args, out, json, config, cwd }: LintContext): Promise<number> {
  const { rules, file } = config()
  const own = rules.directories
  const report = await lintRules(args.length > 0 ? args : unitDirectories(own), cwd, ruleDirectories(own))
  if (args.length === 0) report.problems.push(...(await lintSettings(rules, file ?? 'stance.yaml')))
  const code = report.problems.length > 0 ? 1 : 0
  if (json) {
    out.json({ files: report.files, items: report.problems, total: report.problems.length })
    return code
  }
  printProblems(out, report, cwd)
  if (code === 0) out.flow(out.palette.green(`${counted(report.files, 'file')}, no problem.`))
  else
    out.flow(
      out.palette.red(`${counted(report.problems.length, 'problem')} in ${counted(report.files, 'file')}.`),
    )
  const whose = report.files === 1 ? 'its' : 'their'
  if (code === 0 && report.files > 0)
    out.hint(`Next, run ${whose} proofs`, ['stance rules test', ...args.map(shellWord)].join(' '))
  return code
}

export function printProblems(out: Screen, { problems }: LintReport, cwd: string): void {
  const { palette } = out
  for (const [at, { file, message, next, excerpt, code }] of problems.entries()) {
    if (problems[at - 1]?.file !== file) out.line(palette.red(relative(cwd, file)))
    out.prose(message, 2)
    for (const line of excerpt === '' ? [] : excerpt.split('\n')) out.line(palette.cyan(`    ${line}`))
    printNext(out, out.carry(next), 2)
    out.line(palette.dim(`  (${code})`))
    out.line()
  }
}
