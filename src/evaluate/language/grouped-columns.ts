import type { Expr, Target } from '../../db/sql/ast.ts'
import { column } from '../../db/sql/build.ts'
import { canonical } from './term.ts'

/** The computed columns of one joined subselect: the same expression is one column, whoever asks for it. */
export class GroupedColumns {
  readonly as: string
  readonly #columns = new Map<string, Target & { as: string }>()

  constructor(as: string) {
    this.as = as
  }

  /** A reference, from outside, to the column that holds this expression. */
  refer(expr: Expr): Expr {
    const key = canonical(expr)
    let target = this.#columns.get(key)
    if (target === undefined) {
      target = { expr, as: `p${String(this.#columns.size + 1)}` }
      this.#columns.set(key, target)
    }
    return column(this.as, target.as)
  }

  targets(): Target[] {
    return [...this.#columns.values()]
  }
}
