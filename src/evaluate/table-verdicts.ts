import { verdictCharacters } from '../core/verdict.ts'
import { liveWorld, type World } from '../core/world.ts'
import type { EngineName } from '../db/database.ts'
import { quoteText } from '../db/identifier.ts'
import type { TableVerdicts } from '../findings/record-verdicts.ts'
import { accountsOf, printScope, type Scope } from '../findings/scope.ts'
import type { RuleSlot } from '../findings/sync-rules.ts'
import { compileTablePass, type PassRule } from './language/compile-table-pass.ts'
import type { RuleSet } from './rule-set.ts'
import { type ScopeTables, unreadScopesSql } from './unread-scopes.ts'

export interface Judging {
  table: string
  /** The account is always named: a transaction writes one account. */
  scope: Scope
  now: Date
  slots: readonly RuleSlot[]
  /** Rules that made the engine stop: unknown, with the reason "rule error". */
  broken: ReadonlySet<string>
  /** What the rules look at without what was not confirmed; not given: all of it was. */
  confirmed?: World
}

/** The rules of a table as the compiler wants them; a broken one is unknown everywhere. */
export function passRules(set: RuleSet, slots: readonly RuleSlot[], broken: ReadonlySet<string>): PassRule[] {
  return slots.flatMap(({ slot, rule_id }) => {
    const ready = set.rules.get(rule_id)
    if (ready === undefined) return []
    return {
      slot,
      id: rule_id,
      pass: ready.pass,
      params: ready.params,
      foreign: ready.rule.foreign,
      broken: broken.has(rule_id),
      ...(ready.applies === undefined ? {} : { applies: ready.applies }),
      ...(ready.only === undefined ? {} : { only: ready.only }),
      ...(ready.never === undefined ? {} : { never: ready.never }),
    }
  })
}

/** The pass that judges a table within a scope, and what is judged. */
export function tableVerdicts(
  set: RuleSet,
  scopeTables: ScopeTables,
  judging: Judging,
  engine: EngineName,
): TableVerdicts {
  const { table, scope, slots } = judging
  const rules = passRules(set, slots, judging.broken)
  const mark = acrossMark(rules)
  const passIn = (world: World) => {
    const pass = compileTablePass({
      table,
      rules,
      world,
      restriction: scope,
      now: judging.now,
      catalogue: set.catalogue,
      engine,
    })
    return mark === '' ? pass : aloneAtFirst(pass)
  }
  const known = passIn(liveWorld)
  const length = Math.max(0, ...rules.map(({ slot }) => slot))
  const pass =
    mark +
    (judging.confirmed === undefined
      ? known
      : confirmedOrAsBefore(known, passIn(judging.confirmed), { table, scope, length }))
  const unread =
    scope.resourceKeys === undefined
      ? unreadScopesSql(table, slots, set.catalogue, scopeTables, scope)
      : undefined
  const rows = `select t.account_id, t.resource_key from lake.${table} t where true${printScope('t', scope)}`
  const alone = (sql: string) => `select x.account_id, x.resource_key from (${sql}) x`
  return {
    table,
    judged: unread === undefined ? pass : `${pass} union all ${unread}`,
    existing: unread === undefined ? rows : `${rows} union all ${alone(unread)}`,
    scope,
  }
}

/**
 * What a failed read left as it was may confirm what was said, and not say anything else: a verdict that follows from what was
 * read well stands, one that needs what is kept stands where it is the one of before, and is unknown where it is not.
 */
function confirmedOrAsBefore(
  known: string,
  confirmed: string,
  { table, scope, length }: { table: string; scope: Scope; length: number },
): string {
  const at = (of: string, place: number) => `substr(${of}.verdicts, ${place}, 1)`
  const unknown = quoteText(verdictCharacters.unknown)
  const verdicts = Array.from({ length }, (_, index) => {
    const place = index + 2
    return `case when ${at('c', place)} <> ${unknown} then ${at('c', place)}
      when ${at('k', place)} = ${at('v', place)} then ${at('k', place)} else ${unknown} end`
  })
  // The fact that says whether it is public was held to this already, when it was derived.
  const characters = [at('k', 1), ...verdicts]
  return `select k.account_id, k.region, k.resource_key,
      case when c.verdicts = k.verdicts then k.verdicts else ${characters.join(' || ')} end as verdicts
    from (${known}) k
    join (${confirmed}) c on c.account_id = k.account_id and c.resource_key = k.resource_key
    left join stance.verdict v on v.account_id = k.account_id and v.table_name = ${quoteText(table)}
      and v.resource_key = k.resource_key${printScope('v', accountsOf(scope))}`
}

/**
 * A distributed store takes a set operation, and what is joined to its branches, to each of its shards, and there finds no
 * rows of other accounts, without a word: what looks for them is computed before.
 */
export function aloneAtFirst(pass: string): string {
  return `select p.account_id, p.region, p.resource_key, p.verdicts
    from (with a as materialized (${pass}) select a.account_id, a.region, a.resource_key, a.verdicts from a) p`
}

/** On a distributed store such a pass pulls rows of other accounts, and says that it means to. */
function acrossMark(rules: readonly PassRule[]): string {
  const looksAcross = rules.some(({ pass, applies, only, never }) =>
    [pass, applies, only, never].some((condition) => condition?.across === true),
  )
  return looksAcross ? '/* across: accounts */ ' : ''
}
