import type { CheckedCondition } from './language/check-condition.ts'
import { conditionsOf, type ReadyFact, type ReadyRule, type RuleSet } from './rule-set.ts'

/** What a rule's verdict hangs on: a group of a table, and whether it is the judged row's own. */
export interface RuleRead {
  table: string
  group: string
  /** The judged row's own, or rows of the same or other tables in its region or account, or in any account. */
  scope: 'row' | 'region' | 'account' | 'accounts'
}

/** Every group that a rule reads, through facts too, down to what a provider answers; tables are resource tables. */
export function readsOfRule(set: RuleSet, rule: ReadyRule): RuleRead[] {
  return readsOf(set, conditionsOf(rule))
}

/** The resource tables that a fact reads beside its own row. */
export function tablesOfFact(set: RuleSet, { when }: ReadyFact): Set<string> {
  return new Set(readsOf(set, [when]).flatMap(({ table, scope }) => (scope === 'row' ? [] : [table])))
}

function readsOf(set: RuleSet, conditions: readonly CheckedCondition[]): RuleRead[] {
  const reads = new Map<string, RuleRead>()
  const pending: { condition: CheckedCondition; around: RuleRead['scope'] }[] = conditions.map(
    (condition) => ({ condition, around: 'row' }),
  )
  const seen = new Set<string>()
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { condition, around } = next
    for (const read of condition.dependencies.reads) {
      const scope = wider(around, read.scope)
      const table = set.catalogue.get(read.table)?.parent ?? read.table
      for (const group of read.groups) {
        if (group === 'derived') continue
        const key = `${table}.${group}`
        const known = reads.get(key)
        reads.set(key, { table, group, scope: known === undefined ? scope : wider(known.scope, scope) })
      }
      for (const fact of factsIn(set, read.table, read.columns)) {
        const id = `${fact.fact.table}.${fact.fact.column} ${scope}`
        if (seen.has(id)) continue
        seen.add(id)
        pending.push({ condition: fact.when, around: scope })
      }
    }
  }
  return [...reads.values()]
}

function factsIn(set: RuleSet, table: string, columns: readonly string[]) {
  return set.facts.filter(({ fact }) => fact.table === table && columns.includes(fact.column))
}

const scopes = ['row', 'region', 'account', 'accounts'] as const

function wider(one: RuleRead['scope'], other: RuleRead['scope']): RuleRead['scope'] {
  return scopes.indexOf(one) > scopes.indexOf(other) ? one : other
}
