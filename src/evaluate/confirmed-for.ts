import { confirmedWorld, settledWorld, type World } from '../core/world.ts'
import type { Reader } from '../db/database.ts'
import { readUnconfirmed, type Unconfirmed } from './read-unconfirmed.ts'
import { tablesOfFact } from './rule-reads.ts'
import type { ReadyFact, RuleSet } from './rule-set.ts'
import { tablesBehind } from './tables-behind.ts'

/** What was not confirmed of all that the rules of some tables look at in an account; across accounts, of any. */
export function unconfirmedBehind(
  reader: Reader,
  set: RuleSet,
  tables: readonly string[],
  account_id: string | undefined,
): Promise<Unconfirmed> {
  const behind = tablesBehind(set)
  const looksAcross = tables.some((table) => behind.get(table)?.looksAcross === true)
  return readUnconfirmed(reader, looksAcross ? undefined : account_id)
}

export interface Confirmed {
  /** What counts of all that the rules of the table look at; not given: all that is known was confirmed. */
  confirmed?: World
  /** A scan is about to read some of it. */
  isAwaited: boolean
}

/** In which world the rules of a table are judged beside the one of all that is known. */
export function confirmedFor(set: RuleSet, table: string, { kept, awaited }: Unconfirmed): Confirmed {
  const behind = tablesBehind(set).get(table)
  const looked = [table, ...(behind?.tables ?? [])]
  // A row by itself is of one moment.
  const isAwaited = behind?.looksElsewhere === true && looked.some((one) => awaited.has(one))
  if (!isAwaited && !looked.some((one) => kept.has(one))) return { isAwaited }
  return { confirmed: isAwaited ? settledWorld(factsAwaiting(set, awaited)) : confirmedWorld, isAwaited }
}

/** The same of what a fact looks at. */
export function confirmedForFact(
  set: RuleSet,
  ready: ReadyFact,
  unconfirmed: Unconfirmed | undefined,
): World | undefined {
  if (unconfirmed === undefined) return undefined
  const { kept, awaited } = unconfirmed
  const looked = [...tablesOfFact(set, ready)]
  if (looked.some((one) => awaited.has(one))) return settledWorld(factsAwaiting(set, awaited))
  return [ready.fact.table, ...looked].some((one) => kept.has(one)) ? confirmedWorld : undefined
}

/** Facts that follow from what a scan is about to read. */
export function factsAwaiting(set: RuleSet, awaited: ReadonlySet<string>): Set<string> {
  const facts = set.facts.filter((ready) => [...tablesOfFact(set, ready)].some((one) => awaited.has(one)))
  return new Set(facts.map(({ fact }) => `${fact.table}.${fact.column}`))
}

/** Facts that follow from one of these tables and could not be told of some rows, since not all was confirmed. */
export async function factsWaiting(
  reader: Reader,
  set: RuleSet,
  account_id: string,
  read: ReadonlySet<string>,
): Promise<Set<ReadyFact>> {
  const waiting = new Set<ReadyFact>()
  for (const ready of set.facts) {
    if (![...tablesOfFact(set, ready)].some((one) => read.has(one))) continue
    const { table, column } = ready.fact
    const rows = await reader.query(
      `select t.account_id from lake.${table} t
       where t.account_id = $1::text and strpos(t._kept_facts, '|${column}|') > 0 limit 1`,
      [account_id],
    )
    if (rows.length > 0) waiting.add(ready)
  }
  return waiting
}
