import type { TableShape } from '../../core/table-shape.ts'
import type { Expr, From } from '../../db/sql/ast.ts'
import { all, call, column, equal, none, select, textValue, when } from '../../db/sql/build.ts'
import { GroupedColumns } from './grouped-columns.ts'
import { accountsOf, type Restriction, regionIfCarried, restrictRows } from './restriction.ts'
import type { Joined, RowCompiler } from './row-compiler.ts'
import { isColumn, type Subquery, type Term } from './term.ts'

function isRead(alias: string, name: string): Expr {
  return call('coalesce', column(alias, name), { kind: 'boolean', value: false })
}

/** The one parent of child rows that are looked up by their parent's key. */
export class ParentRowJoin implements Joined {
  readonly on: Expr
  /** NULL: there is no such parent. */
  readonly key: Expr
  readonly #columns: GroupedColumns
  readonly #alias: string
  readonly #row: RowCompiler
  readonly #parent: TableShape
  readonly #restriction: Restriction

  constructor(row: RowCompiler, parent: TableShape, sub: Subquery, key: Term) {
    this.#columns = new GroupedColumns(row.compilation.name('parent'))
    this.#alias = row.compilation.name('r')
    this.#row = row
    this.#parent = parent
    const { as } = this.#columns
    this.key = column(as, 'resource_key')
    this.on = all([equal(column(as, 'account_id'), row.account(sub)), equal(this.key, row.print(key))])
    const { resourceKeys } = row.restriction
    this.#restriction =
      sub.account !== undefined
        ? {}
        : {
            ...accountsOf(row.restriction),
            ...(resourceKeys !== undefined && isColumn(key, 'resource_key') ? { resourceKeys } : {}),
          }
  }

  refer(name: string): Expr {
    return this.#columns.refer(call('bool_and', isRead(this.#alias, name)))
  }

  readonly from = (): From => {
    const keys = ['account_id', 'resource_key']
    const groupBy = keys.map((name) => column(this.#alias, name))
    return {
      kind: 'subselect',
      as: this.#columns.as,
      query: select({
        targets: [...groupBy.map((expr, at) => ({ expr, as: keys[at]! })), ...this.#columns.targets()],
        from: [this.#row.compilation.rows(this.#parent, this.#alias)],
        where: all(restrictRows(this.#restriction, this.#alias)),
        groupBy,
      }),
    }
  }
}

/** All parents of an account, or of a region of it: whether each was read. NULL: there is none. */
export class ParentsJoin implements Joined {
  readonly on: Expr
  readonly #columns: GroupedColumns
  readonly #alias: string
  readonly #row: RowCompiler
  readonly #parent: TableShape
  readonly #keys: string[]
  readonly #restriction: Restriction

  constructor(row: RowCompiler, parent: TableShape, sub: Subquery, region: Term | undefined) {
    this.#columns = new GroupedColumns(row.compilation.name('parents'))
    this.#alias = row.compilation.name('r')
    this.#row = row
    this.#parent = parent
    this.#keys = region === undefined ? ['account_id'] : ['account_id', 'region']
    const { as } = this.#columns
    this.on = all([
      equal(column(as, 'account_id'), row.account(sub)),
      ...(region === undefined ? [] : [equal(column(as, 'region'), row.print(region))]),
    ])
    const only = region === undefined ? undefined : regionIfCarried(row.restriction, region)
    this.#restriction =
      sub.account !== undefined
        ? {}
        : { ...accountsOf(row.restriction), ...(only === undefined ? {} : { region: only }) }
  }

  refer(name: string, region?: string): Expr {
    const read = isRead(this.#alias, name)
    const meant =
      region === undefined ? read : when(equal(column(this.#alias, 'region'), textValue(region)), read, none)
    return this.#columns.refer(call('bool_and', meant))
  }

  readonly from = (): From => {
    const groupBy = this.#keys.map((name) => column(this.#alias, name))
    return {
      kind: 'subselect',
      as: this.#columns.as,
      query: select({
        targets: [...groupBy.map((expr, at) => ({ expr, as: this.#keys[at]! })), ...this.#columns.targets()],
        from: [this.#row.compilation.rows(this.#parent, this.#alias)],
        where: all(restrictRows(this.#restriction, this.#alias)),
        groupBy,
      }),
    }
  }
}
