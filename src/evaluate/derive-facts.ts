import { liveWorld, type World } from '../core/world.ts'
import type { Transaction } from '../db/database.ts'
import { quoteText } from '../db/identifier.ts'
import { printScope, type Scope } from '../findings/scope.ts'
import { mostKeys, type Reach, reachOf, type TableChanged, widest } from './affected.ts'
import { confirmedForFact } from './confirmed-for.ts'
import { compileFactPass } from './language/compile-fact-pass.ts'
import { readUnconfirmed, type Unconfirmed } from './read-unconfirmed.ts'
import type { ReadyFact, RuleSet } from './rule-set.ts'

/**
 * Derives the facts that depend on what changed, in their order, and returns all changes: those that came in and
 * those of facts. Runs in the transaction that wrote the rows, so that no reader sees a row without its facts.
 */
export async function deriveFacts(
  tx: Transaction,
  set: RuleSet,
  deriving: {
    world: World
    account_id: string
    changed: readonly TableChanged[]
    now: Date
    /** To be told again of all rows, whatever changed. */
    again?: ReadonlySet<ReadyFact>
  },
): Promise<TableChanged[]> {
  const changed = [...deriving.changed]
  let unconfirmed: Promise<Unconfirmed> | undefined
  for (const ready of set.facts) {
    let reach: Reach | undefined =
      deriving.again?.has(ready) === true ? { accounts: 'own', region: '*', keys: 'all' } : undefined
    for (const one of changed) {
      const here = reachOf(ready.when, one)
      if (here !== undefined) reach = widest(reach, here)
    }
    if (reach === undefined) continue
    if (deriving.world === liveWorld) unconfirmed ??= readUnconfirmed(tx, deriving.account_id)
    const confirmed = confirmedForFact(set, ready, await unconfirmed)
    const keys = await deriveFact(tx, set, ready, { ...deriving, reach, confirmed })
    if (keys === 'all' || keys.length > 0)
      changed.push({ table: ready.fact.table, region: reach.region, keys })
  }
  return changed
}

/**
 * Brings one fact up to date within a reach; returns the resources for which it changed. What a failed read left as it was, or a
 * scan is about to read, may confirm what the fact is, and not make it another: then it is unknown until all is read.
 */
async function deriveFact(
  tx: Transaction,
  set: RuleSet,
  { fact, when, params }: ReadyFact,
  deriving: { world: World; account_id: string; reach: Reach; now: Date; confirmed: World | undefined },
): Promise<readonly string[] | 'all'> {
  const { account_id, reach, world, now } = deriving
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
  const derivedIn = (world: World) =>
    compileFactPass({
      table: fact.table,
      facts: [{ column: fact.column, when, params }],
      world,
      restriction,
      now,
      catalogue: set.catalogue,
      engine: tx.engine,
    })
  const own: Scope = { accountIds: [account_id] }
  const mark = `|${fact.column}|`
  const wasKept = `strpos(coalesce(t._kept_facts, ''), ${quoteText(mark)}) > 0`
  const isAll = deriving.confirmed === undefined
  const value = isAll
    ? `d.${fact.column}`
    : `case when c.${fact.column} is not null then c.${fact.column}
         when d.${fact.column} = t.${fact.column} then d.${fact.column} end`
  const isKept = isAll ? 'false' : `(c.${fact.column} is null and d.${fact.column} is not null)`
  const confirmed =
    deriving.confirmed === undefined
      ? ''
      : `join (${derivedIn(deriving.confirmed)}) c on c.account_id = d.account_id and c.resource_key = d.resource_key`
  const derived = `
     select d.account_id, d.resource_key, ${value} as value, ${isKept} as is_kept
     from (${derivedIn(world)}) d ${confirmed}
     join ${relation} t on t.account_id = d.account_id and t.resource_key = d.resource_key
     where true${printScope('t', own)}
       and (t.${fact.column} is distinct from ${value} or ${isKept} <> (${wasKept}))`
  const differ = await tx.query<{ resource_key: string; value: boolean | null; is_kept: boolean }>(
    `select x.resource_key, x.value, x.is_kept from (${derived}) x limit ${mostKeys + 1}`,
  )
  const marked = (name: string, is_kept: string) =>
    `replace(coalesce(${name}._kept_facts, ''), ${quoteText(mark)}, '') || case when ${is_kept} then ${quoteText(mark)} else '' end`
  if (differ.length > mostKeys) {
    await tx.run(
      `update ${relation} set ${fact.column} = x.value, _kept_facts = ${marked(relation, 'x.is_kept')}
       from (${derived}) x
       where x.account_id = ${relation}.account_id and x.resource_key = ${relation}.resource_key
         ${printScope(relation, own)}`,
    )
    return 'all'
  }
  const alike = Map.groupBy(differ, ({ value, is_kept }) => `${value} ${is_kept}`)
  for (const rows of alike.values()) {
    const { value, is_kept } = rows[0]!
    await tx.run(
      `update ${relation} set ${fact.column} = $1::boolean, _kept_facts = ${marked(relation, String(is_kept))}
       where account_id = $2::text and resource_key = any($3::text[])`,
      [value, account_id, rows.map(({ resource_key }) => resource_key)],
    )
  }
  return differ.map((row) => row.resource_key)
}
