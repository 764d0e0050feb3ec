import type { Json } from '../../src/core/json.ts'
import type { AnyTable } from '../../src/lake/define-table.ts'
import { type Projection, projectResource } from '../../src/lake/project-resource.ts'
import { groupsOf } from '../../src/lake/table-groups.ts'

/** Answers written by hand, after the provider's API reference: content by group; null is "not configured". */
export type WrittenAnswers = Record<string, Json | null>

export const place = { account_id: '111122223333', region: 'eu-west-1', partition: 'aws' }

/** What is always sent and was not written out, with nothing in it, or another value than elsewhere. */
export function withSent(table: AnyTable, all: readonly WrittenAnswers[]): WrittenAnswers[] {
  return all.map((answers) => {
    const filled = structuredClone(answers)
    for (const [group, { sent = [] }] of groupsOf(table)) {
      for (const path of sent) {
        const like = all.flatMap((one) => valuesAt(one[group] ?? {}, path, 'like'))[0]
        const none = path.endsWith('s') && like === undefined ? [] : emptyLike(like)
        if (filled[group] !== undefined) fill(filled[group] as Json, path.split('.'), none)
      }
    }
    return filled
  })
}

function valuesAt(here: Json, path: string, _: 'like'): Json[] {
  let found: Json[] = [here]
  for (const key of path.split('.')) {
    found = found.flat().flatMap((one) => {
      const next = one === null || typeof one !== 'object' ? undefined : (one as Record<string, Json>)[key]
      return next === undefined ? [] : [next]
    })
  }
  return found
}

function emptyLike(like: Json | undefined): Json {
  if (Array.isArray(like)) return []
  if (like !== null && typeof like === 'object') return {}
  if (typeof like === 'string' && /^\d{4}-\d\d-\d\dT/.test(like)) return '2025-11-11T11:11:11.000Z'
  return typeof like === 'number' ? 0 : typeof like === 'boolean' ? !like : ''
}

function fill(here: Json, [key, ...rest]: readonly string[], none: Json): void {
  if (here === null || typeof here !== 'object' || key === undefined) return
  if (Array.isArray(here)) for (const one of here) fill(one, [key, ...rest], none)
  else if (rest.length > 0) fill((here as Record<string, Json>)[key] ?? null, rest, none)
  else (here as Record<string, Json>)[key] ??= none
}

export function projectWritten(table: AnyTable, answers: WrittenAnswers): Projection {
  const contents = Object.fromEntries(
    Object.entries(answers).map(([group, content]) => [group, { content }] as const),
  )
  return projectResource(table, place, contents)
}

/**
 * What is wrong with a table's columns, over all written answers of it: a column that never has a value, one whose
 * absence is never seen, one that says the same of everything. Empty: each column speaks.
 */
export function silentColumns(table: AnyTable, all: readonly WrittenAnswers[]): string[] {
  const wrong: string[] = []
  const seen = new Map<string, Set<string>>()
  const note = (name: string, value: unknown) => {
    const values = seen.get(name) ?? new Set()
    seen.set(name, values.add(value instanceof Date ? value.toISOString() : JSON.stringify(value)))
  }
  for (const answers of withSent(table, all)) {
    const { columns, children, failures } = projectWritten(table, answers)
    for (const [group, failure] of Object.entries(failures)) wrong.push(`${group}: ${failure.message}`)
    for (const [name, value] of Object.entries(columns)) if (value !== null) note(name, value)
    for (const [child, rows] of Object.entries(children)) {
      for (const row of rows) for (const [name, value] of Object.entries(row)) note(`${child}.${name}`, value)
    }
  }
  for (const [group, { columns }] of groupsOf(table)) {
    for (const [name, { absent, type }] of Object.entries(columns)) {
      const values = seen.get(name) ?? new Set()
      const none = absent === undefined ? undefined : spelled(absent, type)
      if (values.size < 2 && none !== undefined) wrong.push(`${group}.${name} is always ${[...values]}`)
      if (values.size < 2 && type === 'boolean') wrong.push(`${group}.${name} is always ${[...values]}`)
      if (none !== undefined && !values.has(none)) wrong.push(`${group}.${name} is never absent (${none})`)
      if (values.size === 0) wrong.push(`${group}.${name} is never read`)
    }
  }
  for (const [child, { columns }] of Object.entries(table.children ?? {})) {
    for (const name of Object.keys(columns)) {
      const values = seen.get(`${child}.${name}`) ?? new Set()
      if (values.size < 2) wrong.push(`${child}.${name} is always ${[...values]}`)
    }
  }
  return [...new Set(wrong)]
}

function spelled(value: string | number | boolean, type: string): string {
  return type === 'timestamptz' ? new Date(String(value)).toISOString() : JSON.stringify(value)
}
