import { ink } from './screen/ink.ts'
import type { Screen } from './screen/screen.ts'
import { textWidth } from './screen/text-width.ts'

const gap = 2
const narrowest = 24

/** Commands with what each is good for: beside it where there is room, else below it. A command is never broken, and runs from here. */
export function printSteps(out: Screen, steps: readonly (readonly [line: string, what: string])[]): void {
  const { palette } = out
  const typed = steps.map(
    ([line, what]) => [out.carry(line).replace(/^stance(?= )/, () => out.command), what] as const,
  )
  const widest = Math.max(...typed.map(([line]) => textWidth(line)))
  if (2 + widest + gap + narrowest <= out.width) {
    const rows = typed.map(([line, what]) => [{ text: line, paint: palette.cyan }, what])
    out.layBare([{ title: '', whole: true }, { title: '' }], rows, 2)
    return
  }
  for (const [line, what] of typed) {
    out.line(ink`  ${palette.cyan(line)}`)
    out.flow(palette.dim(what), 6)
  }
}
