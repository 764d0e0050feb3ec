import { nearest } from '../../core/nearest.ts'
import type { Catalogue } from '../../core/table-shape.ts'
import { parseExpression } from '../../db/sql/parse-sql.ts'
import { conditionError } from './condition-error.ts'
import { type Dependencies, dependenciesOf } from './dependencies.ts'
import { mostNullableKeys, sortKeys } from './nullable-keys.ts'
import type { ParamShapes } from './params.ts'
import { TermResolver } from './resolve-term.ts'
import { everySubquery, type Term } from './term.ts'

export interface ConditionOptions {
  /** The table whose rows are judged: a resource table, not a child. */
  table: string
  catalogue: Catalogue
  params?: ParamShapes
  /** The rule says `across: accounts`. */
  across?: boolean
}

/** A condition that compiles: nothing that is known before it runs can be wrong with it. */
export interface CheckedCondition {
  readonly text: string
  readonly table: string
  readonly across: boolean
  readonly params: ParamShapes
  /** Names resolved, types checked, joins nested. */
  readonly term: Term
  readonly dependencies: Dependencies
}

/** Throws a StanceError whose details point at the character: offset, line, column, excerpt. */
export function checkCondition(text: string, options: ConditionOptions): CheckedCondition {
  const { catalogue, params = {}, across = false } = options
  const table = catalogue.get(options.table)
  if (table === undefined) {
    const close = nearest(options.table, [...catalogue.keys()])
    const next = close === undefined ? '`stance tables list` has their names.' : `Did you mean ${close}?`
    throw conditionError(text, 'CONDITION_UNKNOWN_TABLE', 0, `There is no table ${options.table}.`, next)
  }
  if (table.parent !== undefined) {
    const what = `${table.name} is a child table: its rows are no resources.`
    throw conditionError(
      text,
      'CONDITION_NOT_ALLOWED',
      0,
      what,
      `Judge ${table.parent} and look into ${table.name} with exists.`,
    )
  }
  const parsed = parseExpression(text)
  const resolver = new TermResolver({ text, catalogue, params, across, paramNames: parsed.params })
  const judged = resolver.newRow({ alias: table.name, table, at: 0 })
  const term = resolver.condition(parsed.tree, { rows: [judged] })
  for (const sub of everySubquery(term)) {
    if (sortKeys(sub, catalogue).nullable.length <= mostNullableKeys) continue
    const what = `More than ${String(mostNullableKeys)} of the equalities with ${sub.table} are on columns outside its list.`
    throw conditionError(
      text,
      'CONDITION_CORRELATION',
      sub.at,
      what,
      'Link by an id or by columns of the list group.',
    )
  }
  return {
    text,
    table: table.name,
    across,
    params,
    term,
    dependencies: dependenciesOf(term, table.name, catalogue),
  }
}
