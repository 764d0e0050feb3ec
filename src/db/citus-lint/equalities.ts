/**
 * Which columns are equal to which, and which to one constant. A column is `<item id>.<name>`.
 *
 * Two nets, for they do not catch the same: *colocated* columns prove that a join stays inside one account;
 * *bound* ones pass a constant on (the arms of a UNION ALL are colocated, yet a constant in one says nothing
 * of the other).
 */
export class Equalities {
  readonly #colocated = new Net()
  readonly #bound = new Net()
  readonly #constants = new Map<string, Set<string>>()
  readonly #ownConstants = new Map<string, Set<string>>()
  readonly #flows: [string, string][] = []
  readonly #links: { a: string; b: string; isSure: (() => boolean) | undefined }[] = []
  readonly #accounts = new Set<string>()

  markAccount(column: string): void {
    this.#accounts.add(column)
  }

  isAccount(column: string | undefined): boolean {
    return column !== undefined && this.#accounts.has(column)
  }

  /** `isSure` is asked once all is read: through what may be missing Citus passes no constant on. */
  link(a: string, b: string, isSure?: () => boolean): void {
    this.#links.push({ a, b, isSure })
    this.#colocated.join(a, b)
    this.#bound.join(a, b)
  }

  /** What is said of `from` (a UNION's column) is true of `to` (the same column of a branch). */
  flow(from: string, to: string): void {
    this.#colocated.join(from, to)
    this.#flows.push([from, to])
  }

  pin(column: string, constant: string): void {
    addTo(this.#constants, column, constant)
  }

  /** Pins this column and none that is equal to it: the nullable side of an outer join. */
  pinAlone(column: string, constant: string): void {
    addTo(this.#ownConstants, column, constant)
  }

  /** Is it compared with another column? */
  isLinked(column: string): boolean {
    return this.#bound.has(column)
  }

  areColocated(columns: readonly string[]): boolean {
    return new Set(columns.map((column) => this.#colocated.rootOf(column))).size < 2
  }

  /** The one constant that all these columns have, if there is one. */
  hasOneConstant(columns: readonly string[], net = this.#bound): boolean {
    const sets = columns.map((column) => this.#constantsOf(column, net))
    const [first, ...others] = sets
    return first !== undefined && [...first].some((one) => others.every((set) => set.has(one)))
  }

  /** The same, without what may be missing in between. */
  hasOneSureConstant(columns: readonly string[]): boolean {
    const net = new Net()
    for (const { a, b, isSure } of this.#links) if (isSure === undefined || isSure()) net.join(a, b)
    return this.hasOneConstant(columns, net)
  }

  #constantsOf(column: string, net: Net, seen = new Set<string>()): Set<string> {
    const all = new Set(this.#ownConstants.get(column))
    const root = net.rootOf(column)
    if (seen.has(root)) return all
    seen.add(root)
    for (const [pinned, constants] of this.#constants) {
      if (net.rootOf(pinned) === root) for (const constant of constants) all.add(constant)
    }
    for (const [from, to] of this.#flows) {
      if (net.rootOf(to) === root)
        for (const constant of this.#constantsOf(from, net, seen)) all.add(constant)
    }
    return all
  }
}

class Net {
  readonly #parents = new Map<string, string>()
  readonly #names = new Set<string>()

  has(name: string): boolean {
    return this.#names.has(name)
  }

  rootOf(name: string): string {
    let root = name
    for (let up = this.#parents.get(root); up !== undefined; up = this.#parents.get(root)) root = up
    return root
  }

  join(a: string, b: string): void {
    const [rootA, rootB] = [this.rootOf(a), this.rootOf(b)]
    if (rootA === rootB) return
    this.#parents.set(rootA, rootB)
    this.#names.add(a).add(b)
  }
}

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key)
  if (set === undefined) map.set(key, new Set([value]))
  else set.add(value)
}
