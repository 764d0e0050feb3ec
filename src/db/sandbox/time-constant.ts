/**
 * Times as a person writes them, read by us: the engines accept `now`, `infinity`, `yesterday` and many forms
 * that the other does not.
 */
const time =
  /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(?: ?(?:(Z)|([+-])(\d\d):?(\d\d)?))?)?$/

/** As both engines print it: `2026-01-31 00:00:00.000000+00`. Without an offset it is UTC. */
export function parseTimestamp(text: string): string | undefined {
  const found = time.exec(text.trim())
  if (!found) return undefined
  const [
    ,
    year,
    month,
    day,
    hour = '00',
    minute = '00',
    second = '00',
    fraction = '',
    ,
    sign,
    hours,
    minutes,
  ] = found
  const date = moment(`${year}-${month}-${day}`, Number(hour), Number(minute), Number(second))
  if (date === undefined || Number(hours ?? 0) > 15 || Number(minutes ?? 0) > 59) return undefined
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * (sign === '-' ? -1 : 1)
  date.setUTCMinutes(date.getUTCMinutes() - offset)
  return printTime(date, fraction)
}

export function printTime(
  date: Date,
  fraction = String(date.getUTCMilliseconds()).padStart(3, '0'),
): string | undefined {
  const text = date.toISOString()
  if (!/^\d{4}-/.test(text) || text.startsWith('0000')) return undefined
  return `${text.slice(0, 10)} ${text.slice(11, 19)}.${fraction.padEnd(6, '0')}+00`
}

export function parseDate(text: string): string | undefined {
  const trimmed = text.trim()
  return /^\d{4}-\d\d-\d\d$/.test(trimmed) && moment(trimmed, 0, 0, 0) !== undefined ? trimmed : undefined
}

function moment(day: string, hour: number, minute: number, second: number): Date | undefined {
  const date = new Date(`${day}T00:00:00Z`)
  // JavaScript turns the 30th of February into March.
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== day || day.startsWith('0000')) {
    return undefined
  }
  if (hour > 23 || minute > 59 || second > 59) return undefined
  date.setUTCHours(hour, minute, second)
  return date
}

const unitMicros: Record<string, number> = {
  week: 604_800_000_000,
  day: 86_400_000_000,
  hour: 3_600_000_000,
  minute: 60_000_000,
  second: 1_000_000,
}
const unitMonths: Record<string, number> = { year: 12, month: 1 }

export interface IntervalConstant {
  months: number
  micros: bigint
}

/** `90 days`, `1 year 6 months`, `1.5 hours`. Months and years are counted whole. */
export function parseInterval(source: string): IntervalConstant | undefined {
  const text = source.trim().toLowerCase()
  const part = /([+-]?\d{1,9}(?:\.\d{1,6})?) *(year|month|week|day|hour|minute|second)s?(?: +|$)/y
  let months = 0
  let micros = 0n
  if (text === '') return undefined
  while (part.lastIndex < text.length) {
    const found = part.exec(text)
    if (!found) return undefined
    const [, amount = '', unit = ''] = found
    const perMonth = unitMonths[unit]
    if (perMonth !== undefined && amount.includes('.')) return undefined
    if (perMonth !== undefined) months += Number(amount) * perMonth
    else micros += BigInt(Math.round(Number(amount) * unitMicros[unit]!))
  }
  const century = 12n * 100n * 100n
  if (
    BigInt(Math.abs(months)) > century ||
    micros / 86_400_000_000n > 3_650_000n ||
    micros / 86_400_000_000n < -3_650_000n
  ) {
    return undefined
  }
  return { months, micros }
}

/** As both engines read it. */
export function printInterval({ months, micros }: IntervalConstant): string {
  const sign = micros < 0n ? '-' : ''
  const size = micros < 0n ? -micros : micros
  return `${String(months)} months ${sign}${String(size / 1_000_000n)}.${String(size % 1_000_000n).padStart(6, '0')} seconds`
}
