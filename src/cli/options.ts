import { StanceError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'

/** An option of a command; its flag is the name under which it is declared (`failOn` → `--fail-on`). */
export interface Option<T> {
  /** What stands behind the flag: `<severity>`; a switch has nothing. */
  value?: string
  title: string
  /** May be given several times, or with commas; a comma of the value itself is written `\,`. */
  many?: true
  hidden?: true
  /** In words, for the help. */
  fallback?: string
  read(given: string | readonly string[] | true | undefined, flag: string): T
}

export type Options = Readonly<Record<string, Option<unknown>>>
export type OptionValues<O extends Options> = {
  [Name in keyof O]: O[Name] extends Option<infer T> ? T : never
}

export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

export function switched(title: string): Option<boolean> {
  return { title, read: (given) => given === true }
}

export function text(value: string, title: string): Option<string | undefined> {
  return { value, title, read: (given) => (given === undefined ? undefined : String(given)) }
}

export function list(value: string, title: string): Option<readonly string[] | undefined> {
  return { value, title, many: true, read: (given) => (given === undefined ? undefined : split(given)) }
}

export function choice<const T extends string>(
  value: string,
  values: readonly T[],
  title: string,
): Option<T | undefined> {
  return {
    value,
    title,
    read: (given, flag) => (given === undefined ? undefined : oneOf(String(given), values, flag)),
  }
}

export function choices<const T extends string>(
  value: string,
  values: readonly T[],
  title: string,
): Option<readonly T[] | undefined> {
  return {
    value,
    title,
    many: true,
    read: (given, flag) =>
      given === undefined ? undefined : split(given).map((one) => oneOf(one, values, flag)),
  }
}

export function count(value: string, title: string, fallback: number, most = 999_999_999): Option<number> {
  return {
    value,
    title,
    fallback: String(fallback),
    read: (given, flag) => {
      if (given === undefined) return fallback
      if (/^[1-9]\d{0,8}$/.test(String(given)) && Number(given) <= most) return Number(given)
      throw usage(
        `${flag} must be a whole number from 1 to ${most.toLocaleString('en-GB')}.`,
        `Write it like ${flag} ${fallback}.`,
      )
    },
  }
}

/** A `count` of which it matters whether it was given. */
export function optionalCount(value: string, title: string, fallback: number): Option<number | undefined> {
  const one = count(value, title, fallback)
  return { ...one, read: (given, flag) => (given === undefined ? undefined : one.read(given, flag)) }
}

export function moment(title: string, clock: () => Date = () => new Date()): Option<Date | undefined> {
  return {
    value: '<time>',
    title,
    read: (given, flag) => (given === undefined ? undefined : toMoment(String(given), flag, clock())),
  }
}

const earliest = new Date(0)
/** Clocks differ a little. */
const ahead = 3_600_000

/** The 30th of February would else be the 2nd of March. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}

const units: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** A day, a time in UTC (unless it names its zone), or how long ago: `2025-11-02`, `2025-11-02T10:30`, `3d`. */
export function toMoment(given: string, flag: string, now: Date): Date {
  const ago = /^(\d{1,6})([mhdw])$/.exec(given)
  if (ago !== null) {
    const then = new Date(now.getTime() - Number(ago[1]) * (units[ago[2] ?? ''] ?? 0))
    if (then >= earliest) return then
    throw usage(`${flag} lies too far back: ${given}`, 'Name a time after 1970-01-01.')
  }
  const parts =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(given)
  const date = parts === null ? undefined : new Date(`${parts[1]}T${parts[2] ?? '00:00'}${parts[3] ?? 'Z'}`)
  if (date !== undefined && isDay(parts?.[1] ?? '') && !Number.isNaN(date.getTime())) {
    if (date < earliest) throw usage(`${flag} lies too far back: ${given}`, 'Name a time after 1970-01-01.')
    if (date.getTime() <= now.getTime() + ahead) return date
    throw usage(
      `${flag} lies ahead: ${given}`,
      `It is ${now.toISOString().slice(0, 16)} (UTC) now: name a time before that, or how long ago (7d).`,
    )
  }
  throw usage(
    `${flag} must be a time; this is none: ${given}`,
    `Write it like 2025-11-02, 2025-11-02T10:30 (UTC), or how long ago: 90m, 24h, 7d, 2w.`,
  )
}

function split(given: string | readonly string[] | true): string[] {
  return [given]
    .flat()
    .flatMap((one) => String(one).split(/(?<!\\),/))
    .map((one) => one.replaceAll('\\,', ',').trim())
    .filter((one) => one !== '')
}

function oneOf<T extends string>(given: string, values: readonly T[], flag: string): T {
  const found = values.find((value) => value === given.toLowerCase())
  if (found !== undefined) return found
  const near = nearest(given, values)
  throw usage(
    `${flag} cannot be "${given}".`,
    near === undefined
      ? `It is one of: ${values.join(', ')}.`
      : `Did you mean ${near}? It is one of: ${values.join(', ')}.`,
  )
}

/** What was typed cannot be understood. */
export function usage(message: string, next: string): StanceError {
  return new StanceError('CLI_USAGE', message, { next })
}
