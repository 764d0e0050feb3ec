import { conditionsOf, type RuleSet } from '../evaluate/rule-set.ts'

/** The columns that enabled rules, facts and severities read, by table, child tables too. */
export function columnsRead(set: RuleSet): Map<string, Set<string>> {
  const read = new Map<string, Set<string>>()
  const add = (table: string, columns: readonly string[]) => {
    const known = read.get(table) ?? new Set()
    for (const column of columns) known.add(column)
    read.set(table, known)
  }
  const conditions = [
    ...[...set.rules.values()].filter(({ enabled }) => enabled).flatMap(conditionsOf),
    ...set.facts.map(({ when }) => when),
  ]
  for (const condition of conditions) {
    add(condition.table, [])
    for (const one of condition.dependencies.reads)
      add(one.table, [...one.columns, ...one.groups.map((group) => `_read_${group}`)])
  }
  return read
}
