import { readsOf } from './table-reads.ts'
import type { TableRegistry } from './table-registry.ts'

const readVerbs =
  /^(?:Get|List|Describe|Head|BatchGet|BatchDescribe|Lookup|Search|Query|Select|View)(?=[A-Z]|$)/

/**
 * Declared operations that do not say by their name that they only read, and give no reason. Read-only is a
 * property of the operation, not of its verb: a reason must name what the operation does.
 */
export function readOnlyProblems(registry: TableRegistry): string[] {
  const problems = new Set<string>()
  for (const table of registry.tables.values()) {
    for (const { read, via, service } of readsOf(table, registry.sources)) {
      if (readVerbs.test(read.operation) || (read.reads_only_because ?? '').length >= 20) continue
      problems.add(`${table.name}: ${via} ${service} ${read.operation} must say reads_only_because`)
    }
  }
  return [...problems]
}
