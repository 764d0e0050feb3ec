import { z } from 'zod'
import { isPath } from '../core/is-path.ts'
import type { Kind } from './define-setting.ts'

/** The kinds of values that settings have. Messages never repeat a value: it may be a secret. */

export function text(expects = 'text'): Kind<string> {
  return { schema: z.string().min(1), expects, fromText: (value) => value }
}

export function path(expects = 'a path, and no address (`database.url` takes one)'): Kind<string> {
  return { schema: z.string().min(1).refine(isPath), expects, fromText: (value) => value }
}

export function pattern(shape: RegExp, expects: string): Kind<string> {
  return { schema: z.string().regex(shape), expects, fromText: (value) => value }
}

/** `protocols` with the colon, as `URL` has them. */
export function address(protocols: readonly string[], expects: string): Kind<string> {
  const isAddress = (value: string) => protocols.includes(URL.parse(value)?.protocol ?? '')
  return { schema: z.string().refine(isAddress), expects, fromText: (value) => value }
}

export function integer(min: number, max: number): Kind<number> {
  return {
    schema: z.int().min(min).max(max),
    expects: `a whole number from ${min} to ${max}`,
    fromText: (value) => (/^\d+$/.test(value) ? Number(value) : value),
  }
}

export const flag: Kind<boolean> = {
  schema: z.boolean(),
  expects: 'true or false',
  fromText: (value) => (value === 'true' ? true : value === 'false' ? false : value),
}

export function choice<const T extends string>(values: readonly T[]): Kind<T> {
  return { schema: z.enum(values), expects: `one of ${values.join(', ')}`, fromText: (value) => value }
}

const secondsPer: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** Milliseconds, written as `90s`, `15m`, `24h`, `7d`. */
export const duration: Kind<number> = {
  schema: z
    .string()
    .regex(/^[1-9]\d{0,8}[smhd]$/)
    .transform((value) => Number(value.slice(0, -1)) * (secondsPer[value.slice(-1)] ?? 1) * 1000),
  expects: 'a duration such as 90s, 15m, 24h or 7d',
  fromText: (value) => value,
}

const bytesPer: Record<string, number> = {
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
}

/** Bytes, written as `512MB` or `4GB`. */
export const size: Kind<number> = {
  schema: z
    .string()
    .regex(/^[1-9]\d{0,8} ?(MB|GB|TB|MiB|GiB|TiB)$/i)
    .transform((value) => {
      const unit = /[a-z]+$/i.exec(value)?.[0] ?? ''
      return Number.parseInt(value, 10) * (bytesPer[unit.toUpperCase()] ?? 1)
    }),
  expects: 'a size such as 512MB or 4GB',
  fromText: (value) => value,
}

/** `none`: left out of the file, the value is undefined. */
export function optional<T>(kind: Kind<T>): Kind<T | undefined> {
  return { ...kind, schema: kind.schema.optional() }
}

export function orWord<T, const W extends string>(kind: Kind<T>, word: W): Kind<T | W> {
  return {
    ...kind,
    schema: z.union([z.literal(word), kind.schema]),
    expects: `${word}, or ${kind.expects}`,
    fromText: (value) => (value === word || kind.fromText === undefined ? value : kind.fromText(value)),
  }
}

/** In a variable: separated by commas. */
export function listOf<T>(kind: Kind<T>, expects: string): Kind<T[]> {
  return {
    schema: z.array(kind.schema),
    expects,
    fromText: (value) =>
      value
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
        .map((part) => (kind.fromText === undefined ? part : kind.fromText(part))),
  }
}

/** Keys are ids of rules: whether they exist is known only once the rules are read. */
export function byRule<T>(schema: z.ZodType<T>, expects: string): Kind<Record<string, T>> {
  return { schema: z.record(z.string().regex(/^[a-z0-9-]+$/), schema), expects }
}
