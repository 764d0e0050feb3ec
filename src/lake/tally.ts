/** Beyond so many keys a change is told as "all". */
export const mostKeys = 1_000
const mostNames = 200_000

/** Keys or names, up to a number worth naming. */
export class KeyList {
  readonly #keys = new Set<string>()
  readonly #most: number
  #isAll = false

  constructor(most = mostKeys) {
    this.#most = most
  }

  add(keys: Iterable<string>): void {
    for (const key of keys) {
      if (this.#isAll) return
      this.#keys.add(key)
      if (this.#keys.size > this.#most) this.addAll()
    }
  }

  addAll(): void {
    this.#isAll = true
    this.#keys.clear()
  }

  get isEmpty(): boolean {
    return !this.#isAll && this.#keys.size === 0
  }

  list(): readonly string[] | 'all' {
    return this.#isAll ? 'all' : [...this.#keys]
  }
}

/** What one write did, counted while it runs; a new one for each time that its transaction is run. */
export class Tally {
  inserted = 0
  changed = 0
  unchanged = 0
  deleted = 0
  versions = 0
  /** By part: rows that are there, and of which nothing is in force: what the list says of them is not as declared. */
  readonly unlisted = new Map<string, number>()
  readonly touched = new KeyList()
  readonly gone = new KeyList()
  /** Names that rows had and have no longer, and those of rows that are gone. */
  readonly lost = new KeyList(mostNames)
  /** Keys that another table has already: a declaration is wrong. */
  readonly collisions: string[] = []
}

export interface WriteSummary {
  inserted: number
  changed: number
  unchanged: number
  deleted: number
  /** New configuration versions: how many documents changed in what they say. */
  versions: number
  /** Resources whose typed rows changed, new ones too. */
  touched: readonly string[] | 'all'
  gone: readonly string[] | 'all'
  /** Names that were in rows of the table and may be in none any more. */
  names_lost: readonly string[] | 'all'
}

export function toSummary(tally: Tally): WriteSummary {
  const { inserted, changed, unchanged, deleted, versions, touched, gone, lost } = tally
  const lists = { touched: touched.list(), gone: gone.list(), names_lost: lost.list() }
  return { inserted, changed, unchanged, deleted, versions, ...lists }
}
