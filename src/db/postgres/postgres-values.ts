import pg from 'pg'
import type { Param, Value } from '../database.ts'
import { checkDate, neverExpires, neverUsed, toSafeNumber, toStoredText } from '../store-value.ts'

/** As PostgreSQL reads it in text form, whatever the zone of this process (pg itself would print local time). */
export function toPostgresParam(param: Param): unknown {
  if (typeof param === 'string') return toStoredText(param)
  if (param instanceof Date) return checkDate(param).toISOString()
  if (Array.isArray(param)) return param.map(toStoredText)
  return param
}

type Parse = (text: string) => Value

const asIs: Parse = (text) => text
const asNumber: Parse = (text) => Number(text)

function toNumeric(text: string): number {
  return /^-?\d+$/.test(text) ? toSafeNumber(text) : Number(text)
}

const timestamp = /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,3})\d*)?(?:\+00)?( BC)?$/

/** `2026-01-02 03:04:05.678901+00`: the session's zone is always UTC. */
function toDate(text: string): Date {
  if (text === 'infinity') return neverExpires
  if (text === '-infinity') return neverUsed
  const found = timestamp.exec(text)
  if (!found) throw new RangeError(`PostgreSQL sent a time that is not in ISO form and UTC: ${text}`)
  const [, year, month, day, hour, minute, second, fraction, bc] = found
  const date = new Date(0)
  date.setUTCFullYear(bc ? 1 - Number(year) : Number(year), Number(month) - 1, Number(day))
  date.setUTCHours(Number(hour), Number(minute), Number(second), Number((fraction ?? '').padEnd(3, '0')))
  return date
}

const scalars = new Map<number, Parse>([
  [16, (text) => text === 't'],
  [20, toSafeNumber],
  [21, asNumber],
  [23, asNumber],
  [26, asNumber],
  [700, asNumber],
  [701, asNumber],
  [1700, toNumeric],
  [1114, toDate],
  [1184, toDate],
])

const json: Parse = (text) => text

/** The array types and their elements. */
const lists = new Map<number, Parse>([
  [1000, (text) => text === 't'],
  [1005, asNumber],
  [1007, asNumber],
  [1016, toSafeNumber],
  [1021, asNumber],
  [1022, asNumber],
  [1231, toNumeric],
  [1185, toDate],
  [1115, toDate],
  [1009, asIs],
  [1015, asIs],
  [1002, asIs],
  [199, json],
  [3807, json],
  [1182, asIs],
  [2951, asIs],
])

function toListText(element: Parse): Parse {
  const split = pg.types.getTypeParser(1009 as number as typeof pg.types.builtins.TEXT) as (
    text: string,
  ) => (string | null)[]
  return (text) => JSON.stringify(split(text).map((item) => (item === null ? null : element(item))))
}

export const postgresTypes = {
  getTypeParser(oid: number): Parse {
    const element = lists.get(oid)
    return element ? toListText(element) : (scalars.get(oid) ?? asIs)
  },
}
