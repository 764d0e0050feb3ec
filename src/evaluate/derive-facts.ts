import type { World } from '../core/world.ts'
import type { Transaction } from '../db/database.ts'
import { printScope, type Scope } from '../findings/scope.ts'
import { mostKeys, type Reach, reachOf, type TableChanged, widest } from './affected.ts'
import { compileFactPass } from './language/compile-fact-pass.ts'
import type { ReadyFact, RuleSet } from './rule-set.ts'

/**
 * Derives the facts that depend on what changed, in their order, and returns all changes: those that came in and
 * those of facts. Runs in the transaction that wrote the rows, so that no reader sees a row without its facts.
 */
export async function deriveFacts(
  tx: Transaction,
  set: RuleSet,
  deriving: { world: World; account_id: string; changed: readonly TableChanged[]; now: Date; since: Date },
): Promise<TableChanged[]> {
  const changed = [...deriving.changed]
  for (const ready of set.facts) {
    let reach: Reach | undefined
    for (const one of changed) {
      const here = reachOf(ready.when, one)
      if (here !== undefined) reach = widest(reach, here)
    }
    if (reach === undefined) continue
    const keys = await deriveFact(tx, set, ready, { ...deriving, reach })
    if (keys === 'all' || keys.length > 0)
      changed.push({ table: ready.fact.table, region: reach.region, keys })
  }
  return changed
}

/** Brings one fact up to date within a reach; returns the resources for which it changed. */
async function deriveFact(
  tx: Transaction,
  set: RuleSet,
  { fact, when, params }: ReadyFact,
  deriving: { world: World; account_id: string; reach: Reach; now: Date; since: Date },
): Promise<readonly string[] | 'all'> {
  const { account_id, reach, world, now, since } = deriving
  const relation = world.relation(fact.table)
  const some = await tx.query(
    `select t.account_id from ${relation} t where t.account_id = $1::text limit 1`,
    [account_id],
  )
  if (some.length === 0) return []
  const restriction: Scope = {
    accountIds: [account_id],
    ...(reach.region === '*' ? {} : { region: reach.region }),
    ...(reach.keys === 'all' ? {} : { resourceKeys: reach.keys }),
  }
  const derived = compileFactPass({
    table: fact.table,
    facts: [{ column: fact.column, when, params }],
    world,
    restriction,
    now,
    catalogue: set.catalogue,
    engine: tx.engine,
  })
  const own: Scope = { accountIds: [account_id] }
  const differ = await tx.query<{ resource_key: string; value: boolean | null; before: boolean | null }>(
    `select d.resource_key, d.${fact.column} as value, t.${fact.column} as before
     from (${derived}) d
     join ${relation} t on t.account_id = d.account_id and t.resource_key = d.resource_key
     where t.${fact.column} is distinct from d.${fact.column}${printScope('t', own)}
     limit ${mostKeys + 1}`,
  )
  if (differ.length > mostKeys) {
    await tx.run(
      `update ${relation} set ${fact.column} = d.${fact.column},
         _altered_in = case when ${relation}.${fact.column} is null or d.${fact.column} is null
           then ${relation}._altered_in else $1::timestamptz end
       from (${derived}) d
       where d.account_id = ${relation}.account_id and d.resource_key = ${relation}.resource_key
         and ${relation}.${fact.column} is distinct from d.${fact.column}
         ${printScope(relation, own)}`,
      [since],
    )
    return 'all'
  }
  // Only one that turned is news: where it was not known, its row was just written, or it could not be told.
  const alike = Map.groupBy(differ, ({ value, before }) => `${value} ${value !== null && before !== null}`)
  for (const rows of alike.values()) {
    const { value, before } = rows[0]!
    const turned = value !== null && before !== null
    const stamp = turned ? ', _altered_in = $4::timestamptz' : ''
    await tx.run(
      `update ${relation} set ${fact.column} = $1::boolean${stamp}
       where account_id = $2::text and resource_key = any($3::text[])`,
      [value, account_id, rows.map(({ resource_key }) => resource_key), ...(turned ? [since] : [])],
    )
  }
  return differ.map((row) => row.resource_key)
}
