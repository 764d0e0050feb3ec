import type { Expr, From } from '../../db/sql/ast.ts'
import { all, any, call, column, equal, isTest, select, yes } from '../../db/sql/build.ts'
import { GroupedColumns } from './grouped-columns.ts'
import { canBeNull } from './nullable-keys.ts'
import type { Joined, RowCompiler } from './row-compiler.ts'
import { canonical, conjuncts, type Subquery, subqueriesOf, type Term } from './term.ts'

/** One grouped LEFT JOIN: the rows of a table by account and keys, with one column per predicate. */
export class Lookup implements Joined {
  readonly columns: GroupedColumns
  readonly on: Expr
  /** Prints terms over the rows that are grouped. */
  readonly row: RowCompiler
  readonly #keys: { as: string; expr: Expr }[]
  readonly #where: Expr
  /** Of each predicate, what a row alone says of it. */
  readonly #predicates = new Map<string, readonly Expr[]>()
  #keepsAll = false

  constructor(as: string, row: RowCompiler, sub: Subquery, nulls: Subquery['keys'], around: RowCompiler) {
    this.columns = new GroupedColumns(as)
    this.row = row
    const kept = sub.keys.filter((key) => !nulls.includes(key))
    this.#keys = [
      { as: 'account_id', expr: column(row.alias, 'account_id') },
      ...kept.map((key, at) => ({ as: `k${String(at + 1)}`, expr: row.print(key.inner) })),
    ]
    this.on = all([
      equal(column(as, 'account_id'), around.account(sub)),
      ...kept.map((key, at) => equal(column(as, `k${String(at + 1)}`), around.print(key.outer))),
    ])
    const { catalogue } = row.compilation
    const nullable = nulls.length === 0 ? [] : kept.filter((key) => canBeNull(key.inner, catalogue))
    this.#where = all(
      [
        row.where(),
        // A row that nobody vouches for stands in a cell that is not in force: the read test says so.
        ...(row.table.parent === undefined ? [column(row.alias, '_listed')] : []),
        ...nulls.map((key) => isTest('null', row.print(key.inner))),
        ...nullable.map((key) => isTest('null', row.print(key.inner), true)),
      ].filter((one) => one.kind !== 'boolean' || !one.value),
    )
  }

  /** What a row must be for one of the columns, over the rows that are grouped. */
  predicate(where: Term): Expr {
    const holds = this.row.print(where)
    const alone = conjuncts(where).filter((term) => subqueriesOf(term).length === 0)
    this.#predicates.set(
      canonical(holds),
      alone.map((term) => this.row.print(term)),
    )
    return holds
  }

  /** A row with these keys is there, whatever it is like. */
  isThere(): Expr {
    this.#keepsAll = true
    return isTest('null', this.columns.refer(call('count', { kind: 'number', text: '1' })), true)
  }

  /**
   * A row for which every predicate is FALSE adds nothing to any column: as good as no row. Left out before they are
   * grouped, since most rows are such: a group rule that is open to the world on port 22 is rare. What needs a lookup of
   * its own is not asked here: it would be printed twice, and what is nested in it four times.
   */
  #counts(): Expr {
    if (this.#keepsAll) return yes
    const predicates = [...this.#predicates.values()].map((alone) =>
      all(alone.filter((one) => one.kind !== 'boolean' || !one.value)),
    )
    if (predicates.some((alone) => alone.kind === 'boolean')) return yes
    return any(predicates.map((alone) => isTest('false', alone, true)))
  }

  readonly from = (): From => ({
    kind: 'subselect',
    as: this.columns.as,
    query: select({
      targets: [...this.#keys.map(({ as, expr }) => ({ expr, as })), ...this.columns.targets()],
      from: [this.row.from()],
      where: all([this.#where, this.#counts()].filter((one) => one.kind !== 'boolean' || !one.value)),
      groupBy: this.#keys.map((key) => key.expr),
    }),
  })
}
