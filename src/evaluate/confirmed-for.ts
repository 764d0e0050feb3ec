import { confirmedWorld, settledWorld, type World } from '../core/world.ts'
import type { Unconfirmed } from './read-unconfirmed.ts'
import { tablesOfFact } from './rule-reads.ts'
import type { RuleSet } from './rule-set.ts'
import { tablesBehind } from './tables-behind.ts'

export interface Confirmed {
  /** What counts of all that the rules of the table look at; not given: all that is known was confirmed. */
  confirmed?: World
  /** A scan is about to read some of it. */
  isAwaited: boolean
}

export function confirmedFor(set: RuleSet, table: string, { kept, awaited }: Unconfirmed): Confirmed {
  const behind = tablesBehind(set).get(table)
  const looked = [table, ...(behind?.tables ?? [])]
  // A row by itself is of one moment.
  const isAwaited = behind?.looksElsewhere === true && looked.some((one) => awaited.has(one))
  if (!isAwaited && !looked.some((one) => kept.has(one))) return { isAwaited }
  const facts = set.facts.filter((ready) => [...tablesOfFact(set, ready)].some((one) => awaited.has(one)))
  const names = facts.map(({ fact }) => `${fact.table}.${fact.column}`)
  return { confirmed: isAwaited ? settledWorld(new Set(names)) : confirmedWorld, isAwaited }
}
