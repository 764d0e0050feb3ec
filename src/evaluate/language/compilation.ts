import type { Catalogue, TableShape } from '../../core/table-shape.ts'
import type { World } from '../../core/world.ts'

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

  table(name: string): TableShape {
    const table = this.catalogue.get(name)
    if (table === undefined) throw new TypeError(`the catalogue has no table ${name}`)
    return table
  }
}
