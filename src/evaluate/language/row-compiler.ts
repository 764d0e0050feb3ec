import type { TableShape } from '../../core/table-shape.ts'
import type { Expr, From } from '../../db/sql/ast.ts'
import { all, column } from '../../db/sql/build.ts'
import type { Compilation } from './compilation.ts'
import { Lookup } from './lookup.ts'
import { printTerm } from './print-scalar.ts'
import { printSubquery } from './print-subquery.ts'
import { ReadTests } from './read-tests.ts'
import { type Restriction, restrictionBelow, restrictRows } from './restriction.ts'
import { canonical, type Subquery, type Term } from './term.ts'

/** Something that is joined to the rows: one row of it at most for each. */
export interface Joined {
  from(): From
  on: Expr
}

/**
 * Turns terms over one row into SQL over one FROM: the row's table and, for each subquery's keys, one grouped
 * LEFT JOIN that all terms share. Print the terms first, then `from()`.
 */
export class RowCompiler {
  readonly compilation: Compilation
  readonly table: TableShape
  readonly alias: string
  readonly restriction: Restriction
  readonly reads: ReadTests
  readonly #lookups = new Map<string, Lookup>()
  readonly #joins: Joined[] = []

  constructor(compilation: Compilation, shape: TableShape, restriction: Restriction, alias: string) {
    this.compilation = compilation
    this.table = shape
    this.alias = alias
    this.restriction = restriction
    this.reads = new ReadTests(this)
  }

  print(term: Term): Expr {
    return printTerm(term, {
      column: (name) => column(this.alias, name),
      subquery: (sub) => printSubquery(sub, this),
    })
  }

  /** The account whose rows a subquery is about. */
  account(sub: Pick<Subquery, 'account'>): Expr {
    return sub.account === undefined ? column(this.alias, 'account_id') : this.print(sub.account)
  }

  join(joined: Joined): void {
    this.#joins.push(joined)
  }

  /** The join that serves this subquery; `nulls` are its keys that must be NULL in the inner row. */
  lookup(sub: Subquery, nulls: Subquery['keys'] = []): Lookup {
    const of = (keys: Subquery['keys']) => keys.map(canonical).sort()
    const key = canonical([sub.table, sub.account ?? null, of(sub.keys), of(nulls)])
    let lookup = this.#lookups.get(key)
    if (lookup === undefined) {
      const { compilation } = this
      const below = new RowCompiler(
        compilation,
        compilation.table(sub.table),
        restrictionBelow(this.restriction, sub),
        compilation.name('t'),
      )
      lookup = new Lookup(compilation.name('j'), below, sub, nulls, this)
      this.#lookups.set(key, lookup)
      this.join(lookup)
    }
    return lookup
  }

  from(): From {
    // Joins may be added while earlier ones are printed: none is, for every term is printed before.
    return this.#joins.reduce<From>(
      (left, { from, on }) => ({ kind: 'join', join: 'left', left, right: from(), on }),
      this.compilation.rows(this.table, this.alias),
    )
  }

  /** The rows that are meant. */
  where(): Expr {
    return all(restrictRows(this.restriction, this.alias))
  }
}
