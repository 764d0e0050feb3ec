import type { CheckedCondition } from './language/check-condition.ts'
import type { ReadScope } from './language/dependencies.ts'

/** What of a table must be looked at again because another changed. */
export interface Reach {
  /** One account, or every one (rules across accounts). */
  accounts: 'own' | 'all'
  /** A region, or `*` for all of the account. */
  region: string
  keys: readonly string[] | 'all'
}

/** A change as far as it matters here: facts derived from it are changes of their own table. */
export interface TableChanged {
  table: string
  /** The region it happened in, `*` for a global table or for several. */
  region: string
  keys: readonly string[] | 'all'
}

/** How far the change of a table reaches into the table that a condition judges; undefined: not at all. */
export function reachOf(condition: CheckedCondition, changed: TableChanged): Reach | undefined {
  const scopes = new Set<ReadScope>()
  for (const read of condition.dependencies.reads) if (read.table === changed.table) scopes.add(read.scope)
  if (condition.table === changed.table) scopes.add('row')
  if (scopes.size === 0) return undefined
  if (scopes.has('accounts')) return { accounts: 'all', region: '*', keys: 'all' }
  if (scopes.has('account')) return { accounts: 'own', region: '*', keys: 'all' }
  if (scopes.has('region')) return { accounts: 'own', region: changed.region, keys: 'all' }
  return { accounts: 'own', region: changed.region, keys: changed.keys }
}

/** Both together, as small as they can be told. */
export function widest(one: Reach | undefined, other: Reach): Reach {
  if (one === undefined) return other
  const region = one.region === other.region ? one.region : '*'
  const keys = one.keys === 'all' || other.keys === 'all' ? 'all' : [...new Set([...one.keys, ...other.keys])]
  return {
    accounts: one.accounts === 'all' || other.accounts === 'all' ? 'all' : 'own',
    region,
    keys: keys !== 'all' && keys.length > mostKeys ? 'all' : keys,
  }
}

/** Beyond this many, a pass over the whole account is cheaper than naming them. */
export const mostKeys = 1000
