import { escapeText } from './escape-text.ts'
import { Ink } from './ink.ts'
import type { Paint, Palette } from './palette.ts'
import { textWidth, wrapText } from './text-width.ts'

export interface Column {
  title: string
  align?: 'right'
  /** Never broken into lines: ids, numbers, words of ours. */
  whole?: true
  /** Where cells stand behind each other, its title stands before it. */
  named?: true
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
const narrowest = 14

/**
 * A table that fits the width: wide cells go on in the next line, and nothing is cut. Where there is no room for the
 * columns side by side, each row is cells behind each other.
 */
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
  if (totalOf(widths) > options.width - indent) return rows.flatMap((row) => layRow(columns, row, options))
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

/** Numbers say what they are of, and so does what is `named`, for no title stands above them. */
function layRow(
  columns: readonly Column[],
  row: readonly Cell[],
  { palette, width, indent = 0 }: TableOptions,
): Ink[] {
  const lines: Ink[] = []
  const room = (nr: number) => ' '.repeat(indent + (nr === 0 ? 0 : 2))
  let line = ''
  let used = 0
  const end = () => {
    if (line !== '') lines.push(Ink.raw(`${room(lines.length)}${line}`))
    line = ''
    used = 0
  }
  columns.forEach(({ title, align, named }, at) => {
    const text = escapeText(String(textOf(row[at] ?? '')))
    if (text.trim() === '') return
    const paint = paintOf(row[at], palette)
    const said = named
      ? `${escapeText(title)} ${text}`
      : align === 'right' && title !== ''
        ? `${text} ${title}`
        : text
    const most = width - indent - 2
    if (used > 0 && used + gap + textWidth(said) > most) end()
    for (const [nr, piece] of wrapText(said, most).entries()) {
      if (nr > 0) end()
      line += `${line === '' ? '' : ' '.repeat(gap)}${paint(Ink.raw(piece)).text}`
      used += textWidth(piece) + (used === 0 ? 0 : gap)
    }
  })
  end()
  return lines
}

function textOf(cell: Cell): string | number {
  return typeof cell === 'object' ? cell.text : cell
}

function paintOf(cell: Cell | undefined, palette: Palette): Paint {
  return typeof cell === 'object' ? cell.paint : palette.plain
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one, 0) + gap * (widths.length - 1)
}

/** Natural widths; where that is too wide the widest breakable column gives way, one by one. */
function fitWidths(
  columns: readonly Column[],
  texts: readonly (readonly string[])[],
  width: number,
): number[] {
  const widths = columns.map((_, at) => Math.max(...texts.map((row) => textWidth(row[at] ?? '')), 0))
  while (totalOf(widths) > width) {
    const elastic = columns
      .map((column, at) => ({ at, width: column.whole ? 0 : (widths[at] ?? 0) }))
      .sort((a, b) => b.width - a.width)[0]
    if (elastic === undefined || elastic.width <= narrowest) break
    widths[elastic.at] = Math.max(
      narrowest,
      elastic.width - Math.max(1, Math.min(totalOf(widths) - width, 4)),
    )
  }
  return widths
}
