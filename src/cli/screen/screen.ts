import { escapeJson } from './escape-text.ts'
import { Ink, type Text, toInk } from './ink.ts'
import { makePalette, type Paint, type Palette } from './palette.ts'
import { type Cell, type Column, layTable } from './table.ts'
import { textWidth, wrapInk, wrapText } from './text-width.ts'

export interface Stream {
  isTTY?: boolean | undefined
  columns?: number | undefined
  /** Nobody reads it any more: what is written goes nowhere. */
  readonly isLeft?: boolean
  write(text: string): unknown
}

/** Where a command prints. Plain strings are escaped; only ink is printed as it is. */
export class Screen {
  readonly stream: Stream
  readonly isTerminal: boolean
  readonly palette: Palette
  /** Makes a hint that names commands fit to be typed here: with the options that this one was given. */
  carry: (hint: string) => string = (hint) => hint
  /** What runs Stance from here: steps to take next can be pasted as they stand. */
  command = 'stance'

  constructor(stream: Stream, colour: boolean) {
    this.stream = stream
    this.isTerminal = stream.isTTY === true
    this.palette = makePalette(colour)
  }

  /** Nobody reads it any more: what only prints may stop. */
  get isLeft(): boolean {
    return this.stream.isLeft === true
  }

  /** Of a terminal, its own; of a pipe or file, as wide as it gets. */
  get width(): number {
    return this.isTerminal ? Math.max(40, this.stream.columns ?? 80) : 1_000
  }

  line(text: Text = ''): void {
    this.stream.write(`${toInk(text).text}\n`)
  }

  /**
   * One line where it fits, and broken at words where a terminal is too narrow; colours go on in the next line, which
   * begins `hanging` further in.
   */
  flow(text: Text, indent = 0, hanging = 0): void {
    const lines = wrapInk(toInk(text), this.width - indent - hanging)
    for (const [at, line] of lines.entries())
      this.line(Ink.raw(`${' '.repeat(at === 0 ? indent : indent + hanging)}${line.text}`))
  }

  /** What a command is good for, and the command: below it where there is no room, so that it can be copied. */
  hint(what: string, command: string, paint: Paint = this.palette.dim): void {
    const typed = this.carry(command)
    const whole = toInk(`${what}: ${typed}`)
    if (textWidth(whole) <= this.width) {
      this.line(paint(whole))
      return
    }
    this.flow(paint(`${what}:`))
    this.line(paint(`  ${typed}`))
  }

  /** A paragraph, broken at words. */
  prose(text: string, indent = 0): void {
    const room = ' '.repeat(indent)
    for (const paragraph of text.trimEnd().split('\n')) {
      for (const line of wrapText(toInk(paragraph).text, Math.min(this.width, 100) - indent))
        this.line(Ink.raw(`${room}${line}`.trimEnd()))
    }
  }

  heading(text: Text): void {
    this.flow(this.palette.bold(text))
  }

  table(columns: readonly Column[], rows: readonly (readonly Cell[])[], indent = 0): void {
    for (const line of layTable(columns, rows, { palette: this.palette, width: this.width, indent }))
      this.line(line)
  }

  /** A table whose columns need no titles. */
  rows(columns: readonly Column[], rows: readonly (readonly Cell[])[], indent = 0): void {
    const { palette, width } = this
    for (const line of layTable(columns, rows, { palette, width, indent, bare: true })) this.line(line)
  }

  /** Without titles; for reading, so never wider than a page. */
  layBare(columns: readonly Column[], rows: readonly (readonly Cell[])[], indent = 0): void {
    const width = Math.min(this.width, 110)
    for (const line of layTable(columns, rows, { palette: this.palette, width, indent, bare: true }))
      this.line(line)
  }

  /** Names and values, one a line. */
  pairs(pairs: readonly (readonly [name: string, value: Cell])[], indent = 0): void {
    const rows = pairs.map(([name, value]) => [{ text: name, paint: this.palette.dim }, value])
    this.layBare([{ title: '', whole: true }, { title: '' }], rows, indent)
  }

  json(value: unknown): void {
    this.stream.write(`${escapeJson(JSON.stringify(value, undefined, 2))}\n`)
  }

  /** One object a line. */
  jsonLine(value: unknown): void {
    this.stream.write(`${escapeJson(JSON.stringify(value))}\n`)
  }
}
