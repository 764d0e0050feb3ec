import { readColumn, type TableShape } from '../../core/table-shape.ts'
import type { Expr } from '../../db/sql/ast.ts'
import { all, any, call, column, equal, isTest, textValue, when, yes } from '../../db/sql/build.ts'
import { CellJoin, PartCellJoin } from './cell-joins.ts'
import { ParentRowJoin, ParentsJoin } from './parent-joins.ts'
import type { Joined, RowCompiler } from './row-compiler.ts'
import { canonical, isColumn, isFixed, regionOf, type Subquery, type Term } from './term.ts'

/**
 * Whether the part of a table that could hold a subquery's rows was read: TRUE or something else (language.md §2).
 * The joins to cells and parents are shared by all terms over one row.
 */
export class ReadTests {
  readonly #row: RowCompiler
  readonly #joins = new Map<string, Joined>()

  constructor(row: RowCompiler) {
    this.#row = row
  }

  test(sub: Subquery): Expr {
    const region = regionOf(sub)
    // Nothing is in an account or region whose name is '' (the absence value of a link).
    const nowhere = [
      ...(sub.account === undefined ? [] : [sub.account]),
      ...(region === undefined || isFixed(region) || isColumn(region, 'region') ? [] : [region]),
    ]
    return any([...nowhere.map((term) => equal(this.#row.print(term), textValue(''))), this.#part(sub)])
  }

  #part(sub: Subquery): Expr {
    const table = this.#row.compilation.table(sub.table)
    const parentName = table.parent
    if (parentName === undefined) return this.#cells(sub, table)
    const parent = this.#row.compilation.table(parentName)
    const key = sub.keys.find(({ inner }) => isColumn(inner, 'resource_key'))?.outer
    if (key === undefined) return this.#allParents(sub, table, parent)
    const ofThisRow = sub.account === undefined && this.#row.table === parent && isColumn(key, 'resource_key')
    if (ofThisRow) return all(table.groups.map((group) => column(this.#row.alias, readColumn(group))))
    return this.#parentRow(sub, table, parent, key)
  }

  /** At least one cell speaks of the part, and all that do are in force. */
  #cells(sub: Subquery, table: TableShape): Expr {
    const account = this.#row.account(sub)
    const own = sub.account === undefined
    const cells = this.#join(['cells', sub.account ?? null], () => new CellJoin(this.#row, account, own))
    const region = narrowedRegion(sub, table)
    if (region === undefined) return cells.refer(table.name)
    if (isFixed(region)) return cells.refer(table.name, [textOf(region), 'global', '*'])
    const byPart = this.#join(
      ['part cells', sub.account ?? null, region],
      () => new PartCellJoin(this.#row, account, own, region),
    )
    const part = byPart.refer(table.name)
    const everywhere = cells.refer(table.name, ['global', '*'])
    return all([call('coalesce', part, everywhere), call('coalesce', everywhere, part)])
  }

  /** The one parent decides; where there is none, the parents' cells do, and then there is no child either. */
  #parentRow(sub: Subquery, table: TableShape, parent: TableShape, key: Term): Expr {
    const join = this.#join(
      ['parent row', parent.name, sub.account ?? null, key],
      () => new ParentRowJoin(this.#row, parent, sub, key),
    )
    const read = all(table.groups.map((group) => join.refer(readColumn(group))))
    return when(isTest('null', join.key, true), read, this.#cells(sub, parent))
  }

  #allParents(sub: Subquery, table: TableShape, parent: TableShape): Expr {
    const region = narrowedRegion(sub, parent)
    const moving = region === undefined || isFixed(region) ? undefined : region
    const fixed = region !== undefined && moving === undefined ? textOf(region) : undefined
    const join = this.#join(
      ['parents', parent.name, sub.account ?? null, moving ?? null],
      () => new ParentsJoin(this.#row, parent, sub, moving),
    )
    const read = table.groups.map((group) => call('coalesce', join.refer(readColumn(group), fixed), yes))
    return all([...read, this.#cells(sub, parent)])
  }

  #join<T extends Joined>(key: unknown, make: () => T): T {
    const name = canonical(key)
    let join = this.#joins.get(name) as T | undefined
    if (join === undefined) {
      join = make()
      this.#joins.set(name, join)
      this.#row.join(join)
    }
    return join
  }
}

/** A region narrows only what is listed by region. */
function narrowedRegion(sub: Subquery, table: TableShape): Term | undefined {
  return table.parts === 'region' ? regionOf(sub) : undefined
}

function textOf(term: Term): string {
  if (term.kind === 'constant' && term.type === 'text') return term.value
  throw new TypeError('a region was not bound')
}
