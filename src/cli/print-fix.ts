import type { ShownFix } from '../run/shown-fix.ts'
import { ink } from './screen/ink.ts'
import type { Screen } from './screen/screen.ts'

/** Commands and code stay as they were written, so that they can be copied. */
export function printFix(out: Screen, fix: ShownFix): void {
  const { palette } = out
  const cli = fix.cli_values.length === 0 ? 'CLI' : `CLI, with your values for ${fix.cli_values.join(', ')}`
  out.line(ink`  ${palette.dim('Console')}`)
  for (const line of fix.console.trimEnd().split('\n')) out.prose(line, 4)
  for (const [way, steps] of [
    [cli, fix.cli],
    ['Terraform', fix.terraform],
  ] as const) {
    out.line(ink`  ${palette.dim(way)}`)
    for (const line of steps.trimEnd().split('\n')) out.line(ink`    ${line}`)
  }
}
