import { flagOf } from './options.ts'
import { shellWord } from './shell-word.ts'

/** Filters as they would be typed again behind the command of a hint: ` --service s3 --since 2025-11-02`. */
export function repeatFilters(options: Readonly<Record<string, unknown>>, names: readonly string[]): string {
  return names
    .filter((name) => options[name] !== undefined)
    .map((name) => ` ${flagOf(name)} ${shellWord(toText(options[name]))}`)
    .join('')
}

function toText(value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace(/T00:00:00\.000Z$|\.000(?=Z$)/, '')
  if (!Array.isArray(value)) return String(value)
  return value.map((one) => String(one).replaceAll(',', '\\,')).join(',')
}
