import { StanceError } from '../core/errors.ts'
import type { ColumnType, LoadTarget, Value } from './database.ts'

const lastMoment = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
/** What infinite times become: the absence times (architecture §3). */
export const neverUsed = new Date('0001-01-01T00:00:00.000Z')
export const neverExpires = new Date('9999-12-31T00:00:00.000Z')

/** Text as every engine can keep it: PostgreSQL has no NUL, UTF-8 has no half surrogates. */
export function toStoredText(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed()
  return whole.includes('\0') ? whole.replaceAll('\0', '\uFFFD') : whole
}

export function checkDate(value: Date): Date {
  const time = value.getTime()
  if (time >= neverUsed.getTime() && time <= lastMoment) return value
  throw new StanceError(
    'DB_DATE',
    `A date outside the years 1 to 9999 cannot be stored (${String(time)} ms).`,
    {
      next: 'Store the absence times 0001-01-01 or 9999-12-31 instead.',
    },
  )
}

/** A bigint as a number, or an error where a number cannot hold it. */
export function toSafeNumber(value: bigint | string): number {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  throw new StanceError('DB_NUMBER', `The integer ${value} is too large to be read exactly.`, {
    next: 'Cast it to text or double precision in the query.',
  })
}

const fits: Record<ColumnType, (value: NonNullable<Value>) => boolean> = {
  text: (value) => typeof value === 'string',
  json: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  bigint: (value) => Number.isSafeInteger(value),
  double: (value) => typeof value === 'number',
  timestamptz: (value) => value instanceof Date,
}

/** Both engines would cast some wrong values and refuse others, each in its own way; we refuse them alike. */
export function checkRow(target: LoadTarget, row: readonly Value[]): void {
  if (row.length !== target.columns.length) {
    throw loadError(target, `a row has ${row.length} values for ${target.columns.length} columns`)
  }
  for (let at = 0; at < row.length; at++) {
    const value = row[at]
    const column = target.columns[at]!
    if (value === null) continue
    if (value === undefined || !fits[column.type](value)) {
      throw loadError(target, `column ${column.name} (${column.type}) got ${describe(value)}`)
    }
    if (value instanceof Date) checkDate(value)
  }
}

function describe(value: Value | undefined): string {
  if (value instanceof Date) return 'a date'
  return typeof value === 'number' ? `the number ${value}` : `a value of type ${typeof value}`
}

function loadError(target: LoadTarget, what: string): StanceError {
  return new StanceError('DB_LOAD_VALUE', `Loading ${target.table}: ${what}.`, {
    next: 'Give each row one value of the declared type (or null) per column.',
  })
}
