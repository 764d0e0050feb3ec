import type { CheckedCondition } from '../evaluate/language/check-condition.ts'
import { conditionsOf, type RuleSet } from '../evaluate/rule-set.ts'
import type { ScanNarrowing } from './scan.ts'
import { tablesOfServices } from './service-words.ts'

/** The tables that a narrowed scan reads: those that are in all of these. None where nothing narrows them. */
export function tablesOfNarrowing(
  { rules, services, tables }: ScanNarrowing,
  set: RuleSet,
): ReadonlySet<string>[] {
  return [
    ...(rules === undefined ? [] : [tablesReadBy(rules, set)]),
    ...(services === undefined ? [] : [withTheirFacts(tablesOfServices(services, set), set)]),
    ...(tables === undefined ? [] : [withTheirFacts(tables, set)]),
  ]
}

/** The tables that must be read to judge these rules: their own, and what they look at, each with its facts. */
export function tablesReadBy(ruleIds: readonly string[], set: RuleSet): Set<string> {
  const conditions = ruleIds.flatMap((id) => {
    const ready = set.rules.get(id)
    return ready === undefined ? [] : conditionsOf(ready)
  })
  return withTheirFacts(
    conditions.flatMap((condition) => tablesIn(condition, set)),
    set,
  )
}

/**
 * Tables and all that their facts are made of. Facts are columns, and severities follow them: a row that is new says
 * something wrong of itself where what it hangs together with was read before there was such a row.
 */
export function withTheirFacts(tables: Iterable<string>, set: RuleSet): Set<string> {
  const all = new Set(tables)
  // A set grows while it is walked.
  for (const table of all)
    for (const { fact, when } of set.facts)
      if (fact.table === table) for (const read of tablesIn(when, set)) all.add(read)
  return all
}

function tablesIn({ table, dependencies }: CheckedCondition, { catalogue }: RuleSet): string[] {
  return [table, ...dependencies.reads.map((read) => catalogue.get(read.table)?.parent ?? read.table)]
}
