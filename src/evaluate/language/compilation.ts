import type { Catalogue, TableShape } from '../../core/table-shape.ts'
import type { World } from '../../core/world.ts'
import type { From } from '../../db/sql/ast.ts'
import { table } from '../../db/sql/build.ts'
import { confirmedCells, confirmedRows } from './confirmed-rows.ts'

/** What all parts of one statement share. */
export class Compilation {
  readonly catalogue: Catalogue
  readonly world: World
  readonly #counts = new Map<string, number>()

  constructor(catalogue: Catalogue, world: World) {
    this.catalogue = catalogue
    this.world = world
  }

  /** A name that no other part of the statement has. */
  name(kind: string): string {
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    return `${kind}${String(count)}`
  }

  /** The rows of a table, as far as the world counts them. */
  rows({ name, parent = name }: TableShape, alias: string): From {
    const { resources, cells, awaitedFacts } = this.world
    const relation = this.world.relation(name)
    if (resources === undefined) return table(relation, alias)
    return confirmedRows(this.table(name), { parent, relation, resources, cells, awaitedFacts, as: alias })
  }

  cells(alias: string): From {
    const { resources, cells, awaitedFacts } = this.world
    if (resources === undefined) return table(cells, alias)
    return confirmedCells(cells, alias, awaitedFacts !== undefined)
  }

  table(name: string): TableShape {
    const table = this.catalogue.get(name)
    if (table === undefined) throw new TypeError(`the catalogue has no table ${name}`)
    return table
  }
}
