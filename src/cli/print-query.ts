import { text as readAll } from 'node:stream/consumers'
import { StanceError } from '../core/errors.ts'
import { lastScan } from '../run/last-scan.ts'
import { runQuery } from '../run/run-query.ts'
import type { QueryContext } from './commands/query.ts'
import { usage } from './options.ts'
import { escapeText } from './screen/escape-text.ts'
import { Ink } from './screen/ink.ts'
import type { Screen } from './screen/screen.ts'
import { counted, showMoment } from './screen/show-value.ts'
import type { Cell } from './screen/table.ts'
import { withReading } from './with-store.ts'
import { writeJsonList } from './write-json-list.ts'

type Result = Awaited<ReturnType<typeof runQuery>>
type Value = string | number | boolean | Date | null

export async function runQueryCommand(context: QueryContext): Promise<number> {
  const { format } = context.options
  if (context.json && format !== undefined && format !== 'json')
    throw usage(`--json and --format ${format} contradict each other.`, 'Leave one of them out.')
  return withReading(context, async (db) => {
    const { args, options, out, err, json, demo } = context
    const sql = args[0] === '-' ? await readAll(process.stdin) : (args[0] ?? '')
    if (sql.trim() === '') throw usage('There is no SQL.', 'Write it behind `stance query`, in quotes.')
    const moment = demo ? (await lastScan(db))?.started_at : undefined
    const result = await runQuery(db, context.config().database, sql, {
      rows: options.limit,
      seconds: options.timeout,
      ...(moment === undefined ? {} : { now: moment }),
    })
    const format = json ? 'json' : (options.format ?? (out.isTerminal ? 'table' : 'csv'))
    if (format === 'json') await printJson(out, result)
    else if (format === 'csv') await printCsv(out, result)
    else await printTable(out, result)
    sayTruncated(err, format === 'json' ? undefined : result.truncated())
    return 0
  })
}

function sayTruncated(err: Screen, why: ReturnType<Result['truncated']>): void {
  if (why === undefined) return
  const next =
    why === 'rows' ? 'Raise --limit, or narrow the query.' : 'Select fewer columns, or narrow the query.'
  err.flow(err.palette.yellow(`There are more rows than these. ${next}`))
}

async function printTable(out: Screen, { columns, rows }: Result): Promise<void> {
  const { palette } = out
  const all: Cell[][] = []
  for await (const chunk of rows) {
    for (const row of chunk) all.push(row.map((value): Cell => cellOf(value, palette.dim)))
  }
  if (all.length === 0) {
    out.line('No rows.')
    return
  }
  const numeric = new Set(['bigint', 'double'])
  out.table(
    columns.map(({ name, type }) => ({
      title: name,
      named: true as const,
      ...(numeric.has(type) ? { align: 'right' as const, whole: true as const } : {}),
      ...(/(^|_)id$/.test(name) ? { whole: true as const } : {}),
    })),
    all,
  )
  out.line()
  out.line(palette.dim(counted(all.length, 'row')))
}

function cellOf(value: Value, dim: (text: string) => Ink): Cell {
  const paint = (text: string | number | Ink) => dim(String(text instanceof Ink ? text.text : text))
  if (value === null) return { text: 'NULL', paint }
  if (value instanceof Date) return showMoment(value)
  if (value === Number.MAX_SAFE_INTEGER) return 'no limit'
  return typeof value === 'number' ? value : String(value)
}

/** As RFC 4180 has it; NULL is nothing, and an empty text is `""`. */
async function printCsv(out: Screen, { columns, rows }: Result): Promise<void> {
  // With the first rows: a query that fails gives nothing.
  let head = `${columns.map(({ name }) => csvText(name)).join(',')}\r\n`
  for await (const chunk of rows) {
    if (out.isLeft) return
    out.stream.write(head)
    head = ''
    for (const row of chunk)
      out.stream.write(`${row.map((value) => csvValue(value, out.isTerminal)).join(',')}\r\n`)
  }
  out.stream.write(head)
}

function csvValue(value: Value, isTerminal: boolean): string {
  if (value === null) return ''
  if (value instanceof Date) return value.toISOString()
  if (typeof value !== 'string') return String(value)
  return csvText(isTerminal ? escapeText(value) : value)
}

/** A spreadsheet takes what begins like this for a formula and runs it: a quote before it makes it text. */
const formula = /^[=+\-@\t\r]/

function csvText(value: string): string {
  const safe = formula.test(value) ? `'${value}` : value
  return safe === '' || /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** An object has each name once: of two columns that share one, the values of the first would be lost. CSV has both. */
function refuseSharedNames(columns: Result['columns']): void {
  const names = columns.map(({ name }) => name)
  const shared = [...new Set(names.filter((name, at) => names.indexOf(name) < at))]
  if (shared.length === 0) return
  const more = shared.length > 8 ? ` and ${shared.length - 8} more` : ''
  const shown = `${shared.slice(0, 8).join(', ')}${more}`
  throw new StanceError('QUERY_NAME_TWICE', `More than one column of this query is called ${shown}.`, {
    next: 'Write `as` with another name for one of them, or take --format csv.',
    details: { columns: shared },
  })
}

async function printJson(out: Screen, { columns, rows, truncated }: Result): Promise<void> {
  refuseSharedNames(columns)
  let total = 0
  async function* objects() {
    for await (const chunk of rows) {
      total += chunk.length
      yield chunk.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null])))
    }
  }
  await writeJsonList(out, objects(), {
    get total() {
      return total
    },
    columns,
    /** `rows` or `bytes` where there are more than these; null where this is all. */
    get truncated() {
      return truncated() ?? null
    },
  })
}
