import type { Catalogue } from '../../core/table-shape.ts'
import type { World } from '../../core/world.ts'
import type { EngineName } from '../../db/database.ts'
import { column, select, when } from '../../db/sql/build.ts'
import { dialectOf, emitQuery } from '../../db/sql/emit-sql.ts'
import { bindCondition } from './bind-term.ts'
import type { CheckedCondition } from './check-condition.ts'
import { Compilation } from './compilation.ts'
import type { ParamValues } from './params.ts'
import type { Restriction } from './restriction.ts'
import { RowCompiler } from './row-compiler.ts'

export interface FactPass {
  table: string
  /** Facts of this table that do not read one another. */
  facts: readonly { column: string; when: CheckedCondition; params?: ParamValues }[]
  catalogue: Catalogue
  world: World
  engine: EngineName
  now: Date
  restriction?: Restriction
}

/** One SELECT: account_id, resource_key, and one boolean column per fact, by its name. NULL: not known. */
export function compileFactPass(pass: FactPass): string {
  const compilation = new Compilation(pass.catalogue, pass.world)
  const row = new RowCompiler(compilation, compilation.table(pass.table), pass.restriction ?? {}, 'judged')
  const facts = pass.facts.map((fact) => {
    if (fact.when.table !== pass.table)
      throw new TypeError(`the fact ${fact.column} is over ${fact.when.table}`)
    const value = row.print(bindCondition(fact.when, fact.params ?? {}, pass.now))
    return { expr: when(column(row.alias, '_listed'), value), as: fact.column }
  })
  const keys = ['account_id', 'resource_key']
  const query = select({
    targets: [...keys.map((name) => ({ expr: column(row.alias, name), as: name })), ...facts],
    from: [row.from()],
    where: row.where(),
  })
  return emitQuery(query, dialectOf(pass.engine))
}
