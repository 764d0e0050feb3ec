import type { Severity } from '../../core/severity.ts'
import type { Verdict } from '../../core/verdict.ts'
import { Ink, type Text, toInk } from './ink.ts'

export type Paint = (text: Text) => Ink

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const

export type Palette = Record<keyof typeof codes | 'plain', Paint>

/** Colours, or none of them. */
export function makePalette(colour: boolean): Palette {
  const paint = ([on, off]: readonly [number, number]): Paint =>
    colour ? (text) => Ink.raw(`\u001b[${on}m${toInk(text).text}\u001b[${off}m`) : toInk
  const painted = Object.entries(codes).map(([name, code]) => [name, paint(code)])
  return { ...(Object.fromEntries(painted) as Omit<Palette, 'plain'>), plain: toInk }
}

export function paintSeverity(palette: Palette, severity: string): Paint {
  const paints: Record<Severity, Paint> = {
    critical: (text) => palette.bold(palette.magenta(text)),
    high: palette.red,
    medium: palette.yellow,
    low: palette.blue,
    info: palette.dim,
  }
  return paints[severity as Severity] ?? palette.plain
}

export function paintVerdict(palette: Palette, verdict: string): Paint {
  const paints: Record<Verdict, Paint> = { pass: palette.green, fail: palette.red, unknown: palette.yellow }
  return paints[verdict as Verdict] ?? palette.dim
}
