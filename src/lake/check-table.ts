import { StanceError } from '../core/errors.ts'
import type { AnyTable } from './define-table.ts'

/** Keys of a proof beside the columns (src/evaluate/rule.ts). */
const reserved = new Set(['name', 'with', 'now', 'params'])
const nameOk = /^[a-z][a-z0-9_]{2,62}$/

/** What TypeScript cannot see of a declaration; runs once, when the declaration is loaded. */
export function checkTable(table: AnyTable): void {
  const wrong = (what: string, next: string) =>
    new StanceError('LAKE_TABLE_DECLARATION', `${table.name}: ${what}`, { next })
  if (!nameOk.test(table.name)) throw wrong('not a table name', 'Use snake_case letters, digits and _.')
  if (table.list.read === undefined && table.list.source === undefined && table.planned === undefined)
    throw wrong('nothing lists it', 'Declare list.read, list.source or planned.')
  const seen = new Set<string>()
  const groups = { list: table.list, ...table.groups } as AnyTable['groups'] & { list: AnyTable['list'] }
  for (const [group, declared] of Object.entries(groups)) {
    const reads = 'read' in declared && declared.read !== undefined ? [declared.read].flat() : []
    const canBeAbsent =
      group !== 'list' && reads.some((read) => 'absent' in read && (read.absent?.length ?? 0) > 0)
    for (const [name, column] of Object.entries(declared.columns)) {
      if (!nameOk.test(name))
        throw wrong(`column ${name} is no column name`, 'Use snake_case, three letters at least.')
      if (seen.has(name)) throw wrong(`column ${name} is declared twice`, 'Give each column one group.')
      if (reserved.has(name))
        throw wrong(
          `column ${name} has a name that proofs need`,
          `Say whose it is: bucket_${name}, role_${name}.`,
        )
      seen.add(name)
      const of = column.of === undefined ? undefined : declared.columns[column.of]
      if (column.of !== undefined && (of === undefined || of.of !== undefined))
        throw wrong(
          `column ${name} tells of ${column.of}, which cannot be`,
          'Name another column of the same group that tells of none.',
        )
      const isSent = typeof column.from === 'string' && isAlwaysSent(column.from, declared.sent)
      if (isSent && column.absent !== undefined && (group === 'list' || isAlwaysThere(declared)))
        throw wrong(
          `column ${name} has an absence value, but its field is always sent`,
          'Leave the absence value out, or take the field out of `sent`.',
        )
      if (canBeAbsent && column.absent === undefined)
        throw wrong(
          `column ${name} has no absence value, but its group ${group} can be absent`,
          'Say what it has where nothing is configured.',
        )
    }
  }
  for (const [name, { after }] of Object.entries(table.groups as Record<string, { after?: string }>)) {
    const next = after === undefined ? undefined : (groups as Record<string, { after?: string }>)[after]
    if (after !== undefined && (next === undefined || after === 'list' || next.after !== undefined))
      throw wrong(
        `group ${name} is read after ${after}, which cannot be`,
        'Name another group that waits for none.',
      )
  }
  for (const [name, child] of Object.entries(table.children ?? {})) {
    if (!nameOk.test(name)) throw wrong(`child ${name} is no table name`, 'Use snake_case.')
    if (!(child.group in groups))
      throw wrong(`child ${name} names no group of the table`, 'Name list or a group.')
  }
}

/** The field, and all that it stands in. */
function isAlwaysSent(path: string, sent: readonly string[] = []): boolean {
  const steps = path.split('.')
  return steps.every((_, at) => sent.includes(steps.slice(0, at + 1).join('.')))
}

/** No answer says "not configured" of it, and no condition leaves it out. */
function isAlwaysThere(group: object): boolean {
  const { source, applies, read } = group as { source?: unknown; applies?: unknown; read?: object }
  if (applies !== undefined || (source !== undefined && 'match' in (source as object))) return false
  if (read === undefined) return true
  const reads: object[] = 'reads' in read ? Object.values(read.reads as object) : [read]
  return reads.every((one) => !('absent' in one) && !('unsupported' in one))
}
