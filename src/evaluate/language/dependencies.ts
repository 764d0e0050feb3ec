import { type Catalogue, derivedGroup, listGroup } from '../../core/table-shape.ts'
import {
  canonical,
  innerTerms,
  isOwnChild,
  namingKeys,
  regionOf,
  type Subquery,
  sameRow,
  type Term,
  trueTerm,
} from './term.ts'

/**
 * From where a change of the table can change the verdict of a row:
 * - row: only the judged resource's own rows (its table, and child rows under its key)
 * - region: rows of the account and region of the judged row. A change of the cell with part `global` or `*` is
 *   one of every region
 * - account: rows of its account
 * - accounts: rows of any account
 */
export type ReadScope = 'row' | 'region' | 'account' | 'accounts'
const scopes: readonly ReadScope[] = ['row', 'region', 'account', 'accounts']

export interface TableRead {
  table: string
  /** Declared columns that are named, sorted; facts among them too. */
  columns: string[]
  /** The groups that must have been read: of those columns, of child rows, and `list` of each table looked into. */
  groups: string[]
  scope: ReadScope
}

/** Rows that look for rows of another table by what they name, so that both lists must be of one time. */
export interface TableLookup {
  /** The table that is looked into; of child rows their parent's. */
  of: string
  /** The table whose rows look. */
  around: string
  /** In other accounts. */
  across: boolean
  /**
   * By what they name, where a column says it (of that table, or of its child rows), and in which column it is sought; whether
   * that is all that is asked.
   */
  by?: { table: string; column: string; in: { table: string; column: string }; isAll: boolean }
}

export interface Dependencies {
  /** One per table and scope, by table and scope. */
  reads: TableRead[]
  lookups: TableLookup[]
  facts: { table: string; column: string }[]
  readsNow: boolean
  params: string[]
}

export function dependenciesOf(term: Term, table: string, catalogue: Catalogue): Dependencies {
  return new Collector(catalogue).collect(term, table)
}

class Collector {
  readonly #catalogue: Catalogue
  readonly #reads = new Map<
    string,
    { table: string; scope: ReadScope; columns: Set<string>; groups: Set<string> }
  >()
  readonly #lookups = new Map<string, TableLookup>()
  readonly #params = new Set<string>()
  #readsNow = false

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue
  }

  collect(term: Term, table: string): Dependencies {
    this.#read(table, 'row', [listGroup])
    this.#walk([term], 'row', table)
    const reads = [...this.#reads.values()]
      .map(({ columns, groups, ...one }) => ({
        ...one,
        columns: [...columns].sort(),
        groups: [...groups].sort(),
      }))
      .sort((one, other) => (`${one.table} ${one.scope}` < `${other.table} ${other.scope}` ? -1 : 1))
    const facts = new Map<string, { table: string; column: string }>()
    for (const read of reads) {
      for (const column of read.columns) {
        if (this.#groupOf(read.table, column) !== derivedGroup) continue
        facts.set(`${read.table}.${column}`, { table: read.table, column })
      }
    }
    return {
      reads,
      lookups: [...this.#lookups.values()],
      facts: [...facts.values()],
      readsNow: this.#readsNow,
      params: [...this.#params].sort(),
    }
  }

  #groupOf(table: string, column: string): string | undefined {
    return this.#catalogue.get(table)?.columns.find(({ name }) => name === column)?.group
  }

  #read(table: string, scope: ReadScope, groups: readonly string[], columns: readonly string[] = []): void {
    const key = `${table} ${scope}`
    let read = this.#reads.get(key)
    if (read === undefined) {
      read = { table, scope, columns: new Set(), groups: new Set() }
      this.#reads.set(key, read)
    }
    for (const group of groups) read.groups.add(group)
    for (const column of columns) read.columns.add(column)
  }

  #walk(terms: readonly Term[], scope: ReadScope, table: string): void {
    for (const term of terms.flatMap((one) => [...sameRow(one)])) {
      if (term.kind === 'param') this.#params.add(term.name)
      if (term.kind === 'time') {
        this.#readsNow = true
        for (const { count } of term.shifts) if (typeof count !== 'bigint') this.#params.add(count.param)
      }
      if (term.kind === 'column') {
        const group = this.#groupOf(term.table, term.name)
        this.#read(
          term.table,
          scope,
          group === undefined ? [] : [group],
          group === undefined ? [] : [term.name],
        )
      }
      if (term.kind === 'subquery') this.#subquery(term, scope, table)
    }
  }

  #subquery(sub: Subquery, around: ReadScope, table: string): void {
    const shape = this.#catalogue.get(sub.table)!
    const scope = this.#scopeOf(sub, around, table)
    if (shape.parent === undefined) {
      this.#read(sub.table, scope, [listGroup])
    } else {
      this.#read(sub.table, scope, shape.groups)
      // Whether the child rows were read is known from their parents' rows and cells.
      this.#read(shape.parent, scope, shape.groups)
    }
    if (!isOwnChild(sub, shape.parent, table) && namingKeys(sub).length > 0) {
      const of = shape.parent ?? shape.name
      const around = this.#catalogue.get(table)?.parent ?? table
      const across = sub.account !== undefined
      const isAll =
        sub.form === 'exists' && namingKeys(sub).length === 1 && canonical(sub.where) === canonical(trueTerm)
      for (const { inner, outer } of namingKeys(sub)) {
        const isPlain = outer.kind === 'column' && inner.kind === 'column'
        const by = isPlain
          ? { by: { table, column: outer.name, in: { table: sub.table, column: inner.name }, isAll } }
          : {}
        this.#lookups.set(canonical([of, across, around, by]), { of, around, across, ...by })
      }
    }
    this.#walk(innerTerms(sub), scope, sub.table)
  }

  #scopeOf(sub: Subquery, around: ReadScope, table: string): ReadScope {
    if (sub.account !== undefined) return 'accounts'
    const shape = this.#catalogue.get(sub.table)!
    if (isOwnChild(sub, shape.parent, table)) return around
    const region = regionOf(sub)
    const parts = this.#catalogue.get(shape.parent ?? sub.table)?.parts
    const sameRegion = parts === 'region' && region?.kind === 'column' && region.name === 'region'
    return widest(around, sameRegion ? 'region' : 'account')
  }
}

function widest(one: ReadScope, other: ReadScope): ReadScope {
  return scopes.indexOf(one) > scopes.indexOf(other) ? one : other
}
