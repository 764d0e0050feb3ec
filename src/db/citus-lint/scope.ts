import type { ColumnRef, Node } from 'libpg-query'
import { accountOf, type Item, type Level, type Output } from './query-tree.ts'

/** What names mean at one place: the items in sight, and the scope around. */
export interface Scope {
  level: Level
  items: Item[]
  up: Scope | undefined
}

export interface Found {
  item: Item
  column: string
}

export const namesOf = (ref: ColumnRef): string[] =>
  (ref.fields ?? []).flatMap((field: Node) => ('String' in field ? [field.String.sval ?? ''] : []))

export const isStar = (ref: ColumnRef): boolean => (ref.fields ?? []).some((field: Node) => 'A_Star' in field)

/** Finds a column by its name, and notes on every level in between that it looks outwards. */
export function resolve(ref: ColumnRef, scope: Scope): Found | undefined {
  const names = namesOf(ref)
  const name = names.at(-1)
  if (name === undefined) return undefined
  for (let at: Scope | undefined = scope; at !== undefined; at = at.up) {
    const found = names.length === 1 ? bare(name, at) : qualified(names, at)
    if (found === 'unknown') return undefined
    if (found !== undefined) {
      noteOuter(scope.level, at.level, found.item)
      return found
    }
  }
  return undefined
}

function noteOuter(from: Level, owner: Level, item: Item): void {
  for (let level: Level | undefined = from; level !== undefined && level !== owner; level = level.parent) {
    level.outerItems.add(item)
  }
}

function qualified(names: readonly string[], scope: Scope): Found | undefined {
  const [alias, name] = [names.at(-2), names.at(-1)!]
  const item = scope.items.find((one) => one.alias === alias)
  return item === undefined ? undefined : { item, column: columnOf(item, name) }
}

/**
 * A parser does not know which tables have which columns. `account_id` is in every distributed one; another
 * bare name is sure only where there is one table.
 */
function bare(name: string, scope: Scope): Found | 'unknown' | undefined {
  const merged = scope.level.merged.get(name)
  const sure = scope.items.find((item) => knows(item, name) === 'yes')
  if (merged !== undefined) return { item: sure ?? scope.items[0]!, column: merged }
  if (sure !== undefined) return { item: sure, column: columnOf(sure, name) }
  const candidates = scope.items.filter((item) => knows(item, name) === 'maybe')
  if (candidates.length === 0) return undefined
  const item =
    candidates.length === 1
      ? candidates[0]
      : name === 'account_id'
        ? (candidates.find((one) => one.placement === 'distributed') ?? candidates[0])
        : undefined
  return item === undefined ? 'unknown' : { item, column: columnOf(item, name) }
}

function knows(item: Item, name: string): 'yes' | 'no' | 'maybe' {
  if (item.columns !== undefined) return item.columns.includes(name) ? 'yes' : 'no'
  if (item.query === undefined) return item.kind === 'function' && item.alias === name ? 'yes' : 'maybe'
  if (item.query.outputs.some((output) => output.name === name)) return 'yes'
  return item.query.outputs.some((output) => output.star !== undefined) ? 'maybe' : 'no'
}

/** The column of a table on which this one rests, or a name of its own where it is computed. */
export function columnOf(item: Item, name: string): string {
  const own = `${item.id}.${name}`
  if (item.kind !== 'query' || item.query === undefined) return own
  const place = item.columns?.indexOf(name) ?? -1
  if (place >= 0) return positionsOf(item.query)[place] ?? own
  return outputNamed(item.query, name) ?? own
}

function outputNamed(level: Level, name: string): string | undefined {
  const named = level.outputs.find((output) => output.name === name)
  if (named !== undefined) return named.column
  const items = level.outputs.flatMap((output: Output) => output.star ?? [])
  const found = bare(name, { level, items, up: undefined })
  return found === undefined || found === 'unknown' ? undefined : found.column
}

/** The columns of a result in order. A star's first column is taken for account_id, as our tables have it. */
export function positionsOf(level: Level): (string | undefined)[] {
  return level.outputs.flatMap((output): (string | undefined)[] => {
    if (output.star === undefined) return [output.column]
    return output.star.flatMap((item) => {
      if (item.query !== undefined) return positionsOf(item.query)
      return [item.placement === 'distributed' ? accountOf(item) : undefined]
    })
  })
}
