import { StanceError } from '../../core/errors.ts'
import { type ParamValues, paramError } from './params.ts'
import type { Shift } from './term.ts'

const units: Record<string, number> = { day: 86_400_000, hour: 3_600_000, minute: 60_000 }

/** `90 days`, `1 day 12 hours`: milliseconds; undefined where it is written otherwise (months differ in length). */
export function parseInterval(text: string): number | undefined {
  const words = text.trim().toLowerCase().split(/\s+/)
  let sum = 0
  for (let at = 0; at < words.length; at += 2) {
    const unit = units[words[at + 1]?.replace(/s$/, '') ?? '']
    const count = words[at] ?? ''
    if (unit === undefined || !/^\d{1,7}$/.test(count)) return undefined
    sum += Number(count) * unit
  }
  return sum
}

const firstMoment = Date.parse('0001-01-01T00:00:00Z')
const lastMoment = Date.parse('9999-12-31T23:59:59.999Z')

/** `2026-01-31 12:00:00+00`: with seconds and an offset, as both engines read it alike; undefined otherwise. */
export function parseMoment(text: string): number | undefined {
  const form = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?)(Z|[+-]\d{2}(?::\d{2})?)$/.exec(
    text.trim(),
  )
  if (form === null) return undefined
  const [, day = '', time = '', offset = ''] = form
  const zone = offset === 'Z' || offset.length === 6 ? offset : `${offset}:00`
  const moment = Date.parse(`${day}T${time}${zone}`)
  // Date.parse takes 31 February for 3 March.
  const asWritten = Date.parse(`${day}T${time}Z`)
  if (Number.isNaN(moment) || !new Date(asWritten).toISOString().startsWith(day)) return undefined
  return moment >= firstMoment && moment <= lastMoment ? moment : undefined
}

export function printMoment(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', '+00')
}

/** now() and its shifts as one moment. */
export function momentOf(shifts: readonly Shift[], now: Date, params: ParamValues): number {
  let moment = now.getTime()
  for (const { sign, milliseconds, count } of shifts) {
    const times = typeof count === 'bigint' ? Number(count) : Number(params[count.param])
    moment += sign * milliseconds * times
    if (!(moment >= firstMoment && moment <= lastMoment)) {
      if (typeof count !== 'bigint') throw paramError(count.param, 'moves now() out of the years 1 to 9999')
      throw new StanceError('CONDITION_TYPE', 'now() is moved out of the years 1 to 9999.', {
        next: 'Use a smaller interval.',
      })
    }
  }
  return moment
}
