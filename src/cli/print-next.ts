import { ink } from './screen/ink.ts'
import type { Screen } from './screen/screen.ts'

/** What to do: a sentence, and below it what is to be typed, unbroken so that it can be copied. */
export function printNext(out: Screen, next: string, indent = 0): void {
  const room = ' '.repeat(indent)
  const [sentence = '', ...lines] = next.split('\n')
  out.prose(`Next: ${sentence}`, indent)
  for (const line of lines) out.line(ink`${room}  ${out.palette.cyan(line)}`)
}
