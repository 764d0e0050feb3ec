import { exposureColumn } from './language/verdict-string.ts'
import { readsOfRule, tablesOfFact } from './rule-reads.ts'
import { conditionsOf, type RuleSet } from './rule-set.ts'

/** What judging the rows of a table looks at. */
export interface TablesBehind {
  /** Resource tables that its enabled rules read, and what says whether its rows are public; through facts too. */
  tables: ReadonlySet<string>
  /** Others than itself are among them. */
  looksElsewhere: boolean
  /** Also in other accounts. */
  looksAcross: boolean
}

const known = new WeakMap<RuleSet, ReadonlyMap<string, TablesBehind>>()

/** For each judged table. */
export function tablesBehind(set: RuleSet): ReadonlyMap<string, TablesBehind> {
  const found = known.get(set) ?? findTables(set)
  known.set(set, found)
  return found
}

function findTables(set: RuleSet): Map<string, TablesBehind> {
  const found = new Map<string, { tables: Set<string>; looksElsewhere: boolean; looksAcross: boolean }>()
  for (const ready of set.rules.values()) {
    if (!ready.enabled) continue
    const { resource } = ready.rule
    const behind = found.get(resource) ?? { tables: new Set(), looksElsewhere: false, looksAcross: false }
    for (const { table } of readsOfRule(set, ready)) {
      behind.tables.add(table)
      if (table !== resource) behind.looksElsewhere = true
    }
    if (conditionsOf(ready).some(({ across }) => across)) behind.looksAcross = true
    found.set(resource, behind)
  }
  // What says whether a resource is public says how severe its findings are.
  for (const ready of set.facts) {
    const behind = found.get(ready.fact.table)
    if (behind === undefined || ready.fact.column !== exposureColumn) continue
    for (const table of tablesOfFact(set, ready)) {
      behind.tables.add(table)
      if (table !== ready.fact.table) behind.looksElsewhere = true
    }
  }
  return found
}
