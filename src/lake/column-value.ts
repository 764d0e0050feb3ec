import type { LakeType } from '../core/table-shape.ts'
import { never } from './columns.ts'

export type ColumnValue = string | number | boolean | Date

/** The value is not what the declaration says: the message names it, never shows it (it may be a secret). */
export class ColumnValueError extends Error {
  readonly code: 'COLUMN_MISSING' | 'COLUMN_TYPE' | 'COLUMN_FUNCTION'

  constructor(code: ColumnValueError['code'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

const isoTime =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i

/** ISO 8601 to a moment; what names no zone is UTC. Undefined where it is none. */
export function toMoment(text: string): Date | undefined {
  const parts = isoTime.exec(text.trim())
  if (parts === null) return undefined
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = parts
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : zoneOf(zone)
  const millis = fraction.slice(0, 3).padEnd(3, '0')
  const moment = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${millis}${offset}`)
  const time = moment.getTime()
  if (Number(day) > daysOf(Number(year), Number(month))) return undefined
  return Number.isNaN(time) || year === '0000' || time > latest || time < earliest ? undefined : moment
}

/** JavaScript would make 3 March of 31 February. */
function daysOf(year: number, month: number): number {
  return new Date(new Date(0).setUTCFullYear(year, month, 0)).getUTCDate()
}

const earliest = Date.parse(never)
const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

function zoneOf(zone: string): string {
  const digits = zone.slice(1).replace(':', '')
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2) || '00'}`
}

/** Checks a value against its declared type; times become moments. */
export function toColumnValue(value: unknown, type: LakeType, column: string): ColumnValue {
  if (type === 'text' && typeof value === 'string') return value
  if (type === 'boolean' && typeof value === 'boolean') return value
  if (type === 'bigint' && typeof value === 'number' && Number.isSafeInteger(value)) return value
  if (type === 'double' && typeof value === 'number' && Number.isFinite(value)) return value
  if (type === 'timestamptz' && typeof value === 'string') {
    const moment = toMoment(value)
    if (moment !== undefined) return moment
  }
  const got = value === null ? 'null' : Array.isArray(value) ? 'a list' : `${typeof value}`
  throw new ColumnValueError('COLUMN_TYPE', `Column ${column} should be ${type}, but the answer has ${got}.`)
}
