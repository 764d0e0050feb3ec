import type { Catalogue, TableShape } from '../../core/table-shape.ts'
import { verdictCharacters } from '../../core/verdict.ts'
import type { World } from '../../core/world.ts'
import type { EngineName } from '../../db/database.ts'
import type { Expr, Target } from '../../db/sql/ast.ts'
import { all, binary, choose, column, select, textValue, when } from '../../db/sql/build.ts'
import { dialectOf, emitQuery } from '../../db/sql/emit-sql.ts'
import { bindCondition } from './bind-term.ts'
import type { CheckedCondition } from './check-condition.ts'
import { Compilation } from './compilation.ts'
import type { ParamValues } from './params.ts'
import type { Restriction } from './restriction.ts'
import { RowCompiler } from './row-compiler.ts'

/** A rule as one column of its table's pass. */
export interface PassRule {
  /** Its stable place in the verdict string, from 1. */
  slot: number
  id: string
  pass: CheckedCondition
  applies?: CheckedCondition
  /** The rule's scope queries: applies and only and not never. */
  only?: CheckedCondition
  never?: CheckedCondition
  params?: ParamValues
  /** Also judges rows that another account owns. */
  foreign?: boolean
  /** It made the engine stop: unknown wherever a row is listed, so that it does not take the table with it. */
  broken?: boolean
}

export interface TablePass {
  table: string
  rules: readonly PassRule[]
  catalogue: Catalogue
  world: World
  engine: EngineName
  /** What now() is. */
  now: Date
  restriction?: Restriction
  /** How many slots the string has; left out: up to the last rule's. */
  slots?: number
  /** Also one column per rule, `v_<slot>`, with its character. */
  columns?: boolean
}

/**
 * One SELECT that judges all rows of a table by all its rules: account_id, region, resource_key, verdicts.
 * `verdicts` is the exposure's character and one per slot (src/core/verdict.ts).
 */
export function compileTablePass(pass: TablePass): string {
  const compilation = new Compilation(pass.catalogue, pass.world)
  const table = compilation.table(pass.table)
  const row = new RowCompiler(compilation, table, pass.restriction ?? {}, 'judged')
  const length = pass.slots ?? Math.max(0, ...pass.rules.map((rule) => rule.slot))
  const characters: Expr[] = Array.from({ length }, () => textValue(verdictCharacters.none))
  for (const rule of pass.rules) {
    if (!Number.isSafeInteger(rule.slot) || rule.slot < 1 || rule.slot > length) {
      throw new RangeError(`rule ${rule.id} has the slot ${String(rule.slot)} of ${String(length)}`)
    }
    if (rule.pass.table !== table.name) throw new TypeError(`rule ${rule.id} judges ${rule.pass.table}`)
    characters[rule.slot - 1] = verdictOf(rule, row, pass.now)
  }
  const separate: Target[] =
    pass.columns === true ? characters.map((expr, at) => ({ expr, as: `v_${String(at + 1)}` })) : []
  const keys = ['account_id', 'region', 'resource_key']
  const query = select({
    targets: [
      ...keys.map((name) => ({ expr: column(row.alias, name), as: name })),
      { expr: concatenated([exposureOf(table, row), ...characters]), as: 'verdicts' },
      ...separate,
    ],
    from: [row.from()],
    where: row.where(),
  })
  return emitQuery(query, dialectOf(pass.engine))
}

function verdictOf(rule: PassRule, row: RowCompiler, now: Date): Expr {
  const { pass, fail, unknown, not_applicable } = verdictCharacters
  const print = (condition: CheckedCondition) => row.print(bindCondition(condition, rule.params ?? {}, now))
  if (rule.broken === true) return textValue(unknown)
  const listed = column(row.alias, '_listed')
  const judged = choose(when(listed, print(rule.pass)), textValue(pass), textValue(fail), textValue(unknown))
  const scope = [
    ...(rule.applies === undefined ? [] : [print(rule.applies)]),
    ...(rule.only === undefined ? [] : [print(rule.only)]),
    ...(rule.never === undefined ? [] : [{ kind: 'not', operand: print(rule.never) } as const]),
  ]
  const inScope =
    scope.length === 0 ? judged : choose(all(scope), judged, textValue(not_applicable), textValue(unknown))
  if (rule.foreign === true) return inScope
  const foreign = binary('<>', column(row.alias, 'owner_account_id'), column(row.alias, 'account_id'))
  return when(foreign, textValue(not_applicable), inScope)
}

function exposureOf(table: TableShape, row: RowCompiler): Expr {
  const fact = table.columns.find(({ name, type }) => name === 'is_public' && type === 'boolean')
  if (fact === undefined) return textValue('o')
  const known = when(column(row.alias, '_listed'), column(row.alias, fact.name))
  return choose(known, textValue('x'), textValue('o'), textValue('?'))
}

/** Balanced, so that a table with many rules does not nest deep. */
function concatenated(parts: readonly Expr[]): Expr {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return only
  const middle = Math.ceil(parts.length / 2)
  return binary('||', concatenated(parts.slice(0, middle)), concatenated(parts.slice(middle)))
}
