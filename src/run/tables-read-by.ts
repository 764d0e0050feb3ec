import { conditionsOf, type RuleSet } from '../evaluate/rule-set.ts'

/** The tables that must be read to judge these rules: their own, and what they and the facts they use look at. */
export function tablesReadBy(ruleIds: readonly string[], set: RuleSet): Set<string> {
  const tables = new Set<string>()
  for (const id of ruleIds) {
    const ready = set.rules.get(id)
    if (ready === undefined) continue
    const pending = conditionsOf(ready)
    const seen = new Set(pending)
    for (let condition = pending.pop(); condition !== undefined; condition = pending.pop()) {
      tables.add(condition.table)
      for (const { table } of condition.dependencies.reads)
        tables.add(set.catalogue.get(table)?.parent ?? table)
      for (const fact of condition.dependencies.facts) {
        const found = set.facts.find(
          (one) => one.fact.table === fact.table && one.fact.column === fact.column,
        )
        if (found === undefined || seen.has(found.when)) continue
        seen.add(found.when)
        pending.push(found.when)
      }
    }
  }
  return tables
}
