import type { Expr } from '../sql/ast.ts'
import { call } from '../sql/build.ts'
import { cast, type Engine, text } from './scalar-functions.ts'

/** Functions that are written like others but checked by hand; for errors and the guide. */
export const specialForms: Readonly<Record<string, { form: string; does: string }>> = {
  coalesce: { form: 'coalesce(a, b, …)', does: 'the first that is not NULL' },
  nullif: { form: 'nullif(a, b)', does: 'NULL where both are equal, else a' },
  greatest: { form: 'greatest(a, b, …)', does: 'the greatest; NULL counts as nothing' },
  least: { form: 'least(a, b, …)', does: 'the least; NULL counts as nothing' },
  now: { form: 'now()', does: 'the moment at which the query began' },
  date_part: {
    form: "date_part('field', time)",
    does: 'year, isoyear, quarter, month, week, day, dow, isodow, doy, hour, minute, second (whole) or epoch, in UTC',
  },
  extract: {
    form: 'extract(field from time)',
    does: 'the same; of time - time only epoch (seconds) and day',
  },
  date_trunc: {
    form: "date_trunc('field', time)",
    does: 'the time at which its year, quarter, month, week, day, hour, minute or second began, in UTC',
  },
  to_char: {
    form: "to_char(time, 'YYYY-MM-DD')",
    does: 'text made of YYYY, MM, DD, HH24, MI, SS and the characters - / : . , _ and blank',
  },
}

export const truncFields: readonly string[] = [
  'year',
  'quarter',
  'month',
  'week',
  'day',
  'hour',
  'minute',
  'second',
]
export const partFields: readonly string[] =
  'year isoyear quarter month week day dow isodow doy hour minute second epoch'.split(' ')

/** The result is a whole number, but for `epoch`. */
export function printPart(field: string, time: Expr): Expr {
  const part = call('date_part', text(field), time)
  if (field === 'epoch') return cast(part, 'double')
  return cast(field === 'second' ? call('floor', part) : part, 'bigint')
}

const tokens: Record<string, string> = { YYYY: '%Y', MM: '%m', DD: '%d', HH24: '%H', MI: '%M', SS: '%S' }

/** undefined where the pattern has anything that the engines might read differently. */
export function printToChar(time: Expr, pattern: string, engine: Engine): Expr | undefined {
  if (pattern.length > 100 || !/^(YYYY|MM|DD|HH24|MI|SS|[-/:., _])+$/.test(pattern)) return undefined
  if (engine === 'postgres') return call('to_char', time, text(pattern))
  const duck = pattern.replace(/YYYY|MM|DD|HH24|MI|SS/g, (token) => tokens[token]!)
  return call('strftime', time, text(duck))
}
