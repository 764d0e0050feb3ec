import { escapeText } from './escape-text.ts'
import { Ink } from './ink.ts'
import type { Paint, Palette } from './palette.ts'
import { textWidth, wrapText } from './text-width.ts'

export interface Column {
  title: string
  align?: 'right'
  /** Never broken into lines: ids, numbers, words of ours. */
  whole?: true
}

/** Text as it came, with its colour: the table escapes it, breaks it and colours what stands in each line. */
export type Cell = string | number | { text: string | number; paint: Paint }

export interface TableOptions {
  palette: Palette
  /** Columns of the terminal. */
  width: number
  indent?: number
  /** No line with the titles. */
  bare?: true
}

const gap = 2
const narrowest = 10

/** A table that fits the width: wide cells go on in the next line, and nothing is cut. */
export function layTable(
  allColumns: readonly Column[],
  allRows: readonly (readonly Cell[])[],
  options: TableOptions,
): Ink[] {
  // A column for remarks takes no room where there are none.
  const used = allColumns.map(
    ({ title }, at) => title !== '' || allRows.some((row) => textOf(row[at] ?? '') !== ''),
  )
  const columns = allColumns.filter((_, at) => used[at])
  const rows = allRows.map((row) => row.filter((_, at) => used[at]))
  const { palette, indent = 0, bare } = options
  const head: Cell[] = columns.map(({ title }) => ({ text: title, paint: palette.dim }))
  const all = bare ? rows : [head, ...rows]
  const texts = all.map((row) => row.map((cell) => escapeText(String(textOf(cell)))))
  const widths = fitWidths(columns, texts, options.width - indent)
  return all.flatMap((row, nr) => {
    const wrapped = columns.map((column, at) => {
      const text = texts[nr]?.[at] ?? ''
      return column.whole ? [text] : wrapText(text, widths[at] ?? 0)
    })
    const height = Math.max(...wrapped.map((lines) => lines.length))
    return Array.from({ length: height }, (_, line) => {
      const cells = columns.map((column, at) => {
        const text = wrapped[at]?.[line] ?? ''
        const room = ' '.repeat(Math.max(0, (widths[at] ?? 0) - textWidth(text)))
        const painted = text === '' ? '' : paintOf(row[at], palette)(Ink.raw(text)).text
        return column.align === 'right' ? room + painted : painted + room
      })
      return Ink.raw(`${' '.repeat(indent)}${cells.join(' '.repeat(gap))}`.trimEnd())
    })
  })
}

function textOf(cell: Cell): string | number {
  return typeof cell === 'object' ? cell.text : cell
}

function paintOf(cell: Cell | undefined, palette: Palette): Paint {
  return typeof cell === 'object' ? cell.paint : palette.plain
}

/** Natural widths; where that is too wide the widest breakable column gives way, one by one. */
function fitWidths(
  columns: readonly Column[],
  texts: readonly (readonly string[])[],
  width: number,
): number[] {
  const widths = columns.map((_, at) => Math.max(...texts.map((row) => textWidth(row[at] ?? '')), 0))
  const total = () => widths.reduce((sum, one) => sum + one, 0) + gap * (columns.length - 1)
  while (total() > width) {
    const elastic = columns
      .map((column, at) => ({ at, width: column.whole ? 0 : (widths[at] ?? 0) }))
      .sort((a, b) => b.width - a.width)[0]
    if (elastic === undefined || elastic.width <= narrowest) break
    widths[elastic.at] = Math.max(narrowest, elastic.width - Math.max(1, Math.min(total() - width, 4)))
  }
  return widths
}
