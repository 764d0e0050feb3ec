import type { Row } from '../../src/db/database.ts'

/** A line for each row that is a problem. */
export function told(what: string, rows: readonly Row[]): string[] {
  return rows.map((row) => `${what}: ${spelled(row)}`)
}

/** A line for each that is only on one side. */
export function apart(what: string, wanted: ReadonlySet<string>, found: ReadonlySet<string>): string[] {
  return [
    ...[...wanted].filter((one) => !found.has(one)).map((one) => `${what} is missing: ${one}`),
    ...[...found].filter((one) => !wanted.has(one)).map((one) => `${what} is too many: ${one}`),
  ]
}

export function spelled(row: Row): string {
  return Object.values(row).join(' ')
}
