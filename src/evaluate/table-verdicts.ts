import { liveWorld } from '../core/world.ts'
import type { EngineName } from '../db/database.ts'
import type { TableVerdicts } from '../findings/record-verdicts.ts'
import { printScope, type Scope } from '../findings/scope.ts'
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
  const pass =
    acrossMark(rules) +
    compileTablePass({
      table,
      rules,
      world: liveWorld,
      restriction: scope,
      now: judging.now,
      catalogue: set.catalogue,
      engine,
    })
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

/** On a distributed store such a pass pulls rows of other accounts, and says that it means to. */
function acrossMark(rules: readonly PassRule[]): string {
  const looksAcross = rules.some(({ pass, applies, only, never }) =>
    [pass, applies, only, never].some((condition) => condition?.across === true),
  )
  return looksAcross ? '/* across: accounts */ ' : ''
}
