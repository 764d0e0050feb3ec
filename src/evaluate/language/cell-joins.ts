import type { Expr, From } from '../../db/sql/ast.ts'
import { all, call, column, equal, none, oneOf, select, textValue, when } from '../../db/sql/build.ts'
import { GroupedColumns } from './grouped-columns.ts'
import { accountsOf, restrictRows } from './restriction.ts'
import type { Joined, RowCompiler } from './row-compiler.ts'

/** Not a part of an account: cells that speak of all of it, or of what was left out. */
const wholeParts = ['global', '*'] as const

/** The cells of an account, all or some of their parts: one column per table and parts. NULL: no cell speaks of it. */
export class CellJoin implements Joined {
  readonly on: Expr
  readonly #columns: GroupedColumns
  readonly #alias: string
  readonly #row: RowCompiler
  readonly #own: boolean
  readonly #tables = new Set<string>()

  constructor(row: RowCompiler, account: Expr, own: boolean) {
    this.#columns = new GroupedColumns(row.compilation.name('cells'))
    this.#alias = row.compilation.name('c')
    this.#row = row
    this.#own = own
    this.on = equal(column(this.#columns.as, 'account_id'), account)
  }

  refer(tableName: string, parts?: readonly string[]): Expr {
    this.#tables.add(tableName)
    return this.#columns.refer(inForce(this.#alias, tableName, parts))
  }

  /** When the oldest of their last good reads began; NULL: not told. */
  referRead(tableName: string, parts?: readonly string[]): Expr {
    this.#tables.add(tableName)
    return this.#columns.refer(oldestRead(this.#alias, tableName, parts))
  }

  readonly from = (): From =>
    groupedCells(this.#row, {
      columns: this.#columns,
      alias: this.#alias,
      tables: this.#tables,
      keys: ['account_id'],
      where: this.#own ? restrictRows(accountsOf(this.#row.restriction), this.#alias) : [],
    })
}

/** The cells of an account by part, for what is looked up by region. */
export class PartCellJoin implements Joined {
  readonly on: Expr
  readonly #columns: GroupedColumns
  readonly #alias: string
  readonly #row: RowCompiler
  readonly #where: Expr[]
  readonly #tables = new Set<string>()

  constructor(row: RowCompiler, account: Expr, own: boolean, of: Expr, only?: string) {
    this.#columns = new GroupedColumns(row.compilation.name('parts'))
    this.#alias = row.compilation.name('c')
    this.#row = row
    const { as } = this.#columns
    this.on = all([equal(column(as, 'account_id'), account), equal(column(as, 'part'), of)])
    const part = column(this.#alias, 'part')
    this.#where = [
      ...(own ? restrictRows(accountsOf(row.restriction), this.#alias) : []),
      ...(only === undefined ? [] : [equal(part, textValue(only))]),
      { kind: 'in_list', negated: true, operand: part, items: wholeParts.map(textValue) },
    ]
  }

  refer(tableName: string): Expr {
    this.#tables.add(tableName)
    return this.#columns.refer(inForce(this.#alias, tableName))
  }

  referRead(tableName: string): Expr {
    this.#tables.add(tableName)
    return this.#columns.refer(oldestRead(this.#alias, tableName))
  }

  readonly from = (): From =>
    groupedCells(this.#row, {
      columns: this.#columns,
      alias: this.#alias,
      tables: this.#tables,
      keys: ['account_id', 'part'],
      where: this.#where,
    })
}

function isMeant(alias: string, tableName: string, parts?: readonly string[]): Expr {
  return all([
    equal(column(alias, 'table_name'), textValue(tableName)),
    ...(parts === undefined ? [] : [oneOf(column(alias, 'part'), [...new Set(parts)])]),
  ])
}

/** Where a service is not to be had nothing comes to be: such a cell does not grow old. */
function oldestRead(alias: string, tableName: string, parts?: readonly string[]): Expr {
  const isListed = oneOf(column(alias, 'state'), ['ok', 'error'])
  const meant = all([isMeant(alias, tableName, parts), isListed])
  return call('min', when(meant, column(alias, 'ok_at'), none))
}

function inForce(alias: string, tableName: string, parts?: readonly string[]): Expr {
  const meant = isMeant(alias, tableName, parts)
  const force = call('coalesce', column(alias, 'in_force'), { kind: 'boolean', value: false })
  return call('bool_and', when(meant, force, none))
}

interface GroupedCells {
  columns: GroupedColumns
  alias: string
  tables: ReadonlySet<string>
  keys: readonly string[]
  where: readonly Expr[]
}

function groupedCells(row: RowCompiler, { columns, alias, tables, keys, where }: GroupedCells): From {
  const groupBy = keys.map((key) => column(alias, key))
  return {
    kind: 'subselect',
    as: columns.as,
    query: select({
      targets: [...groupBy.map((expr, at) => ({ expr, as: keys[at]! })), ...columns.targets()],
      from: [row.compilation.cells(alias)],
      where: all([...where, oneOf(column(alias, 'table_name'), [...tables].sort())]),
      groupBy,
    }),
  }
}
