import type { Catalogue } from '../../core/table-shape.ts'
import type { World } from '../../core/world.ts'
import type { EngineName } from '../../db/database.ts'
import type { Target } from '../../db/sql/ast.ts'
import { column, select } from '../../db/sql/build.ts'
import { dialectOf, emitQuery } from '../../db/sql/emit-sql.ts'
import type { CheckedCondition } from './check-condition.ts'
import { Compilation } from './compilation.ts'
import type { ParamValues } from './params.ts'
import type { Restriction } from './restriction.ts'
import { RowCompiler } from './row-compiler.ts'
import { verdictString } from './verdict-string.ts'

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
  for (const rule of pass.rules) {
    if (!Number.isSafeInteger(rule.slot) || rule.slot < 1 || rule.slot > length) {
      throw new RangeError(`rule ${rule.id} has the slot ${String(rule.slot)} of ${String(length)}`)
    }
    if (rule.pass.table !== table.name) throw new TypeError(`rule ${rule.id} judges ${rule.pass.table}`)
  }
  const { verdicts, characters } = verdictString(pass.rules, length, row, pass.now)
  const separate: Target[] =
    pass.columns === true ? characters.map((expr, at) => ({ expr, as: `v_${String(at + 1)}` })) : []
  const keys = ['account_id', 'region', 'resource_key']
  const query = select({
    targets: [
      ...keys.map((name) => ({ expr: column(row.alias, name), as: name })),
      { expr: verdicts, as: 'verdicts' },
      ...separate,
    ],
    from: [row.from()],
    where: row.where(),
  })
  return emitQuery(query, dialectOf(pass.engine))
}
