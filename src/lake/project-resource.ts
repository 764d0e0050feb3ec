import type { Json } from '../core/json.ts'
import { listGroup } from '../core/table-shape.ts'
import type { Failure } from './collected.ts'
import { type ColumnValue, ColumnValueError, toColumnValue } from './column-value.ts'
import type { Column, Place } from './columns.ts'
import type { AnyTable } from './define-table.ts'
import { missingField } from './missing-field.ts'
import { valueAt } from './stored.ts'
import { groupsOf } from './table-groups.ts'

/** What is known of one group: its content (null: "not configured"), and partial ways read since. */
export interface GroupContent {
  content: Json
  /** Newest first; each fills the columns it carries instead of `content`. */
  overlays?: readonly { carries: readonly string[]; content: Json }[]
}

export interface Projection {
  /** A value per declared column; null for groups that are not in force, and see `of` of a column. */
  columns: Record<string, ColumnValue | null>
  /** Rows per child table; none where the group is not in force. */
  children: Record<string, Record<string, ColumnValue>[]>
  /** Groups whose content does not give what is declared: they are `error`, and their columns null. */
  failures: Record<string, Failure>
}

/**
 * One document as a typed row and child rows. Pure: the same document, declaration and groups in force give the
 * same rows. `contents` has the groups in force only. Without `list` nothing is in force.
 */
export function projectResource(
  table: AnyTable,
  where: Omit<Place, 'item'>,
  contents: Readonly<Record<string, GroupContent>>,
): Projection {
  const out: Projection = { columns: {}, children: {}, failures: {} }
  const place: Place = { ...where, item: contents[listGroup]?.content ?? undefined }
  const isListed = contents[listGroup] !== undefined
  for (const [group, declared] of groupsOf(table)) {
    const known = isListed ? contents[group] : undefined
    const children = Object.entries(table.children ?? {}).filter(([, child]) => child.group === group)
    if (known !== undefined) {
      try {
        const missing = missingField(known.content, declared.sent ?? [])
        if (missing !== undefined)
          throw new ColumnValueError('COLUMN_MISSING', `The field ${missing} is missing in the answer.`)
        const values = groupColumns(declared.columns, known, place)
        const rows = children.map(
          ([name, child]) => [name, childRows(name, child, known.content, place)] as const,
        )
        Object.assign(out.columns, values)
        for (const [name, childRowsOfIt] of rows) out.children[name] = childRowsOfIt
        continue
      } catch (error) {
        out.failures[group] = toFailure(table.name, group, error)
      }
    }
    for (const name of Object.keys(declared.columns)) out.columns[name] = null
    for (const [name] of children) out.children[name] = []
  }
  return out.failures[listGroup] === undefined ? out : nothingListed(out)
}

/** The columns of one group; null where a partial way took the ground from under one. Throws ColumnValueError. */
function groupColumns(
  columns: Readonly<Record<string, Column<unknown>>>,
  known: GroupContent,
  place: Place,
): Record<string, ColumnValue | null> {
  return Object.fromEntries(
    Object.keys(columns).map((name) => [name, groupColumn(name, columns, known, place)]),
  )
}

export function groupColumn(
  name: string,
  columns: Readonly<Record<string, Column<unknown>>>,
  known: GroupContent,
  place: Place,
): ColumnValue | null {
  const column = columns[name]!
  const overlay = overlayOf(name, known)
  const { of } = column
  if (overlay === undefined && of !== undefined && hasTurned(of, columns[of]!, known, place)) return null
  return columnValue(name, column, (overlay ?? known).content, place)
}

function overlayOf(name: string, known: GroupContent) {
  return known.overlays?.find((way) => way.carries.includes(name))
}

/** A partial way says of it what the content does not. */
function hasTurned(name: string, column: Column<unknown>, known: GroupContent, place: Place): boolean {
  const overlay = overlayOf(name, known)
  if (overlay === undefined) return false
  const [now, before] = [overlay, known].map(({ content }) => columnValue(name, column, content, place))
  return String(now) !== String(before)
}

function columnValue(name: string, column: Column<unknown>, content: Json, place: Place): ColumnValue {
  const found = content === null ? undefined : provided(name, column, content, place)
  const value = found ?? column.absent
  if (value !== undefined) return toColumnValue(value, column.type, name)
  throw new ColumnValueError(
    'COLUMN_MISSING',
    `Column ${name} is missing in the answer and has no absence value.`,
  )
}

function provided(name: string, column: Column<unknown>, content: Json, place: Place): unknown {
  if (typeof column.from === 'string') return valueAt(content, column.from)
  try {
    return column.from(content as never, place)
  } catch (cause) {
    throw new ColumnValueError(
      'COLUMN_FUNCTION',
      `Column ${name} could not be computed from the answer.`,
      cause,
    )
  }
}

type ChildOf = NonNullable<AnyTable['children']>[string]

function childRows(name: string, child: ChildOf, content: Json, place: Place): Record<string, ColumnValue>[] {
  if (content === null) return []
  let rows: Record<string, unknown>[]
  try {
    rows = child.rows(content as never, place)
  } catch (cause) {
    throw new ColumnValueError(
      'COLUMN_FUNCTION',
      `Rows of ${name} could not be computed from the answer.`,
      cause,
    )
  }
  return rows.map((row) => {
    const values: Record<string, ColumnValue> = {}
    for (const [column, { type }] of Object.entries(child.columns)) {
      const value = row[column]
      if (value === undefined || value === null)
        throw new ColumnValueError('COLUMN_MISSING', `Column ${name}.${column} is missing in the answer.`)
      values[column] = toColumnValue(value, type, `${name}.${column}`)
    }
    return values
  })
}

function toFailure(table: string, group: string, error: unknown): Failure {
  const next = `Report it: the group ${group} of ${table} is not declared as the provider answers.`
  if (error instanceof ColumnValueError) return { code: error.code, message: error.message, next }
  return { code: 'COLUMN_FUNCTION', message: `Group ${group} could not be projected.`, next }
}

function nothingListed(out: Projection): Projection {
  return {
    columns: Object.fromEntries(Object.keys(out.columns).map((name) => [name, null])),
    children: Object.fromEntries(Object.keys(out.children).map((name) => [name, []])),
    failures: out.failures,
  }
}
