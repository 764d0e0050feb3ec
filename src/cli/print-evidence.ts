import type { Json } from '../core/json.ts'
import type { Screen } from './screen/screen.ts'
import { counted, showValue } from './screen/show-value.ts'

interface Subquery {
  form: string
  table: string
  value: Json
  rows: Witness[]
  more: boolean
}

interface Witness {
  account_id: string
  region: string
  resource_key: string
  certain: boolean
  columns: Record<string, Json>
  subqueries?: Subquery[]
}

interface Evidence {
  columns?: Record<string, Json>
  subqueries?: Subquery[]
  /** Of facts that are true: the rows that make them so. */
  paths?: Record<string, Record<string, Json>[]>
  rule_error?: boolean
}

/** Whether there is more to say than what could not be read, which stands by itself. */
export function hasEvidence(evidence: Json): boolean {
  const { columns = {}, subqueries = [], paths = {}, rule_error } = (evidence ?? {}) as Evidence
  const isTold = Object.keys(columns).some((name) => !keys.has(name))
  return isTold || subqueries.length > 0 || Object.keys(paths).length > 0 || rule_error === true
}

/** What the verdict was given for: the resource's own columns, rows of other tables, the path of a fact. */
export function printEvidence(
  out: Screen,
  evidence: Json,
  key: string,
  absent: readonly string[] = [],
): void {
  const { columns = {}, subqueries = [], paths = {}, rule_error } = evidence as Evidence
  const { palette } = out
  if (rule_error) {
    out.prose(
      'The rule stops the database on this table: that is an error of the rule. `stance rules test` may show it.',
      2,
    )
    return
  }
  out.pairs(
    Object.entries(columns)
      .filter(([name]) => !keys.has(name))
      .map(([name, value]) => [name, showValue(value)]),
    2,
  )
  printSubqueries(out, subqueries, { key, absent }, 2)
  for (const [fact, rows] of Object.entries(paths)) {
    out.flow(palette.dim(`${fact}, because of`), 2)
    for (const row of rows) out.flow(`- ${rowText(row)}`, 4, 2)
  }
}

/** Told above, as what the finding is about. */
const keys: ReadonlySet<string> = new Set(['account_id', 'resource_key', 'region'])

interface About {
  /** Of the resource that the finding is about. */
  key: string
  /** Tables of which the account has no row at all. */
  absent: readonly string[]
}

/** What several parts of a condition have in common is said once. */
function printSubqueries(out: Screen, all: readonly Subquery[], about: About, indent: number): void {
  const said = new Set<string>()
  for (const one of all) {
    const text = JSON.stringify(shown(one))
    if (said.has(text)) continue
    said.add(text)
    printSubquery(out, one, about, indent)
  }
}

/** As far as it is printed. */
function shown({ rows, ...one }: Subquery): object {
  return {
    ...one,
    rows: rows.map(({ resource_key, certain, columns, subqueries = [] }) => {
      const told = Object.entries(columns).filter(([name]) => !keys.has(name))
      return { resource_key, certain, told, subqueries: subqueries.map(shown) }
    }),
  }
}

function printSubquery(
  out: Screen,
  { form, table, value, rows, more }: Subquery,
  about: About,
  indent: number,
): void {
  const { key, absent } = about
  const found = more ? `more than ${rows.length} rows` : counted(rows.length, 'row')
  const none =
    value === null
      ? `whether a row of ${table} fits is not known`
      : absent.includes(table)
        ? `there is none: the account has no row of ${table}`
        : `no row of ${table} fits`
  const title =
    form !== 'exists'
      ? `${form} over ${table}: ${showValue(value)}`
      : rows.length === 0
        ? none
        : `${found} of ${table}`
  out.flow(out.palette.dim(title), indent)
  for (const row of rows) {
    const parts = [
      ...(row.resource_key === key ? [] : [row.resource_key]),
      ...(Object.keys(row.columns).some((name) => !keys.has(name)) ? [rowText(row.columns)] : []),
      ...(row.certain ? [] : ['whether it fits is not known']),
    ]
    out.flow(`- ${parts.join(': ')}`, indent + 2, 2)
    printSubqueries(out, row.subqueries ?? [], about, indent + 4)
  }
}

/** `name value, name value` */
function rowText(row: Record<string, Json>): string {
  return Object.entries(row)
    .filter(([name]) => !keys.has(name))
    .map(([name, value]) => `${name} ${showValue(value)}`)
    .join(', ')
}
