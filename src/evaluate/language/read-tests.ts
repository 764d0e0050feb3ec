import { type novelty, readColumn, type TableShape } from '../../core/table-shape.ts'
import type { Expr } from '../../db/sql/ast.ts'
import {
  all,
  any,
  binary,
  call,
  column,
  equal,
  isTest,
  no,
  textValue,
  when,
  yes,
} from '../../db/sql/build.ts'
import { CellJoin, PartCellJoin } from './cell-joins.ts'
import { ParentRowJoin, ParentsJoin } from './parent-joins.ts'
import { regionIfCarried } from './restriction.ts'
import type { Joined, RowCompiler } from './row-compiler.ts'
import {
  canonical,
  isColumn,
  isFixed,
  isOwnChild,
  namingKeys,
  regionOf,
  type Subquery,
  type Term,
} from './term.ts'

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

  #own(name: (typeof novelty)[number]['name']): Expr {
    return column(this.#row.alias, name)
  }

  /**
   * Whether the lists that could hold a subquery's rows know as much as the row around: they were read in the scan that
   * saw it as it is, or later; or a row with the keys that it names is there. Else "there is none" is said by a list that
   * is older than what names it, or of a name that is older than the list.
   */
  isAsNew(sub: Subquery, isThere: () => Expr): Expr {
    const table = this.#row.compilation.table(sub.table)
    const parent = table.parent === undefined ? table : this.#row.compilation.table(table.parent)
    const names = namingKeys(sub)
    if (names.length === 0 || isOwnChild(sub, table.parent, this.#row.table.name)) return yes
    const ofParent = table.parent === undefined ? undefined : parentKeyOf(sub)
    const hadNames = names.map(({ outer }) => hasNot(this.#own('_new_names'), outer, this.#row.print(outer)))
    const columns = names.filter(({ outer }) => outer.kind === 'column' && outer.type === 'text')
    const isCertain = columns.map(({ outer }) =>
      hasNot(this.#own('_lost_names'), outer, this.#row.print(outer)),
    )
    const isNoNewerThan = (read: Expr) =>
      all([
        isNoLater(this.#own('_new_in'), read),
        any([isNoLater(this.#own('_changed_in'), read), all(hadNames)]),
      ])
    const byList = all([isNoNewerThan(call('least', ...this.#readsOf(sub, parent))), ...isCertain])
    return any([
      // Of what one row has at most; where there may be others, an older list does not say that there are none.
      ...(namesOneRow(sub, table, parent) ? [isThere()] : []),
      // A link to nothing.
      ...names
        .filter(({ outer }) => outer.type === 'text')
        .map(({ outer }) => equal(this.#row.print(outer), textValue(''))),
      // Where the parent that is named is there, its document has the last word.
      ofParent === undefined
        ? byList
        : when(isTest('null', this.#parentJoin(sub, parent, ofParent).key, true), yes, byList),
    ])
  }

  #readsOf(sub: Subquery, table: TableShape): Expr[] {
    const { cells, byPart, fixed } = this.#cellJoins(sub, table)
    if (byPart === undefined)
      return [cells.referRead(table.name, fixed === undefined ? undefined : [fixed, 'global', '*'])]
    return [byPart.referRead(table.name), cells.referRead(table.name, ['global', '*'])]
  }

  #part(sub: Subquery): Expr {
    const table = this.#row.compilation.table(sub.table)
    const parentName = table.parent
    if (parentName === undefined) return this.#cells(sub, table)
    const parent = this.#row.compilation.table(parentName)
    const key = parentKeyOf(sub)
    if (key === undefined) return this.#allParents(sub, table, parent)
    if (isOwnChild(sub, parentName, this.#row.table.name))
      return all(table.groups.map((group) => column(this.#row.alias, readColumn(group))))
    return this.#parentRow(sub, table, parent, key)
  }

  /** At least one cell speaks of the part, and all that do are in force. */
  #cells(sub: Subquery, table: TableShape): Expr {
    const { cells, byPart, fixed } = this.#cellJoins(sub, table)
    if (fixed !== undefined) return cells.refer(table.name, [fixed, 'global', '*'])
    if (byPart === undefined) return cells.refer(table.name)
    const part = byPart.refer(table.name)
    const everywhere = cells.refer(table.name, ['global', '*'])
    return all([call('coalesce', part, everywhere), call('coalesce', everywhere, part)])
  }

  #cellJoins(
    sub: Subquery,
    table: TableShape,
  ): { cells: CellJoin; byPart: PartCellJoin | undefined; fixed: string | undefined } {
    const account = this.#row.account(sub)
    const own = sub.account === undefined
    const cells = this.#join(['cells', sub.account ?? null], () => new CellJoin(this.#row, account, own))
    const region = narrowedRegion(sub, table)
    if (region === undefined) return { cells, byPart: undefined, fixed: undefined }
    if (isFixed(region)) return { cells, byPart: undefined, fixed: textOf(region) }
    const byPart = this.#partCells(sub.account ?? null, account, own, region)
    return { cells, byPart, fixed: undefined }
  }

  #partCells(of: Term | null, account: Expr, own: boolean, region: Term): PartCellJoin {
    return this.#join(['part cells', of, region], () => {
      const only = own ? regionIfCarried(this.#row.restriction, region) : undefined
      return new PartCellJoin(this.#row, account, own, this.#row.print(region), only)
    })
  }

  /** The one parent decides; where there is none, the parents' cells do, and then there is no child either. */
  #parentRow(sub: Subquery, table: TableShape, parent: TableShape, key: Term): Expr {
    const join = this.#parentJoin(sub, parent, key)
    const read = all(table.groups.map((group) => join.refer(readColumn(group))))
    return when(isTest('null', join.key, true), read, this.#cells(sub, parent))
  }

  #parentJoin(sub: Subquery, parent: TableShape, key: Term): ParentRowJoin {
    return this.#join(
      ['parent row', parent.name, sub.account ?? null, key],
      () => new ParentRowJoin(this.#row, parent, sub, key),
    )
  }

  #allParents(sub: Subquery, table: TableShape, parent: TableShape): Expr {
    const { join, fixed } = this.#parentsJoin(sub, parent)
    const read = table.groups.map((group) => call('coalesce', join.refer(readColumn(group), fixed), yes))
    return all([...read, this.#cells(sub, parent)])
  }

  #parentsJoin(sub: Subquery, parent: TableShape): { join: ParentsJoin; fixed: string | undefined } {
    const region = narrowedRegion(sub, parent)
    const moving = region === undefined || isFixed(region) ? undefined : region
    const fixed = region !== undefined && moving === undefined ? textOf(region) : undefined
    const join = this.#join(
      ['parents', parent.name, sub.account ?? null, moving ?? null],
      () => new ParentsJoin(this.#row, parent, sub, moving),
    )
    return { join, fixed }
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

/** What is not told is nothing to hold against it. */
function isNoLater(moment: Expr, read: Expr): Expr {
  return call('coalesce', binary('<=', moment, read), yes)
}

/** Whether a name is none of the new ones. Of what is no text, or made of one, that is not told. */
function hasNot(newNames: Expr, term: Term, printed: Expr): Expr {
  if (term.type !== 'text' || term.kind !== 'column') return no
  const bar = textValue('|')
  const sought = binary('||', binary('||', bar, printed), bar)
  const place = call('strpos', call('coalesce', newNames, textValue('')), sought)
  return binary('=', place, { kind: 'number', text: '0' })
}

/** Of child rows: the parent whose they are, where it is named. */
function parentKeyOf(sub: Subquery): Term | undefined {
  return sub.keys.find(({ inner }) => isColumn(inner, 'resource_key'))?.outer
}

/** What is looked for is one row, or none: what is listed by region may have another in each. */
function namesOneRow(sub: Subquery, { parent, unique }: TableShape, { parts }: TableShape): boolean {
  const isOfPart = parts === 'global' || regionOf(sub) !== undefined
  return namingKeys(sub).some(({ inner }) => {
    return (
      inner.kind === 'column' &&
      ((isOfPart && unique.includes(inner.name)) || (parent === undefined && inner.name === 'resource_key'))
    )
  })
}

/** A region narrows only what is listed by region. */
function narrowedRegion(sub: Subquery, table: TableShape): Term | undefined {
  return table.parts === 'region' ? regionOf(sub) : undefined
}

function textOf(term: Term): string {
  if (term.kind === 'constant' && term.type === 'text') return term.value
  throw new TypeError('a region was not bound')
}
