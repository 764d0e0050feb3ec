import { StanceError } from '../../core/errors.ts'
import type { AnyTable, SourceDefinition } from '../../lake/define-table.ts'
import { groupsOf, listOf } from './table-reads.ts'

/** All declarations by name, with what follows from them together. */
export class TableRegistry {
  readonly tables: ReadonlyMap<string, AnyTable>
  readonly sources: ReadonlyMap<string, SourceDefinition>
  /** The paths to rows that tables take from each source. */
  readonly itemsOf: ReadonlyMap<string, ReadonlySet<string>>
  readonly #parents: ReadonlySet<string>

  constructor(tables: readonly AnyTable[], sources: readonly SourceDefinition[]) {
    this.tables = new Map(tables.map((table) => [table.name, table]))
    this.sources = new Map(sources.map((source) => [source.name, source]))
    const items = new Map<string, Set<string>>(sources.map(({ name }) => [name, new Set()]))
    const parents = new Set<string>()
    for (const table of tables) {
      for (const [group, { source }] of groupsOf(table)) {
        if (source === undefined) continue
        const known = items.get(source.source)
        if (known === undefined) throw unknown(table, `group ${group} names the source ${source.source}`)
        known.add(source.items)
        if (source.names !== undefined) known.add(source.names.items)
      }
      const { within } = listOf(table)
      if (within === undefined) continue
      const parent = this.tables.get(within)
      if (parent === undefined) throw unknown(table, `it is listed within ${within}`)
      if (parent.parts !== table.parts) throw unknown(table, `${within} has other parts`)
      if (parent.planned !== undefined) throw unknown(table, `${within} is listed by the planner`)
      parents.add(within)
    }
    this.itemsOf = items
    this.#parents = parents
  }

  table(name: string): AnyTable {
    const table = this.tables.get(name)
    if (table === undefined)
      throw new StanceError('COLLECT_NO_TABLE', `There is no table ${name}.`, {
        next: 'See `stance tables list` for those there are.',
      })
    return table
  }

  /** Other tables are listed within its rows. */
  isParent(name: string): boolean {
    return this.#parents.has(name)
  }
}

function unknown(table: AnyTable, what: string): StanceError {
  return new StanceError('LAKE_TABLE_DECLARATION', `${table.name}: ${what}, which does not fit.`, {
    next: 'Name a source or table that is declared, with the same parts.',
  })
}
